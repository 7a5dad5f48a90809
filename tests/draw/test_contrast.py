"""Words stand out from their ground by 4.5:1, and lines and marks by 3:1, in both themes: by WCAG's formula from the colours
of the theme, of all figures and of all style sheets."""

import itertools
import json
import re
from pathlib import Path

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

DARK = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
PACKAGE = Path(style.__file__).parents[1]
SHEETS = sorted(PACKAGE.rglob("*.css"))

# What is no word, line or mark that says something, by the end of its selector in the style sheets.
GROUNDS = {
    ".opening": "the ground of what a page waits for",
    "code": "the ground of code",
    ".view": "the ground of a photograph that is not there yet",
    ".st-key-question)": "the ground of a page whose answer is covered",
    ".dots .margin": "the ground of the answers that are right",
    ".hovered": "the ground of the stem under the pointer",
    ".beyond": "the ground of iterations beyond training",
    ".band": "the ground of what is below the optimum, which has words on it",
    ".sc-idea svg": "the ground of a drawing",
    ".tiles u": "the rest of a bar, as a slider's track",
    ".grid": "lines of the grid, whose levels have numbers",
    ".sc-dots-row u": "lines of the grid, whose levels have numbers",
    "dl > div": "lines between the rows of a list",
    ".sc-answer .group th": "lines between the rows of a table",
    ".sc-terms tbody tr": "lines between the rows of a table",
    ".sc-terms tr[data-on]": "the ground of the row at hand, whose name is pressed",
    ".title th": "lines between the rows of a table",
    ".measured > td": "lines between the rows of a table",
    ".measured > th": "lines between the rows of a table",
    ".sc-below": "a line between the cards that F ranks and the others, which stand in a row of their own",
    ".below": "a line between the cards that F ranks and the others, which stand in a row of their own",
    ".sc-estimates > div": "a line under the dots",
    ".stApp::after": "the line above the number of the page",
    ".sc-estimates i.own": "a ring around a dot that has its own colour",
}
STATES = {
    "dd:not([data-reads]), .bars)": "what is said of another picture than the one that the reader draws",
    ".sc-truth figcaption small)": "what is said of another picture than the one that the reader draws",
    "path.own.aside": "numbers that were put back to ISTA's, which stand beside them",
    ".sc-found svg .none": "the ground where there are more non-zeros than measurements, which has words on it",
    ":is(.sc-plot, .sc-says)": "what is said of another picture than the one that the reader draws",
    ":is(.sc-plot, .sc-lanes, .sc-course, .sc-says)": "what is said of another picture than the one that the reader draws",
    "button:disabled": "a button that cannot be pressed",
    '.chips .other[aria-disabled="true"] > :not(span)': "a solver that cannot be chosen; its words say why",
    ".waiting :is(.caption, .cards, .wide)": "what is out of date until the server's answer",
    '.sc2viz-held:not([data-held="lam"]) '
    ":is(.st-key-sparsity-error, .st-key-loss-lambda, .st-key-objective-lambda)": "what is out of date until the server's answer",
    ".away .line": "curves at another λ than the one at hand, whose markers are not pale",
    ".term:not(.in) canvas": "atoms that are not in the sum yet; their weights are words",
}
LINES = (
    ".zero",
    ".truth",
    ".here",
    ".mark",
    ".optimum",
    ".ring",
    ".axis",
    ".drop",
)  # what is drawn by strokes


def share(dark: bool, least: float) -> float:
    """The smallest share of the text's colour, in whole %, that stands out from every ground of a theme by `least`."""
    of = theme(dark)
    grounds = [
        part[key]
        for part in (of, of["sidebar"])
        for key in ("backgroundColor", "secondaryBackgroundColor")
    ]
    return (
        max(
            next(
                p
                for p in range(101)
                if contrast(blend(of["textColor"], ground, p / 100), ground) >= least
            )
            for ground in grounds
        )
        / 100
    )


def blend(colour: str, ground: str, opacity: float) -> str:
    mixed = opacity * rgb(colour) + (1 - opacity) * rgb(ground)
    return "#" + "".join(f"{round(255 * part):02x}" for part in mixed)


def declarations(text: str):
    """The declarations of a style sheet as (selector, property, value); those of nested blocks, too."""
    for selector, body in re.findall(
        r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    ):
        for declaration in filter(str.strip, body.split(";")):
            name, _, value = declaration.partition(":")
            yield " ".join(selector.split()), name.strip(), " ".join(value.split())


