"""A data set of the site: its pictures and solvers, for the components of the app, whose codes the browser computes (coder.js).

The pictures of a data set are to the components what a drawing is in the app.
"""

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from sc2viz import arguments, defaults, lasso, solvers
from sc2viz.analysis import atom_statistics, sweeps, unfolded
from sc2viz.browser import panels, readings, stepping, stops, wire_format
from sc2viz.browser.board import Codes, Column
from sc2viz.browser.comparison import (
    EXACT,
    Entry,
    Moving,
    brightest,
    comparison,
    drawn_sum,
)
from sc2viz.browser.export import Graph, export
from sc2viz.browser.recorder import Unexportable
from sc2viz.browser.wire_format import Parcel
from sc2viz.draw import cards, mosaics, style
from sc2viz.draw.mosaics import Lines, Raised, Shape
from sc2viz.evaluation import in_use
from sc2viz.solvers import Failed, Solver
from sc2viz.solvers.fista import momenta
from sc2viz.solvers.weights import step_size
from sc2viz.words import _, a

PICTURE = "{picture}"  # in whose place the browser writes what the picture at hand is called
OUTSIDE = -9.0  # what the components have in the place of a picture: no picture is of such pixels, so all are computed
LARGEST = 2**23  # numbers of the codes that a solver without a graph brings along


@dataclass(frozen=True, eq=False)
class DataSet:
    """What the site knows of a data set: what is for JSON, its files, and a sentence for each solver that it lacks or
    cannot compute."""

    name: str
    about: dict
    files: dict[str, bytes]
    notes: list[str]


