"""What a reader sees beside a solver from outside the package that never ends, or whose call sets what others use."""

import re
import time

import pytest
import torch
from pages.seen import html

from sc2viz.solvers import guests
from sc2viz.ui import cache
from sc2viz.ui.app import TITLES

SECONDS, BOUND = 0.5, 60.0  # that a call has, and in which a page must be there


def on(pages, everyday):
    """Pages, of which all but the `everyday` ones are for a release."""
    marked = [
        path if path in everyday else pytest.param(path, marks=pytest.mark.release)
        for path in pages
    ]
    return pytest.mark.parametrize("path", marked)


@on(("compare", "step", "lambda"), ("compare",))
def test_an_endless_guest_costs_its_own_card_and_is_named(open_page, bring, monkeypatch, path):
    usual = open_page(
        path, data="digits", solvers=["ISTA", "FISTA"]
    )  # the server has prepared itself, which sets seconds
    assert bring("endless") == ()
    assert guests.seconds == 20
    monkeypatch.setattr(guests, "seconds", SECONDS)
    began = time.monotonic()
    app = open_page(path, data="digits", solvers=["ISTA", "Endless"])
    assert time.monotonic() - began < BOUND
    said = " ".join(caption.value for caption in app.caption)
    assert re.search(
        r"Endless is not shown: it failed in endless\.py, line 1[56]: a call took more than 0\.5 s, so it is left out",
        said,
    )
    assert "<span>Endless</span>" not in html(app) and len(app.title) == len(usual.title) == 1
    monkeypatch.setattr(guests, "seconds", 20.0)  # it is not tried again
    began = time.monotonic()
    app.sidebar.number_input(key="lam").set_value(0.3).run()
    assert time.monotonic() - began < 20 and not app.exception and not app.error


@on(TITLES, ("activations",))
def test_a_page_is_the_same_while_another_thread_has_set_the_default_dtype(open_page, path):
    """As in the midst of a guest's call, before its setting is put back."""

    def words(app) -> list[str]:
        return [element.value for element in (*app.markdown, *app.caption)]

    asked = {"data": "digits", "solvers": ["ISTA", "SLSTM"], "lam": "0.3"}
    usual = open_page(path, **asked)
    cache.SHARED.values.clear()
    with guests.kept():
        torch.set_default_dtype(torch.float64)
        app = open_page(path, **asked)  # which must show no error
    assert words(app) == words(usual)
