"""A page in which λ and T move and on which readers draw, to take away: one HTML file without a server, or a cell of a
notebook.

    from sc2viz import live
    live(x, B, [solver, "ista"], lam=0.1).save("page.html")

It has the solvers as graphs with their weights, and computes the codes of one picture. Of several it has the codes at every
stop of the sliders, and so has it of solvers that have no graph.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sc2viz import arguments, evaluation, lasso, solvers, words
from sc2viz.analysis import sweeps
from sc2viz.analysis.sweeps import Sweep
from sc2viz.browser import modules, readings, stops, wire_format
from sc2viz.browser.comparison import Entry, Moving, comparison
from sc2viz.browser.export import Graph, export
from sc2viz.browser.recorder import Unexportable
from sc2viz.browser.wire_format import Parcel
from sc2viz.draw import style
from sc2viz.draw.curves import FLOOR
from sc2viz.draw.mosaics import Lines, Raised, Shape, base, shape_of, span
from sc2viz.files import atomic
from sc2viz.solvers import Failed, Solver, finite
from sc2viz.solvers.weights import step_size
from sc2viz.words import N_, _, count, templates

KNOWN = N_("The digit"), N_("The patch"), N_("The picture"), N_("The row")
MOST = 1e3  # %: the distances of what runs away are drawn at the upper edge
_STYLES = ("everywhere.css", "live.css", "pad.css", "sliders.css", "cards.css", "board.css")


@dataclass(frozen=True)
class LivePage:
    """An HTML document."""

    html: str

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all; return its path."""
        return atomic.write_bytes(path, self.html.encode())

    def _repr_html_(self) -> str:
        """The page inside a notebook, in a frame of its own."""
        return f'<iframe srcdoc="{escape(self.html)}" style="width:100%; height:760px; border:0" title="sc2viz"></iframe>'


def live(
    x: Tensor,
    B: Tensor,
    solvers: Sequence[Solver | str] | Mapping[str, Solver] = (),
    *,
    lam: float = 0.1,
    steps: int = 10,
    shape: Shape | None = None,
    title: str = N_("Sparse codes under your finger"),
    noun: str = "picture",
    link: str = "",
    language: str = "",
) -> LivePage:
    """The exact optimum of x on B beside the codes of `solvers`, with sliders for λ and T, and a canvas to draw on where
    pictures are grey.

    x: (d_x,), or a few pictures (n, d_x); B: (d_x, d_s); solvers: built or loaded ones, names of `solvers.NAMES`, which are
    built on B, or a mapping from labels. shape: (h, w, channels) of a row, guessed for squares. Of one picture, x or what is
    drawn, the page shows the codes of every T with every λ, except that a solver without a graph has none of a drawing; of
    several, those of every λ at T = `steps` and of every T at λ = `lam`, which is rounded to six digits, as the slider
    writes it. noun: what a picture is. link: where the app is, https://… or http://…. language: of the page, such as "de" or
    "zh_CN"; by default that of the reader in the app, and else English.

    ValueError for x, B, λ, T and texts of another kind, and for another link.
    """
    check_words(title, noun, link)
    with words.speaking(language or words.language()):
        return LivePage(document(_(title), fill(x, B, solvers, lam, steps, shape, noun), link))


def check_words(title: str, noun: str, link: str) -> None:
    """ValueError unless these are texts, and the link is empty or an address that a browser opens and does not run."""
    for name, value in (("title", title), ("noun", noun), ("link", link)):
        if not isinstance(value, str):
            raise ValueError(f"{name} must be text, got {value!r}")
    if link and not re.fullmatch(r"https?://\S+", link):
        raise ValueError(
            f"link must be the address of the app, https://… or http://…, got {link!r}: leave it out for none"
        )


@dataclass(frozen=True, eq=False)
class Contents:
    """What a page to take away is given: data for JSON, the arrays that they name, and a sentence for each solver that is
    not shown, or not computed."""

    data: dict
    arrays: list[Parcel]
    notes: list[str]