def data_set(
    x: Tensor,
    B: Tensor,
    chosen: Sequence[Solver | str] | Mapping[str, Solver] = (),
    *,
    name: str = "",
    lam: float = 0.1,
    steps: int = 10,
    shape: Shape | None = None,
    names: Sequence[tuple[str, str]] = (),
    noun: str = "picture",
    absent: Mapping[str, str] = {},
    tours: Sequence[dict] = (),
) -> DataSet:
    """A data set of the site. x (n, d_x) or (d_x,): pictures to choose from, of which the first is shown; B (d_x, d_s); chosen:
    as for `live_page.live`; name: that of the app, "" for data that it has not, of which all solvers are shown at first; lam and
    steps: where the sliders stand then; names: of each picture what it is called, and how a sentence about it begins
    ("Digit 3, a 7", "This 7"); noun: what a canvas to draw on asks for; absent: names of solvers whose chips are off, with
    the reason; tours: the app's, whose answers are of this data set (`ui.tours.static`).

    ValueError for x, B, λ, T and texts of another kind, and where two solvers have one label."""
    check_texts(name=name, noun=noun)
    lasso.check_dictionary(B)
    arguments.floats("x", x)
    if x.ndim not in (1, 2) or x.shape[-1] != len(B) or not len(x):
        raise ValueError(
            f"x must be ({len(B)},) or (n, {len(B)}) to fit the atoms of B, got {tuple(x.shape)}"
        )
    arguments.finite("x", x)
    arguments.positive("lam", lam)
    arguments.whole_number("steps", steps)
    # Numbers of Python, which JSON takes; λ is rounded as its slider writes it.
    lam, steps = float(f"{arguments.plain(lam):.6g}"), int(arguments.plain(steps))
    x, B = (array.detach().float().resolve_neg() for array in (x.reshape(-1, len(B)), B))
    shape, folder = shape_of_rows(x.numpy(), shape), name or "data"
    common = [wire_format.exactly(array.numpy()) for array in (B, x)]
    described: list[tuple[Entry, dict]] = []
    files: dict[str, bytes] = {}
    notes: list[str] = []
    for label, solver in (
        chosen.items() if isinstance(chosen, Mapping) else [("", s) for s in chosen]
    ):
        try:
            built = solvers.build(solver, B) if isinstance(solver, str) else solver
            entry, about, graph = _describe_solver(label, built, x, B, lam, steps, notes)
        except (Failed, Unexportable) as error:  # it costs this solver its chip and nothing else
            notes.append(str(error))
            continue
        if entry.label in (entry_before.label for entry_before, _ in described):
            raise ValueError(f"two solvers are called {entry.label}: give each a label of its own")
        slug = re.sub(r"[^a-z0-9]+", "-", entry.label.lower()).strip("-") or "solver"
        while (file := f"data/{folder}/{slug}.json") in files:
            slug += "-2"
        about |= {
            "opens": not name or built.name in defaults.FIRST_SHOWN,
            "name": slug,
            "file": file,
        }
        described.append((entry, about))
        shared = {parcel.name for parcel in common}
        parcels = (parcel for parcel in graph.parcels if parcel.name not in shared)
        files[file] = to_json({"graph": graph.data, "parcels": wire_format.texts(parcels)})
    described.sort(key=lambda pair: pair[0].unranked != "")  # as the board does
    codes = lasso.path(x, B, stops.LAM[0]).at_lambdas(stops.LAM).float()
    position = {"lam": lam, "T": steps}
    entries = [entry for entry, _ in described]
    components, arrays = _components(x, B, codes, shape, position, entries)
    pad, noun_of_rows = None, "row"
    if not isinstance(shape, Lines):
        noun_of_rows = "picture"
        if shape[2] == 1 and not mosaics.base(shape):
            pad = {"high": shape[0], "wide": shape[1], "noun": noun}
    share = wire_format.exactly(in_use(codes).float().mean(1).numpy())  # (stops, d_s)
    alike, twin = atom_statistics.twins(B)
    data = {
        **components,
        # How many of the pictures use each atom at every λ, and how alike atoms are
        "atoms": {
            "share": share.label(),
            "lams": list(stops.LAM),
            "alike": alike.tolist(),
            "twin": twin.tolist(),
            "norms": B.norm(dim=0).tolist(),
        },
        "name": folder,
        "in_app": bool(name),
        "B": common[0].label(),
        "pictures": common[1].label(),
        "peak": mosaics.span(shape),
        "solvers": [about for _, about in described],
        "absent": [
            {"label": style.label(solver), "why": reason} | _looks(solver)
            for solver, reason in absent.items()
        ],
        "names": list(names) or [name_of(k, None, noun_of_rows) for k in range(len(x))],
        "pad": pad,
        "knobs": [
            {
                "key": key,
                "label": _(label),
                "value": position[key],
                "whole": key == "T",
                "stops": stops.with_value(stops.MARKS[key], position[key]),
            }
            for key, label in stops.LABELS.items()
        ],
        "alike": {
            "labels": list(map(style.label, defaults.UNTRAINED)),
            "colours": list(map(style.themed, defaults.UNTRAINED)),
        },
        "compared": list(map(style.label, defaults.FIRST_SHOWN)),
        "unfold": {"momenta": momenta(stops.T[-1]), "tau": float(step_size(B))},
        "colours": {"light": style.signed_colours(False), "dark": style.signed_colours(True)},
        "tours": list(tours),
        "parcels": wire_format.texts([*common, *arrays, share]),
    }
    files[f"data/{folder}.json"] = to_json(data)
    return DataSet(folder, data, files, notes)


def check_texts(**texts: str) -> None:
    """ValueError unless these are texts."""
    for name, value in texts.items():
        if not isinstance(value, str):
            raise ValueError(f"{name} must be text, got {value!r}")


def shape_of_rows(x: np.ndarray, shape: Shape | None) -> Shape:
    """How the rows of x (n, d_x) are drawn: as `shape` says, as square pictures where they may be such, or as lines."""
    if isinstance(shape, Lines | Raised):
        return shape
    if shape is not None:
        high, wide, depth = map(int, shape)
        return high, wide, depth
    for channels in (1, 3):
        side = int(np.sqrt(x.shape[1] / channels))
        if side * side * channels == x.shape[1]:
            return side, side, channels
    return mosaics.shape_of(x, None)


