"""In which group a solver is listed, and of which year it is: both are stated by its class."""

import pytest

from sc2viz import solvers
from sc2viz.published import printed
from sc2viz.solvers import Traits, registry


def test_the_papers_solvers_are_those_of_its_tables_and_of_its_equation_7():
    tables = {
        name for method in printed.METHODS.values() if (name := getattr(method, "solver", None))
    }
    assert {name for name in solvers.NAMES if solvers.family(name) == "paper"} == tables | {
        "adaptive-ista"
    }


def test_each_solver_has_a_group_and_a_year_and_no_built_in_one_is_a_guest():
    for name in solvers.NAMES:
        assert solvers.family(name) in solvers.FAMILIES and solvers.family(name) != "guest", name
        assert str(solvers.year(name)) in solvers.solver_class(name).source, name


def test_a_guest_stays_one_whatever_it_derives_from(bring):
    assert bring("tista", "without_lambda", "residual") == ()
    assert {solvers.family(name) for name in ("tista", "top-k", "residual-ista")} == {"guest"}
    assert solvers.year("tista") == 2019 and solvers.year("residual-ista") is None


@pytest.mark.parametrize(
    ("traits", "family"), [(Traits(learned=True), "later"), (Traits(), "classic")]
)
def test_without_a_word_learned_ones_are_the_later_ones(monkeypatch, traits, family):
    monkeypatch.setattr(registry.solver_class("lista"), "traits", traits)
    assert solvers.family("lista") == family


def test_an_unknown_group_is_refused():
    with pytest.raises(
        ValueError,
        match="family must be one of paper, classic, greedy, encoder, later, guest, got 'other'",
    ):
        Traits(family="other")
