"""Figures of a solver with gates: all atoms' gates and memories over the iterations, and those of one atom in detail."""

import itertools
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sc2viz import evaluation, words
from sc2viz.draw import mosaics, style, traces
from sc2viz.draw.atoms import tiles
from sc2viz.words import _, localized

# Where the two plots of `course` stand, and the height of both in pixels.
_COURSE, _COURSE_INNER = {"y": (0, 0.56), "y2": (0.64, 1)}, 320
_PLOT_HEIGHT = 380  # px of the heatmaps, about
_LINE = (
    22  # pixels from one name at the ends of lines to the next, room for the letters of a projector
)
_BETWEEN = 0.018  # the space between two heatmaps, as a share of the width of all
_HIT_COLUMNS = 20  # columns that can be clicked; for more, the invisible markers would need more data than the heatmaps


@dataclass(frozen=True, eq=False)
class Panel:
    """One heatmap: a quantity of all atoms, `values` (T, d_s), whose row t − 1 is that of iteration t."""

    symbol: str
    name: str
    values: np.ndarray
    gate: bool = False  # whether it is a gate, which has another colour scale
    low: float = 0.0  # the range of a gate, which its colour scale has at least
    high: float = 1.0

    def clean(self) -> np.ndarray:
        return np.nan_to_num(
            np.asarray(self.values, np.float32), nan=0.0, posinf=3e38, neginf=-3e38
        )


def scales(panels: Sequence[Panel]) -> tuple[tuple[float, float], float]:
    """(lowest, highest) of the gates' scale, which holds the ranges of all gates and their values; and the top of the signed
    scale."""
    gates = [np.append(panel.clean(), [panel.low, panel.high]) for panel in panels if panel.gate]
    signed = [np.abs(panel.clean()).max() for panel in panels if not panel.gate]
    lowest, highest = (
        min(float(gate.min()) for gate in gates),
        max(float(gate.max()) for gate in gates),
    )
    return (float(lowest), float(highest)), style.round_up(float(max(signed)))