def name_of(row: int, word: str | None, noun: str = "picture") -> tuple[str, str]:
    """What a picture of the class `word`, or a row, is called, and how a sentence about it begins: "Picture 3, a 7" and
    "This 7"."""
    name = _("Row {row}", row=row) if noun == "row" else _("Picture {row}", row=row)
    if word is None:
        return name, _("This row") if noun == "row" else _("This picture")
    return _("{row}, {label}", row=name, label=a(word)), _("This {name}", name=word)


def to_json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _looks(solver: str) -> dict:
    return {"colour": style.themed(solver), "mark": style.mark(solver)}


@torch.no_grad()
def _describe_solver(
    label: str, solver: Solver, x: Tensor, B: Tensor, lam: float, steps: int, notes: list[str]
) -> tuple[Entry, dict, Graph]:
    """A solver of the site: its card, whose numbers the browser writes; what coder.js and the chips take; and its graph.
    `solvers.Failed` where its codes are not finite, of the first picture where the sliders stand at first."""
    solvers.finite(solver, solver.trace(x[:1], lam, steps).codes, first=0)
    traits, beyond = solver.traits, sweeps.guard(solver)
    dictionary = solver.dictionary.detach()
    offset = None if solver.offset is None else solver.offset.detach().numpy()
    has_own_atoms = offset is not None or not torch.equal(dictionary, B)
    label = label or style.label(solver.name)
    unranked_reason = readings.why_unranked(traits, offset is not None)
    try:
        graph, stored = export(solver), False
    except Unexportable as error:
        if (stops.T[-1] + 1) * len(stops.LAM) * len(x) * dictionary.shape[1] > LARGEST:
            raise
        graph, stored = _store_codes(solver, x, beyond), True
        notes.append(_("{reason}. It has no codes of a drawing.", reason=str(error)))
    parcels = list(graph.parcels)
    if offset is not None:
        parcels.append(wire_format.exactly(offset))
    training = getattr(solver, "notes", None) or {}
    note = _("untrained") if traits.learned and not training else ""
    if beyond is not None:
        note = _("with the safeguard beyond T = {beyond}", beyond=beyond)
    tau = float(step_size(dictionary))
    has_cell = {"input_gate", "forget_gate"} <= {*traits.gates} and traits.learned
    about = {
        "label": label,
        "summary": _(solver.summary).replace("$", ""),
        "own": has_own_atoms,
        "positive": traits.positive,
        "ranked": not unranked_reason,
        "offset": None if offset is None else parcels[-1].label(),
        "guard": None if beyond is None else {"beyond": beyond, "tau": tau},
        "trained": max(solver.steps, training.get("horizon") or 0) if traits.learned else None,
        "stored": stored,
        **_looks(solver.name),
        "dash": " ".join(map(str, style.lengths(style.own_dash(solver.name)))),
        "cell": unfolded.describe(solver) if has_cell and not stored else None,
    }
    movement = _placeholder(dictionary, lam, has_own_atoms and not traits.positive, offset)
    entry = Entry(label, solver.name, movement, note, unranked=unranked_reason)
    return entry, about, Graph(graph.data, parcels)


def _store_codes(solver: Solver, x: Tensor, beyond: int | None) -> Graph:
    """In the place of the graph of a solver that has none: its codes of these pictures after each iteration at each stop of
    λ. `Failed` where they are not finite."""
    lams, dictionary = torch.tensor(stops.LAM), solver.dictionary.detach()
    rows, prices = x.repeat(len(lams), 1), lams.repeat_interleave(len(x))
    guarded = beyond is not None
    trace = solver.trace(rows, prices, stops.T[-1], safeguard=guarded, beyond=beyond or 0)
    codes = solvers.finite(solver, trace.codes, first=0).reshape(-1, len(x), dictionary.shape[1])
    parcels = {
        "pictures": wire_format.exactly(x.numpy()),
        "dictionary": wire_format.exactly(dictionary.numpy()),
        "codes": wire_format.pack(codes.numpy(), fine=wire_format.FINEST),
    }
    names = {key: parcel.name for key, parcel in parcels.items()}
    return Graph({"stored": names | {"lams": list(stops.LAM)}}, list(parcels.values()))


