"""Figures of the gates and of the activations hold the arrays they were given."""

import numpy as np
import pytest

from sc2viz.analysis import inspection
from sc2viz.draw import activations, gates, style
from sc2viz.pages.gates import describe_gates

T, ATOMS = 4, 9


@pytest.fixture
def panels():
    random = np.random.default_rng(1)
    names = (
        ("i", "input gate"),
        ("f", "forget gate"),
        ("c̃", "candidate"),
        ("c", "memory"),
        ("s", "code"),
    )
    return [
        gates.Panel(symbol, name, random.random((T, ATOMS)) - 0.5 * (k > 1), k < 2)
        for k, (symbol, name) in enumerate(names)
    ]


def test_heatmaps_show_atoms_in_order_and_every_cell_can_be_clicked(panels):
    order = np.array([3, 1, 2, 0, 8, 7, 6, 5, 4])
    figure = gates.heatmaps(panels, order, atom=8, t=2)
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    cells = [trace for trace in figure.data if trace.type == "scatter"]
    for panel, drawn, hit in zip(panels, maps, cells, strict=True):
        np.testing.assert_allclose(np.asarray(drawn.z), panel.values.T[order], rtol=1e-6)
        for x, y, (atom, value) in zip(hit.x, hit.y, hit.customdata, strict=True):
            assert order[int(y)] == atom and 1 <= x <= T
            assert value == pytest.approx(panel.values[int(x) - 1, int(atom)], rel=1e-6)
        assert len({*zip(hit.x, hit.y, strict=True)}) == T * ATOMS
    assert figure.layout.coloraxis.cmin == 0 and figure.layout.coloraxis.cmax == 1
    assert figure.layout.coloraxis2.cmin == -figure.layout.coloraxis2.cmax
    row = next(shape for shape in figure.layout.shapes if shape.x1 == T + 0.5)
    assert (row.y0 + row.y1) / 2 == 4  # atom 8 stands in the fifth row
    assert f"forget gate {panels[1].values[1, 8]:.3f}" in figure.layout.meta["alt"]


def test_heatmaps_of_long_runs_keep_few_markers_and_bad_numbers_do_no_harm():
    values = np.full((100, ATOMS), np.nan)
    values[0] = np.inf
    long = [
        gates.Panel("i", "input gate", np.ones((100, ATOMS)) * 1.8, True),
        gates.Panel("c", "memory", values),
    ]
    figure = gates.heatmaps(long, np.arange(ATOMS), 0, 100)
    assert max(len(trace.x) for trace in figure.data if trace.type == "scatter") <= 20 * ATOMS
    assert figure.layout.coloraxis.cmax == pytest.approx(1.8)
    assert all(
        np.isfinite(np.asarray(trace.z)).all() for trace in figure.data if trace.type == "heatmap"
    )


def test_pictures_to_take_away_have_the_scales_of_the_heatmaps(panels):
    shut = gates.Panel("i", "input gate", np.zeros((T, ATOMS)), True)
    open_ = gates.Panel("f", "forget gate", np.ones((T, ATOMS)), True)
    drawn = gates.as_pictures([shut, open_, *panels[2:]], np.arange(ATOMS))
    assert (drawn[0][..., :3] == style.GATE_TABLE[0]).all() and (
        drawn[1][..., :3] == style.GATE_TABLE[-1]
    ).all()


def test_an_atom_is_drawn_in_grey_and_in_colour():
    grey = gates.atom_picture(np.array([0.0, 1.0, -1.0, 0.0]), (2, 2, 1), side=2)
    assert (grey[0, 1, :3] == style.DIVERGING_TABLE[False][-1]).all()
    assert (grey[1, 0, :3] == style.DIVERGING_TABLE[False][1]).all()
    assert gates.atom_picture(np.zeros(12), (2, 2, 3), side=2).shape == (2, 2, 4)


def test_every_chart_of_one_and_of_all_atoms_has_alt_text_with_its_numbers(panels):
    i, f, code = panels[0].values, panels[1].values, panels[4].values
    figures = [
        gates.course(panels, 3, 2, 0.1, "#D55E00"),
        gates.memory(np.array([0.5, -0.25]), 3),
        gates.mean_gates({"i": i, "f": f}, np.abs(code[-1]) > 0.2),
        gates.mean_gates({"i": i[:1], "f": f[:1]}, np.zeros(ATOMS, bool)),
        gates.gate_plane(i.mean(0), f.mean(0), code[-1], 3, "#D55E00"),
        gates.gate_plane(i[0] * 0 + 0.5, f[0] * 0 + 0.5, code[-1] * 0, 3, "#D55E00", dark=True),
    ]
    assert all(len(figure.layout.meta["alt"]) > 40 for figure in figures)
    assert "0.500 of 0.250" in figures[1].layout.meta["alt"]


