"""`bench photographs`: decibels and seconds of the solvers on three photographs, beside the usual methods.

They are measured as by `reproduce photographs`, also where they are not networks that ship, and nothing is recorded.
"""

import importlib.util
import itertools

import pandas

from sc2viz.lab.experiments import photographs, protocols
from sc2viz.photographs import coding
from sc2viz.photographs.peers import SIGMAS

ON_SHIPPED_ATOMS = "omp", "iht", "exact", "ista", "fista", "adaptive-ista"


def run(arguments):
    has_bm3d = importlib.util.find_spec("bm3d")
    usual = [protocols.MEANS, protocols.BM3D] if has_bm3d else [protocols.MEANS]
    networks = [f"{coding.FOLDER}/{name}" for name in protocols.photograph_networks()]
    methods = arguments.solver or (*usual, *ON_SHIPPED_ATOMS, *networks)
    rows = [
        {"method": name, "σ": sigma} | photographs.measure(name, sigma, seed, arguments.crop)
        for name, sigma, seed in itertools.product(methods, SIGMAS, range(arguments.seeds))
    ]
    print(f"PSNR in dB, SSIM and processor seconds; seeds of the noise: {arguments.seeds}")
    means = pandas.DataFrame(rows).groupby(["method", "σ"], sort=False).mean()
    print(means.round(3).to_string())
