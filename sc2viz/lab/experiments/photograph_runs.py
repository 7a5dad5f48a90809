"""`reproduce photographs`: noise is removed from the three test photographs, whole and grey, by the networks that ship and
by other methods. σ is given, and PSNR and SSIM are of pictures clipped to [0, 1]."""

import hashlib
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from sc2viz import checkpoints, photographs
from sc2viz.lab.experiments.records import BaseRun, Experiment
from sc2viz.photographs import coding, peers

MEANS, BM3D = "non-local-means", "bm3d"
PEERS = {
    MEANS: ("scikit-image", peers.non_local_means),
    BM3D: ("bm3d", peers.bm3d),
}  # package and function
SEEDS = 3


@dataclass(frozen=True)
class PhotographRun(BaseRun):
    """A method on all test photographs with noise of σ, of 255, and a seed."""

    FILE, HEAD, OTHERS = "photographs.jsonl", "photographs_", ("conv_",)

    method: str  # a key of PEERS, or a network for grey photographs
    sigma: int
    seed: int

    def exists(self) -> bool:
        return self.sigma in peers.SIGMAS


def networks() -> list[str]:
    """The networks for grey photographs that ship."""
    shipped = (name.partition("/")[2] for name in checkpoints.available(coding.FOLDER))
    return [name for name in shipped if not name.endswith(coding.COLOUR)]


def runs(seeds: int = SEEDS) -> list[PhotographRun]:
    return [
        PhotographRun(method, sigma, seed)
        for method in (*PEERS, *networks())
        for sigma in peers.SIGMAS
        for seed in range(seeds)
    ]


class PhotographRunner(Experiment):
    """Carries out runs. A network is measured anew once its file has changed, and another method once its package has."""

    def configuration(self, run: PhotographRun) -> dict[str, Any]:
        if run.method in PEERS:
            package = PEERS[run.method][0]
            try:
                return {**asdict(run), "package": f"{package} {version(package)}"}
            except ModuleNotFoundError:
                raise ValueError(f"{package} is not installed: pip install {package}") from None
        file = checkpoints.locate(f"{coding.FOLDER}/{run.method}")
        return {**asdict(run), "file": hashlib.sha256(file.read_bytes()).hexdigest()[:16]}

    def measure(self, run: PhotographRun, again: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        method = run.method if run.method in PEERS else f"{coding.FOLDER}/{run.method}"
        return measure(method, run.sigma, run.seed), {}


def measure(method: str, sigma: int, seed: int, crop: int | None = None) -> dict[str, float]:
    """PSNR in dB, SSIM and processor seconds of a key of PEERS, or of a solver of `photographs.denoise`: means over the test
    photographs, or over the middle `crop` pixels a side, and the PSNR of each."""
    psnr, ssim, seconds = {}, [], 0.0
    for name in peers.PICTURES:
        clean = peers.picture(name, crop)
        noisy, began = peers.noisy(clean, sigma, seed), time.process_time()
        if method in PEERS:
            answer = PEERS[method][1](noisy, sigma / 255)
        else:
            answer = photographs.denoise(noisy, sigma / 255, method).picture
        seconds += time.process_time() - began
        psnr[name], similarity = peers.quality(clean, answer)
        ssim.append(similarity)
    return {
        "psnr": float(np.mean([*psnr.values()])),
        "ssim": float(np.mean(ssim)),
        **psnr,
        "seconds": seconds / len(psnr),
    }