def test_ticks_of_neighbouring_heatmaps_do_not_touch_on_a_phone():
    for steps in (1, 2, 3, 9, 10, 20, 100):
        values = np.zeros((steps, ATOMS))
        figure = gates.heatmaps(
            [gates.Panel(name, name, values, name in "if") for name in "ifgcs"],
            np.arange(ATOMS),
            0,
            1,
        )
        edges = []
        for axis in (getattr(figure.layout, f"xaxis{k}") for k in ("", 2, 3, 4, 5)):
            (left, right), (low, high) = axis.domain, axis.range
            for tick in axis.tickvals:
                middle = 290 * (
                    left + (right - left) * (tick - low) / (high - low)
                )  # the plot is 290 px wide at 390
                edges += [middle - 3.4 * len(str(tick)), middle + 3.4 * len(str(tick))]
        assert np.diff(edges).min() > 0, steps


def test_the_course_of_an_atom_puts_the_memory_first_and_names_every_line_at_its_end(panels):
    theta = 0.1
    figure = gates.course(panels, 3, 2, theta, "#D55E00")
    lines = {trace.name[0]: trace.line for trace in figure.data}
    assert (
        lines["c"].width >= 2 * lines["s"].width
        and lines["c"].color == "#D55E00" != lines["s"].color
    )
    band = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (band.y0, band.y1, band.fillcolor) == (-theta, theta, "#D55E00")
    names = [note.text for note in figure.layout.annotations]
    assert len(names) == 6 and all(any(panel.name in name for name in names) for panel in panels)
    low, high = figure.layout.yaxis.range
    drawn = np.concatenate([panel.values[:, 3] for panel in panels[2:]])
    assert low < min(drawn.min(), -theta) and high > max(drawn.max(), theta)


@pytest.mark.parametrize(
    "ends",
    [(0, 0, 0, 0), (1, 1, 1, 0), (-1, -1, 0.99, 1), (np.nan, np.inf, 0, -np.inf), (0.5, -0.5)],
)
def test_names_at_the_ends_of_lines_keep_their_distance_and_their_order(ends):
    notes = gates._names_at_ends(
        [(str(k), value, "red") for k, value in enumerate(ends)], "y", (-1, 1), 180
    )
    places = np.array([180 * note["y"] for note in notes])
    assert (
        np.diff(np.sort(places)).min() >= gates._LINE - 1e-9
        and places.min() >= 0
        and places.max() <= 180 + 1e-9
    )
    wanted = np.clip(np.nan_to_num(ends), -1, 1)
    assert (np.diff(wanted[np.argsort(places)]) >= 0).all()


def test_a_course_that_diverges_can_be_drawn(panels):
    panels[3].values[1:] = np.nan
    panels[4].values[1:] = np.inf
    assert np.isfinite(gates.course(panels, 3, 2, 0.1, "#D55E00").layout.yaxis.range).all()


def test_activations_are_drawn_as_given():
    c = np.linspace(-1, 1, 201)
    curve = activations.Curve(c, np.sign(c) * np.maximum(np.abs(c) - 0.2, 0), np.tanh(c))
    figure = activations.activation(curve, 0.5, 0.8, 0.2, 1.0)
    np.testing.assert_array_equal(figure.data[0].y, curve.shrinkage)
    np.testing.assert_array_equal(figure.data[1].y, curve.double_tanh)
    assert (
        f"at most {np.abs(curve.shrinkage - curve.double_tanh).max():.3g} within"
        in figure.layout.meta["alt"]
    )
    step = activations.derivative(
        activations.Curve(c, (np.abs(c) > 0.2).astype(float), 1 - np.tanh(c) ** 2), 1
    )
    assert np.isnan(step.data[0].y).sum() == 2  # shrinkage's slope jumps at ±θ


def test_the_histogram_counts_each_atom_once():
    soft = np.array([0, 0, 1e-8, 0.005, -0.5, 30, -2e5])
    figure = activations.histogram(soft, soft + 1)
    counts = dict(zip(figure.data[0].x, figure.data[0].y, strict=True))
    assert sum(counts.values()) == len(soft)
    assert (
        counts["exactly 0"] == 2
        and counts["< 10⁻⁶"] == 1
        and counts["10⁻³–10⁻²"] == 1
        and counts["≥ 10²"] == 1
    )
    assert activations.stems(soft, soft).layout.meta["alt"].endswith("Double tanh 5 of 7.")


