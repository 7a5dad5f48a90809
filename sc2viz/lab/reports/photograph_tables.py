"""The part of the page of results on photographs, made from the records of `reproduce photographs`."""

import statistics

from sc2viz import checkpoints, solvers
from sc2viz.lab.experiments.photograph_runs import BM3D, MEANS, SEEDS, PhotographRun
from sc2viz.lab.experiments.records import Record
from sc2viz.lab.reports import grouping
from sc2viz.photographs import coding, peers

LABELS = {BM3D: "BM3D", MEANS: "non-local means"}

PhotographRecords = dict[PhotographRun, Record]


def values(records: PhotographRecords, method: str, sigma: int, key: str = "psnr") -> list[float]:
    """A number of a method at σ, the mean of the three photographs, by seed: "psnr" in dB, "ssim", "seconds"; or the PSNR of
    one photograph, by its name. A record of an earlier version may have some of them alone."""
    found = (
        records[run]["metrics"].get(key)
        for run in grouping.of(records, method=method, sigma=sigma)
        if run.seed < SEEDS
    )
    return [value for value in found if value is not None]


def label(method: str) -> str:
    """The name of a method, and what a network codes."""
    if method in LABELS:
        return LABELS[method]
    cls = solvers.solver_class(checkpoints.header(f"{coding.FOLDER}/{method}").solver)
    return f"{cls.label}, {'filters' if cls.traits.filters else 'patches of 8×8'}"


def markdown(records: PhotographRecords) -> str:
    """The whole part: the best at σ = 25 first."""
    at = peers.SIGMAS[1]
    methods = [
        name for name in dict.fromkeys(run.method for run in records) if values(records, name, at)
    ]
    methods.sort(key=lambda name: -statistics.fmean(values(records, name, at)))
    rows = []
    for method in methods:
        found = [values(records, method, sigma) for sigma in peers.SIGMAS]
        seconds = [
            one for sigma in peers.SIGMAS for one in values(records, method, sigma, "seconds")
        ]
        cells = [grouping.averaged(one, 2) if one else "–" for one in found]
        similar = values(records, method, at, "ssim")
        rows.append(
            [
                label(method),
                *cells,
                grouping.averaged(similar, 3) if similar else "–",
                f"{statistics.median(seconds):.1f}" if seconds else "–",
            ]
        )
    head = [
        "PSNR in dB, mean of three",
        *(f"σ = {sigma}" for sigma in peers.SIGMAS),
        f"SSIM, σ = {at}",
        "processor s",
    ]
    return "\n\n".join([grouping.table(head, rows), *lead(records, methods)])


def lead(records: PhotographRecords, methods: list[str]) -> list[str]:
    """How far the best network is from BM3D, in a sentence; nothing where either was not measured."""
    best = next((method for method in methods if method not in LABELS), None)
    told = []
    for sigma in peers.SIGMAS:
        mine, other = (values(records, method, sigma) for method in (best or BM3D, BM3D))
        if mine and other and best:
            apart = statistics.fmean(mine) - statistics.fmean(other)
            told.append(
                f"{abs(apart):.2f} dB {'above' if apart >= 0 else 'below'} it at σ = {sigma}"
            )
    return [f"Beside BM3D, {label(best)}, is {', '.join(told)}."] if told else []
