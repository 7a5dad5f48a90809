"""Results on photographs: what is published of the records of `reproduce photographs`, and its part of the page of results."""

import statistics
from typing import Any

from sc2viz import checkpoints, solvers
from sc2viz.lab.experiments.photograph_runs import BM3D, MEANS, SEEDS, PhotographRun
from sc2viz.lab.experiments.records import Record
from sc2viz.lab.reports import grouping
from sc2viz.photographs import coding, peers
from sc2viz.published.sentences import format_mean, format_table

LABELS = {BM3D: "BM3D", MEANS: "non-local means"}
MIDDLE = str(peers.SIGMAS[1])  # the σ by which methods are ranked

PhotographRecords = dict[PhotographRun, Record]


def publish(records: PhotographRecords) -> dict[str, Any]:
    """By method and σ: PSNR in dB and SSIM, means over the seeds, and the PSNR of each photograph with seed 0. A record of an
    earlier version may have some of them alone."""
    methods: dict[str, Any] = {}
    for method in dict.fromkeys(run.method for run in records):
        levels, seconds = {}, []
        for sigma in peers.SIGMAS:
            runs = [
                run for run in grouping.of(records, method=method, sigma=sigma) if run.seed < SEEDS
            ]
            metrics = [records[run]["metrics"] for run in runs]
            seconds += [each["seconds"] for each in metrics if "seconds" in each]
            level: dict[str, Any] = {
                key: grouping.mean_and_spread(values)
                for key in ("psnr", "ssim")
                if (values := [each[key] for each in metrics if key in each])
            }
            if level:
                pictures = {name: metrics[0].get(name) for name in peers.PICTURES}
                levels[str(sigma)] = {
                    "runs": [run.name for run in runs],
                    **level,
                    "pictures": pictures,
                }
        if "psnr" in levels.get(MIDDLE, {}):
            methods[method] = {
                "label": _label(method),
                "levels": levels,
                "seconds": statistics.median(seconds) if seconds else None,
            }
    return {"methods": methods}


def _label(method: str) -> str:
    """The name of a method, and what a network codes."""
    if method in LABELS:
        return LABELS[method]
    cls = solvers.solver_class(checkpoints.header(f"{coding.FOLDER}/{method}").solver)
    return f"{cls.label}, {'filters' if cls.traits.filters else 'patches of 8×8'}"


def markdown(published: dict[str, Any]) -> str:
    """The whole part of the page of results: the best at σ = 25 first."""
    methods = published["methods"]
    ranked = sorted(methods, key=lambda name: -methods[name]["levels"][MIDDLE]["psnr"][0])
    rows = []
    for method in (methods[name] for name in ranked):
        levels = [method["levels"].get(str(sigma), {}) for sigma in peers.SIGMAS]
        similarity = method["levels"][MIDDLE].get("ssim")
        rows.append(
            [
                method["label"],
                *(format_mean(*level["psnr"], 2) if "psnr" in level else "–" for level in levels),
                format_mean(*similarity, 3) if similarity else "–",
                "–" if method["seconds"] is None else f"{method['seconds']:.1f}",
            ]
        )
    head = [
        "PSNR in dB, mean of three",
        *(f"σ = {sigma}" for sigma in peers.SIGMAS),
        f"SSIM, σ = {MIDDLE}",
        "processor s",
    ]
    networks = [name for name in ranked if name not in LABELS]
    parts = [format_table(head, rows, numbers=True)]
    if networks and BM3D in methods:
        parts.append(_compare(methods[networks[0]], methods[BM3D]))
    return "\n\n".join(filter(None, parts))


def _compare(best: dict[str, Any], bm3d: dict[str, Any]) -> str:
    """How far the best network is from BM3D."""
    gaps = []
    for sigma in map(str, peers.SIGMAS):
        levels = [method["levels"].get(sigma, {}) for method in (best, bm3d)]
        if all("psnr" in level for level in levels):
            gap = levels[0]["psnr"][0] - levels[1]["psnr"][0]
            gaps.append(f"{abs(gap):.2f} dB {'above' if gap >= 0 else 'below'} it at σ = {sigma}")
    return f"Beside BM3D, {best['label']}, is {', '.join(gaps)}." if gaps else ""