def spaced(text: str) -> str:
    """A sentence with plain spaces before "%"."""
    return text.replace("\u00a0", " ")


def test_the_words_say_what_a_gate_does():
    f = np.array([0.9, 0.6, 0.4])  # the first one meets an empty memory
    sentence, why = map(spaced, describe_gates.forget_gate("picture 3, a 7", 17, f, 0.41, 0.02))
    assert (
        "**atom 17** keeps 50 %" in sentence
        and "60 % in iteration 2" in sentence
        and "40 % in the last" in sentence
    )
    assert "s = 0.410 at the end" in why and "would be s = 0.020" in why
    assert "over-relaxation" in describe_gates.forget_gate("it", 1, -f, 0.0, 0.0)[1]
    assert "diverge" in describe_gates.forget_gate("it", 1, f, 0.5, float("nan"))[1]
    assert "no candidate" in describe_gates.memory(np.zeros(3))
    assert "last candidate makes up 80 %" in spaced(
        describe_gates.memory(np.array([0.1, 0.1, 0.8]))
    )
    kept, dropped = describe_gates.kept_and_dropped(
        np.array([[0.5, 0.1, 0.0, 0.3], [0.2, 0.0, 0.0, -0.4]])
    )
    assert list(kept) == [3, 0] and list(dropped) == [1]


def test_the_words_say_why_a_small_share_kept_makes_a_large_difference():
    f = np.full(10, 0.04)
    said = spaced(describe_gates.why_code_changes(f, (-0.5, -0.4), (-0.3, -0.2), 0.2))
    assert (
        "1/(1 − f) = 1.04" in said
        and "25 % larger than with the gate closed (c = −0.500 instead of −0.400)" in said
    )
    assert "the candidate changes" in said
    assert "θ = 0.2 is subtracted" in said and said.endswith("the code is 50 % larger.")
    smaller = spaced(describe_gates.why_code_changes(f, (0.4, 0.5), (0.2, 0.3), None))
    assert (
        "20 % smaller" in smaller
        and smaller.endswith("The code is 33 % smaller.")
        and "θ" not in smaller
    )
    assert "candidate" not in describe_gates.why_code_changes(f, (0.52, 0.5), (0.12, 0.1), 0.4)
    assert "the code is 200 % larger" in spaced(
        describe_gates.why_code_changes(f, (0.7, 0.5), (0.3, 0.1), 0.4)
    )
    for nothing in (
        (f, (0.51, 0.5), (0.51, 0.5), None),  # no more than the share kept
        (-f, (0.9, 0.5), (0.5, 0.1), 0.4),
        (f + 1, (0.9, 0.5), (0.5, 0.1), 0.4),
        (f[:1], (0.9, 0.5), (0.5, 0.1), 0.4),
        (f, (0.9, 0.3), (0.5, 0.0), 0.4),  # out of use
        (f, (0.9, -0.9), (0.5, -0.5), 0.4),
        (f, (0.9, np.nan), (0.5, np.nan), 0.4),
    ):
        assert describe_gates.why_code_changes(*nothing) == ""


@pytest.mark.parametrize("shift, apart", [(0.0, False), (0.5, True)])
def test_the_words_say_when_the_forget_gate_does_not_tell_atoms_apart(shift, apart):
    f = np.tile([0.1, 0.3, 0.1, 0.3], (2, 1))
    f[:, :2] += shift
    codes = np.tile([0.5, 0.5, 0.0, 0.0], (2, 1))
    said = " ".join(describe_gates.notice(1 - f, f, codes))
    assert ("does not distinguish atoms in use from the others" in said) is not apart
    if not apart:
        assert (
            "the difference, 0.000," in said
            and "the standard deviation over the atoms, 0.100" in said
        )


def test_the_band_is_said_to_be_the_memorys():
    now = inspection.Iteration(*[0.0] * 6, {}, None, None, {"theta": 0.2})
    said = describe_gates.course(now, np.array([0.0, 0.1, -0.1]), 17)
    assert (
        "the memory c lies in the band ±θ = ±0.2" in said
        and "atom 17 is outside the band in 2 of 3 iterations" in said
    )


def test_the_course_of_one_iteration_is_drawn_as_points():
    symbols = ("i", "f", "c̃", "c", "s")
    one = [
        gates.Panel(symbol, symbol, np.full((1, ATOMS), 0.4), gate=symbol in "if")
        for symbol in symbols
    ]
    assert {trace.mode for trace in gates.course(one, 2, 1, 0.1, "#D55E00").data} == {
        "lines+markers"
    }
