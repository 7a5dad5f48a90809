"""`bench gpu`: codes a second of every solver and of exact codes, on the GPU or whichever device there is.

Each line also has the share of the device's product rate: the operations of the call's matrix products a second, in % of
what one large float32 product reaches. Codes are compared with the same call in float64 on the CPU, and must agree to 1e-5
of the largest code; exact codes, which are proved by a gap, must agree in F.
"""

import torch
from torch.utils.flop_counter import FlopCounterMode

from sc2viz import checkpoints, data, device, lasso, solvers
from sc2viz.lab.bench.stopwatch import PROCESSOR, Stopwatch, print_table

AGREES = 1e-5
COMPARED = 200  # rows that are coded on the CPU in float64 as well
SIDE = 4096  # rows and columns of the product that gives a GPU's rate; a CPU gets a quarter
EXACT = "exact codes"


def run(arguments):
    """Print the table; ValueError where a solver disagrees with the CPU."""
    place = device.pick()
    rate = product_rate(place, SIDE // 4 if place.type == "cpu" else SIDE, arguments.repeats)
    name = f"{PROCESSOR} ({place}), {torch.get_num_threads()} threads"
    if place.type == "cuda":
        name = torch.cuda.get_device_name(place)
    print(f"{name}, torch {torch.__version__}: {rate / 1e12:.2f} Tflop/s in one float32 product")
    print(f"{arguments.rows:,} test digits at a time, shipped dictionary, λ = {arguments.lam:g}")
    rows = list(measure(place, arguments.rows, arguments.lam, arguments.repeats, rate))
    print_table(rows)
    for solver, reason in build_untrained(checkpoints.load_dictionary("mnist"))[1].items():
        print(f"{solver:24} {reason}")
    if failed := [row["solver"] for row in rows if not row["distance"] <= AGREES]:
        raise ValueError(
            f"codes on {place} are further than {AGREES:g} from those in float64: {', '.join(failed)}"
        )


def build_untrained(B):
    """The solvers that a dictionary suits, by name, and why it does not suit the others."""
    suited, refused = {}, {}
    for name in solvers.NAMES:
        try:
            suited[name] = solvers.build(name, B).requires_grad_(False)
        except ValueError as error:
            refused[name] = str(error)
    return suited, refused


def measure(place, count, lam, repeats, rate):
    """The lines of all solvers, untrained, and of exact codes on the device `place`, whose product rate is `rate`."""
    pixels, B = data.load("mnist-5k", split="test").pixels, checkpoints.load_dictionary("mnist")
    x = pixels.repeat(-(-count // len(pixels)), 1)[:count]
    compared, moved_x, moved_B = x[:COMPARED].double(), x.to(place), B.to(place)

    def describe(name, call, differ, reference):
        with FlopCounterMode(display=False) as counter:
            call()
        seconds, _ = Stopwatch().time(call, repeats)
        return {
            "solver": name,
            "codes a second": round(count / seconds),
            "share of its rate": counter.get_total_flops() / seconds / rate,
            "distance": (differ.abs() / reference.clamp_min(1e-30)).max().item(),
        }

    for name, solver in build_untrained(B)[0].items():
        exactly = solvers.build(name, B.double()).requires_grad_(False)(compared, lam)
        solver.to(place)
        codes = solver(moved_x[:COMPARED], lam).cpu().double()
        call = lambda solver=solver: solver(moved_x, lam)  # noqa: E731
        yield describe(name, call, codes - exactly, exactly.abs().max())
    F, best = (
        lasso.objective(compared, codes.cpu().double(), B.double(), lam)
        for codes in (
            lasso.solve(moved_x[:COMPARED], moved_B, lam, tol=1e-6).codes,
            lasso.solve(compared, B.double(), lam, tol=1e-6).codes,
        )
    )
    yield describe(EXACT, lambda: lasso.solve(moved_x, moved_B, lam).codes, F - best, best)


def product_rate(place, side, repeats):
    """Operations a second of one float32 product of two matrices (side, side)."""
    a = torch.rand(side, side, device=place)
    return 2 * side**3 / Stopwatch().time(lambda: a @ a, repeats)[0]
