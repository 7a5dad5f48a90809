"""Figures of a solver with gates: all atoms' gates and memories over the iterations, and those of one atom in detail."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go

from sc2viz import evaluation, words
from sc2viz.draw import mosaics, style, traces
from sc2viz.draw.atoms import sheet
from sc2viz.draw.terms import TERMS
from sc2viz.words import _, localized

COURSE = {"y": (0, 0.56), "y2": (0.64, 1)}  # where the two plots of `course` stand
COURSE_HEIGHT = 310  # px of both, about
MAP_HEIGHT = 380  # px of a heatmap, about
NAME_HEIGHT = 22  # px from one name at the ends of lines to the next, also for a projector
MAP_GAP = 0.018  # the space between two heatmaps, as a share of the width of all
SIDE = 320  # px that a heatmap to take away is wide
HIT_COLUMNS = 20  # of a heatmap that can be clicked; more markers would be more data than the map


@dataclass(frozen=True, eq=False)
class Panel:
    """A quantity of all atoms, `values` (T, d_s), whose row t − 1 is that of iteration t."""

    symbol: str
    name: str
    values: np.ndarray
    gate: bool = False  # whether it is a gate, which has another colour scale
    low: float = 0.0  # the range of a gate, which its colour scale has at least
    high: float = 1.0

    def finite(self) -> np.ndarray:
        return np.nan_to_num(np.asarray(self.values, np.float32), posinf=3e38, neginf=-3e38)

    def title(self) -> str:
        """The symbol and the name, which are one where the solver has no symbol for it."""
        return self.name if self.symbol == self.name else f"<i>{self.symbol}</i> {self.name}"


def scales(panels: Sequence[Panel]) -> dict[bool, tuple[float, float]]:
    """The ends of the scale of gates (True), which holds the ranges of all gates and their values, and of the signed scale of
    all other panels (False)."""
    gates = np.concatenate(
        [np.append(panel.finite(), [panel.low, panel.high]) for panel in panels if panel.gate]
    )
    largest = max(np.abs(panel.finite()).max() for panel in panels if not panel.gate)
    top = style.round_up(float(largest))
    return {True: (float(gates.min()), float(gates.max())), False: (-top, top)}


def heatmaps(
    panels: Sequence[Panel], order: np.ndarray, atom: int, t: int, dark: bool = False
) -> go.Figure:
    """Plot the panels side by side, with the atoms in `order` (d_s,) downwards and with frames around `atom` and `t`.

    Invisible markers lie on the cells, because Plotly reports no clicks on a heatmap. Their `x` is the iteration
    and their `customdata` (atom, value).
    """
    steps, atoms = panels[0].values.shape
    spans = scales(panels)
    width = (1 - MAP_GAP * (len(panels) - 1)) / len(panels)
    row, interval = int(np.flatnonzero(order == atom)[0]), max(1, atoms // 10)
    regular = [tick for tick in range(0, atoms, interval) if abs(tick - row) > interval / 2]
    ticks = {tick: str(order[tick]) for tick in regular} | {row: f"<b>{atom} ▸</b>"}
    has_symbols = all(len(panel.symbol) <= 2 for panel in panels)
    # Around the row and the column there is a line in the colour of text and one in that of the page, because one of the two
    # stands out from every cell.
    ink, paper = style.ink(dark), style.ink(not dark)
    outer = 0.5 + 1.5 * atoms / MAP_HEIGHT  # a row is a few pixels high
    edges = (
        (0.5, steps + 0.5, row - 0.5, row + 0.5, ink, 1.5),
        (0.5, steps + 0.5, row - outer, row + outer, paper, 1.5),
        (t - 0.5, t + 0.5, -0.5, atoms - 0.5, paper, 3),
        (t - 0.5, t + 0.5, -0.5, atoms - 0.5, ink, 1),
    )
    outlines = [
        traces.rectangle(*ends, "rgba(0,0,0,0)", line=traces.stroke(colour, thick))
        for *ends, colour, thick in edges
    ]
    maps, titles, frames, axes = [], [], [], {}
    for k, panel in enumerate(panels):
        axis, start = f"x{k + 1 if k else ''}", k * (width + MAP_GAP)
        maps += _heatmap(panel, order, axis)
        name = f"<i>{panel.symbol}</i>" if has_symbols else "<br>".join(wrap(panel.name, 14))
        place = {"x": start + width / 2, "y": 1.0, "xref": "paper", "yref": "paper"}
        title = traces.annotation(name, ink, **place, yanchor="bottom")
        title["font"] |= {"size": 18, "family": "serif"} if has_symbols else {"size": 13}
        titles.append(title)
        frames += [frame | {"xref": axis, "yref": "y"} for frame in outlines]
        axes[f"xaxis{axis[1:]}"] = {
            "domain": [start, start + width],
            "anchor": "y",
            "range": [0.5, steps + 0.5],
            # A tick at 1 would touch the last tick of the panel before.
            "tickvals": sorted({(steps + 1) // 2, steps}),
            "fixedrange": True,
            "ticklabeloverflow": "allow",
            "showgrid": False,
            "zeroline": False,
        }
    split = sum(panel.gate for panel in panels) * (width + MAP_GAP) - MAP_GAP
    return style.figure(
        maps,
        alt=_(
            "Heatmaps of {names}, with frames around atom {atom} and iteration {t}.",
            names=", ".join(panel.name for panel in panels),
            atom=atom,
            t=t,
        ),
        x=axes.pop("xaxis"),
        y={
            "range": [atoms - 0.5, -0.5],
            "tickvals": [*ticks],
            "ticktext": [*ticks.values()],
            "showgrid": False,
            "zeroline": False,
            "title": _("atom"),
        },
        height=460,
        margin={"l": 8, "r": 8, "t": 30 if has_symbols else 52, "b": 50},
        annotations=titles,
        shapes=frames,
        hovermode="closest",
        hoverdistance=-1,
        clickmode="event+select",
        coloraxis=_colours(style.GATE, *spans[True], 0, split),
        coloraxis2=_colours(style.DIVERGING[dark], *spans[False], split + MAP_GAP, 1),
        **axes,
    )


def _heatmap(panel: Panel, order: np.ndarray, axis: str) -> list[dict]:
    """The heatmap of a panel, and the invisible markers on its cells: all can be clicked, but only one is drawn."""
    steps, atoms = panel.values.shape
    rows, columns = np.arange(atoms), np.arange(1, steps + 1)
    hit = columns[:: -(-steps // HIT_COLUMNS)]
    z, axes = panel.finite()[:, order].T, {"xaxis": axis, "yaxis": "y"}
    cells = np.stack([np.repeat(order, len(hit)), z[:, hit - 1].ravel()], axis=1, dtype=np.float32)
    scale, invisible = "coloraxis" if panel.gate else "coloraxis2", {"marker": {"opacity": 0}}
    cell = _("atom {atom}, iteration {t}", atom="%{customdata[0]}", t="%{x}")
    colours = {"x": columns, "y": rows, "z": z, "coloraxis": scale, "hoverinfo": "skip"}
    return [
        {"type": "heatmap", **colours, **axes},
        traces.markers(
            np.tile(hit, atoms),
            np.repeat(rows, len(hit)),
            {"opacity": 0, "size": 4, "maxdisplayed": 1},
            customdata=cells,
            selected=invisible,
            unselected=invisible,
            showlegend=False,
            hovertemplate=f"{cell}<br>{panel.symbol} = %{{customdata[1]:.3f}}<extra></extra>",
            **axes,
        ),
    ]


def _colours(stops: tuple[str, ...], low: float, high: float, start: float, right: float) -> dict:
    """A colour axis through `stops`, whose bar stands below the maps from `start` to `right`."""
    scale = [[k / (len(stops) - 1), stop] for k, stop in enumerate(stops)]
    ticks = (low, (low + high) / 2, high)
    bar = {
        "orientation": "h",
        "y": -0.065,
        "yanchor": "top",
        "thickness": 10,
        "outlinewidth": 0,
        "x": (start + right) / 2,
        "len": right - start,
        "tickvals": ticks,
        "ticktext": [localized(f"{value:.3g}") for value in ticks],
    }
    return {"colorscale": scale, "cmin": low, "cmax": high, "colorbar": bar}


def as_pictures(panels: Sequence[Panel], order: np.ndarray) -> list[np.ndarray]:
    """The heatmaps of `panels` as RGBA arrays (≥ d_s, SIDE, 4), for downloads."""
    spans, pictures = scales(panels), []
    for panel in panels:
        z, (low, high) = panel.finite()[:, order].T.astype(float), spans[panel.gate]
        table = style.GATE_TABLE if panel.gate else style.DIVERGING_TABLE[False]
        colours = mosaics.look_up((z - low) / (high - low), table)
        rows = colours.repeat(max(1, 600 // len(order)), axis=0)
        pictures.append(mosaics.opaque(rows[:, (np.arange(SIDE) * rows.shape[1]) // SIDE]))
    return pictures


def atom_picture(
    atom: np.ndarray, shape: mosaics.Shape, dark: bool = False, side: int = 128
) -> np.ndarray:
    """An atom b_j (d_x,) as RGBA at full contrast, at most about `side` px wide: grey atoms on the diverging scale, colour
    atoms around mid-grey."""
    picture = sheet(atom[:, None], shape, dark)
    return mosaics.opaque(picture[..., :3], max(1, side // picture.shape[1]))


def course(
    panels: Sequence[Panel], atom: int, t: int, theta: float | None, dark: bool = False
) -> go.Figure:
    """Plot one atom over the iterations: its gates above, and its memory, candidate and code below, with ±θ if there is a θ.

    Each line has its name at its end.
    """
    steps, ink = len(panels[0].values), style.ink(dark)
    terms = {term: tones[dark] for term, tones in TERMS.items()}
    looks = {"c̃": (terms["candidate"], 1.5, "dot"), "c": (terms["memory"], 4), "s": (ink, 1.5)}
    gate_looks = itertools.cycle([(terms["input"], 3), (terms["forget"], 3), (ink, 3)])
    part_looks = itertools.cycle([(ink, 1.5, dash) for dash in ("dot", "dash", "dashdot")])
    lines, ends = [], {"y": [], "y2": []}
    for panel in panels:
        axis, values = "y2" if panel.gate else "y", panel.values[:, atom]
        look = looks.get(panel.symbol) or next(gate_looks if panel.gate else part_looks)
        has_markers = steps == 1 or panel.symbol == "c" and steps <= 20
        lines.append(
            traces.line(
                np.arange(1, steps + 1),
                values,
                *look,
                name=f"{panel.symbol} {panel.name}",
                marker={"size": 8},
                xaxis="x",
                yaxis=axis,
                hovertemplate="%{y:.3f}",
                mode="lines+markers" if has_markers else "lines",
            )
        )
        ends[axis].append((panel.title(), values[-1], style.lettering(look[0], dark)))
    shapes = [traces.upright(t, dark)]
    if theta is not None:
        shapes.append(traces.band(-theta, theta, terms["memory"], 0.3 if dark else 0.15))
        ends["y"].append(
            (_("±θ for {c}", c="<i>c</i>"), 0.0, style.lettering(terms["memory"], dark))
        )
    signed = [panel.values[:, atom] for panel in panels if not panel.gate]
    values = np.concatenate([*signed, [-(theta or 0.0), theta or 0.0]])
    values = values[np.isfinite(values)]
    lowest, highest = scales(panels)[True]
    spans = {
        "y": style.widen(float(values.min()), float(values.max()), 1.0),
        "y2": [lowest - 0.04, highest + 0.04],
    }
    names = []
    for axis, (bottom, top) in COURSE.items():
        names += _names_at_ends(ends[axis], axis, spans[axis], COURSE_HEIGHT * (top - bottom))
    values = ", ".join(f"{panel.name} {_decimals(panel.values[t - 1, atom])}" for panel in panels)
    return style.figure(
        lines,
        alt=_(
            "Atom {atom} over {iterations}. At iteration {t}: {values}.",
            atom=atom,
            t=t,
            values=values,
            iterations=words.count(steps, "iteration"),
        ),
        x=_iterations(steps) | {"anchor": "y"},
        y={
            "domain": COURSE["y"],
            "range": spans["y"],
            "zeroline": True,
        },
        yaxis2={
            "domain": COURSE["y2"],
            "range": spans["y2"],
            "fixedrange": True,
            "automargin": True,
        },
        shapes=shapes,
        annotations=names,
        margin={"l": 8, "r": 100, "t": 8, "b": 8},
        showlegend=False,
        height=370,
    )


def _names_at_ends(
    ends: Sequence[tuple[str, float, str]], axis: str, span: Sequence[float], height: float
) -> list[dict]:
    """Annotations to the right of lines with `ends` (name, value, colour), moved apart on an axis `height` pixels high."""
    low, high = span
    ends = sorted(ends, key=lambda end: np.nan_to_num(end[1]))
    heights = [
        height * traces.share(np.clip(np.nan_to_num(value), low, high), low, high)
        for _name, value, _colour in ends
    ]
    places = traces.spread_labels(heights, [NAME_HEIGHT] * len(ends), height)
    place = {"yref": f"{axis} domain", "xshift": 4, "size": 13}
    return [
        traces.annotation(name, colour, y=middle / height, **traces.BESIDE, **place)
        for (name, _value, colour), middle in zip(ends, places, strict=True)
    ]


def memory(contributions: np.ndarray, atom: int, dark: bool = False) -> go.Figure:
    """Plot the contribution of each iteration's candidate to an atom's memory: `parts` (t,), whose sum is c⁽ᵗ⁾."""
    steps = len(contributions)
    hover = _("from iteration {t}: {value}", t="%{x}", value="%{y:.3f}")
    return style.figure(
        [traces.signed_bars(np.arange(1, steps + 1), contributions, hover, dark)],
        alt=_(
            "What each candidate adds to the memory of atom {atom}: {sum} up to iteration {T}.",
            atom=atom,
            T=steps,
            sum=_decimals(contributions.sum()),
        ),
        x=_iterations(steps) | {"title": _("iteration of the candidate")},
        y={"zeroline": True},
        height=380,
        bargap=0.15,
        showlegend=False,
        hovermode="closest",
    )


def mean_gates(gates: Mapping[str, np.ndarray], used: np.ndarray, dark: bool = False) -> go.Figure:
    """Plot gates by their names, each (T, d_s), averaged over the atoms in use (`used` (d_s,) bool) and over the others."""
    steps = max(map(len, gates.values()))
    terms = [TERMS[term][dark] for term in ("input", "forget")]
    colours = itertools.cycle((*terms, style.ink(dark)))
    groups = ((_("in use"), used, "solid"), (_("not in use"), ~used, "dot"))
    lines, descriptions = [], []
    for (symbol, gate), colour in zip(gates.items(), colours, strict=False):
        for state, atoms, dash in groups:
            if not atoms.any():
                continue
            mean = gate[:, atoms].mean(axis=1)
            name = f"{symbol}, {state}"
            descriptions.append(f"{name} {_decimals(mean[-1])}")
            lines.append(
                traces.line(
                    np.arange(1, steps + 1),
                    mean,
                    colour,
                    3,
                    dash,
                    name=name,
                    marker={"size": 5},
                    hovertemplate="%{y:.3f}",
                    mode="lines+markers" if steps <= 20 else "lines",
                )
            )
    return style.figure(
        lines,
        alt=_("Mean gates. At the end: {values}.", values="; ".join(descriptions)),
        x=_iterations(steps),
        y={"title": _("mean gate")},
        height=340,
    )


def gate_plane(
    input_gate: np.ndarray,
    forget_gate: np.ndarray,
    codes: np.ndarray,
    atom: int,
    colour: str,
    dark: bool = False,
) -> go.Figure:
    """Plot each atom's mean input gate against its mean forget gate, and the line i + f = 1; all arrays are (d_s,)."""
    used, ink, empty = evaluation.in_use(codes), style.ink(dark), "rgba(0,0,0,0)"
    margin = max(0.02, 0.15 * float(np.ptp(forget_gate)))
    f = np.array([forget_gate.min() - margin, forget_gate.max() + margin])
    unused_look = {"color": empty, "size": 8, "line": {"color": ink, "width": 1}, "opacity": 0.6}
    is_chosen = np.arange(len(codes)) == atom
    groups = (
        (_("atoms not in use"), ~used, unused_look),
        (_("atoms in use"), used, {"color": colour, "size": 10}),
        (
            _("atom {number}", number=atom),
            is_chosen,
            {"color": empty, "size": 18, "line": {"color": ink, "width": 2}},
        ),
    )
    value = "f = %{x:.3f}, i = %{y:.3f}"
    hover = _("atom {number}: {value}", number="%{customdata}", value=value) + "<extra></extra>"
    points = [
        traces.markers(
            forget_gate[atoms],
            input_gate[atoms],
            marker,
            name=name,
            customdata=np.flatnonzero(atoms),
            hovertemplate=hover,
        )
        for name, atoms, marker in groups
        if atoms.any()
    ]
    return style.figure(
        [traces.line(f, 1 - f, ink, 1.5, "dash", name="i + f = 1", hoverinfo="skip"), *points],
        alt=_(
            "Mean input gate against mean forget gate of {atoms}; i + f differs from 1 by up to {deviation}.",
            atoms=words.count(len(codes), "atom"),
            deviation=_decimals(np.abs(input_gate + forget_gate - 1).max()),
        ),
        x={
            "title": _("mean forget gate f"),
            "showgrid": True,
            "zeroline": False,
        },
        y={
            "title": _("mean input gate i"),
            "zeroline": False,
        },
        height=340,
        hovermode="closest",
    )


def _iterations(steps: int) -> dict:
    """An axis for iterations 1 to `steps`, with ticks at whole numbers."""
    interval = next(step for step in (1, 2, 5, 10, 20) if steps / step <= 10)
    ticks = sorted({1, *range(interval, steps + 1, interval)})
    title = _("iteration")
    return {"range": [0.4, steps + 0.6], "tickvals": ticks, "title": title}


def _decimals(value: float) -> str:
    return localized(f"{value:.3f}")