def fill(
    x: Tensor,
    B: Tensor,
    solvers: Sequence[Solver | str] | Mapping[str, Solver],
    lam: float,
    steps: int,
    shape: Shape | None,
    noun: str,
) -> Contents:
    """The contents of a page, from what `live` takes."""
    lam, steps = check_numbers(x, B, lam, steps)
    x = x.detach().float().reshape(-1, B.shape[0]).resolve_neg()
    B = B.detach().float().resolve_neg()
    shape = shape_of_rows(x.numpy(), shape)
    places = {"lam": stops.with_own(stops.LAM, lam), "T": stops.with_own(stops.T, steps)}
    best, peak = sweeps.exact(x, B, places["lam"], span(shape)), span(shape)
    chosen, notes = [], []
    for label, make in labelled(solvers, B):
        try:
            chosen.append(_brought(label, make(), x, B, places, (lam, steps), best, peak))
        except Failed as error:  # it costs this solver its card and nothing else
            notes.append(str(error))
    chosen.sort(key=lambda one: one.entry.aside != "")  # as the board has them
    zero = np.zeros(len(best.stops))
    axes = {"grid": best} if len(x) == 1 else {"lam": best, "T": best.one(places["lam"].index(lam))}
    exact = Moving(
        B.numpy(), axes, {axis: zero[: len(sweep.stops)] for axis, sweep in axes.items()}
    )
    at = {"lam": lam, "T": steps}
    subject = (
        _(f"The {noun}") if len(x) == 1 else count(len(x), noun)
    )  # the catalogue has those of KNOWN
    average = _("average over {rows}", rows=subject) if len(x) > 1 else ""
    entries = [one.entry for one in chosen]
    shown = comparison(x.numpy(), shape, places, at, exact, entries, subject, average=average)
    has = [
        False,
        True,
        *(one.graph is not None for one in chosen),
    ]  # columns of which the browser makes the atoms
    columns = [
        replace(column, atoms=None) if made else column
        for column, made in zip(shown.columns, has, strict=True)
    ]
    data, arrays = replace(shown, columns=columns).message()
    pixels, arrays = (
        wire_format.exactly(x.numpy()),
        [each for each in arrays if each.name != data["x"]["name"]],
    )
    computed, more = _computed(x, B, shape, chosen, noun)
    knobs = [
        {
            "key": key,
            "label": _(label),
            "value": at[key],
            "stops": list(places[key]),
            "whole": key == "T",
        }
        for key, label in stops.LABELS.items()
    ]
    data |= {
        "x": pixels.label(),
        "knobs": knobs,
        "computed": computed,
        "distances": _curves(chosen),
    }
    notes += [
        _("{reason}. It has no codes of a drawing.", reason=one.reason)
        for one in chosen
        if one.reason
    ]
    return Contents(data, [pixels, *arrays, *more], notes)


def check_numbers(x: Tensor, B: Tensor, lam: float, steps: int) -> tuple[float, int]:
    """λ and T as numbers of Python, which JSON takes; ValueError where they, x or B are of another kind."""
    lasso.check_dictionary(B)
    arguments.floats("x", x)
    if x.ndim not in (1, 2) or x.shape[-1] != len(B) or not len(x):
        raise ValueError(
            f"x must be ({len(B)},) or (n, {len(B)}) to fit the atoms of B, got {tuple(x.shape)}"
        )
    arguments.finite("x", x)
    arguments.positive("lam", lam)
    arguments.whole("steps", steps)
    return float(f"{arguments.plain(lam):.6g}"), int(arguments.plain(steps))


@dataclass(frozen=True, eq=False)
class _Brought:
    """A solver of the page: its card; the distances of every T with every λ, λ moving fastest; its graph, or the reason why
    it has none; what the safeguard needs (solve.js); whether it has atoms of its own; and whether its codes are ≥ 0."""

    entry: Entry
    distances: np.ndarray
    graph: Graph | None
    reason: str
    guard: dict | None
    own: bool
    positive: bool


