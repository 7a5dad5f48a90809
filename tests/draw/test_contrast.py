"""Words stand out from their ground by 4.5:1, and lines and marks by 3:1, in both themes: by WCAG's formula from the colours
of the theme and of all figures."""

import itertools
import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest
from draw.test_style import contrast, rgb, theme
from plotly.io import to_json

from sc2viz import solvers
from sc2viz.browser import modules
from sc2viz.draw import (
    activations,
    adaptive_ista,
    atoms,
    curves,
    diagrams,
    gates,
    paper_curves,
    recovery,
    spreads,
    style,
    tradeoff,
)
from sc2viz.draw.terms import TERMS

DARK = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


def blend(colour: str, ground: str, opacity: float) -> str:
    mixed = opacity * rgb(colour) + (1 - opacity) * rgb(ground)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in mixed)


@DARK
def test_themes_words_stand_out(dark):
    colours_of_theme = theme(dark)
    for section in (colours_of_theme, colours_of_theme["sidebar"]):
        for ground in (section["backgroundColor"], section["secondaryBackgroundColor"]):
            for key in ("textColor", "primaryColor", "linkColor", "codeTextColor"):
                assert contrast(colours_of_theme[key], ground) >= 4.5, key
            for name in solvers.NAMES:
                colour = style.lettering(style.colour(name, dark), dark)
                assert contrast(colour, ground) >= 4.5, name


@DARK
def test_the_diagrams_colours_are_those_of_the_theme(dark):
    rule = re.search(r"\.sc-diagram \.cell {.*?light-dark\((.*?), (.*?)\)", diagrams.sc2net({}))
    assert contrast(rule[1 + dark], theme(dark)["backgroundColor"]) >= 3


@DARK
def test_terms_of_a_cell_can_be_read_in_their_colours(dark):
    ground = theme(dark)["backgroundColor"]
    assert all(contrast(tones[dark], ground) >= 4.5 for tones in TERMS.values())


def figures(dark: bool):
    """Every figure of Plotly once, with the solvers' own colours, by name."""
    rng, steps, lam = np.random.default_rng(0), np.arange(17), np.array([0.01, 0.1, 0.5, 1.0])
    names = list(solvers.NAMES[: len(style.HUES)])
    falls = [np.geomspace(100, 0.1 * (k + 1), 17) for k in range(len(names))]
    pairs = list(zip(names, falls, strict=True))
    lines = [
        curves.SolverLine(name, name, values, times=steps + 1.0, marked=steps[1:] > 8)
        for name, values in pairs
    ]
    sweeps = [tradeoff.MeanSweep(name, name, lam, lam + 1, lam + 2, 0.5 * lam) for name in names]
    gate = [
        gates.Panel(symbol, symbol, rng.random((12, 9)), symbol in "if")
        for symbol in ("i", "f", "c̃", "c", "s")
    ]
    curve = activations.Curve(
        np.linspace(-1, 1, 9),
        np.linspace(-1, 1, 9),
        np.linspace(-1, 1, 9),
        np.linspace(-1, 1, 9),
        "own",
    )
    code, plain = rng.normal(size=9), np.linspace(0, 1, 9)
    lasts = [
        paper_curves.LossCourse(name, name, steps, values, values + 2) for name, values in pairs
    ]
    points = [paper_curves.Points(name, name, lam, 90 + lam, 0 * lam + 1) for name in names]
    band = [spreads.Band(name, name, lam, np.sort(rng.uniform(0, 90, (4, 5)))) for name in names]
    colour = style.colour(names[4], dark)
    return {
        "excess": curves.excess_by_step(lines, 5, dark),
        "excess by time": curves.excess_by_step(lines, 5, dark, by_time=True),
        "loss": tradeoff.by_lambda(sweeps, "loss", 0.1, 3.0, dark),
        "objective": tradeoff.by_lambda(sweeps, "objective", 0.1, 3.0, dark),
        "sparsity": tradeoff.sparsity_against_error(sweeps, 0.1, dark),
        "strips": spreads.strips(
            [spreads.Spread(name, name, values) for name, values in pairs], dark
        ),
        "bands": spreads.bands(band, 0.1, dark),
        "cost": recovery.nmse_by_cost(lines, 5, "ms", dark),
        "heatmaps": gates.heatmaps(gate, np.arange(9), 3, 5, dark),
        "course": gates.course(gate, 3, 5, 0.1, dark),
        "memory": gates.memory(code, 3, dark),
        "mean gates": gates.mean_gates(
            {"i": rng.random((12, 9)), "f": rng.random((12, 9))}, code > 0, dark
        ),
        "gate plane": gates.gate_plane(plain, plain, code, 3, colour, dark),
        "activation": activations.activation(curve, 0.1, 0.8, 0.5, 0.1, dark),
        "derivative": activations.derivative(curve, 1, dark),
        "histogram": activations.histogram(code, plain, dark),
        "row": atoms.row(code, "a row", dark=dark),
        "race": adaptive_ista.race(lines[:2], lines[4], 5, 2.0, 7, dark),
        "epochs": paper_curves.loss_by_epoch(
            lasts, [paper_curves.Level("ISTA", "ista", 50.0)], dark
        ),
        "accuracy": paper_curves.accuracy(points, "λ", lam, dark),
    }


