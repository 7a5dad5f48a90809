"""Results on photographs and on gates: what is published of the records of `reproduce photographs` and of `reproduce conv`, and
their parts of the page of results."""

import statistics
from dataclasses import replace

import numpy as np

from sc2viz import checkpoints, solvers
from sc2viz.lab.experiments.photographs import SIGMA
from sc2viz.lab.experiments.protocols import ARMS, BM3D, MEANS
from sc2viz.lab.experiments.records import Numbers, Records
from sc2viz.lab.reports import grouping
from sc2viz.lab.weights import filter_networks
from sc2viz.photographs import coding, peers
from sc2viz.published.sentences import BESIDE, describe_gates, format_mean

LABELS = {BM3D: "BM3D", MEANS: "non-local means"}
MIDDLE = str(peers.SIGMAS[1])  # the σ by which methods are ranked
SEEDS = 3
ABOUT_GATES = f"""### Do SC2Net's gates help a network on filters?

Conv-SLSTM has Conv-LISTA's layers and SC2Net's gates. All networks are trained alike, on the same crops in the same
order with the same noise, σ = {SIGMA}, and are measured on {" and ".join(filter_networks.HELD_OUT)}, on which they
were not trained.
`sc2viz reproduce conv --batches N` makes the runs."""


def publish(records: Records) -> Numbers:
    """By method and σ: PSNR in dB and SSIM, means over the seeds, and the PSNR of each photograph with seed 0. A record of an
    earlier version may have some of them alone."""
    groups = grouping.group(records, lambda run: (run.method, run.setting))
    methods: Numbers = {}
    for method in dict.fromkeys(run.method for run in records):
        levels, seconds = {}, []
        for sigma in peers.SIGMAS:
            runs = groups.get((method, sigma), [])[:SEEDS]
            averages = grouping.average(records, runs, ("psnr", "ssim"))
            metrics = [records[run]["metrics"] for run in runs]
            seconds += [row["seconds"] for row in metrics if "seconds" in row]
            if len(averages) > 1:
                pictures = {name: metrics[0].get(name) for name in peers.PICTURES}
                levels[str(sigma)] = averages | {"pictures": pictures}
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


def markdown(published: Numbers) -> str:
    """The whole part of the page of results: the best at σ = 25 first."""
    methods = published["methods"]
    ranked = sorted(methods, key=lambda name: -methods[name]["levels"][MIDDLE]["psnr"][0])
    rows = [
        {"PSNR in dB, mean of three": methods[name]["label"]}
        | {f"σ = {sigma}": _format(methods[name], str(sigma), "psnr", 2) for sigma in peers.SIGMAS}
        | {f"SSIM, σ = {MIDDLE}": _format(methods[name], MIDDLE, "ssim", 3)}
        | {"processor s": f"{seconds:.1f}" if (seconds := methods[name]["seconds"]) else "–"}
        for name in ranked
    ]
    best = next((name for name in ranked if name not in LABELS), None)
    compared = _compare(methods[best], methods[BM3D]) if best and BM3D in methods else ""
    return grouping.join(grouping.tabulate(rows), compared)


def _format(method: Numbers, level: str, key: str, digits: int) -> str:
    numbers = method["levels"].get(level, {}).get(key)
    return format_mean(*numbers, digits) if numbers else "–"


def _compare(best: Numbers, bm3d: Numbers) -> str:
    """How far the best network is from BM3D."""
    gaps = []
    for sigma in map(str, peers.SIGMAS):
        levels = [method["levels"].get(sigma, {}) for method in (best, bm3d)]
        if all("psnr" in level for level in levels):
            gap = levels[0]["psnr"][0] - levels[1]["psnr"][0]
            gaps.append(f"{abs(gap):.2f} dB {'above' if gap >= 0 else 'below'} it at σ = {sigma}")
    return f"Beside BM3D, {best['label']}, is {', '.join(gaps)}." if gaps else ""


# SC2Net's gates -------------------------------------------------------------------------------------------------------


def publish_gates(records: Records) -> Numbers:
    """The gated network beside each other arm, for each length of runs: the mean of PSNR minus PSNR over the seeds, and
    Student's p, paired, None for one seed; and the names of the runs, of each seed the gated one and the other."""
    from scipy import stats

    first, *others = ARMS
    pairs = []
    for batches, runs in sorted(grouping.group(records, lambda run: run.setting).items()):
        for arm in others:
            compared = [(run, replace(run, method=arm)) for run in runs if run.method == first]
            compared = [pair for pair in compared if pair[1] in records]
            psnr = [[records[run]["metrics"]["psnr"] for run in pair] for pair in compared]
            gains = [gated - rival for gated, rival in psnr]
            if gains:
                p = float(stats.ttest_1samp(gains, 0).pvalue) if len(gains) > 1 else None
                numbers = {
                    "batches": batches,
                    "arm": arm,
                    "decibels": float(np.mean(gains)),
                    "p": p,
                }
                pairs.append(numbers | {"runs": [run.name for pair in compared for run in pair]})
    return {"pictures": filter_networks.HELD_OUT, "sigma": SIGMA, "pairs": pairs}


def write_gates(published: Numbers) -> str:
    """The whole part; "" where nothing can be compared."""
    rows = [
        {
            "Conv-SLSTM beside": BESIDE[pair["arm"]],
            "batches": f"{pair['batches']:,}",
            "seeds": str(len(pair["runs"]) // 2),
            "dB": f"{pair['decibels']:+.3f}".replace("-", "−"),
            "p": "–" if pair["p"] is None else f"{pair['p']:.2g}",
        }
        for pair in published["pairs"]
    ]
    return (
        rows
        and grouping.join(ABOUT_GATES, grouping.tabulate(rows), describe_gates(published))
        or ""
    )