def pale(name: str, value: str) -> float | None:
    """The share of the colour of text, or of all colours, that a declaration leaves; None where it leaves everything."""
    if name == "opacity":
        opacity = float(value.removesuffix(" !important"))
        return opacity if 0 < opacity < 1 else None
    mixed = re.search(
        r"color-mix\(in srgb, (?:currentColor|var\(--s[tc]-text(?:-color)?\)) (\d+)%, transparent\)",
        value,
    )
    return int(mixed[1]) / 100 if mixed and name != "--quiet" else None


def known(selector: str, reasons: dict[str, str]) -> str | None:
    """The entry of `reasons` for a selector: one of its parts ends in it."""
    parts = [selector, *(part.strip() for part in re.split(r",(?![^(]*\))", selector))]
    return next((end for end in reasons if any(part.endswith(end) for part in parts)), None)


def test_style_sheets_make_no_words_and_no_lines_too_pale():
    words, lines = (max(share(dark, least) for dark in (False, True)) for least in (4.5, 3))
    used, wrong = set(), []
    for sheet in SHEETS:
        for selector, name, value in declarations(sheet.read_text("utf-8")):
            left = pale(name, value)
            if left is None:
                continue
            named = known(selector, GROUNDS | STATES)
            used.add(named)
            drawn = (
                name not in ("opacity", "color")
                or known(selector, dict.fromkeys(LINES, "")) is not None
            )
            if named is None and left < (lines if drawn else words):
                wrong.append(f"{sheet.name}: {selector} {{ {name}: {value} }}")
    assert not wrong, f"words need {words:.0%} and lines {lines:.0%} of the text's colour"
    assert not {*GROUNDS, *STATES} - used, "these are pale no more: take them from the list"


@DARK
def test_themes_words_stand_out(dark):
    of = theme(dark)
    for part in (of, of["sidebar"]):
        for ground in (part["backgroundColor"], part["secondaryBackgroundColor"]):
            for words in ("textColor", "primaryColor", "linkColor", "codeTextColor"):
                assert contrast(of[words], ground) >= 4.5, words
            for name in solvers.NAMES:
                colour = style.lettering(style.colour(name, dark), dark)
                assert contrast(colour, ground) >= 4.5, name


@DARK
def test_words_have_the_hue_of_what_they_name(dark):
    assert style.lettering("#000000", dark) == blend(style.ink(dark), "#000000", 0.3).upper()
    words = {style.lettering(hue[dark], dark) for hue in style.HUES}
    assert len(words) == len(style.HUES) and style.ink(dark) not in words


@DARK
def test_the_diagrams_colours_are_those_of_the_theme(dark):
    rule = re.search(r"\.sc-diagram \.cell {.*?light-dark\((.*?), (.*?)\)", diagrams.sc2net({}))
    assert contrast(rule[1 + dark], theme(dark)["backgroundColor"]) >= 3


@DARK
def test_terms_of_a_cell_can_be_read_in_their_colours(dark):
    terms = re.findall(
        r"--(\w+): light-dark\((#\w+), (#\w+)\)", (modules.FOLDER / "ideas.css").read_text("utf-8")
    )
    assert {"memory", "input", "forget", "candidate", "output", "activation"} <= {
        name for name, *_ in terms
    }
    assert all(
        contrast(colours[dark], theme(dark)["backgroundColor"]) >= 4.5 for _, *colours in terms
    )


