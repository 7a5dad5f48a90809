"""`bench gpu`: codes a second of every solver and of exact codes, on the GPU or whichever device there is.

Each line also has the share of the device's product rate: the operations of the call's matrix products a second, in % of
what one large float32 product reaches. Codes are compared with the same call in float64 on the CPU, and must agree to 1e-5
of the largest code; exact codes, which are proved by a gap, must agree in F.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from sc2viz import checkpoints, data, device, lasso, solvers
from sc2viz.lab.bench.stopwatch import PROCESSOR, Stopwatch, print_table

AGREES = 1e-5
COMPARED = 200  # rows that are coded on the CPU in float64 as well
SIDE = (
    4096  # rows and columns of the product that gives the device's rate; a CPU gets a smaller one
)
EXACT = "exact codes"


def run(arguments: argparse.Namespace) -> None:
    """Print the table; ValueError where a solver disagrees with the CPU."""
    where = device.pick()
    rate = product_rate(where, SIDE if where.type != "cpu" else SIDE // 4, arguments.repeats)
    on_gpu = where.type == "cuda"
    named = (
        torch.cuda.get_device_name(where)
        if on_gpu
        else f"{PROCESSOR} ({where}), {torch.get_num_threads()} threads"
    )
    print(f"{named}, torch {torch.__version__}: {rate / 1e12:.2f} Tflop/s in one float32 product")
    print(f"{arguments.rows:,} test digits at a time, shipped dictionary, λ = {arguments.lam:g}")
    rows = list(measure(where, arguments.rows, arguments.lam, arguments.repeats, rate))
    print_table(rows)
    failed = [row["solver"] for row in rows if not row["distance"] <= AGREES]
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


def measure(
    where: torch.device, rows: int, lam: float, repeats: int, rate: float
) -> Iterator[dict[str, Any]]:
    """The lines of all solvers, untrained, and of exact codes on the device `where`, whose product rate is `rate`."""
    pixels, B = data.load("mnist-5k", split="test").pixels, checkpoints.load_dictionary("mnist")
    x = pixels.repeat(-(-rows // len(pixels)), 1)[:rows]
    few, there, atoms = x[:COMPARED].double(), x.to(where), B.to(where)

    def describe(name: str, call: Callable[[], Tensor], distance: float) -> dict[str, Any]:
        with FlopCounterMode(display=False) as counter:
            call()
        seconds, _ = Stopwatch().time(call, repeats)
        return {
            "solver": name,
            "codes a second": round(rows / seconds),
            "share of its rate": counter.get_total_flops() / seconds / rate,
            "distance": distance,
        }

    for name, solver in untrained(B)[0].items():
        exactly = solvers.build(name, B.double()).requires_grad_(False)(few, lam)
        solver.to(where)
        found = solver(there[:COMPARED], lam).cpu().double()
        distance = ((found - exactly).abs().max() / exactly.abs().max().clamp_min(1e-30)).item()
        yield describe(name, lambda solver=solver: solver(there, lam), distance)
    F, best = (
        lasso.objective(
            few, lasso.solve(part, dictionary, lam, tol=1e-6).codes.cpu().double(), B.double(), lam
        )
        for part, dictionary in ((there[:COMPARED], atoms), (few, B.double()))
    )
    distance = ((F - best).abs() / best.clamp_min(1e-30)).max().item()
    yield describe(EXACT, lambda: lasso.solve(there, atoms, lam).codes, distance)


def product_rate(where: torch.device, side: int, repeats: int) -> float:
    """Operations a second of one float32 product of two matrices (side, side)."""
    a = torch.rand(side, side, device=where)
    return 2 * side**3 / Stopwatch().time(lambda: a @ a, repeats)[0]