def _brought(
    label: str,
    solver: Solver,
    x: Tensor,
    B: Tensor,
    places: Mapping[str, tuple],
    at: tuple[float, int],
    best: Sweep,
    peak: float,
) -> _Brought:
    moving = _moving(solver, x, B, places, at, best, peak)
    beyond, reason, graph = sweeps.guard(solver), "", None
    try:
        graph = export(solver)
    except Unexportable as error:
        reason = str(error)
    distances = moving.excess.get("grid")
    if distances is None:
        distances = _distances(solver, x, places, best, peak)
    elif graph is not None:  # the browser computes those of the other stops
        moving = moving.one(
            places["T"].index(at[1]) * len(places["lam"]) + places["lam"].index(at[0])
        )
    note = "" if beyond is None else _("with the safeguard beyond T = {beyond}", beyond=beyond)
    aside = readings.aside(solver.traits, solver.offset is not None)
    entry = Entry(label or style.label(solver.name), solver.name, moving, note, aside=aside)
    guard = (
        None if beyond is None else {"beyond": beyond, "tau": float(step_size(solver.dictionary))}
    )
    return _Brought(
        entry, distances, graph, reason, guard, moving.own is not None, solver.traits.positive
    )


def _computed(
    x: Tensor, B: Tensor, shape: Shape, chosen: Sequence[_Brought], noun: str
) -> tuple[dict, list[Parcel]]:
    """What solved.js computes codes from, column by column."""
    parcel = wire_format.exactly(B.numpy())
    told = [
        {
            "label": one.entry.label,
            "graph": one.graph and one.graph.data,
            "guard": one.guard,
            "own": one.own,
            "positive": one.positive,
        }
        for one in chosen
    ]
    data = {
        "B": parcel.label(),
        "peak": span(shape),
        "solvers": told,
        "pad": pad(shape, noun),
    }
    return data, [parcel, *(each for one in chosen if one.graph for each in one.graph.parcels)]


def pad(shape: Shape, noun: str) -> dict | None:
    """What pen.js takes; None for pictures that are not white on black."""
    if isinstance(shape, Lines) or shape[2] > 1 or base(shape):
        return None
    return {"high": shape[0], "wide": shape[1], "noun": noun}


@torch.no_grad()
def _distances(
    solver: Solver, x: Tensor, places: Mapping[str, tuple], best: Sweep, peak: float
) -> np.ndarray:
    """The distance to the optimum in % of several pictures after every T with every λ, λ moving fastest."""
    lams, T = torch.tensor(places["lam"], dtype=torch.float32), list(places["T"])
    beyond, atoms = sweeps.guard(solver), solver.dictionary.detach()
    rows, x = (x.repeat(len(lams), 1), lams.repeat_interleave(len(x))), solver.centred(x)
    path = solver.trace(*rows, max(T), safeguard=beyond is not None, beyond=beyond or 0)
    codes, least = finite(solver, path.codes, first=0), torch.from_numpy(best.objective)

    def after(t: int) -> Tensor:
        here = sweeps.measured(
            x, codes[t].reshape(len(lams), len(x), -1), atoms, places["lam"], places["lam"], peak
        )
        return evaluation.excess(torch.from_numpy(here.objective), least)

    return torch.cat([after(t) for t in T]).numpy()


def _curves(chosen: Sequence[_Brought]) -> dict:
    """The curves of the distances, for distances.js. Of one picture, what the browser computes is not sent."""
    lines = [(column, one) for column, one in enumerate(chosen, 2) if not one.entry.aside]
    known = [one.distances[np.isfinite(one.distances)] for _, one in lines]
    lowest, highest = (
        choose([float(choose(v)) for v in known if len(v)], default=1.0) for choose in (min, max)
    )
    low, high = (
        10.0 ** round_to(np.log10(np.clip(end, FLOOR, MOST)))
        for end, round_to in ((lowest, np.floor), (highest, np.ceil))
    )
    drawn = [
        {
            "column": column,
            "label": one.entry.label,
            "colour": style.themed(one.entry.solver),
            "dash": " ".join(map(str, style.lengths(style.own_dash(one.entry.solver)))),
            "values": []
            if one.graph and "grid" in one.entry.moving.excess
            else [
                float(f"{value:.3g}") if np.isfinite(value) else None
                for value in one.distances.tolist()
            ],
        }
        for column, one in lines
    ]
    return {"lines": drawn, "low": low, "high": max(high, 10 * low)}