def _placeholder(
    dictionary: Tensor, lam: float, may_be_below: bool, offset: np.ndarray | None = None
) -> Moving:
    """The code of zeros, in whose place the browser puts what it computes. `may_be_below`: whether a network with atoms of
    its own may be below the optimum."""
    d_x, d_s = dictionary.shape
    picture = torch.full((1, d_x), OUTSIDE)
    sweep = sweeps.measured(picture, torch.zeros(1, 1, d_s), dictionary, [lam], lam)
    excess = {"lam": np.array([-1.0 if may_be_below else 0.0])}
    own_excess = excess if may_be_below else None
    return Moving(dictionary.numpy(), {"lam": sweep}, excess, own_excess, offset=offset)


def _components(
    x: Tensor,
    B: Tensor,
    codes: Tensor,
    shape: Shape,
    position: dict[str, float],
    entries: list[Entry],
) -> tuple[dict, list[Parcel]]:
    """What the board, the player and the sum of atoms are given, and their arrays. Each solver has its cards' HTML, so that
    the browser shows those that are chosen."""
    (top,) = brightest(x.numpy(), shape, ((codes[-1:].numpy(), B.numpy()),)).tolist()
    largest, smallest = codes.flatten(0, 1).max(0).values, codes.flatten(0, 1).min(0).values
    outside = np.full((1, len(B)), OUTSIDE, np.float32)
    stops_of_lam = {"lam": [position["lam"]]}

    # The board has one scale for codes, that of the largest of all pictures.
    extreme = torch.where(largest > -smallest, largest, smallest)[None, None].numpy()
    optimum = _placeholder(B, position["lam"], False)
    scaled = {"lam": replace(optimum.sweeps["lam"], codes=extreme)}
    board = comparison(
        outside,
        shape,
        stops_of_lam,
        position,
        replace(optimum, sweeps=scaled),
        entries,
        PICTURE,
        top,
    )
    columns = [replace(column, atoms=None) for column in board.columns]
    board_data, arrays = replace(board, columns=columns, cards=()).message()
    board_data["cards"] = [_without_styles(cards.figure(card)) for card in board.cards]

    reach = stepping.reach_of(torch.stack([largest, smallest])[:, None].numpy())
    tops, frames = {"t": [top]}, {"t": optimum.sweeps["lam"].codes}
    columns = [Column(), Column(None, frames, solver=EXACT)]
    groups, lines = [stepping.target(PICTURE, tops, reach)], []
    for entry in entries:
        movement, colour, label = entry.movement, style.themed(entry.solver), entry.label
        group = stepping.solver_card(entry, len(columns), reach, colour)
        groups.append(group)
        columns.append(Column(None, frames, movement.offset, label))
        if movement.own_excess:
            columns.append(Column(None, frames, solver=label, best=True))
        if not entry.unranked:
            dash = style.lengths(group.dash)
            lines.append(panels.Line(label, np.ones(2), colour, dash, solver=label))
    iterations = {"t": range(stops.T[-1] + 1)}
    moves = Codes(outside, shape, iterations, position | {"t": 0}, columns, tops, board.code_top)
    player_data, player_arrays = moves.message()
    distance = stepping.distance(lines, [])
    player_data["groups"] = [
        {
            "html": _without_styles(panels.card(group, itertools.count())),
            "panels": [panel.data() for panel in group.panels],
        }
        for group in groups
    ]
    html = _without_styles(panels.html([], [distance]))
    player_data["distance"] = {"html": html, "panel": distance.data()}
    sum_data, sum_arrays = drawn_sum(outside, shape, position, B.shape[1], True)
    components = {"board": board_data, "step": player_data, "sum": sum_data}
    return components, [*arrays, *player_arrays, *sum_arrays]


def _without_styles(html: str) -> str:
    """HTML whose styles the browser's scripts set (follow.js), since the policy of the site allows none in attributes."""
    return html.replace(' style="', ' data-style="')
