"""Figures of the gates and of the activations hold the arrays they were given."""

import numpy as np
import pytest

from sc2viz.draw import activations, gates
from sc2viz.draw.terms import TERMS

T, ATOMS = 4, 9


@pytest.fixture
def panels():
    random = np.random.default_rng(1)
    names = {"i": "input gate", "f": "forget gate", "c̃": "candidate", "c": "memory", "s": "code"}
    return [
        gates.Panel(symbol, name, random.random((T, ATOMS)) - 0.5 * (k > 1), k < 2)
        for k, (symbol, name) in enumerate(names.items())
    ]


def test_heatmaps_show_atoms_in_order_and_every_cell_can_be_clicked(panels):
    order = np.array([3, 1, 2, 0, 8, 7, 6, 5, 4])
    figure = gates.heatmaps(panels, order, atom=8, t=2)
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    cells = [trace for trace in figure.data if trace.type == "scatter"]
    for panel, heatmap, hit in zip(panels, maps, cells, strict=True):
        np.testing.assert_allclose(np.asarray(heatmap.z), panel.values.T[order], rtol=1e-6)
        assert len({*zip(hit.x, hit.y, strict=True)}) == T * ATOMS
        rows, (atoms, values) = np.asarray(hit.y, int), np.transpose(hit.customdata)
        np.testing.assert_array_equal(order[rows], atoms)
        expected = panel.values[np.asarray(hit.x, int) - 1, atoms.astype(int)]
        np.testing.assert_allclose(values, expected, rtol=1e-6)
    assert figure.layout.coloraxis.cmin == 0 and figure.layout.coloraxis.cmax == 1
    assert figure.layout.coloraxis2.cmin == -figure.layout.coloraxis2.cmax
    row = next(shape for shape in figure.layout.shapes if shape.x1 == T + 0.5)
    assert (row.y0 + row.y1) / 2 == 4  # atom 8 stands in the fifth row


def test_heatmaps_of_long_runs_keep_few_markers_and_bad_numbers_do_no_harm():
    values = np.full((100, ATOMS), np.nan)
    values[0] = np.inf
    gate = gates.Panel("i", "input gate", np.full((100, ATOMS), 1.8), True)
    figure = gates.heatmaps([gate, gates.Panel("c", "memory", values)], np.arange(ATOMS), 0, 100)
    assert max(len(trace.x) for trace in figure.data if trace.type == "scatter") <= 20 * ATOMS
    assert figure.layout.coloraxis.cmax == pytest.approx(1.8)
    maps = [np.asarray(trace.z) for trace in figure.data if trace.type == "heatmap"]
    assert np.isfinite(maps).all()


def test_ticks_of_neighbouring_heatmaps_do_not_touch_on_a_phone():
    for steps in (1, 2, 3, 9, 10, 20, 100):
        values = np.zeros((steps, ATOMS))
        panels = [gates.Panel(name, name, values, name in "if") for name in "ifgcs"]
        layout = gates.heatmaps(panels, np.arange(ATOMS), 0, 1).layout
        edges = []
        for axis in (getattr(layout, f"xaxis{k}") for k in ("", 2, 3, 4, 5)):
            (start, end), (low, high) = axis.domain, axis.range
            for tick in axis.tickvals:
                share = start + (end - start) * (tick - low) / (high - low)
                half = 3.4 * len(str(tick))
                edges += [290 * share - half, 290 * share + half]  # px: the plot's width at 390
        assert np.diff(edges).min() > 0, steps


def test_the_course_of_an_atom_puts_the_memory_first_and_names_every_line_at_its_end(panels):
    figure = gates.course(panels, 3, 2, 0.1)
    assert f"forget gate {panels[1].values[1, 3]:.3f}" in figure.layout.meta["alt"]
    lines = {trace.name[0]: trace.line for trace in figure.data}
    assert lines["c"].width >= 2 * lines["s"].width
    colours = [lines[symbol].color for symbol in "ifc"]
    assert colours == [TERMS[term][False] for term in ("input", "forget", "memory")]
    band = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (band.y0, band.y1, band.fillcolor) == (-0.1, 0.1, lines["c"].color)
    names = [note.text for note in figure.layout.annotations]
    assert len(names) == 6 and all(any(panel.name in name for name in names) for panel in panels)
    low, high = figure.layout.yaxis.range
    values = np.concatenate([panel.values[:, 3] for panel in panels[2:]])
    assert low < min(values.min(), -0.1) and high > max(values.max(), 0.1)
    panels[3].values[1:], panels[4].values[1:] = np.nan, np.inf  # one that diverges
    assert np.isfinite(gates.course(panels, 3, 2, 0.1).layout.yaxis.range).all()


def test_the_course_of_parts_without_symbols_has_a_line_for_each_named_once():
    names = ("gain gate", "update gate", "speed", "code")
    panels = [gates.Panel(name, name, np.full((1, ATOMS), 0.4), "gate" in name) for name in names]
    figure = gates.course(panels, 2, 1, None)
    assert sorted(note.text for note in figure.layout.annotations) == sorted(names)
    assert len({(trace.line.color, trace.line.dash) for trace in figure.data}) == 4
    assert {trace.mode for trace in figure.data} == {"lines+markers"}  # T = 1


def test_the_histogram_counts_each_atom_once():
    code = np.array([0, 0, 1e-8, 0.005, -0.5, 30, -2e5])
    bars = activations.histogram(code, code + 1).data[0]
    counts = dict(zip(bars.x, bars.y, strict=True))
    assert sum(counts.values()) == len(code)
    expected = {"exactly 0": 2, "< 10⁻⁶": 1, "10⁻³–10⁻²": 1, "≥ 10²": 1}
    assert expected.items() <= counts.items()


def test_the_line_of_shrinkages_slope_is_interrupted_where_it_jumps():
    c = np.linspace(-1, 1, 201)
    curve = activations.Curve(c, (np.abs(c) > 0.2).astype(float), 1 - np.tanh(c) ** 2)
    assert np.isnan(activations.derivative(curve, 1).data[0].y).sum() == 2
