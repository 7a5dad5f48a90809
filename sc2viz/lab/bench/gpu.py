"""`bench gpu`: codes a second of every solver and of exact codes, on the GPU or whichever device there is.

Each line also has the share of the device's product rate: the operations of the call's matrix products a second, in % of
what one large float32 product reaches. Codes are compared with the same call in float64 on the CPU, and must agree to 1e-5
of the largest code; exact codes, which are proved by a gap, must agree in F.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from sc2viz import checkpoints, data, device, lasso, solvers
from sc2viz.lab.bench.stopwatch import PROCESSOR, Stopwatch

AGREES = 1e-5
COMPARED = 200  # rows that are coded on the CPU in float64 as well
SIDE = (
    4096  # rows and columns of the product that gives the device's rate; a CPU gets a smaller one
)
EXACT = "exact codes"


@dataclass(frozen=True)
class SolverSpeed:
    """A solver's line: codes a second, the share of the device's product rate in [0, 1], and the largest disagreement."""

    name: str
    codes_a_second: float
    share: float
    apart: float


def run(asked: argparse.Namespace) -> None:
    """Print the table; ValueError where a solver disagrees with the CPU."""
    where = device.pick()
    rate = product_rate(where, SIDE if where.type != "cpu" else SIDE // 4, asked.repeats)
    on_gpu = where.type == "cuda"
    named = (
        torch.cuda.get_device_name(where)
        if on_gpu
        else f"{PROCESSOR} ({where}), {torch.get_num_threads()} threads"
    )
    print(f"{named}, torch {torch.__version__}: {rate / 1e12:.2f} Tflop/s in one float32 product")
    print(f"{asked.rows:,} test digits at a time, shipped dictionary, λ = {asked.lam:g}\n")
    print(f"{'':24} {'codes/s':>12} {'of its rate':>12} {'apart':>9}")
    failed = []
    for line in measure(where, asked.rows, asked.lam, asked.repeats, rate):
        print(
            f"{line.name:24} {line.codes_a_second:>12,.0f} {line.share:>11.1%} {line.apart:>9.0e}",
            flush=True,
        )
        failed += [line.name] * (not line.apart <= AGREES)
    for name, why in untrained(checkpoints.load_dictionary("mnist"))[1].items():
        print(f"{name:24} {why}")
    if failed:
        raise ValueError(
            f"codes on {where} are further than {AGREES:g} from those in float64: {', '.join(failed)}"
        )


def untrained(B: Tensor) -> tuple[dict[str, solvers.Solver], dict[str, str]]:
    """The solvers that a dictionary suits, by name, and why it does not suit the others."""
    suited, refused = {}, {}
    for name in solvers.NAMES:
        try:
            suited[name] = solvers.build(name, B).requires_grad_(False)
        except ValueError as error:
            refused[name] = str(error)
    return suited, refused


def measure(where: torch.device, rows: int, lam: float, repeats: int, rate: float):
    """The lines of all solvers, untrained, and of exact codes on the device `where`, whose product rate is `rate`."""
    pixels, B = data.load("mnist-5k", split="test").pixels, checkpoints.load_dictionary("mnist")
    x = pixels.repeat(-(-rows // len(pixels)), 1)[:rows]
    few, there, atoms = x[:COMPARED].double(), x.to(where), B.to(where)

    def line(name: str, call: Callable[[], Tensor], apart: float) -> SolverSpeed:
        with FlopCounterMode(display=False) as counter:
            call()
        seconds, _ = Stopwatch().time(call, repeats)
        return SolverSpeed(name, rows / seconds, counter.get_total_flops() / seconds / rate, apart)

    for name, solver in untrained(B)[0].items():
        exactly = solvers.build(name, B.double()).requires_grad_(False)(few, lam)
        solver.to(where)
        found = solver(there[:COMPARED], lam).cpu().double()
        apart = ((found - exactly).abs().max() / exactly.abs().max().clamp_min(1e-30)).item()
        yield line(name, lambda solver=solver: solver(there, lam), apart)
    F, best = (
        lasso.objective(
            few, lasso.solve(part, dictionary, lam, tol=1e-6).codes.cpu().double(), B.double(), lam
        )
        for part, dictionary in ((there[:COMPARED], atoms), (few, B.double()))
    )
    apart = ((F - best).abs() / best.clamp_min(1e-30)).max().item()
    yield line(EXACT, lambda: lasso.solve(there, atoms, lam).codes, apart)


def product_rate(where: torch.device, side: int, repeats: int) -> float:
    """Operations a second of one float32 product of two matrices (side, side)."""
    a = torch.rand(side, side, device=where)
    return 2 * side**3 / Stopwatch().time(lambda: a @ a, repeats)[0]
