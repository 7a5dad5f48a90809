"""What is learned: the settings, the rows that it is learned from, and what is fitted to its atoms in the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from sc2viz import evaluation, lasso
from sc2viz.analysis import natural_patches
from sc2viz.draw import mosaics
from sc2viz.jobs.dictionary_learning import Film
from sc2viz.ui import schedulers, sets, sidebar, url
from sc2viz.words import N_, _

ROWS = 4000  # of the training split, from which a film is learned
MEASURED = 400  # of these rows, on which atoms are measured before and after
FITTED = 100  # atoms at most to which a Gabor function is fitted
NATURAL = cache(natural_patches.natural)  # which every reader's films learn from


class Use(NamedTuple):
    """What exact codes of rows cost on atoms, means a row: how many atoms are in use, and the two parts of F, ½‖x − Bs‖² and
    λ‖s‖₁, in % of F of a code of zeros."""

    atoms: float
    error: float
    price: float

    @property
    def F(self) -> float:
        return self.error + self.price


class Ended(NamedTuple):
    """What there is to say of atoms that were learned: the use of `rows` rows of those drawn at random and of the learned
    ones, and how oriented these are, where they are of photographs."""

    rows: int
    before: Use
    after: Use
    oriented: Oriented | None


class Oriented(NamedTuple):
    """Medians over Gabor functions that were fitted to atoms: the share of the variance that they explain, their frequency
    in cycles a pixel, and their width in pixels, the geometric mean of that across and along the stripes."""

    explained: float
    frequency: float
    width: float


@dataclass(frozen=True)
class FilmSetup:
    """What a dictionary is learned from, and of how many atoms."""

    data: str  # the data set at hand
    source: str  # a key of `url.SOURCES`
    size: int
    positive: bool
    lam: float
    rule: str = "online"

    @property
    def known(self) -> Tensor | None:
        """The atoms (d_x, d_s) that the rows were made of, where they are known."""
        return sets.images(self.data, "train").dictionary if self.source == "data" else None

    @property
    def name(self) -> str:
        """What the dictionary is learned from, in words."""
        return _(
            {"whitened": N_("whitened photographs"), "raw": N_("photographs as they are")}.get(
                self.source, self.data
            )
        )

    @property
    def shape(self) -> mosaics.Shape:
        if self.source == "data":
            return sets.drawn(sets.images(self.data, "train"))
        return natural_patches.SIZE, natural_patches.SIZE, 1

    def rows(self) -> Tensor:
        """The rows that the dictionary is learned from, (n, d_x)."""
        if self.source == "data":
            return sets.images(self.data, "train").pixels[:ROWS]
        return getattr(NATURAL(), self.source)

    @property
    def is_unsigned(self) -> bool:
        """Whether atoms and codes without negative entries can describe the rows."""
        return self.source == "data" and bool((self.rows() >= 0).all())


def choose(view: sidebar.View) -> FilmSetup:
    """Draw the settings of the next learning, and return them."""
    source = url.widget("source", width=205, given={"rows": ROWS})
    size, rule = url.widget("size", width=90), url.widget("rule", width=125)
    setup = FilmSetup(view.data, source, size, False, view.lam, rule)
    is_unsigned = setup.is_unsigned
    about = (
        _("Codes and atoms without negative entries (Hoyer 2002).")
        if is_unsigned
        else _("These rows have negative entries.")
    )
    positive = url.widget("positive", _("Nothing negative"), disabled=not is_unsigned, help=about)
    return replace(setup, positive=positive and is_unsigned)


def film(setup: FilmSetup) -> Film:
    """The film of the learning of a dictionary by `setup`."""
    with st.spinner(_("Cutting photographs into patches …")):
        rows = setup.rows()
    made = Film(
        rows,
        setup.size,
        setup.lam,
        schedulers.scheduler("films"),
        positive=setup.positive,
        rule=setup.rule,
        setup=setup,
    )
    made.finish = lambda B: _ended(made, B)
    return made


def _ended(film: Film, B: Tensor) -> Ended:
    setup = film.setup
    x = setup.rows()
    x = x[torch.linspace(0, len(x) - 1, min(len(x), MEASURED)).long()]
    first = lasso.normalised(torch.from_numpy(film.frames[0].atoms).to(x.dtype))
    before, after = (_use(x, atoms, setup) for atoms in (first, B))
    return Ended(len(x), before, after, None if setup.source == "data" else _oriented(B))


def _use(x: Tensor, B: Tensor, setup: FilmSetup) -> Use:
    codes = lasso.solve(x, B, setup.lam, tol=1e-3, positive=setup.positive).codes.to(x.dtype)
    blank = 0.5 * x.square().sum(1).mean()
    error, price = (
        0.5 * (x - codes @ B.T).square().sum(1).mean(),
        setup.lam * codes.abs().sum(1).mean(),
    )
    used = torch.from_numpy(evaluation.in_use(codes.numpy())).sum(1).double().mean()
    return Use(used.item(), *(100 * (part / blank).item() for part in (error, price)))


def _oriented(B: Tensor) -> Oriented:
    """Medians of Gabor functions that are fitted to atoms, at most `FITTED` of them."""
    from sc2viz.analysis import gabor  # imported here, because it imports scipy's optimisers

    some = np.unique(np.linspace(0, B.shape[1] - 1, FITTED).astype(int))
    drawn = B[:, some].T.reshape(-1, natural_patches.SIZE, natural_patches.SIZE).numpy()
    fits = [gabor.fit(atom) for atom in drawn if np.ptp(atom) > 0]
    numbers = np.array([(fit.explained, fit.frequency, np.prod(fit.widths) ** 0.5) for fit in fits])
    return Oriented(*np.median(numbers, 0).tolist())
