"""`reproduce conv`: do SC2Net's gates help a network on filters? Denoising at σ = 25, paired over seeds.

    slstm     Conv-SLSTM with 50 filters and ten layers
    lista     Conv-LISTA with as many parameters: 56 filters and ten layers
    deeper    Conv-LISTA with the 50 filters and the layers that the gates' multiplications buy: 13
    cnn       a plain network of 3×3 convolutions of that size

All are trained alike, on the same crops in the same order with the same noise (lab/weights/filter_networks.py), and networks on
filters start at filters that were learned in the same way. PSNR is that of chelsea and china, which nothing is trained on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from sc2viz import checkpoints, solvers
from sc2viz.lab.experiments.records import BaseRun, Experiment, Record
from sc2viz.lab.weights import filter_networks
from sc2viz.photographs import whole
from sc2viz.training import cached_networks

SIGMA = 25
BATCHES = 12_000  # of a run, unless others are asked for
START = 100  # batches by which the filters at the start are learned
KEPT_EVERY = 200  # batches after which a run that is stopped goes on
CNN = "cnn"
ARMS = {
    "slstm": ("conv-slstm", 50, 10),
    "lista": ("conv-lista", 56, 10),
    "deeper": ("conv-lista", 50, 13),
    CNN: (None, 32, 8),
}
"""Each arm's solver, filters or channels, and layers."""


class PlainCNN(nn.Module):
    """Clean pictures from noisy ones: layers of 3×3 convolutions and ReLU on the four pictures of every second pixel."""

    def __init__(self, channels: int, layers: int, seed: int):
        super().__init__()
        sizes = [4, *[channels] * (layers - 1), 4]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1) for a, b in zip(sizes, sizes[1:], strict=False)
        )
        generator = torch.Generator().manual_seed(seed)
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.layers[-1].weight)

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures (n, h, w) whose sides are even, and whose mean is about 0."""
        found = functional.pixel_unshuffle(pictures[:, None], 2)
        for layer in self.layers[:-1]:
            found = torch.relu(layer(found))
        return pictures - functional.pixel_shuffle(self.layers[-1](found), 2)[:, 0]

    def estimate(self, noisy: Tensor, sigma: Tensor) -> Tensor:
        mean = noisy.mean(1, keepdim=True)
        return self((noisy - mean).unflatten(1, (filter_networks.CROP, -1))).flatten(1) + mean

    def parameter_groups(self) -> list[dict[str, Any]]:
        return [{"params": list(self.parameters())}]

    def project_(self) -> None:
        pass


@dataclass(frozen=True)
class ConvRun(BaseRun):
    """One training of an arm over so many batches, measured."""

    FILE, HEAD, OTHERS = "photographs.jsonl", "conv_", ("photographs_",)

    arm: str
    batches: int
    seed: int

    def exists(self) -> bool:
        return self.arm in ARMS and self.batches > 0


def runs(seeds: int, batches: int = BATCHES) -> list[ConvRun]:
    return [ConvRun(arm, batches, seed) for seed in range(seeds) for arm in ARMS]


def built(run: ConvRun, start: int = START) -> nn.Module:
    """The untrained network of a run."""
    solver, filters, layers = ARMS[run.arm]
    if solver is None:
        return PlainCNN(filters, layers, run.seed)
    return solvers.build(solver, filter_networks.learned_filters(filters, start, run.seed), layers)


def sizes(network: nn.Module) -> dict[str, int]:
    """The parameters of a network, and its multiplications by weights a position, one of every four pixels."""
    count = sum(each.numel() for each in network.parameters())
    if isinstance(network, PlainCNN):
        return {
            "parameters": count,
            "multiplications": sum(layer.weight.numel() for layer in network.layers),
        }
    weights = network.weights
    products = weights.analysis.numel() + weights.synthesis.numel() + weights.filters.numel()
    if network.traits.gates:
        products += network.on_picture.numel() + (network.steps - 1) * network.on_codes.numel()
    return {"parameters": count, "multiplications": products}


@torch.no_grad()
def denoised(network: nn.Module, noisy: np.ndarray, sigma: float) -> np.ndarray:
    """A noisy picture (h, w), whose mirror image continues it, less its noise."""
    values = torch.from_numpy(noisy).float()[None]
    if not isinstance(network, PlainCNN):
        return whole.remove(values, sigma, network, lam=sigma, stride=whole.STRIDE)[0][0].numpy()
    (high, wide), edge = noisy.shape, whole.MARGIN
    around = functional.pad(
        whole.mirrored(values - values.mean(), edge), (0, wide % 2, 0, high % 2)
    )
    return (network(around)[0, edge : edge + high, edge : edge + wide] + values.mean()).numpy()


class ConvRunner(Experiment):
    """Carries out runs; one that was stopped goes on from what it kept in the user's cache."""

    def configuration(self, run: ConvRun) -> dict[str, Any]:
        made = {
            "start": START,
            "batch_size": filter_networks.BATCH,
            "crop": filter_networks.CROP,
            "rate": filter_networks.RATE,
        }
        return {**asdict(run), "network": list(ARMS[run.arm]), "sigma": SIGMA, **made}

    def measure(self, run: ConvRun, again: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        network, began = built(run), time.process_time()
        part = cached_networks.locate(run.name, self.configuration(run))
        estimate = (
            network.estimate
            if isinstance(network, PlainCNN)
            else filter_networks.estimate_by(network)
        )
        resume = None
        if part.exists():
            resume, _ = checkpoints.read(part, "conv-run")
            network.load_state_dict({key: resume.pop(f"net.{key}") for key in network.state_dict()})
        for step in filter_networks.fit(
            network, estimate, run.batches, run.seed, (SIGMA / 255,) * 2, resume
        ):
            if step.done % KEPT_EVERY == 0:
                self.say(f"{run.name} step {step.done} loss {step.loss:.5f}")
                own = {f"net.{key}": value for key, value in network.state_dict().items()}
                checkpoints.write(part, {**own, **step.state()}, {"kind": "conv-run"})
        held = filter_networks.of_held(lambda y, s: denoised(network, y, s), SIGMA)
        part.unlink(missing_ok=True)
        return {"psnr": float(np.mean([*held.values()])), **held, **sizes(network)}, {
            "seconds": time.process_time() - began
        }


def compare(records: Mapping[ConvRun, Record]) -> list[dict[str, Any]]:
    """The gated network beside each other arm, for each length of runs: the mean of PSNR minus PSNR over the seeds, and
    Student's p, paired, None for one seed; and the names of the runs, of each seed the gated one and the other."""
    from scipy import stats

    gated, *others = ARMS
    compared = []
    for batches in sorted({run.batches for run in records}):
        for arm in others:
            pairs = [
                (run, other)
                for run in records
                if (run.arm, run.batches) == (gated, batches)
                and (other := replace(run, arm=arm)) in records
            ]
            gains = [
                records[run]["metrics"]["psnr"] - records[other]["metrics"]["psnr"]
                for run, other in pairs
            ]
            if gains:
                p = float(stats.ttest_1samp(gains, 0).pvalue) if len(gains) > 1 else None
                compared.append(
                    {
                        "batches": batches,
                        "arm": arm,
                        "decibels": float(np.mean(gains)),
                        "p": p,
                        "runs": [run.name for pair in pairs for run in pair],
                    }
                )
    return compared
