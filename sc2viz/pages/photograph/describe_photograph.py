"""The sentences of the page, made of the numbers that are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sc2viz import checkpoints
from sc2viz.experiments import photograph_runs, records
from sc2viz.experiments.photograph_runs import PhotographRun
from sc2viz.pages.photograph.background_tasks import MadePicture
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.photographs import peers
from sc2viz.ui import phrases
from sc2viz.ui.models import Model
from sc2viz.ui.phrases import form, listed, numeral

BM3D = "BM3D"
SOURCE = (
    "BM3D (Dabov et al. 2007) was measured once on these pictures with this noise, with the package bm3d 4.0. Its licence "
    "allows non-commercial use alone, so that it is not part of sc2viz."
)


# How a picture is written, how its answers become one, and beside what that is a gain, by what codes belong to.
_HOW = {
    "patch": ("Every patch of 8 × 8 pixels is written as a sum of atoms", "A pixel is the average of the up to 64 patches "
              "that cover it", "every fourth patch"),
    "position": ("The picture is written as one sum of filters, at every position of a grid", "The answers of grids that "
                 "begin at different pixels are averaged", "one grid"),
}  # fmt: skip


def decibels(psnr: float) -> str:
    """A PSNR to hundredths, by which methods differ."""
    return phrases.decibels(psnr, 2)


def bm3d(subject: Photo) -> float | None:
    """The PSNR of BM3D in dB, where it was measured."""
    if subject.own or not subject.added or subject.values.ndim == 3 or subject.sigma not in peers.SIGMAS:
        return None
    found = records.load(PhotographRun).get(PhotographRun(photograph_runs.BM3D, subject.sigma, 0))
    return None if found is None else found["metrics"][subject.label]


def caption(subject: Photo, noisy: MadePicture, made: Mapping[str, MadePicture], others: Mapping[str, float]) -> str:
    """The best solver and how far it is from other methods. others: their PSNR in dB."""
    name = subject.name
    if not subject.added:
        if not made:
            return f"The noise of **{name}**, σ = {subject.sigma}, is being removed."
        first = next(iter(made))
        few, each = f"{made[first].atoms:.1f}", made[first].each
        how = f"every patch with {few} atoms" if each == "patch" else f"it with {few} filters at each {each}"
        return f"**{first}** removes the noise of **{name}**, σ = {subject.sigma}: it writes {how} on average."
    if not made:
        return f"**{name}** with noise of σ = {subject.sigma} has {decibels(noisy.psnr)}, and is being cleaned."
    best = max(made, key=lambda label: made[label].psnr)
    psnr = made[best].psnr
    said = f"**{best}** brings {name} to **{decibels(psnr)}**"
    beside = [
        f"{decibels(abs(psnr - other))} {'above' if psnr >= other else 'below'} {label}" for label, other in others.items()
    ]
    return f"{said}, {listed(beside)}." if beside else f"{said}."


@dataclass(frozen=True)
class Untrained:
    """A solver that was not trained, on the middle of the photograph alone."""

    label: str
    work: str  # what it does with a patch, such as "20 iterations"
    psnr: float  # dB
    best: float  # dB of the best network there


def why(subject: Photo, coarse: Mapping[str, MadePicture], fine: Mapping[str, MadePicture],
        chosen: Mapping[Model, str] | None = None, untrained: Untrained | None = None,
        noisy: float | None = None) -> str:  # fmt: skip
    """Why the photograph becomes cleaner, and what learning buys, in three sentences.

    coarse, fine: the solvers' answers at both strides. chosen: their models, each with what its seconds are for, such as
    "10 layers". untrained: what networks are compared with where no other solver is chosen. noisy: the PSNR of the noisy
    photograph in dB, where it is known.
    """
    made, said = {**coarse, **fine}, []
    if noisy is not None and any(result.psnr > noisy for result in made.values()):
        said.append("At this λ structure is worth the price of an atom, and most noise is not.")
    gained = {label: fine[label].psnr - coarse[label].psnr for label in fine if label in coarse and subject.added}
    for each, (summed, averaged, over) in _HOW.items():
        used = {label: result.atoms for label, result in made.items() if result.each == each and not np.isnan(result.atoms)}
        most = max(used.keys() & gained.keys(), key=gained.get, default="")
        if used:
            said.append(f"{summed} ({listed([f'{atoms:.1f} with {label}' for label, atoms in used.items()])} on average).")
            if most:
                verb = "gains" if gained[most] >= 0 else "costs"
                averaged += f", which {verb} {most} {decibels(abs(gained[most]))} over {over}"
            said.append(f"{averaged}.")
    ranked = fine if len(fine) > 1 else made
    said.append(_learning(subject, chosen or {}, ranked, untrained))
    if bm3d(subject) is not None:
        said.append(f"\n\n:small[{SOURCE}]")
    return " ".join(filter(None, said))


def _learning(subject: Photo, chosen: Mapping[Model, str], made: Mapping[str, MadePicture],
              untrained: Untrained | None) -> str:  # fmt: skip
    """What learning buys: the best network beside the best of the others, in dB and in seconds."""
    models, work = {model.label: model for model in chosen}, {model.label: said for model, said in chosen.items()}
    learned = [label for label in made if label in models and _denoises(models[label])]
    others = [label for label in made if label in models and not models[label].traits.learned]
    if not learned or not subject.added:
        return ""
    best = max(learned, key=lambda label: made[label].psnr)
    aim = f"{best}'s atoms and thresholds were trained to return clean patches from noisy ones, instead of to minimise F"
    if not others and untrained:
        apart = untrained.best - untrained.psnr
        bought = f"{decibels(abs(apart))} {'over' if apart >= 0 else 'less than'} {untrained.label}"
        return f"{aim}: {bought} in the middle of the photograph, with {work[best]} beside {untrained.work}."
    if not others:
        return f"{aim}; choose a solver beside it to see what that buys."
    rival = max(others, key=lambda label: made[label].psnr)
    apart = made[best].psnr - made[rival].psnr
    bought = f"{decibels(abs(apart))} {'over' if apart >= 0 else 'less than'} {rival}"
    mine, its = (f"{made[label].seconds:.1f} s{f' for {work[label]}' if work[label] else ''}" for label in (best, rival))
    return f"{aim}: {bought}, in {mine} beside {its}."


def _denoises(model: Model) -> bool:
    """Whether a network was trained to remove noise."""
    return bool(model.file) and checkpoints.notes(model.file).get("loss") == "denoising"


def gave_way(chosen: Sequence[str], shown: Sequence[str], most: int, psnr: Mapping[str, float]) -> str:
    """What is said where more solvers are chosen than work at a time: which one gave way to which, and whether it is the
    best of all that are known. chosen: all labels, in the order of choosing. psnr: in dB, where it is known."""
    away = [label for label in chosen if label not in shown]
    if not away or not shown:
        return ""
    known = {label: psnr[label] for label in chosen if label in psnr}
    best = max(known, key=known.get, default="")
    last = next(label for label in reversed(chosen) if label in shown)
    numbers = listed([f"**{label}**" + (f" ({decibels(known[label])})" if label in known else "") for label in away])
    one = len(away) == 1
    said = f"{numbers} gave way to {last}, because {numeral(most)} {form(most, 'works', 'work')} at a time"
    if best in away:
        said += f"; {'it' if one else best} is the best of those chosen"
    return f"{said}. Click {'its chip' if one else 'a chip'} to bring {'it' if one else 'one'} back."


def numbers(result: MadePicture) -> dict[str, str]:
    """The numbers under a picture, in words, by name."""
    said = {
        "PSNR, missing": (result.inner, decibels),
        "SSIM": (result.ssim, "{:.3f}".format),
        f"{'Atoms' if result.each == 'patch' else 'Filters'} a {result.each}": (result.atoms, "{:.1f}".format),
        "Numbers a pixel": (result.non_zeros, "{:.2f}".format),
        "Seconds, one core": (result.seconds, "{:.1f}".format),
    }
    return {name: say(value) for name, (value, say) in said.items() if not np.isnan(value)}
