"""The table of the recovery on the page of results, from records made by hand."""

import pytest

from sc2viz import words
from sc2viz.lab.experiments.recovery_protocols import CHECKED, FRESH, LATER, METHODS, RecoveryRun
from sc2viz.lab.reports import published
from sc2viz.lab.reports import recovery_tables as tables


def record(*nmse, excess=1.0):
    return {
        "metrics": {
            "nmse": [*nmse],
            "precision": [0.5] * len(nmse),
            "recall": [0.75] * len(nmse),
            "excess": [excess] * len(nmse),
        }
    }


RECORDS = {
    RecoveryRun("40dB", "alista-selection", 0): record(-5.0, -20.0, -42.0),
    RecoveryRun("40dB", "alista-selection", 1): record(-5.0, -20.0, -43.0),
    RecoveryRun("40dB", "fista", 0): record(-5.5, -11.0, -12.0, excess=1720.4),
    RecoveryRun("40dB", "exact", 0): record(-36.7, excess=-1e-6),
    RecoveryRun("40dB", "glista", 0): record(-2.0, -20.5, -42.0),
    RecoveryRun("20dB", "fista", 0): record(-1.0, -2.0, -10.04),
}


def test_the_least_error_comes_first_and_layers_are_compared_with_alistas():
    assert tables.ordered(RECORDS) == ["alista-selection", "glista", "exact", "fista"]
    assert (
        tables.falls_behind(RECORDS, "fista") == 2
        and tables.falls_behind(RECORDS, "glista") is None
    )
    assert (
        tables.falls_behind(RECORDS, "exact") is None
        and tables.falls_behind(RECORDS, "alista-selection") is None
    )
    assert tables.by_layer(RECORDS, "40dB", "alista-selection") == [-5.0, -20.0, -42.5]


def test_the_table_has_every_number():
    text = tables.markdown(RECORDS)
    rows = {
        line.split(" | ")[0].strip("| "): line
        for line in text.splitlines()
        if line.startswith("| ")
    }
    assert "| −42.5 ± 0.7 | 50 %, 75 % | 1.0 % | – |" in rows["ALISTA, support selection"]
    assert (
        "| −12.0 | 50 %, 75 % | 1,720 % | 2 | −10.0 |" in rows["FISTA"]
        and "| −36.7 |" in rows["Exact codes"]
    )
    assert "| 0 % |" in rows["Exact codes"]


def test_the_fresh_seed_stands_beside_the_means_and_in_none_of_them():
    checked = {
        RecoveryRun("40dB", method, seed): record(-40.0 - seed)
        for method in CHECKED
        for seed in range(3)
    }
    again = {RecoveryRun("40dB", method, FRESH): record(-41.3) for method in CHECKED[1:]}
    assert tables.fresh(checked | again) == []
    again[RecoveryRun("40dB", CHECKED[0], FRESH)] = record(-40.75)
    table, said = tables.fresh(checked | again)
    assert (
        f"| {METHODS[CHECKED[0]].label} | −41.0 ± 1.0 | −40.8 (seed {FRESH}) |"
        in table.splitlines()
    )
    assert f"at most 0.2 dB worse ({METHODS[CHECKED[0]].label})" in said
    assert tables.values(checked | again, "40dB", CHECKED[0]) == [-40.0, -41.0, -42.0]
    later = {RecoveryRun("40dB", method, seed): record(-40.5) for method, seed in LATER.items()}
    table, said = tables.fresh(checked | again | later)
    assert f"−40.8 (seed {FRESH}), −40.5 (seed {LATER['na-alista']}) |" in table
    assert "at most 0.5 dB worse (NA-ALISTA)" in said
    assert tables.values(checked | again | later, "40dB", "na-alista") == [-40.0, -41.0, -42.0]
    shown = [name for one in published.comparisons(checked | again | later) for name in one.runs]
    assert shown and all(RecoveryRun.named(name).seed < FRESH for name in shown)


def test_what_keeps_alista_from_less_is_told_with_its_layer():
    made = {
        "support": (-26.0,),
        "support-w": (-23.5,),
        "alista-selection": (-5.0, -19.0, -20.0),
        "alista-ridge": (-4.0, -21.0, -22.0),
    }
    runs = {
        RecoveryRun(condition, method): nmse
        for method, nmse in made.items()
        for condition in ("20dB", "40dB")
    }
    found = {run: record(*nmse) for run, nmse in runs.items()}
    (said,) = tables.noise(found)
    assert "−23.5 dB with noise at 20 dB" in said and "2.5 and 2.5 dB above least squares" in said
    with words.speaking("de"):
        assert "−23,5 dB mit Rauschen bei 20 dB" in tables.noise(found)[0]
    assert (
        "more than 1 dB better at 20 dB from layer 2 on" in said
        and "ends at −22.0 instead of −20.0 dB there" in said
    )
    assert tables.noise({run: one for run, one in found.items() if run.method != "support-w"}) == []
    (left,) = tables.missing(found)
    assert "; ISTA (40 dB, 40 dB seed 1, 40 dB seed 2, 20 dB, no noise" in left
    assert "Least squares on the true support (40 dB seed 1" in left


def test_spreads_are_never_shown_as_nothing():
    assert (
        tables.decibels([-45.87, -45.88, -45.86]) == "−45.87 ± 0.01" and tables.decibels([]) == ""
    )
    assert tables.decibels([-1.24]) == "−1.2"
    with pytest.raises(ValueError, match="there is no run"):
        RecoveryRun.named("recovery_40dB_gru_0")
