"""Results on photographs and on gates: what is published of the records of `reproduce photographs` and of `reproduce conv`, and
their parts of the page of results."""

import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np

from sc2viz import checkpoints, solvers
from sc2viz.lab.experiments.photographs import SIGMA
from sc2viz.lab.experiments.protocols import ARMS, BM3D, MEANS
from sc2viz.lab.reports import grouping
from sc2viz.lab.weights import filter_networks
from sc2viz.photographs import coding, peers

LABELS = {BM3D: "BM3D", MEANS: "non-local means"}
MIDDLE = str(peers.SIGMAS[1])  # the σ by which methods are ranked
SEEDS = 3


def publish(records):
    """By method and σ: PSNR in dB and SSIM, means over the seeds, and the PSNR of each photograph with seed 0. A record of an
    earlier version may have some of them alone."""
    groups = grouping.group(records, lambda run: (run.method, run.setting))
    methods = {}
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


def _label(method):
    """The name of a method, and what a network codes."""
    if method in LABELS:
        return LABELS[method]
    cls = solvers.solver_class(checkpoints.header(f"{coding.FOLDER}/{method}").solver)
    return f"{cls.label}, {'filters' if cls.traits.filters else 'patches of 8×8'}"


def markdown(published):
    """The whole part of the page of results: the best at σ = 25 first, and how far the best network is from BM3D."""
    methods, sigmas = published["methods"], [*map(str, peers.SIGMAS)]
    ranked = sorted(methods, key=lambda name: -methods[name]["levels"][MIDDLE]["psnr"][0])
    best = next((methods[name] for name in ranked if name not in LABELS), None)
    bm3d = methods.get(BM3D)
    gaps = {
        sigma: best["levels"][sigma]["psnr"][0] - bm3d["levels"][sigma]["psnr"][0]
        for sigma in sigmas
        if best
        and bm3d
        and all("psnr" in method["levels"].get(sigma, {}) for method in (best, bm3d))
    }
    values = {"sigmas": sigmas, "middle": MIDDLE, "best": best, "gaps": gaps}
    return grouping.write(__file__, published, ranked=[methods[name] for name in ranked], **values)


# SC2Net's gates -------------------------------------------------------------------------------------------------------


def publish_gates(records):
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


def write_gates(published):
    """The whole part; "" where nothing can be compared."""
    return grouping.write(str(Path(__file__).with_name("gates")), published)
