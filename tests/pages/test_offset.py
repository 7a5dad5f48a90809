"""A guest with an offset on nine pages, in handed-out Python and in `live()`: it stands below the line, and its numbers are
those of x − offset."""

import contextlib
import io
import re

import numpy as np
import pytest
import torch
from pages.seen import arrays, html, live, numbers, told
from pages.test_guest_pages import captions, chips, component
from sklearn.linear_model import Lasso

import sc2viz
from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.browser import comparison
from sc2viz.ui import models, results

LABEL, FILE = "Offset ISTA", "guest-offset"
HERE = {"data": "digits", "solvers": ["ISTA", LABEL], "T": "10", "lam": "0.1", "picture": "3"}


@pytest.fixture
def truth(bring):
    """The picture, the solver, its codes, and F and PSNR by numpy."""
    assert bring(FILE) == ()
    solver = solvers.build(FILE, checkpoints.load_dictionary("digits")).requires_grad_(False)
    x = data.load("digits", "test").pixels[[3]]
    codes = solver(x, 0.1, 10)
    reconstruction = codes.double().numpy() @ solver.dictionary.double().numpy().T + 0.1
    error = np.square(x.double().numpy() - reconstruction).sum()
    return (
        x,
        solver,
        codes,
        0.5 * error + 0.1 * np.abs(codes.numpy()).sum(),
        -10 * np.log10(error / x.shape[1]),
    )


def printed(app) -> str:
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        exec(app.code[0].value, {})  # noqa: S102
    return stream.getvalue()


def test_on_compare_it_stands_below_the_line_with_its_own_F(open_page, truth):
    _, _, _, F, psnr = truth
    app = open_page("compare", **HERE, layout="one picture")
    assert list(chips(app))[-1] in (LABEL, "IHT", "OMP") and LABEL in list(chips(app))[-3:]
    card = re.sub("<[^>]*>", " ", html(app).partition(' sc-below"')[2])
    assert (
        LABEL in card and "It reconstructs from an offset of its own, so F does not rank it" in card
    )
    assert f"{psnr:.1f}\u00a0dB" in card and f"{F:#.4g}" in card and "above the optimum" not in card
    assert f"{LABEL} reconstructs from an offset of its own, so F does not rank it." in captions(
        app
    )
    assert f"{LABEL}: F = {F:.4g}, which does not rank it" in printed(
        app
    ) and "ISTA: F = " in printed(app)
    columns = component(app, "sc2viz_board")["columns"]
    assert ["offset" in column for column in columns] == [False, False, False, True]


def test_what_the_board_draws_begins_from_it(truth):
    x, solver, codes, *_ = truth
    page = sc2viz.live(x, solver.dictionary, ["ista", FILE], lam=0.1, steps=10).html
    data = live(page)
    card = data["board"]["cards"][3]
    assert ' sc-below"' in card and LABEL in card
    assert "reconstructs from an offset of its own" in card
    columns = data["board"]["columns"]
    assert ["offset" in column for column in columns] == [False, False, False, True]
    ranks = [(solver["label"], solver["ranked"], solver["stored"]) for solver in data["solvers"]]
    assert ranks == [("ISTA", True, False), (LABEL, False, False)]


def test_on_step_through(open_page, truth):
    _, solver, codes, F, psnr = truth
    app = open_page("step", **HERE, t="10")
    element = next(e for e in app.get("bidi_component") if "step-scrubber" in e.proto.id)
    message = told(element)
    column = next(
        k for k, column_data in enumerate(message["columns"]) if column_data.get("by") == LABEL
    )
    readings = numbers(message, arrays(element), column, "t")
    assert (readings["psnr"][10], readings["F"][10]) == pytest.approx((psnr, F), rel=1e-4)
    groups = {group["title"]: group for group in message["groups"]}
    assert next(iter(dict(groups[LABEL]["readings"]))) == "PSNR"
    assert float(printed(app).splitlines()[-1].split()[-1]) == pytest.approx(F, rel=1e-4)
    assert sum("offset" in column for column in component(app, "sc2viz_scrubber")["columns"]) == 1


@pytest.mark.parametrize("page", ["lambda", "activations", "gates", "dictionary", "welcome"])
def test_on_the_other_pages(open_page, truth, page):
    _, _, _, F, psnr = truth
    app = open_page(page, **HERE)
    assert not app.exception and not app.error
    if page == "lambda":
        line = next(
            line for line in printed(app).splitlines() if line.startswith(f"lambda 0.1, {LABEL}")
        )
        assert float(re.search(r"F (\S+),", line)[1]) > 0
    if page == "activations":
        assert component(app, "sc2viz_chips")["shown"] == [LABEL]
        own_theta = (
            float(models.build(models.choices("digits")[LABEL]).weights.matrices().step) * 0.1
        )
        app = open_page(page, **HERE, theta=f"{own_theta:.6f}")
        assert "\u00a0dB" in html(app)


def test_it_is_trained_live(open_page, truth):
    app = open_page("train", data="digits", trainee=LABEL, T="5")
    job = app.session_state["_job"]
    try:
        job.until = 1
        job.train()
        assert job.solver.name == FILE and job.solver.offset is not None
        frame = job.frames[-1]
        np.testing.assert_allclose(
            frame.reconstructions,
            job.network().reconstruct(torch.from_numpy(frame.codes)),
            atol=2e-3,
        )
        app.run()
        texts = " ".join(markdown.value for markdown in app.markdown)
        groups = next(component(app, "sc2viz_scrubber") for _ in (0,))["groups"]
        names = [name for group in groups for name, _ in group["readings"]]
        assert names.count("from the optimum") == 1, names  # that of the baseline
        assert "nan" not in texts
    finally:
        job.close()


def test_entries_without_a_rank_stand_last(truth):
    assert comparison.Entry("a", "ista", None).unranked == ""
    models_by_label = models.choices("digits")
    assert models.why_unranked(models_by_label[LABEL]) == "reconstructs from an offset of its own"
    assert [
        model.label for model in models.ranked([models_by_label[LABEL], models_by_label["ISTA"]])
    ] == ["ISTA"]
    assert models.ranked([models_by_label[LABEL]]) == []


def test_the_own_optimum_of_codes_above_zero_is_that_of_such_codes(tmp_path, monkeypatch):
    """By scikit-learn, which minimises F/d_x."""
    solver = solvers.build("relu-sae", checkpoints.load_dictionary("digits")).requires_grad_(False)
    solver.offset += 0.05
    checkpoints.save(solver, tmp_path / "mine.safetensors", {"data": "digits"})
    monkeypatch.setenv(checkpoints.NETWORKS, str(tmp_path))
    model, x = models.choices("digits")["ReLU SAE"], data.load("digits", "test").pixels[[3]]
    rows, B = (x - 0.05)[0].double().numpy(), lasso.normalised(solver.dictionary.double()).numpy()
    best = (
        Lasso(0.1 / len(rows), fit_intercept=False, positive=True, tol=1e-10, max_iter=100_000)
        .fit(B, rows)
        .coef_
    )

    def F(s: np.ndarray) -> float:
        return 0.5 * np.square(rows - B @ s).sum() + 0.1 * np.abs(s).sum()

    own_excess = results.descent(model, x.numpy(), 0.1).own_excess[-1]
    assert own_excess == pytest.approx(
        100 * (F(solver(x, 0.1)[0].double().numpy()) / F(best) - 1), rel=1e-3
    )
    stops = results.exact_sweep_of(model, x.numpy(), 0.1)
    assert stops.objective[stops.place(0.1), 0] == pytest.approx(F(best), rel=1e-6)