def colours(value) -> list[str]:
    """The colours of a property, which has one or a list of them."""
    values = [value] if isinstance(value, str) else [] if value is None else list(value)
    return [item for item in values if isinstance(item, str) and item.startswith("#")]


def words_of(figure: dict) -> list[str]:
    """The colours of a figure's words, but for those at axes, which have Streamlit's, and style.css sets. Words in a chart
    have a colour each, because Streamlit's grey is too pale."""
    notes = [[note["font"]["color"]] for note in figure["layout"].get("annotations", ())]
    named = [colours(trace.get("textfont", {}).get("color")) for trace in figure["data"]]
    ticks = [
        re.findall(r"color:(#\w+)", str(axis))
        for key, axis in figure["layout"].items()
        if "axis" in key
    ]
    return list(itertools.chain(*notes, *named, *ticks))


def strokes_of(figure: dict):
    """The colours of a figure's lines and marks with their opacity."""
    for trace in figure["data"]:
        if trace["type"] == "heatmap":
            continue
        marker, line = trace.get("marker", {}), trace.get("line", {})
        if line.get("width") != 0 and "lines" in trace.get("mode", ""):
            yield from ((colour, trace.get("opacity", 1)) for colour in colours(line.get("color")))
        opacity = marker.get("opacity", 1) * trace.get("opacity", 1)
        if opacity:
            stroke = colours(marker.get("color")) or colours(marker.get("line", {}).get("color"))
            yield from ((colour, opacity) for colour in stroke)
    for shape in figure["layout"].get("shapes", ()):
        if shape["type"] == "line":
            yield from (
                (colour, shape.get("opacity", 1)) for colour in colours(shape["line"]["color"])
            )


@DARK
def test_figures_words_and_lines_stand_out(dark):
    ground, wrong, count = theme(dark)["backgroundColor"], [], 0
    for name, figure in figures(dark).items():
        spec = figure.to_dict()
        count += len(words_of(spec))
        wrong += [
            (name, "words", text_colour)
            for text_colour in words_of(spec)
            if contrast(text_colour, ground) < 4.5
        ]
        for colour, opacity in strokes_of(spec):
            count += 1
            if contrast(blend(colour, ground, opacity), ground) < 3:
                wrong.append((name, "line", colour, opacity))
    assert not wrong and count > 200


def test_what_is_sent_of_a_figure_is_what_plotly_makes_of_it(monkeypatch):
    monkeypatch.setattr(style, "VALIDATES", False)
    for name, figure in figures(dark=False).items():
        sent, expected = (
            json.loads(to_json(chart.to_dict())) for chart in (figure, go.Figure(figure.spec))
        )
        light, template = (chart["layout"].pop("template") for chart in (sent, expected))
        assert (
            len(sent["data"])
            and sent == expected
            and light["data"]["scatter"] == template["data"]["scatter"]
        ), name
        assert light["layout"].items() <= template["layout"].items(), name


def stands_out(pair: tuple[str, str], table: np.ndarray) -> bool:
    """Whether one of two colours beside each other stands out from every colour of a table (k, 3) uint8."""
    cells = ["#" + bytes(cell.tolist()).hex() for cell in table]
    return all(max(contrast(colour, cell) for colour in pair) >= 3 for cell in cells)


@DARK
def test_frames_on_heatmaps_stand_out_from_every_cell(dark):
    shapes = figures(dark)["heatmaps"].layout.shapes
    for axis in {shape.xref for shape in shapes}:
        for across in (True, False):
            frame = [
                shape
                for shape in shapes
                if shape.xref == axis and (shape.x1 - shape.x0 > 2) == across
            ]
            pair = tuple(shape.line.color for shape in frame)
            assert (
                len(set(pair)) == 2
                and stands_out(pair, style.GATE_TABLE)
                and stands_out(pair, style.DIVERGING_TABLE[dark])
            )


def test_borders_and_the_frame_stand_out_from_every_cell_of_the_map_of_known_codes():
    css = (modules.FOLDER / "ideas.css").read_text("utf-8")
    names = ("found", "lost", "theory")
    found_colour, lost, theory = (
        re.search(rf"\.sc-found {{[^}}]*--{name}: (#\w+)", css)[1] for name in names
    )
    cells = np.array(
        [
            [int(blend(found_colour, lost, share)[k : k + 2], 16) for k in (1, 3, 5)]
            for share in np.linspace(0, 1, 9)
        ]
    )
    halo = "#ffffff"
    assert stands_out(
        (halo, "#23252b"), cells.astype(np.uint8)
    )  # the frame, and the halo of each border with its rim
    assert all(
        contrast(line, halo) >= 3
        for line in (theory, *map(style.colour, ("exact", *solvers.NAMES)))
    )