def shape_of_rows(x: np.ndarray, shape: Shape | None) -> Shape:
    """How the rows of x (n, d_x) are drawn: as `shape` says, as square pictures where they may be such, or as lines."""
    if shape is not None:
        if isinstance(shape, Lines | Raised):
            return shape
        high, wide, depth = map(int, shape)
        return high, wide, depth
    for channels in (1, 3):
        side = int(np.sqrt(x.shape[1] / channels))
        if side * side * channels == x.shape[1]:
            return side, side, channels
    return shape_of(x, None)


def labelled(
    chosen: Sequence[Solver | str] | Mapping[str, Solver], B: Tensor
) -> list[tuple[str, Callable[[], Solver]]]:
    """A label, "" for the solver's own, and what builds it."""
    pairs = chosen.items() if isinstance(chosen, Mapping) else [("", one) for one in chosen]

    def made(one: Solver | str) -> Solver:
        return solvers.build(one, B) if isinstance(one, str) else one

    return [(label, partial(made, one)) for label, one in pairs]


@torch.no_grad()
def _moving(
    solver: Solver,
    x: Tensor,
    B: Tensor,
    places: Mapping[str, tuple],
    at: tuple[float, int],
    best: Sweep,
    peak: float,
) -> Moving:
    """The codes of a solver at all stops, and its distances."""
    (lam, steps), lams, T = at, places["lam"], list(places["T"])
    atoms, centred = solver.dictionary.detach(), solver.centred(x)
    alike = solver.offset is None and torch.equal(atoms, B)
    positive = solver.traits.positive
    own = None if alike else sweeps.exact(centred, lasso.normalised(atoms), lams, peak, positive)
    beyond = sweeps.guard(solver)
    trace = partial(solver.trace, steps=max(T), safeguard=beyond is not None, beyond=beyond or 0)
    if len(x) == 1:
        path, each = (
            trace(x.repeat(len(lams), 1), torch.tensor(lams, dtype=torch.float32)),
            [*lams] * len(T),
        )
        codes = finite(solver, path.codes, first=0)[T].reshape(-1, 1, B.shape[1])
        found = {"grid": sweeps.measured(centred, codes, atoms, each, each, peak)}
    else:
        codes = finite(solver, trace(x, lam).codes, first=0)[T]
        found = {
            "lam": sweeps.coded(solver, x, lams, steps, peak, beyond),
            "T": sweeps.measured(centred, codes, atoms, T, lam, peak),
        }

    def above(optimum: Sweep) -> dict[str, np.ndarray]:
        least = {
            "grid": np.tile(optimum.objective, (len(T), 1)),
            "lam": optimum.objective,
            "T": optimum.objective[lams.index(lam)],
        }
        pairs = {
            axis: (torch.from_numpy(sweep.objective), torch.from_numpy(least[axis]))
            for axis, sweep in found.items()
        }
        return {axis: evaluation.excess(*pair).numpy() for axis, pair in pairs.items()}

    offset = None if solver.offset is None else solver.offset.detach().numpy()
    return Moving(atoms.numpy(), found, above(best), above(own) if own else None, offset=offset)


def document(title: str, contents: Contents, link: str) -> str:
    """The page."""
    sheets = "\n".join(map(modules.style, _STYLES))
    packed = wire_format.squeezed(json.dumps(contents.data, ensure_ascii=False), 9)
    script = modules.joined(modules.FOLDER / "live.js")
    given = json.dumps({"packed": packed, "parcels": wire_format.texts(contents.arrays)})
    return templates.filled(
        __file__,
        title=title,
        sheets=sheets,
        notes=contents.notes,
        link=link,
        given=given,
        script=words.for_browser(script) + script,
    )
