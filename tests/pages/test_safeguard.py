"""The safeguard and the spread, which readers turn on: on Compare, Step through and Why zeros, and in links; and the
safeguard of networks with labels, which acts by itself beyond the iterations that they were trained for."""

import re

import numpy as np
import pytest
import torch
from pages.seen import arrays, html, numbers, told

from sc2viz import checkpoints, data, evaluation, lasso, solvers
from sc2viz.analysis import ablation, inspection

ASKED = {"data": "digits", "lam": "0.1", "T": "100", "solvers": ["FISTA"]}


def acted(rows: slice) -> np.ndarray:
    """Where the safeguard replaces iterations of FISTA, (T, n): none of those that are left raises F."""
    x, B = data.load("digits", "test").pixels[rows], checkpoints.load_dictionary("digits")
    path = solvers.build("fista", B).trace(x, 0.1, 100, safeguard=True)
    F = torch.stack([lasso.objective(x, codes, B, 0.1) for codes in path.codes.detach()])
    assert (F[1:] <= F[:-1] + 1e-6).all()
    return path.safeguarded.numpy()


def notes(app) -> str:
    return " ".join(element.value for element in app.caption)


@pytest.mark.parametrize("page", ["compare", "step"])
def test_a_page_says_where_the_safeguard_acted(open_page, page):
    iterations = acted(slice(16))
    picture = int(iterations.sum(0).argmax())
    if page == "step":
        iterations = acted(slice(picture, picture + 1))
    first = int(np.flatnonzero(iterations.any(1))[0]) + 1
    shows = {"shows": "iterations"} if page == "step" else {}
    app = open_page(page, **ASKED, picture=str(picture), more="true", **shows)
    assert not app.toggle(key="safeguard").value and "safeguard" not in notes(app)
    app.toggle(key="safeguard").set_value(True).run()
    assert not app.exception
    assert (
        re.search(rf"FISTA at iterations? {first}\b", notes(app))
        and "safeguard=True" in app.code[0].value
    )


def test_the_iterations_have_the_distances_with_the_safeguard(open_page):
    lam, row = 0.01, 7
    x = data.load("grey-patches", "test").pixels[row : row + 1]
    B = checkpoints.load_dictionary("grey-patches")
    best = lasso.objective(x, lasso.solve(x, B, lam, tol=1e-6).codes, B, lam)
    solver_of = {
        "FISTA": solvers.build("fista", B),
        "SLSTM": checkpoints.load("grey-patches/slstm"),
    }
    query = {"data": "grey-patches", "lam": f"{lam}", "T": "100", "picture": f"{row}", "t": "100"}
    app = open_page("step", **query, safeguard="true", solvers=[*solver_of])
    element = next(e for e in app.get("bidi_component") if "step-scrubber" in e.proto.id)
    for k, column in enumerate(told(element)["columns"]):
        if solver := solver_of.get(column.get("by")):
            codes = solver.trace(x, lam, 100, safeguard=True).codes[-1:]
            distance = evaluation.rank(x, codes, solver.dictionary, lam, best).item()
            if "numbers" in column:
                measured = numbers(told(element), arrays(element), k, "t")["far"]
                assert measured[100] == pytest.approx(distance, rel=1e-3)


def test_the_spread_is_of_the_test_pictures(open_page):
    app = open_page("compare", **ASKED, more="true")
    assert not app.toggle(key="spread").value and len(app.get("plotly_chart")) == 1
    app.toggle(key="spread").set_value(True).run()
    assert not app.exception and len(app.get("plotly_chart")) == 2
    assert any("359 test pictures" in heading.value for heading in app.header)
    x, B = data.load("digits", "test").pixels, checkpoints.load_dictionary("digits")
    codes = solvers.build("fista", B)(x, 0.1, 100).detach()
    F, best = (
        lasso.objective(x, s, B, 0.1)
        for s in (codes, lasso.solve(x, B, 0.1, tol=1e-6).codes.float())
    )
    median = np.median(100 * (F / best - 1).numpy())
    alt = next(
        chart.proto.alt
        for chart in app.get("plotly_chart")
        if "Distances of single" in chart.proto.alt
    )
    assert float(re.search(r"FISTA ([\d.]+) % \(", alt)[1]) == pytest.approx(median, rel=1e-2)
    assert len(evaluation.subset(5000)) == 1000 == len(set(evaluation.subset(5000).tolist()))


BEYOND = {
    "data": "mnist-5k",
    "lam": "0.01",
    "T": "40",
    "picture": "3",
    "solvers": ["SLSTM (labels)"],
}


def labelled():
    """The network with labels, the picture, and the trace with the safeguard beyond the T that it was trained for."""
    solver, x = (
        checkpoints.load("mnist/slstm-supervised").requires_grad_(False),
        data.load("mnist-5k", "test").pixels[[3]],
    )
    assert solver.steps == 10
    return solver, x, solver.trace(x, 0.01, 40, safeguard=True, beyond=10)


def test_gates_of_a_network_with_labels_have_the_safeguard_beyond_its_iterations(open_page, capsys):
    solver, x, path = labelled()
    assert path.safeguarded[10:].any() and not torch.equal(path.codes[-1], solver(x, 0.01, 40))
    app = open_page("gates", **BEYOND, atom=str(int(path.codes[-1, 0].abs().argmax())), at="40")
    text = " ".join([*(element.value for element in app.markdown), notes(app)]).replace(
        "\u2060", ""
    )
    code = (
        path.codes[-1, 0].abs().max().item()
        * path.codes[-1, 0, path.codes[-1, 0].abs().argmax()].sign().item()
    )
    assert f"{code:.3f}".replace("-", "−") in text
    first = int(np.flatnonzero(path.safeguarded[:, 0])[0]) + 1
    assert re.search(rf"by an ISTA step: SLSTM \(labels\) at iterations? {first}\b", text)
    assert "safeguard=True, beyond=10" in app.code[0].value
    exec(app.code[0].value, {})  # noqa: S102
    assert "'cell': (41, 1, 100)" in capsys.readouterr().out


def test_held_gates_and_other_activations_have_it_too(open_page, capsys):
    solver, x, _ = labelled()
    B = solver.dictionary
    optimum = lasso.objective(x, lasso.solve(x, B, 0.01).codes, B, 0.01)
    free, safe = (ablation.gates(solver, x, 0.01, 40, optimum, beyond) for beyond in (None, 10))
    assert all(guarded <= unguarded + 1e-6 for guarded, unguarded in zip(safe, free, strict=True))
    app = open_page("activations", **BEYOND, theta="0.01")
    h = inspection.from_parameters(theta=torch.tensor(0.01))
    codes = (
        inspection.with_activation(solver, h)
        .trace(x, 0.01, 40, safeguard=True, beyond=10)
        .codes[-1]
    )
    expected = lasso.honest_objective(x, codes, B, 0.01).item()
    card = next(
        card_html for card_html in html(app).split("<figcaption>") if "Shrinkage" in card_html
    )
    assert f"{expected:#.4g}" in card
    exec(app.code[0].value, {})  # noqa: S102
    shares = float(capsys.readouterr().out.split()[0])
    assert shares == pytest.approx(evaluation.nonzero_share(codes).item(), abs=1e-6)
