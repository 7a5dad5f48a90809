"""What is true of exact codes, and of the iterations that lead to them."""

from dataclasses import replace

import numpy as np
import torch

from sc2viz import activations, defaults, evaluation, lasso, solvers
from sc2viz.analysis import convergence, inspection
from sc2viz.photographs import assembling, coding, peers
from sc2viz.photographs.channels import planes
from sc2viz.ui import models, phrases, results, sets
from sc2viz.ui.cache import cached
from sc2viz.ui.domains import written
from sc2viz.ui.tours.truths.registry import Numbers, Sight, find_lowest, truth
from sc2viz.words import localized

SAME = 1e-4  # the largest difference between codes that are called the same
PATCHES = 1000  # of noise, and of a photograph, that are coded


def _count_atoms(sight: Sight) -> int:
    """Return how many atoms the exact code uses."""
    return int(evaluation.in_use(sight.exact()).sum())


@truth
def atoms(sight: Sight) -> Numbers:
    """Return how many atoms the exact code uses, as "answer", with the numbers of its sentence."""
    code, B, used = sight.exact(), sight.B.numpy(), _count_atoms(sight)
    missing = evaluation.missing(sight.x[0], code, B, evaluation.largest_first(code, B))
    share = missing[used // 4] if used >= 4 else 1.0
    return {
        "answer": used,
        "margin": max(1, 0.1 * used),
        "total": len(code),
        "missing_share": share,
    }


@truth
def atoms_left(sight: Sight, times: float) -> Numbers:
    """Return which share of the atoms that are in use at λ over `times` is left, as "answer", with the numbers of its
    sentence."""
    cheaper = replace(sight, lam=sight.lam / times)
    at_cheaper, at_lam = map(_count_atoms, (cheaper, sight))
    share = at_lam / at_cheaper
    return {
        "answer": share,
        "setting": cheaper.setting,
        "count_before": at_cheaper,
        "count": at_lam,
    }


@truth
def price(sight: Sight) -> Numbers:
    """Return which part of F the price λ‖s‖₁ is, in %, as "answer", with the numbers of its sentence."""
    F = float(results.exact(sight.data, sight.x, sight.lam).objective[0])
    price = sight.lam * float(np.abs(sight.exact()).sum())
    return {"answer": 100 * price / F, "margin": 5, "price": price, "best": F}


@truth
def zeros_of_l2(sight: Sight) -> Numbers:
    """Return how many weights are exactly zero with the price ½λ‖s‖₂², as a share of those with λ‖s‖₁: "answer", with the
    numbers of its sentence."""
    B, code = sight.B.double(), sight.exact()
    Gram = B.T @ B + sight.lam * torch.eye(B.shape[1], dtype=B.dtype)
    ridge = torch.linalg.solve(Gram, B.T @ torch.from_numpy(sight.x[0]).double())
    zeros, zeros_of_ridge = int((code == 0).sum()), int((ridge == 0).sum())
    smallest = localized(written(float(f"{ridge.abs().min():.1g}")))
    return {
        "answer": zeros_of_ridge / zeros,
        "zeros": zeros,
        "total": len(code),
        "zeros_of_l2": zeros_of_ridge,
        "smallest": smallest,
    }


@truth
def mean_atoms(sight: Sight) -> Numbers:
    """Return how many atoms a row of the strip uses on average, as "answer", with the numbers of its sentence."""
    B, rows = sight.B, sight.pixels(sight.strip)
    codes = results.exact(sight.data, rows, sight.lam).codes
    mean = float(evaluation.in_use(codes).sum(1).mean())
    return {
        "answer": mean,
        "margin": max(1, 0.2 * mean),
        "noun": sight.noun,
        "numbers": B.shape[0],
        "total": B.shape[1],
    }


@truth
def iterations(sight: Sight, solver: str, percent: float) -> Numbers:
    """Return after how many iterations a solver is within `percent` % of the optimum, as "answer", with the numbers of its
    sentence."""
    excess = sight.descent(solver).excess
    needed = convergence.steps_within(excess, percent)
    first = convergence.steps_within(excess, excess[0] / 10)
    return {"answer": needed, "margin": max(1, 0.2 * needed), "first": first}


@truth
def saved(sight: Sight, solver: str, rival: str, percent: float) -> Numbers:
    """Return how many iterations fewer a solver needs than another until it is within `percent` % of the optimum, as
    "answer", with the numbers of its sentence."""
    first, second = (
        convergence.steps_within(sight.descent(label).excess, percent) for label in (solver, rival)
    )
    return {"answer": second - first, "own_iterations": first, "rival_iterations": second}


@truth
def lowest(sight: Sight) -> Numbers:
    """Return which of the solvers that are the choices has the lowest F after T iterations, as "answer", its place, with the
    numbers of its sentence."""
    T, rows = sight.steps, sight.rows
    excesses = [
        float(sight.descent(label, rows, sight.value("safeguard")).excess[T])
        for label in sight.choices
    ]
    readings = list(map(phrases.format_excess, excesses))
    answer = find_lowest(excesses, readings)
    ranking = [f"{sight.choices[k]} {readings[k]}" for k in np.argsort(excesses, kind="stable")]
    networks = [label for label in sight.choices if sight.model(label).traits.learned]
    beyond = [label for label in networks if models.trained_to(sight.model(label)) < T]
    first = sight.choices[answer["answer"]]
    return answer | {
        "first": first,
        "beyond": beyond,
        "learned": first in networks,
        "T": T,
        "ranking": ranking,
    }


@truth
def rises(sight: Sight, solver: str) -> Numbers:
    """Return in how many of 100 iterations F of a solver rises, as "answer", with the numbers of its sentence."""

    def rising(label: str) -> np.ndarray:
        """Return the iterations at which F of a solver rises."""
        F = sight.descent(label).course.objective[:, 0]
        return np.flatnonzero(np.diff(F) > 1e-6 * F[1:]) + 1

    times = rising(solver)
    return {
        "answer": len(times),
        "total": results.HORIZON,
        "first": times[:1].sum(),
        "of_ista": len(rising("ISTA")),
    }


@truth
def largest_code(sight: Sight) -> Numbers:
    """Return which row of the strip needs the most atoms, counted from 1, as "answer", with the numbers of its sentence."""
    codes = results.exact(sight.data, sight.pixels(sight.strip), sight.lam).codes
    counts = evaluation.in_use(codes).sum(1)
    answer, *ties = (1 + np.flatnonzero(counts == counts.max())).tolist()
    return {"answer": answer, "ties": ties, "largest": counts.max(), "smallest": counts.min()}


@truth
def most_atoms(sight: Sight, solver: str) -> Numbers:
    """Return how many atoms a solver uses at most on its way, as a share of those of the exact code: "answer", with the
    numbers of its sentence."""
    codes = sight.trace(sight.model(solver), results.HORIZON).codes[:, 0]
    used, exact = evaluation.in_use(codes).sum(1), _count_atoms(sight)
    iteration = int(used.argmax())
    largest = int(used[iteration])
    return {"answer": largest / exact, "largest": largest, "iteration": iteration, "exact": exact}


@truth
def same_code(sight: Sight, i: float, f: float) -> Numbers:
    """Return which of the solvers among the choices adaptive ISTA with gates i and f is, as "answer", its place: the last
    choice stands for none."""
    B = sight.B
    adaptive = solvers.build(defaults.BY_HAND, B, input_gate=i, forget_gate=f)
    codes = adaptive.trace(torch.from_numpy(sight.x), sight.lam, sight.steps).codes
    *labels, _none = sight.choices
    differences = [
        float((sight.trace(sight.model(label)).codes - codes).detach().abs().max())
        for label in labels
    ]
    alike = [k for k, difference in enumerate(differences) if difference <= SAME]
    nearest = int(np.argmin(differences))
    answer, *ties = alike or [len(labels)]
    return {
        "answer": answer,
        "ties": ties,
        "alike": alike,
        "solver": labels[nearest],
        "difference": differences[nearest],
    }


@truth
def noise_left(sight: Sight) -> Numbers:
    """Return which share of its energy noise of the σ at hand keeps in its exact codes, as "answer", with the numbers of its
    sentence."""
    sigma = sight.value("sigma")
    noise, photo = energy_kept(sight.value("photo"), sigma / 255, sight.value("price"))
    return {"answer": noise, "photo": photo, "sigma": sigma, "patches": PATCHES}


@cached
def energy_kept(photo: str, sigma: float, price: float) -> tuple[float, float]:
    """Return which shares of their energy `PATCHES` patches of noise and of a clean photograph keep in their exact codes, at
    `price` times the usual λ of σ."""
    B = sets.dictionary(sets.PHOTOGRAPHS)
    noise = sigma * torch.randn(PATCHES, len(B), generator=torch.Generator().manual_seed(0))
    clean = assembling.sample(planes(peers.picture(photo)), coding.PATCH, 1, PATCHES)
    shares = []
    for rows in (noise - noise.mean(1, keepdim=True), clean):
        codes = lasso.solve(rows, B, coding.LAM_PER_SIGMA * price * sigma, tol=1e-3).codes
        shares.append(float((codes @ B.T).square().sum() / rows.square().sum()))
    return shares[0], shares[1]


@truth
def shrunk(sight: Sight, times: float) -> Numbers:
    """Return what shrinkage makes of `times` θ, in units of θ, as "answer"."""
    return {"answer": float(activations.shrink(*torch.tensor([times, 1.0])))}


@truth
def zeros_of_double_tanh(sight: Sight) -> Numbers:
    """Return how many weights of ISTA's code are exactly zero with double tanh, as a share of those with shrinkage at θ = λτ:
    "answer", with the numbers of its sentence."""
    ista = sight.model("ISTA")
    solver, lam = models.build(ista), sight.lam
    theta = float(lam * solver.weights.matrices().step)
    radius = float(sight.trace(ista).codes.abs().max())
    if not radius > theta:
        return None
    D, u = (torch.tensor(value).float() for value in activations.fit_double_tanh(theta, radius))
    zeros = []
    for parameters in ({"theta": torch.tensor(theta)}, {"D": D, "u": u}):
        h = inspection.from_parameters(**parameters)
        with torch.no_grad():
            codes = inspection.with_activation(solver, h)(
                torch.from_numpy(sight.x), lam, sight.steps
            )
        zeros.append(int((codes == 0).sum()))
    return {"answer": zeros[1] / zeros[0], "zeros": zeros[0], "zeros_of_double_tanh": zeros[1]}
