"""The sentences of the page, made of the numbers that are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sc2viz import checkpoints, published
from sc2viz.pages.photograph.background_tasks import MadePicture
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.photographs import peers
from sc2viz.ui import phrases
from sc2viz.ui.models import Model
from sc2viz.ui.phrases import listed, numeral
from sc2viz.words import N_, _, localized, templates

said = partial(templates.said, __file__)
BM3D = "BM3D"
SOURCE = N_(
    "BM3D (Dabov et al. 2007) was measured once on these pictures with this noise, with the package bm3d 4.0. Its licence "
    "allows non-commercial use alone, so that it is not part of sc2viz."
)


_COUNTED = {"patch": N_("Atoms a patch"), "position": N_("Filters a position")}


def decibels(psnr: float) -> str:
    """A PSNR to hundredths, by which methods differ."""
    return phrases.decibels(psnr, 2)


def bm3d(subject: Photo) -> float | None:
    """The PSNR of BM3D in dB, where it was measured."""
    if (
        subject.own
        or not subject.added
        or subject.values.ndim == 3
        or subject.sigma not in peers.SIGMAS
    ):
        return None
    methods = published.read("photographs").get("methods", {})
    level = methods.get("bm3d", {}).get("levels", {}).get(str(subject.sigma), {})
    return level.get("pictures", {}).get(subject.label)


def caption(
    subject: Photo, noisy: MadePicture, made: Mapping[str, MadePicture], others: Mapping[str, float]
) -> str:
    """The best solver and how far it is from other methods. others: their PSNR in dB."""
    best = (
        max(made, key=lambda label: made[label].psnr)
        if made and subject.added
        else next(iter(made), "")
    )
    psnr = made[best].psnr if best else noisy.psnr
    beside = [
        _("{psnr} above {label}", psnr=decibels(psnr - other), label=label)
        if psnr >= other
        else _("{psnr} below {label}", psnr=decibels(other - psnr), label=label)
        for label, other in others.items()
    ]
    writes = {"few": made[best].atoms, "each": made[best].each} if best else {}
    return said(
        "caption",
        estimated=not subject.added,
        best=best,
        solver=best,
        name=subject.name,
        sigma=subject.sigma,
        psnr=decibels(psnr),
        beside=beside,
        **writes,
    )


@dataclass(frozen=True)
class Untrained:
    """A solver that was not trained, on the middle of the photograph alone."""

    label: str
    work: str  # what it does with a patch, such as "20 iterations"
    psnr: float  # dB
    best: float  # dB of the best network there


def why(
    subject: Photo,
    coarse: Mapping[str, MadePicture],
    fine: Mapping[str, MadePicture],
    chosen: Mapping[Model, str],
    untrained: Untrained | None,
    noisy: float | None,
) -> str:
    """Why the photograph becomes cleaner, and what learning buys, in three sentences.

    coarse, fine: the solvers' answers at both strides. chosen: their models, each with what its seconds are for, such as
    "10 layers". untrained: what networks are compared with where no other solver is chosen. noisy: the PSNR of the noisy
    photograph in dB, where it is known.
    """
    made, told = {**coarse, **fine}, []
    if noisy is not None and any(result.psnr > noisy for result in made.values()):
        told.append(_("At this λ structure is worth the price of an atom, and most noise is not."))
    gained = {
        label: fine[label].psnr - coarse[label].psnr
        for label in fine
        if label in coarse and subject.added
    }
    for each in _COUNTED:
        used = {
            label: result.atoms
            for label, result in made.items()
            if result.each == each and not np.isnan(result.atoms)
        }
        most = max(used.keys() & gained.keys(), key=gained.get, default="")
        if used:
            atoms = listed(
                [
                    _("{atoms:.1f} with {solver}", atoms=atoms, solver=label)
                    for label, atoms in used.items()
                ]
            )
            gain = gained.get(most, 0.0)
            told.append(
                said(
                    "written",
                    each=each,
                    told=atoms,
                    most=most,
                    gains=gain >= 0,
                    psnr=decibels(abs(gain)),
                )
            )
    ranked = fine if len(fine) > 1 else made
    told.append(_learning(subject, chosen, ranked, untrained))
    if bm3d(subject) is not None:
        told.append(f"\n\n:small[{_(SOURCE)}]")
    return " ".join(filter(None, told))


def _learning(
    subject: Photo,
    chosen: Mapping[Model, str],
    made: Mapping[str, MadePicture],
    untrained: Untrained | None,
) -> str:
    """What learning buys: the best network beside the best of the others, in dB and in seconds."""
    models, work = (
        {model.label: model for model in chosen},
        {model.label: said for model, said in chosen.items()},
    )
    files = {label: models[label].file for label in made if label in models}
    learned = [
        label
        for label, file in files.items()
        if file and checkpoints.notes(file).get("loss") == "denoising"
    ]
    others = [label for label in made if label in models and not models[label].traits.learned]
    if not learned or not subject.added:
        return ""
    best = max(learned, key=lambda label: made[label].psnr)
    aim = _(
        "{solver}'s atoms and thresholds were trained to return clean patches from noisy ones, instead of to minimise F",
        solver=best,
    )
    if not others and untrained:
        return _(
            "{aim}: {bought} in the middle of the photograph, with {work} beside {other}.",
            aim=aim,
            work=work[best],
            bought=_bought(untrained.best - untrained.psnr, untrained.label),
            other=untrained.work,
        )
    if not others:
        return _("{aim}; choose a solver beside it to see what that buys.", aim=aim)
    rival = max(others, key=lambda label: made[label].psnr)
    mine, its = (
        _("{seconds:.1f} s for {work}", seconds=made[label].seconds, work=work[label])
        if work[label]
        else _("{seconds:.1f} s", seconds=made[label].seconds)
        for label in (best, rival)
    )
    return _(
        "{aim}: {bought}, in {mine} beside {other}.",
        aim=aim,
        bought=_bought(made[best].psnr - made[rival].psnr, rival),
        mine=mine,
        other=its,
    )


def _bought(apart: float, rival: str) -> str:
    """A difference in dB to another method: "0.52 dB over FISTA"."""
    psnr = decibels(abs(apart))
    return (
        _("{psnr} over {label}", psnr=psnr, label=rival)
        if apart >= 0
        else _("{psnr} less than {label}", psnr=psnr, label=rival)
    )


def gave_way(
    chosen: Sequence[str], shown: Sequence[str], most: int, psnr: Mapping[str, float]
) -> str:
    """What is said where more solvers are chosen than work at a time: which one gave way to which, and whether it is the
    best of all that are known. chosen: all labels, in the order of choosing. psnr: in dB, where it is known."""
    away = [label for label in chosen if label not in shown]
    if not away or not shown:
        return ""
    known = {label: psnr[label] for label in chosen if label in psnr}
    top = decibels(max(known.values(), default=0.0))
    leaders = [label for label in known if decibels(known[label]) == top]
    last = next(label for label in reversed(chosen) if label in shown)
    numbers = listed(
        [
            f"**{label}**" + (f" ({decibels(known[label])})" if label in known else "")
            for label in away
        ]
    )
    return said(
        "gave_way",
        solvers=numbers,
        last=last,
        number=numeral(most),
        most=most,
        best=leaders[0] if leaders else "",
        is_best=len(leaders) == 1 and leaders[0] in away,
        one=len(away) == 1,
    )


def numbers(result: MadePicture) -> dict[str, str]:
    """The numbers under a picture, in words, by name."""
    each = {  # and how many digits each has after the point
        N_("PSNR, missing"): (result.inner, -1),
        "SSIM": (result.ssim, 3),
        _COUNTED[result.each]: (result.atoms, 1),
        N_("Numbers a pixel"): (result.non_zeros, 2),
        N_("Seconds, one core"): (result.seconds, 1),
    }
    return {
        _(name): decibels(value) if digits < 0 else localized(f"{value:.{digits}f}")
        for name, (value, digits) in each.items()
        if not np.isnan(value)
    }
