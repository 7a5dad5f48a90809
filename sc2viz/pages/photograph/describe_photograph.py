"""The sentences of the page, made of the numbers that are shown."""

from collections.abc import Mapping

import numpy as np

from sc2viz.pages.photograph.background_tasks import MadePicture
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.photographs import peers
from sc2viz.ui.phrases import listed

BM3D = "BM3D"
SOURCE = (
    "BM3D (Dabov et al. 2007) was measured once on these pictures with this noise, with the package bm3d 4.0. Its licence "
    "allows non-commercial use alone, so that it is not part of sc2viz."
)


def decibels(psnr: float) -> str:
    return f"{psnr:.2f} dB"


def bm3d(subject: Photo) -> float | None:
    """The PSNR of BM3D in dB, where it was measured."""
    if subject.own or not subject.added or subject.values.ndim == 3 or subject.sigma not in peers.SIGMAS:
        return None
    return peers.BM3D[subject.label][peers.SIGMAS.index(subject.sigma)]


def caption(subject: Photo, noisy: MadePicture, made: Mapping[str, MadePicture], others: Mapping[str, float]) -> str:
    """The best solver and how far it is from other methods. others: their PSNR in dB."""
    name = subject.name
    if not subject.added:
        if not made:
            return f"The noise of **{name}**, σ = {subject.sigma}, is being removed."
        first = next(iter(made))
        few = f"{made[first].atoms:.1f} atoms on average"
        return f"**{first}** removes the noise of **{name}**, σ = {subject.sigma}: it writes every patch with {few}."
    if not made:
        return f"**{name}** with noise of σ = {subject.sigma} has {decibels(noisy.psnr)}, and is being cleaned."
    best = max(made, key=lambda label: made[label].psnr)
    psnr = made[best].psnr
    said = f"**{best}** brings {name} from {decibels(noisy.psnr)} to **{decibels(psnr)}**"
    beside = [
        f"{abs(psnr - other):.2f} dB {'above' if psnr >= other else 'below'} {label}" for label, other in others.items()
    ]
    return f"{said}: {listed(beside)}." if beside else f"{said}."


def why(subject: Photo, coarse: Mapping[str, MadePicture], fine: Mapping[str, MadePicture]) -> str:
    """What cleaning is, and what averaging gains. coarse, fine: the solvers' answers at both strides."""
    used = {label: result.atoms for label, result in (coarse | fine).items() if not np.isnan(result.atoms)}
    told = listed([f"{atoms:.1f} with {label}" for label, atoms in used.items()])
    said = (
        "The photograph is cut into overlapping patches of 8 × 8 pixels. Each is written as a sum of atoms"
        f"{f': {told} on average' if told else ''}. Their price λ is in proportion to σ: structure is worth it, noise is "
        "not. Every pixel then is the average of the patches that cover it. "
    )
    gained = {label: fine[label].psnr - coarse[label].psnr for label in fine if label in coarse}
    if subject.added and gained:
        each = [f"{label} by {gain:.2f} dB" for label, gain in gained.items()]
        said += f"Patches at every pixel, 64 to average, instead of every fourth improve {listed(each)}. "
    if bm3d(subject) is not None:
        said += SOURCE
    return said


def numbers(result: MadePicture) -> dict[str, str]:
    """The numbers under a picture, in words, by name."""
    said = {
        "PSNR, missing": decibels(result.inner),
        "SSIM": f"{result.ssim:.3f}",
        "Atoms a patch": f"{result.atoms:.1f}",
        "Numbers a pixel": f"{result.non_zeros:.2f}",
        "Seconds, one core": f"{result.seconds:.1f}",
    }
    values = (result.inner, result.ssim, result.atoms, result.non_zeros, result.seconds)
    return {name: text for (name, text), value in zip(said.items(), values, strict=True) if not np.isnan(value)}