def figures(dark: bool):
    """Every figure of Plotly once, with the solvers' own colours, by name."""
    rng, steps, lam = np.random.default_rng(0), np.arange(17), np.array([0.01, 0.1, 0.5, 1.0])
    names = list(solvers.NAMES[: len(style.HUES)])
    falls = [np.geomspace(100, 0.1 * (k + 1), 17) for k in range(len(names))]
    each = list(zip(names, falls, strict=True))
    lines = [
        curves.SolverLine(name, name, values, times=steps + 1.0, marked=steps[1:] > 8)
        for name, values in each
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
        paper_curves.LossCourse(name, name, steps, values, values + 2) for name, values in each
    ]
    points = [paper_curves.Points(name, name, lam, 90 + lam, 0 * lam + 1) for name in names]
    band = [spreads.Band(name, name, lam, np.sort(rng.uniform(0, 90, (4, 5)))) for name in names]
    colour = style.colour(names[4], dark)
    return {
        "excess": curves.excess_by_step(lines, 5, dark),
        "excess by time": curves.excess_by_step(lines, 5, dark, by_time=True),
        "loss": tradeoff.loss_by_lambda(sweeps, 0.1, 3.0, dark),
        "objective": tradeoff.objective_by_lambda(sweeps, 0.1, 3.0, dark),
        "sparsity": tradeoff.sparsity_against_error(sweeps, 0.1, dark),
        "strips": spreads.strips(
            [spreads.Spread(name, name, values) for name, values in each], dark
        ),
        "bands": spreads.bands(band, 0.1, dark),
        "cost": recovery.nmse_by_cost(lines, 5, "ms", dark),
        "heatmaps": gates.heatmaps(gate, np.arange(9), 3, 5, dark),
        "course": gates.course(gate, 3, 5, 0.1, colour, dark),
        "memory": gates.memory(code, 3, dark),
        "mean gates": gates.mean_gates(
            {"i": rng.random((12, 9)), "f": rng.random((12, 9))}, code > 0, dark
        ),
        "gate plane": gates.gate_plane(plain, plain, code, 3, colour, dark),
        "activation": activations.activation(curve, 0.5, 0.1, 0.1, 0.8, dark),
        "derivative": activations.derivative(curve, 1, dark),
        "stems": activations.stems(code, plain, dark),
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
    return [each for each in values if isinstance(each, str) and each.startswith("#")]


def words_of(drawn: dict) -> list[str]:
    """The colours of a figure's words, but for those at axes, which have Streamlit's, and style.css sets. Words in a chart
    have a colour each, because Streamlit's grey is too pale."""
    notes = [[note["font"]["color"]] for note in drawn["layout"].get("annotations", ())]
    named = [colours(trace.get("textfont", {}).get("color")) for trace in drawn["data"]]
    ticks = [
        re.findall(r"color:(#\w+)", str(axis))
        for key, axis in drawn["layout"].items()
        if "axis" in key
    ]
    return list(itertools.chain(*notes, *named, *ticks))


def strokes_of(drawn: dict):
    """The colours of a figure's lines and marks with their opacity."""
    for trace in drawn["data"]:
        if trace["type"] == "heatmap":
            continue
        marker, line = trace.get("marker", {}), trace.get("line", {})
        if line.get("width") != 0 and "lines" in trace.get("mode", ""):
            yield from ((colour, trace.get("opacity", 1)) for colour in colours(line.get("color")))
        opacity = marker.get("opacity", 1) * trace.get("opacity", 1)
        if opacity:
            own = colours(marker.get("color")) or colours(marker.get("line", {}).get("color"))
            yield from ((colour, opacity) for colour in own)
    for shape in drawn["layout"].get("shapes", ()):
        if shape["type"] == "line":
            yield from (
                (colour, shape.get("opacity", 1)) for colour in colours(shape["line"]["color"])
            )


@DARK
def test_figures_words_and_lines_stand_out(dark):
    ground, wrong, seen = theme(dark)["backgroundColor"], [], 0
    for name, figure in figures(dark).items():
        drawn = figure.to_dict()
        seen += len(words_of(drawn))
        wrong += [(name, "words", each) for each in words_of(drawn) if contrast(each, ground) < 4.5]
        for colour, opacity in strokes_of(drawn):
            seen += 1
            if contrast(blend(colour, ground, opacity), ground) < 3:
                wrong.append((name, "line", colour, opacity))
    assert not wrong and seen > 200


def test_what_is_sent_of_a_figure_is_what_plotly_makes_of_it(monkeypatch):
    monkeypatch.setattr(style, "VALIDATES", False)
    for name, figure in figures(dark=False).items():
        sent, whole = (
            json.loads(to_json(each.to_dict())) for each in (figure, go.Figure(figure.made))
        )
        light, template = (each["layout"].pop("template") for each in (sent, whole))
        assert (
            len(sent["data"])
            and sent == whole
            and light["data"]["scatter"] == template["data"]["scatter"]
        ), name
        assert light["layout"].items() <= template["layout"].items(), name


def stands_out(pair: tuple[str, str], table: np.ndarray) -> bool:
    """Whether one of two colours beside each other stands out from every colour of a table (k, 3) uint8."""
    cells = ["#" + bytes(cell.tolist()).hex() for cell in table]
    return all(max(contrast(one, cell) for one in pair) >= 3 for cell in cells)


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
    found, lost, theory = (
        re.search(rf"\.sc-found {{[^}}]*--{name}: (#\w+)", css)[1] for name in names
    )
    cells = np.array(
        [
            [int(blend(found, lost, share)[k : k + 2], 16) for k in (1, 3, 5)]
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
