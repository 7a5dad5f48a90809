"""What is true of exact codes, and of the iterations that lead to them."""

from dataclasses import replace
from functools import partial

import numpy as np
import torch

from sc2viz import activations, defaults, evaluation, lasso, solvers
from sc2viz.analysis import convergence, inspection
from sc2viz.classroom.question import Truth
from sc2viz.photographs import assembling, coding, peers
from sc2viz.photographs.channels import planes
from sc2viz.ui import models, phrases, results, sets
from sc2viz.ui.cache import cached
from sc2viz.ui.domains import written
from sc2viz.ui.tours.truths.registry import Sight, find_lowest, named
from sc2viz.words import _, localized, templates

said = partial(templates.said, __file__)
SAME = 1e-4  # the largest difference between codes that are called the same

PATCHES = 1000  # of noise, and of a photograph, that are coded


@named
def atoms(at: Sight) -> Truth:
    """How many atoms the exact code uses."""
    code, B = at.exact(), sets.dictionary(at.view.data).numpy()
    used, order = int(evaluation.in_use(code).sum()), evaluation.largest_first(code, B)
    left = evaluation.missing(at.x[0], code, B, order)[used // 4] if used >= 4 else 1.0
    why = said(
        "atoms", where=at.where, used=used, all=len(code), left=left, part=phrases.share(1 - left)
    )
    return Truth(used, why, margin=max(1, 0.1 * used))


@named
def atoms_left(at: Sight, times: float) -> Truth | None:
    """Which share of the atoms that are in use at λ over `times` is left."""
    lower = replace(at, view=replace(at.view, lam=at.view.lam / times))
    before, then = (int(evaluation.in_use(sight.exact()).sum()) for sight in (lower, at))
    if not before:
        return None
    more = localized(f"{times:g}")
    why = said("atoms_left", where=lower.where, times=more, before=before, then=then)
    return Truth(then / before, why)


@named
def price(at: Sight) -> Truth | None:
    """Which part of F the price λ‖s‖₁ is, in %."""
    paid, best = (
        at.view.lam * float(np.abs(at.exact()).sum()),
        results.exact(at.view.data, at.x, at.view.lam).objective[0],
    )
    if not best > 0:
        return None
    numbers = {"paid": phrases.objective(paid), "best": phrases.objective(best)}
    why = said("price", where=at.where, larger=2 * paid > best, **numbers)
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
    least = localized(written(float(f"{other.abs().min():.1g}")))
    why = said("zeros_of_l2", where=at.where, zeros=zeros, all=len(code), here=here, least=least)
    return Truth(here / zeros, why)


@named
def mean_atoms(at: Sight) -> Truth:
    """How many atoms a row of the strip uses on average."""
    B, rows = sets.dictionary(at.view.data), at.view.pixels(at.view.strip)
    used = evaluation.in_use(results.exact(at.view.data, rows, at.view.lam).codes).sum(1)
    why = said(
        "mean_atoms",
        lam=at.lam,
        noun=at.view.noun,
        used=localized(f"{used.mean():.1f}"),
        numbers=B.shape[0],
        all=B.shape[1],
    )
    return Truth(float(used.mean()), why, margin=max(1, 0.2 * used.mean()))


@named
def iterations(at: Sight, solver: str, percent: float) -> Truth | None:
    """After how many iterations a solver is within `percent` % of the optimum."""
    excess = at.descent(solver).excess
    needed = convergence.steps_within(excess, percent)
    if needed is None:
        return None
    why = said(
        "iterations",
        where=at.where,
        solver=solver,
        percent=localized(f"{percent:g}"),
        needed=needed,
        first=convergence.steps_within(excess, excess[0] / 10),
    )
    return Truth(needed, why, margin=max(1, 0.2 * needed))


@named
def saved(at: Sight, solver: str, other: str, percent: float) -> Truth | None:
    """How many iterations fewer a solver needs than another until it is within `percent` % of the optimum."""
    own, its = (
        convergence.steps_within(at.descent(label).excess, percent) for label in (solver, other)
    )
    if own is None or its is None:
        return None
    why = said(
        "saved",
        where=at.where,
        percent=localized(f"{percent:g}"),
        solver=solver,
        other=other,
        own=own,
        its=its,
    )
    return Truth(its - own, why)


@named
def lowest(at: Sight) -> Truth:
    """Which of the solvers that are the choices has the lowest F after T iterations."""
    rows = at.view.strip if at.now("layout") == "grid" else (at.view.picture,)
    far = {
        label: float(at.descent(label, rows, at.now("safeguard")).excess[at.view.steps])
        for label in at.choices
    }
    shown = {label: phrases.above(excess) for label, excess in far.items()}
    place, ties = find_lowest([*far.values()], [*shown.values()])
    first = at.choices[place]
    told = phrases.listed([f"{label} {shown[label]}" for label in sorted(far, key=far.__getitem__)])
    beyond = [
        each
        for each in far
        if at.model(each).traits.learned and models.trained_to(at.model(each)) < at.view.steps
    ]
    why = said(
        "lowest",
        lam=at.lam,
        T=at.view.steps,
        told=told,
        first=first,
        beyond=beyond,
        learned=at.model(first).traits.learned,
    )
    return Truth(place, why, ties=ties)


@named
def rises(at: Sight, solver: str) -> Truth:
    """In how many of 100 iterations F of a solver rises."""

    def up(label: str) -> np.ndarray:
        F = at.descent(label).course.objective[:, 0]
        return np.flatnonzero(np.diff(F) > 1e-6 * F[1:]) + 1

    found = up(solver)
    why = said(
        "rises",
        where=at.where,
        solver=solver,
        found=len(found),
        all=results.HORIZON,
        first=found[:1].sum(),
        never=len(found) > 0 and not len(up("ISTA")),
    )
    return Truth(len(found), why)


@named
def most_atoms(at: Sight, solver: str) -> Truth | None:
    """How many atoms a solver uses at most on its way, as a share of those of the exact code."""
    used = evaluation.in_use(at.trace(at.model(solver), results.HORIZON).codes[:, 0]).sum(1)
    exact, most, when = (
        int(evaluation.in_use(at.exact()).sum()),
        int(used.max()),
        int(used.argmax()),
    )
    if not exact:
        return None
    return Truth(
        most / exact,
        said("most_atoms", where=at.where, solver=solver, most=most, when=when, exact=exact),
    )


@named
def same_code(at: Sight, i: float, f: float) -> Truth:
    """Which of the solvers among the choices adaptive ISTA with gates i and f is: the last choice stands for none."""
    solver = solvers.build(
        defaults.BY_HAND, sets.dictionary(at.view.data), input_gate=i, forget_gate=f
    )
    codes = solver.trace(torch.from_numpy(at.x), at.view.lam, at.view.steps).codes
    off = {
        label: float((at.trace(at.model(label)).codes - codes).detach().abs().max())
        for label in at.choices[:-1]
    }
    same = min(off, key=off.__getitem__)
    alike = [k for k, difference in enumerate(off.values()) if difference <= SAME]
    why = said(
        "same_code",
        solver=same,
        i=localized(f"{i:g}"),
        f=localized(f"{f:g}"),
        difference="" if alike else localized(f"{off[same]:.2g}"),
    )
    first, *ties = alike or [len(off)]
    return Truth(first, why, ties=tuple(ties))


@named
def noise_left(at: Sight) -> Truth:
    """Which share of its energy noise of the σ at hand keeps in its exact codes."""
    noise, photo = energy_kept(at.now("photo"), at.now("sigma") / 255, at.now("price"))
    shares = {"noise": phrases.share(noise), "photo": phrases.share(photo)}
    return Truth(noise, said("noise_left", sigma=at.now("sigma"), patches=PATCHES, **shares))


@cached
def energy_kept(photo: str, sigma: float, price: float) -> tuple[float, float]:
    """Which shares of their energy `PATCHES` patches of noise and of a clean photograph keep in their exact codes, at `price`
    times the usual λ of σ."""
    B = sets.dictionary(sets.PHOTOGRAPHS)
    noise = sigma * torch.randn(PATCHES, len(B), generator=torch.Generator().manual_seed(0))
    clean = assembling.drawn(planes(peers.picture(photo)), coding.PATCH, 1, PATCHES)
    shares = []
    for rows in (noise - noise.mean(1, keepdim=True), clean):
        codes = lasso.solve(rows, B, coding.LAM_PER_SIGMA * price * sigma, tol=1e-3).codes
        shares.append(float((codes @ B.T).square().sum() / rows.square().sum()))
    return shares[0], shares[1]


@named
def shrunk(at: Sight, times: float) -> Truth:
    """What shrinkage makes of `times` θ, in units of θ."""
    made = float(activations.shrink(*torch.tensor([times, 1.0])))
    given = {"before": localized(f"{times:g}"), "after": localized(f"{made + 0:g}")}
    why = _("h({before} θ) = {after} θ: a magnitude below θ becomes exactly zero.", **given)
    return Truth(
        made,
        _("h({before} θ) = {after} θ: the magnitude loses θ, and the sign stays.", **given)
        if made
        else why,
    )


@named
def zeros_of_double_tanh(at: Sight) -> Truth | None:
    """How many weights of ISTA's code are exactly zero with double tanh, as a share of those with shrinkage at θ = λτ."""
    solver, x = models.build(at.model("ISTA")), torch.from_numpy(at.x)
    theta, radius = (
        at.view.lam * solver.weights.matrices().step,
        float(at.trace(at.model("ISTA")).codes.abs().max()),
    )
    if not radius > theta:
        return None
    D, u = map(torch.tensor, activations.fit_double_tanh(float(theta), radius))
    curves = (
        inspection.from_parameters(theta=theta),
        inspection.from_parameters(D=D.float(), u=u.float()),
    )
    with torch.no_grad():
        codes = [
            inspection.with_activation(solver, h)(x, at.view.lam, at.view.steps) for h in curves
        ]
    zeros, here = (int((code == 0).sum()) for code in codes)
    if not zeros:
        return None
    return Truth(here / zeros, said("zeros_of_double_tanh", where=at.where, zeros=zeros, here=here))
