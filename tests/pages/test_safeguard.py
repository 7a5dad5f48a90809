"""The safeguard and the spread, which readers turn on: on Compare, Step through and λ trade-off, and in links."""

import re

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, evaluation, lasso, solvers

ASKED = {"data": "digits", "lam": "0.1", "T": "100", "solvers": ["FISTA"]}


def acted(rows: slice) -> np.ndarray:
    """Where the safeguard replaces iterations of FISTA, (T, n): none of those that are left raises F."""
    x, B = data.load("digits", "test").pixels[rows], checkpoints.load_dictionary("digits")
    path = solvers.build("fista", B).trace(x, 0.1, 100, safeguard=True)
    F = torch.stack([lasso.objective(x, codes, B, 0.1) for codes in path.codes.detach()])
    assert (F[1:] <= F[:-1] + 1e-6).all()
    return path.safeguarded.numpy()


def notes(app) -> str:
    return " ".join(part.value for part in app.caption)


@pytest.mark.parametrize("page", ["compare", "step"])
def test_a_page_says_where_the_safeguard_acted(open_page, page):
    where = acted(slice(16))
    picture = int(where.sum(0).argmax())
    if page == "step":
        where = acted(slice(picture, picture + 1))
    first = int(np.flatnonzero(where.any(1))[0]) + 1
    app = open_page(page, **ASKED, picture=str(picture))
    assert not app.toggle(key="safeguard").value and "safeguard" not in notes(app)
    app.toggle(key="safeguard").set_value(True).run()
    assert not app.exception
    assert re.search(rf"FISTA at iterations? {first}\b", notes(app)) and "safeguard=True" in app.code[0].value


def test_the_spread_is_of_the_test_pictures(open_page):
    app = open_page("compare", **ASKED)
    assert not app.toggle(key="spread").value and len(app.get("plotly_chart")) == 1
    app.toggle(key="spread").set_value(True).run()
    assert not app.exception and len(app.get("plotly_chart")) == 2
    assert any("359 test pictures" in heading.value for heading in app.subheader)
    x, B = data.load("digits", "test").pixels, checkpoints.load_dictionary("digits")
    codes = solvers.build("fista", B)(x, 0.1, 100).detach()
    F, best = (lasso.objective(x, s, B, 0.1) for s in (codes, lasso.solve(x, B, 0.1, tol=1e-6).codes.float()))
    median = np.median(100 * (F / best - 1).numpy())
    alt = next(part.proto.alt for part in app.get("plotly_chart") if "Distances of single" in part.proto.alt)
    assert float(re.search(r"50 %: ([\d.]+) %", alt)[1]) == pytest.approx(median, rel=1e-2)
    assert len(evaluation.subset(5000)) == 1000 == len(set(evaluation.subset(5000).tolist()))


def test_the_trade_off_has_bands_at_every_lambda(open_page):
    app = open_page("lambda", data="digits", spread="true", solvers=["FISTA"])
    assert not app.exception and len(app.get("plotly_chart")) == 4
