"""`bench photographs`: decibels and seconds of the solvers on three photographs, beside the usual methods.

They are measured as by `reproduce photographs`, also where they are not networks that ship, and nothing is recorded.
"""

import argparse
import importlib.util

import pandas

from sc2viz.lab.experiments import photograph_runs
from sc2viz.photographs import coding
from sc2viz.photographs.peers import SIGMAS

ON_SHIPPED_ATOMS = "omp", "iht", "exact", "ista", "fista", "adaptive-ista"


def run(arguments: argparse.Namespace) -> None:
    usual = [photograph_runs.MEANS]
    if importlib.util.find_spec("bm3d"):
        usual.append(photograph_runs.BM3D)
    networks = [f"{coding.FOLDER}/{name}" for name in photograph_runs.networks()]
    rows = [
        {"method": name, "σ": sigma} | photograph_runs.measure(name, sigma, seed, arguments.crop)
        for name in arguments.solver or (*usual, *ON_SHIPPED_ATOMS, *networks)
        for sigma in SIGMAS
        for seed in range(arguments.seeds)
    ]
    print(f"PSNR in dB, SSIM and processor seconds; seeds of the noise: {arguments.seeds}")
    means = pandas.DataFrame(rows).groupby(["method", "σ"], sort=False).mean()
    print(means.round(3).to_string())
