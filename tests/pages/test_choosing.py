"""Choosing among many solvers: names are shown without building what nobody chose."""

import pytest
from pages.test_guest_pages import chips

from sc2viz import solvers
from sc2viz.draw import style
from sc2viz.ui import models


@pytest.fixture
def built(monkeypatch) -> list[str]:
    """The names of the solvers that were built since the test began."""
    names, build = [], models._build

    def note(model):
        names.append(model.solver)
        return build(model)

    monkeypatch.setattr(models, "_build", note)
    models.facts.cache.clear()
    return names


def test_what_is_neither_the_papers_nor_chosen_is_not_built(open_page, bring, built):
    bring("tista", "overcomplete")
    app = open_page("compare", data="digits", solvers=["ISTA", "IHT"])
    paper = {name for name in solvers.NAMES if solvers.family(name) == "paper"}
    assert set(built) <= paper | {"iht"}
    chips_shown = chips(app)
    assert {"TISTA", "OMP", "Overcomplete ISTA"} < set(chips_shown)
    assert {label for label, chip in chips_shown.items() if chip["first"]} == {
        style.label(name) for name in paper
    }
    assert (
        chips_shown["TISTA"]["family"] == "guest"
        and chips_shown["TISTA"]["year"] == 2019
        and chips_shown["TISTA"]["note"] == ""
    )


def test_once_the_list_was_opened_it_says_what_does_not_fit(open_page, bring, built):
    bring("overcomplete")
    app = open_page("compare", data="mnist-5k", solvers=["ISTA"])
    assert chips(app)["Overcomplete ISTA"]["problem"] == "" and "overcomplete-ista" not in built
    app.session_state["_others_seen"] = True
    app.run()
    assert "784 > 100" in chips(app)["Overcomplete ISTA"]["problem"]
