"""Noise removed from whole photographs: the runs of `reproduce photographs`, and those of `reproduce conv` on SC2Net's gates."""

import hashlib
import time
from importlib.metadata import version

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from sc2viz import checkpoints, photographs, solvers
from sc2viz.lab.experiments.protocols import ARMS, BM3D, MEANS, TABLE
from sc2viz.lab.experiments.records import Experiment
from sc2viz.lab.weights import descending, filter_networks
from sc2viz.photographs import coding, peers, whole
from sc2viz.training import cached_networks

# By method: package and function
PEERS = {MEANS: ("scikit-image", peers.non_local_means), BM3D: ("bm3d", peers.bm3d)}
SIGMA, START = TABLE["gates"]["sigma"], TABLE["gates"]["start"]
KEPT_EVERY = 200  # batches after which a training that is stopped goes on


class PhotographExperiment(Experiment):
    """Runs of methods. A network is measured anew once its file has changed, and another method once its package has."""

    def configuration(self, run):
        if run.method in PEERS:
            package = PEERS[run.method][0]
            try:
                return {**run.fields, "package": f"{package} {version(package)}"}
            except ModuleNotFoundError:
                raise ValueError(f"{package} is not installed: pip install {package}") from None
        file = checkpoints.locate(f"{coding.FOLDER}/{run.method}")
        return {**run.fields, "file": hashlib.sha256(file.read_bytes()).hexdigest()[:16]}

    def measure(self, run):
        method = run.method if run.method in PEERS else f"{coding.FOLDER}/{run.method}"
        return measure(method, run.setting, run.seed), {}


def measure(method, sigma, seed, crop=None):
    """PSNR in dB, SSIM and processor seconds of a key of PEERS, or of a solver of `photographs.denoise`: means over the test
    photographs, or over the middle `crop` pixels a side, and the PSNR of each."""
    psnr, ssim, seconds = {}, [], 0.0
    for name in peers.PICTURES:
        clean = peers.picture(name, crop)
        noisy, start = peers.noisy(clean, sigma, seed), time.process_time()
        if method in PEERS:
            answer = PEERS[method][1](noisy, sigma / 255)
        else:
            answer = photographs.denoise(noisy, sigma / 255, method).picture
        seconds += time.process_time() - start
        psnr[name], similarity = peers.quality(clean, answer)
        ssim.append(similarity)
    means = {"psnr": float(np.mean([*psnr.values()])), "ssim": float(np.mean(ssim))}
    return {**means, **psnr, "seconds": seconds / len(psnr)}


# SC2Net's gates -------------------------------------------------------------------------------------------------------


class PlainCNN(nn.Module):
    """Clean pictures from noisy ones: layers of 3×3 convolutions and ReLU on the four pictures of every second pixel."""

    def __init__(self, channels, layers, seed):
        super().__init__()
        sizes = [4, *[channels] * (layers - 1), 4]
        self.layers = nn.ModuleList(
            nn.Conv2d(*pair, 3, padding=1) for pair in zip(sizes, sizes[1:], strict=False)
        )
        generator = torch.Generator().manual_seed(seed)
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.layers[-1].weight)

    def forward(self, pictures):
        """Pictures (n, h, w) whose sides are even, and whose mean is about 0."""
        maps = functional.pixel_unshuffle(pictures[:, None], 2)
        for layer in self.layers[:-1]:
            maps = torch.relu(layer(maps))
        return pictures - functional.pixel_shuffle(self.layers[-1](maps), 2)[:, 0]

    def estimate(self, noisy, sigma):
        mean = noisy.mean(1, keepdim=True)
        return self((noisy - mean).unflatten(1, (filter_networks.CROP, -1))).flatten(1) + mean

    def parameter_groups(self):
        return [{"params": list(self.parameters())}]

    def project_(self):
        pass


def build(run):
    """The untrained network of a run."""
    solver, filters, layers = ARMS[run.method]
    if not solver:
        return PlainCNN(filters, layers, run.seed)
    start = filter_networks.learned_filters(filters, START, run.seed)
    return solvers.build(solver, start, layers)


def sizes(network):
    """The parameters of a network, and its multiplications by weights a position, one of every four pixels."""
    parameters = sum(parameter.numel() for parameter in network.parameters())
    if isinstance(network, PlainCNN):
        products = sum(layer.weight.numel() for layer in network.layers)
    else:
        weights = network.weights
        products = weights.analysis.numel() + weights.synthesis.numel() + weights.filters.numel()
        if network.traits.gates:
            products += network.on_picture.numel() + (network.steps - 1) * network.on_codes.numel()
    return {"parameters": parameters, "multiplications": products}


@torch.no_grad()
def denoised(network, noisy, sigma):
    """A noisy picture (h, w), whose mirror image continues it, less its noise."""
    values = torch.from_numpy(noisy).float()[None]
    if not isinstance(network, PlainCNN):
        return whole.remove(values, sigma, network, lam=sigma, stride=whole.STRIDE)[0][0].numpy()
    (high, wide), edge, mean = noisy.shape, whole.MARGIN, values.mean()
    mirrored = functional.pad(whole.mirrored(values - mean, edge), (0, wide % 2, 0, high % 2))
    return (network(mirrored)[0, edge : edge + high, edge : edge + wide] + mean).numpy()


class GateExperiment(Experiment):
    """Runs that train and measure an arm; one that was stopped goes on from what it kept in the user's cache."""

    def configuration(self, run):
        training = {
            "start": START,
            "batch_size": filter_networks.BATCH,
            "crop": filter_networks.CROP,
            "rate": filter_networks.RATE,
        }
        solver, *numbers = ARMS[run.method]
        return {**run.fields, "network": [solver or None, *numbers], "sigma": SIGMA, **training}

    def measure(self, run):
        network, start = build(run), time.process_time()
        is_plain = isinstance(network, PlainCNN)
        estimate = network.estimate if is_plain else filter_networks.estimate_by(network)
        path, sigmas = cached_networks.locate(run.name, self.configuration(run)), (SIGMA / 255,) * 2
        begin = lambda state: filter_networks.fit(  # noqa: E731
            network, estimate, run.setting, run.seed, sigmas, state
        )
        report = lambda step: self.report(f"{run.name} step {step.step} loss {step.loss:.5f}")  # noqa: E731
        descending.carry_out(network, path, KEPT_EVERY, begin, report)
        decibels = filter_networks.measure(lambda y, s: denoised(network, y, s), SIGMA)
        metrics = {"psnr": float(np.mean([*decibels.values()])), **decibels, **sizes(network)}
        return metrics, {"seconds": time.process_time() - start}
