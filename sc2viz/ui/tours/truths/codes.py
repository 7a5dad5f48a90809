"""What is true of exact codes, and of the iterations that lead to them."""

from __future__ import annotations

import numpy as np
import torch

from sc2viz import activations, defaults, evaluation, solvers
from sc2viz.analysis import convergence, inspection
from sc2viz.classroom.question import Truth
from sc2viz.ui import models, phrases, results, sets
from sc2viz.ui.domains import written
from sc2viz.ui.tours.truths.registry import Sight, named


@named
def atoms(at: Sight) -> Truth:
    """How many atoms the exact code uses."""
    code, B = at.exact(), sets.dictionary(at.view.data).numpy()
    used, order = int(evaluation.in_use(code).sum()), evaluation.largest_first(code, B)
    why = f"{at.where}: {used} of {len(code)} weights are not zero."
    left = evaluation.missing(at.x[0], code, B, order)[used // 4] if used >= 4 else 1.0
    if left < 1:
        part = phrases.share(1 - left)
        some = phrases.form(used // 4, "largest term alone explains", f"{used // 4} largest terms alone explain")
        why += f" The {some} {part} of the picture."
    return Truth(used, why, margin=max(1, 0.1 * used))


@named
def atoms_left(at: Sight, times: float) -> Truth | None:
    """Which share of the atoms in use is left at `times` λ."""
    before, then = (int(evaluation.in_use(at.exact(factor)).sum()) for factor in (1.0, times))
    if not before:
        return None
    why = f"{at.where}: {phrases.count(before, 'atom')}. At {times:g} times that λ: {then}."
    if 2 * then > before:
        why += " λ is taken from every weight, and only the weights that are too small for that become zero."
    return Truth(then / before, why)


@named
def price(at: Sight) -> Truth | None:
    """Which part of F the price λ‖s‖₁ is, in %."""
    paid, best = at.view.lam * float(np.abs(at.exact()).sum()), results.exact(at.view.data, at.x, at.view.lam).objective[0]
    if not best > 0:
        return None
    larger = "the price, not the error" if 2 * paid > best else "the error, not the price"
    why = f"{at.where}: λ‖s‖₁ = {phrases.objective(paid)} of F = {phrases.objective(best)}. The larger part is {larger}."
    return Truth(float(100 * paid / best), why, margin=5)


@named
def zeros_of_l2(at: Sight) -> Truth | None:
    """How many weights are exactly zero with the price ½λ‖s‖₂², as a share of those with λ‖s‖₁."""
    B, code = sets.dictionary(at.view.data).double(), at.exact()
    Gram = B.T @ B + at.view.lam * torch.eye(B.shape[1], dtype=B.dtype)
    other = torch.linalg.solve(Gram, B.T @ torch.from_numpy(at.x[0]).double())
    zeros, here = int((code == 0).sum()), int((other == 0).sum())
    if not zeros:
        return None
    why = f"{at.where}: {zeros} of {len(code)} weights are exactly zero with ℓ1, and {here} with ℓ2."
    if not here:
        least = written(float(f"{other.abs().min():.1g}"))
        why += f" The smallest of these is {least}: near zero, a square costs almost nothing."
    return Truth(here / zeros, why)


@named
def mean_atoms(at: Sight) -> Truth:
    """How many atoms a row of the strip uses on average."""
    B, rows = sets.dictionary(at.view.data), at.view.pixels(at.view.strip)
    used = evaluation.in_use(results.exact(at.view.data, rows, at.view.lam).codes).sum(1)
    why = f"At λ = {at.view.lam:g} the {at.view.noun}s of the strip use {used.mean():.1f} of {B.shape[1]} atoms on average."
    if B.shape[1] > B.shape[0]:
        why += f" {B.shape[1]} atoms can make {B.shape[0]} numbers in many ways, and F prefers ways with few atoms."
    return Truth(float(used.mean()), why, margin=max(1, 0.2 * used.mean()))


@named
def iterations(at: Sight, solver: str, percent: float) -> Truth | None:
    """After how many iterations a solver is within `percent` % of the optimum."""
    excess = at.descent(solver).excess
    needed = convergence.steps_within(excess, percent)
    if needed is None:
        return None
    why = f"{at.where}: {solver} is within {percent:g} % of the optimum after {phrases.count(needed, 'iteration')}."
    first = convergence.steps_within(excess, excess[0] / 10)
    if first is not None and 2 * first < needed:
        why += f" Nine tenths of the distance are gone after {first}: the last part takes longest."
    return Truth(needed, why, margin=max(1, 0.2 * needed))


@named
def lowest(at: Sight) -> Truth:
    """Which of the solvers that are the choices has the lowest F after T iterations."""
    rows = at.view.strip if at.now("layout") == "grid" else (at.view.picture,)
    far = {label: float(at.descent(label, rows, at.now("safeguard")).excess[at.view.steps]) for label in at.choices}
    first, *_ = ranked = sorted(far, key=far.__getitem__)
    told = phrases.listed([f"{label} {phrases.above(far[label])}" for label in ranked])
    why = f"Above the optimum at λ = {at.view.lam:g} and T = {at.view.steps}: {told}."
    beyond = [each for each in far if at.model(each).traits.learned and models.trained_to(at.model(each)) < at.view.steps]
    if beyond and first not in beyond:
        why += f" {phrases.listed(beyond)} {phrases.form(len(beyond), 'was', 'were')} trained for fewer iterations."
    elif at.model(first).traits.learned:
        why += f" {first} has learned its steps from pictures like these."
    return Truth(at.choices.index(first), why)


@named
def rises(at: Sight, solver: str) -> Truth:
    """In how many of 100 iterations F of a solver rises."""

    def up(label: str) -> np.ndarray:
        F = at.descent(label).course.objective[:, 0]
        return np.flatnonzero(np.diff(F) > 1e-6 * F[1:]) + 1

    found = up(solver)
    why = f"{at.where}: F of {solver} rises in {len(found)} of {results.HORIZON} iterations"
    why += f", first at {found[0]}." if len(found) else "."
    if len(found) and not len(up("ISTA")):
        why += " That of ISTA, which has no momentum, never rises."
    return Truth(len(found), why)


@named
def most_atoms(at: Sight, solver: str) -> Truth | None:
    """How many atoms a solver uses at most on its way, as a share of those of the exact code."""
    used = evaluation.in_use(at.trace(at.model(solver), results.HORIZON).codes[:, 0]).sum(1)
    exact, most, when = int(evaluation.in_use(at.exact()).sum()), int(used.max()), int(used.argmax())
    if not exact:
        return None
    why = f"{at.where}: {solver} uses {phrases.count(most, 'atom')} at iteration {when}, and the exact code {exact}."
    return Truth(most / exact, f"{why} It does not collect atoms one by one." if most > exact else why)


@named
def same_code(at: Sight, i: float, f: float) -> Truth:
    """Which of the solvers among the choices adaptive ISTA with gates i and f is: the last choice stands for none."""
    solver = solvers.build(defaults.BY_HAND, sets.dictionary(at.view.data), input_gate=i, forget_gate=f)
    codes = solver.trace(torch.from_numpy(at.x), at.view.lam, at.view.steps).codes
    off = {label: float((at.trace(at.model(label)).codes - codes).detach().abs().max()) for label in at.choices[:-1]}
    same = min(off, key=off.__getitem__)
    if off[same] > 1e-4:
        return Truth(len(off), f"Its codes differ from those of {same} by {off[same]:.2g}.")
    why = f"With i = {i:g} and f = {f:g}, Eq. (7) is {same}"
    return Truth(at.choices.index(same), f"{why}: the memory is the candidate alone." if (i, f) == (1, 0) else f"{why}.")


@named
def shrunk(at: Sight, times: float) -> Truth:
    """What shrinkage makes of `times` θ, in units of θ."""
    made = float(activations.shrink(*torch.tensor([times, 1.0])))
    why = "the magnitude loses θ, and the sign stays" if made else "a magnitude below θ becomes exactly zero"
    return Truth(made, f"h({times:g} θ) = {made + 0:g} θ: {why}.".replace("-", "−"))


@named
def zeros_of_double_tanh(at: Sight) -> Truth | None:
    """How many weights of ISTA's code are exactly zero with double tanh, as a share of those with shrinkage at θ = λτ."""
    solver, x = models.build(at.model("ISTA")), torch.from_numpy(at.x)
    theta, radius = at.view.lam * solver.weights.matrices().step, float(at.trace(at.model("ISTA")).codes.abs().max())
    if not radius > theta:
        return None
    D, u = map(torch.tensor, activations.fit_double_tanh(float(theta), radius))
    curves = inspection.from_parameters(theta=theta), inspection.from_parameters(D=D.float(), u=u.float())
    with torch.no_grad():
        codes = [inspection.with_activation(solver, h)(x, at.view.lam, at.view.steps) for h in curves]
    zeros, here = (int((code == 0).sum()) for code in codes)
    if not zeros:
        return None
    why = f"{at.where}, ISTA: {zeros} weights are exactly zero with shrinkage, and {here} with double tanh."
    return Truth(here / zeros, why if here else f"{why} Shrinkage is zero on an interval, and double tanh at one point.")