def heatmaps(
    panels: Sequence[Panel], order: np.ndarray, atom: int, t: int, dark: bool = False
) -> go.Figure:
    """Plot the panels side by side, with the atoms in `order` (d_s,) downwards and with frames around `atom` and `t`.

    Invisible markers lie on the cells, because Plotly reports no clicks on a heatmap. Their `x` is the iteration
    and their `customdata` (atom, value).
    """
    steps, atoms = panels[0].values.shape
    (lowest, highest), top = scales(panels)
    wide = (1 - _BETWEEN * (len(panels) - 1)) / len(panels)
    symbols = all(
        len(panel.symbol) <= 2 for panel in panels
    )  # whether all panels are named by symbols, not by words
    names = [f"x{k + 1 if k else ''}" for k in range(len(panels))]
    lefts = [k * (wide + _BETWEEN) for k in range(len(panels))]
    axes = {
        f"xaxis{name[1:]}": _iteration_axis(left, wide, steps)
        for name, left in zip(names, lefts, strict=True)
    }
    place, every = int(np.flatnonzero(order == atom)[0]), max(1, atoms // 10)
    others = [row for row in range(0, atoms, every) if abs(row - place) > every / 2]
    ticks, marked = (
        sorted([*others, place]),
        f"<b>{atom} ▸</b>",
    )  # the atom at hand has a tick of its own
    split = (
        sum(panel.gate for panel in panels) * (wide + _BETWEEN) - _BETWEEN
    )  # where the bar of the gates' scale ends
    bar = {"orientation": "h", "y": -0.065, "yanchor": "top", "thickness": 10, "outlinewidth": 0}
    values = ", ".join(f"{panel.name} {_plain(panel.values[t - 1, atom])}" for panel in panels)
    return style.figure(
        [
            trace
            for panel, axis in zip(panels, names, strict=True)
            for trace in _heatmap(panel, order, axis)
        ],
        alt=_(
            "Heatmaps of {names}: {atoms} over {iterations}. Atom {atom}, iteration {t}: {values}.",
            atom=atom,
            t=t,
            names=", ".join(panel.name for panel in panels),
            atoms=words.count(atoms, "atom"),
            iterations=words.count(steps, "iteration"),
            values=values,
        ),
        x=axes.pop("xaxis"),
        y={
            "range": [atoms - 0.5, -0.5],
            "tickvals": ticks,
            "ticktext": [marked if row == place else str(order[row]) for row in ticks],
            "showgrid": False,
            "zeroline": False,
            "title": {"text": _("atom")},
        },
        height=460,
        margin={"l": 8, "r": 8, "t": 30 if symbols else 52, "b": 50},
        annotations=[
            _title(panel, left + wide / 2, symbols, dark)
            for panel, left in zip(panels, lefts, strict=True)
        ],
        shapes=[frame for axis in names for frame in _frames(axis, place, t, (atoms, steps), dark)],
        hovermode="closest",
        hoverdistance=-1,
        clickmode="event+select",
        coloraxis={
            "colorscale": style.GATE_SCALE,
            "cmin": lowest,
            "cmax": highest,
            "colorbar": bar
            | {"x": split / 2, "len": split}
            | _ticks(lowest, (lowest + highest) / 2, highest),
        },
        coloraxis2={
            "colorscale": style.diverging_scale(dark),
            "cmin": -top,
            "cmax": top,
            "colorbar": bar
            | {"x": (split + _BETWEEN + 1) / 2, "len": 1 - split - _BETWEEN}
            | _ticks(-top, 0, top),
        },
        **axes,
    )


def _heatmap(panel: Panel, order: np.ndarray, axis: str) -> list[dict]:
    """The heatmap of a panel, and the invisible markers on its cells: all can be clicked, but only one is drawn."""
    steps, atoms = panel.values.shape
    rows, columns = np.arange(atoms), np.arange(1, steps + 1)
    hit = columns[:: -(-steps // _HIT_COLUMNS)]
    z, at = panel.clean()[:, order].T, {"xaxis": axis, "yaxis": "y"}
    cells = np.stack([np.repeat(order, len(hit)), z[:, hit - 1].ravel()], axis=1, dtype=np.float32)
    scale, invisible = "coloraxis" if panel.gate else "coloraxis2", {"marker": {"opacity": 0}}
    where = _("atom {atom}, iteration {t}", atom="%{customdata[0]}", t="%{x}")
    return [
        {
            "type": "heatmap",
            "x": columns,
            "y": rows,
            "z": z,
            "coloraxis": scale,
            "hoverinfo": "skip",
            **at,
        },
        traces.markers(
            np.tile(hit, atoms),
            np.repeat(rows, len(hit)),
            {"opacity": 0, "size": 4, "maxdisplayed": 1},
            customdata=cells,
            selected=invisible,
            unselected=invisible,
            showlegend=False,
            **at,
            hovertemplate=f"{where}<br>{panel.symbol} = %{{customdata[1]:.3f}}<extra></extra>",
        ),
    ]


def _iteration_axis(left: float, wide: float, steps: int) -> dict:
    return {
        "domain": [left, left + wide],
        "anchor": "y",
        "range": [0.5, steps + 0.5],
        "tickvals": sorted(
            {(steps + 1) // 2, steps}
        ),  # a tick at 1 would touch the last tick of the panel before
        "fixedrange": True,
        "ticklabeloverflow": "allow",
        "showgrid": False,
        "zeroline": False,
    }


def _title(panel: Panel, middle: float, symbols: bool, dark: bool) -> dict:
    text = f"<i>{panel.symbol}</i>" if symbols else "<br>".join(textwrap.wrap(panel.symbol, 14))
    title = traces.words(
        text, style.ink(dark), x=middle, y=1.0, xref="paper", yref="paper", yanchor="bottom"
    )
    title["font"] |= {"size": 18, "family": "serif"} if symbols else {"size": 13}
    return title


def _frames(axis: str, place: int, t: int, size: tuple[int, int], dark: bool) -> list[dict]:
    """Frames around the row `place` and the column `t` of a heatmap of `size` (atoms, steps). Each has a line in the colour
    of text and one in that of the page, because one of the two stands out from every cell."""
    atoms, steps = size
    ink, page = style.ink(dark), style.ink(not dark)
    edges = {"type": "rect", "xref": axis, "yref": "y", "fillcolor": "rgba(0,0,0,0)"}
    across = edges | {"x0": 0.5, "x1": steps + 0.5}
    down = edges | {"x0": t - 0.5, "x1": t + 0.5, "y0": -0.5, "y1": atoms - 0.5}
    beside = (
        0.5 + 1.5 * atoms / _PLOT_HEIGHT
    )  # a row is a few pixels high: the second line stands outside the first one
    return [
        across | {"y0": place - 0.5, "y1": place + 0.5, "line": {"color": ink, "width": 1.5}},
        across
        | {"y0": place - beside, "y1": place + beside, "line": {"color": page, "width": 1.5}},
        down | {"line": {"color": page, "width": 3}},
        down | {"line": {"color": ink, "width": 1}},
    ]


def as_pictures(
    panels: Sequence[Panel], order: np.ndarray, dark: bool = False, side: int = 320
) -> list[np.ndarray]:
    """The heatmaps of `panels` as RGBA arrays (≥ d_s, side, 4), for downloads."""
    (lowest, highest), top = scales(panels)
    drawn = []
    for panel in panels:
        z, gate = panel.clean()[:, order].T.astype(float), (lowest, highest, style.GATE_TABLE)
        low, high, table = gate if panel.gate else (-top, top, style.DIVERGING_TABLE[dark])
        rows = mosaics.look_up((z - low) / (high - low), table).repeat(
            max(1, 600 // len(order)), axis=0
        )
        drawn.append(mosaics.opaque(rows[:, (np.arange(side) * rows.shape[1]) // side]))
    return drawn


def atom_picture(
    atom: np.ndarray, shape: mosaics.Shape, dark: bool = False, side: int = 128
) -> np.ndarray:
    """An atom b_j (d_x,) as RGBA at full contrast: grey atoms on the diverging scale, colour atoms around mid-grey."""
    return atom_pictures(atom[:, None], shape, dark, side)[0]


def atom_pictures(
    B: np.ndarray, shape: mosaics.Shape, dark: bool = False, side: int = 1
) -> np.ndarray:
    """The same of each atom of B (d_x, d_s), (d_s, h, w, 4), about `side` px wide."""
    drawn = tiles(B, shape)
    rgb = style.DIVERGING_TABLE[dark][drawn] if drawn.ndim == 3 else drawn
    return mosaics.opaque(rgb, max(1, side // rgb.shape[2]))


def course(
    panels: Sequence[Panel], atom: int, t: int, theta: float | None, colour: str, dark: bool = False
) -> go.Figure:
    """Plot one atom over the iterations: its gates above, and its memory, candidate and code below, with ±θ if there is a θ.

    Each line has its name at its end.
    """
    steps = len(panels[0].values)
    iterations = np.arange(1, steps + 1)
    ink, (low, high) = style.ink(dark), (style.diverging_scale(dark)[at][1] for at in (0, -1))
    looks = {
        "i": (high, 3),
        "f": (low, 3),
        "c̃": (ink, 1.5, "dot"),
        "c": (colour, 4),
        "s": (ink, 1.5),
    }
    lines = [
        traces.line(
            iterations,
            panel.values[:, atom],
            *looks[panel.symbol],
            name=f"{panel.symbol} {panel.name}",
            marker={"size": 8},
            xaxis="x",
            yaxis="y2" if panel.gate else "y",
            hovertemplate="%{y:.3f}",
        )
        | ({"mode": "lines+markers"} if steps == 1 or panel.symbol == "c" and steps <= 20 else {})
        for panel in panels
    ]
    shapes = [traces.upright(t, dark)]
    if theta is not None:
        shapes.append(traces.band(-theta, theta, colour, 0.3 if dark else 0.15))
    now = ", ".join(f"{panel.name} {_plain(panel.values[t - 1, atom])}" for panel in panels)
    lowest, highest = scales(panels)[0]
    spans = {
        "y": _span([panel.values[:, atom] for panel in panels if not panel.gate], theta or 0.0)
    }
    spans["y2"] = (lowest - 0.04, highest + 0.04)
    names = []
    for axis, (bottom, top) in _COURSE.items():
        drawn = [panel for panel in panels if panel.gate == (axis == "y2")]
        ends = [
            (f"<i>{one.symbol}</i> {one.name}", one.values[-1, atom], looks[one.symbol][0])
            for one in drawn
        ]
        if axis == "y" and theta is not None:
            ends.append((_("±θ for {c}", c="<i>c</i>"), 0.0, colour))
        ends = [(name, value, style.lettering(of, dark)) for name, value, of in ends]
        names += _names_at_ends(ends, axis, spans[axis], _COURSE_INNER * (top - bottom))
    return style.figure(
        lines,
        alt=_(
            "Atom {atom} over {iterations}. At iteration {t}: {now}.",
            atom=atom,
            t=t,
            now=now,
            iterations=words.count(steps, "iteration"),
        ),
        x=_iterations(steps) | {"title": {"text": _("iteration")}, "anchor": "y"},
        y={"domain": _COURSE["y"], "range": spans["y"], "zeroline": True, "tickformat": "~g"},
        yaxis2={
            "domain": _COURSE["y2"],
            "range": spans["y2"],
            "fixedrange": True,
            "automargin": True,
        },
        shapes=shapes,
        annotations=names,
        margin={"l": 8, "r": 100, "t": 8, "b": 8},
        showlegend=False,
        height=380,
    )


def _span(lines: Sequence[np.ndarray], theta: float) -> tuple[float, float]:
    """An axis range with a small margin for the finite values of `lines` and for ±θ."""
    values = np.concatenate([*lines, [-theta, theta]])
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _names_at_ends(
    ends: Sequence[tuple[str, float, str]], axis: str, span: tuple[float, float], tall: float
) -> list[dict]:
    """Annotations to the right of lines with `ends` (name, value, colour), moved apart on an axis `tall` pixels high."""
    low, high = span
    wanted = (
        tall
        * (np.clip(np.nan_to_num([value for _, value, _ in ends]), low, high) - low)
        / (high - low)
    )
    order = np.argsort(wanted, kind="stable")
    places = dict(
        zip(
            order.tolist(),
            style.apart(wanted[order].tolist(), [_LINE] * len(ends), tall),
            strict=True,
        )
    )
    beside = {
        "xref": "paper",
        "x": 1,
        "xanchor": "left",
        "xshift": 4,
        "yref": f"{axis} domain",
        "yanchor": "middle",
    }
    return [
        traces.words(name, colour, y=places[k] / tall, size=13, **beside)
        for k, (name, _value, colour) in enumerate(ends)
    ]


def memory(parts: np.ndarray, atom: int, dark: bool = False) -> go.Figure:
    """Plot the contribution of each iteration's candidate to an atom's memory: `parts` (t,), whose sum is c⁽ᵗ⁾."""
    low, high = (style.diverging_scale(dark)[at][1] for at in (0, -1))
    steps = len(parts)
    largest = int(np.abs(np.nan_to_num(parts)).argmax())
    return style.figure(
        [
            traces.bars(
                np.arange(1, steps + 1),
                parts,
                [high if part >= 0 else low for part in parts],
                hovertemplate=_("from iteration {t}: {value}", t="%{x}", value="%{y:.3f}")
                + "<extra></extra>",
            )
        ],
        alt=_(
            "The contribution of each iteration's candidate to the memory of atom {atom} at iteration {T}: the largest is "
            "that of iteration {t}, {part} of {sum}.",
            atom=atom,
            T=steps,
            t=largest + 1,
            part=_plain(parts[largest]),
            sum=_plain(parts.sum()),
        ),
        x=_iterations(steps) | {"title": {"text": _("iteration of the candidate")}},
        y={"zeroline": True, "tickformat": "~g"},
        height=380,
        bargap=0.15,
        showlegend=False,
        hovermode="closest",
    )


def mean_gates(means: Mapping[str, np.ndarray], used: np.ndarray, dark: bool = False) -> go.Figure:
    """Plot gates by their names, each (T, d_s), averaged over the atoms in use (`used` (d_s,) bool) and over the others."""
    steps = max(map(len, means.values()))
    colours = [style.diverging_scale(dark)[at][1] for at in (-1, 0)] + [style.ink(dark)]
    lines, said = [], []
    for (symbol, gate), colour in zip(means.items(), itertools.cycle(colours), strict=False):
        for name, atoms, dash in ((_("in use"), used, "solid"), (_("not in use"), ~used, "dot")):
            if atoms.any():
                mean = gate[:, atoms].mean(axis=1)
                said.append(
                    _(
                        "{gate}, atoms {state}: {first} at first and {last} at the end",
                        gate=symbol,
                        state=name,
                        first=_plain(mean[0]),
                        last=_plain(mean[-1]),
                    )
                )
                lines.append(
                    traces.line(
                        np.arange(1, steps + 1),
                        mean,
                        colour,
                        3,
                        dash,
                        name=f"{symbol}, {name}",
                        marker={"size": 5},
                        hovertemplate="%{y:.3f}",
                    )
                    | ({"mode": "lines+markers"} if steps <= 20 else {})
                )
    return style.figure(
        lines,
        alt=_("Mean gates over the iterations. {told}.", told="; ".join(said)),
        x=_iterations(steps) | {"title": {"text": _("iteration")}},
        y={"title": {"text": _("mean gate")}, "tickformat": "~g"},
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
    used = evaluation.in_use(codes)
    ink = style.ink(dark)
    edges = np.array([forget_gate.min(), forget_gate.max()])
    pad = max(0.02, 0.15 * float(np.ptp(edges)))
    line = np.array([edges[0] - pad, edges[1] + pad])
    drawn = [traces.line(line, 1 - line, ink, 1.5, "dash", name="i + f = 1", hoverinfo="skip")]
    told = _("atom {number}: {value}", number="%{customdata}", value="f = %{x:.3f}, i = %{y:.3f}")
    for name, atoms, marker in (
        (
            _("atoms not in use"),
            ~used,
            {
                "color": "rgba(0,0,0,0)",
                "size": 8,
                "line": {"color": ink, "width": 1},
                "opacity": 0.6,
            },
        ),
        (_("atoms in use"), used, {"color": colour, "size": 10}),
    ):
        which = np.flatnonzero(atoms)
        if len(which):
            drawn.append(
                traces.markers(
                    forget_gate[which],
                    input_gate[which],
                    marker,
                    name=name,
                    customdata=which,
                    hovertemplate=f"{told}<extra></extra>",
                )
            )
    mark = {"color": "rgba(0,0,0,0)", "size": 18, "line": {"color": ink, "width": 2}}
    here = _("atom {number}", number=atom)
    drawn.append(
        traces.markers(forget_gate[[atom]], input_gate[[atom]], mark, name=here, hoverinfo="skip")
    )
    off = float(np.abs(input_gate + forget_gate - 1).max())
    return style.figure(
        drawn,
        alt=_(
            "Mean input gate against mean forget gate of {atoms}; i + f differs from 1 by up to {off}.",
            atoms=words.count(len(codes), "atom"),
            off=_plain(off),
        ),
        x={"title": {"text": _("mean forget gate f")}, "tickformat": "~g", "zeroline": False},
        y={"title": {"text": _("mean input gate i")}, "tickformat": "~g", "zeroline": False},
        height=340,
        hovermode="closest",
    )


def _ticks(*values: float) -> dict:
    return {
        "tickvals": values,
        "ticktext": [localized(f"{value:.3g}") for value in values],
    }


def _iterations(steps: int) -> dict:
    """An axis for iterations 1 to `steps`, with ticks at whole numbers."""
    every = next(step for step in (1, 2, 5, 10, 20) if steps / step <= 10)
    ticks = [1, *range(every, steps + 1, every)] if every > 1 else list(range(1, steps + 1))
    return {"range": [0.4, steps + 0.6], "showgrid": False, "tickvals": ticks}


def _plain(value: float) -> str:
    return localized(f"{value:.3f}")
