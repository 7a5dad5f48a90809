"""The table of the recovery on the page of results, from records made by hand."""

import pytest

from sc2viz import words
from sc2viz.lab.experiments.recovery_protocols import CHECKED, FRESH, LATER, METHODS, RecoveryRun
from sc2viz.lab.reports import recovery_tables as tables
from sc2viz.published import sentences


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
    published = tables.publish(RECORDS)
    rows = [line.split(" | ")[0][2:] for line in tables.markdown(published).splitlines()[2:6]]
    names = ("alista-selection", "glista", "exact", "fista")
    assert rows == [METHODS[name].label for name in names]
    assert [published["methods"][name]["behind"] for name in names] == [None, None, None, 2]


def test_the_table_has_every_number():
    text = tables.markdown(tables.publish(RECORDS))
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
    assert "further seeds" not in text(checked | again)
    again[RecoveryRun("40dB", CHECKED[0], FRESH)] = record(-40.75)
    assert f"| {METHODS[CHECKED[0]].label} | −41.0 ± 1.0 | −40.8 (seed {FRESH}) |" in text(
        checked | again
    )
    assert f"at most 0.2 dB worse ({METHODS[CHECKED[0]].label})" in text(checked | again)
    later = {RecoveryRun("40dB", method, seed): record(-40.5) for method, seed in LATER.items()}
    both = text(checked | again | later)
    assert f"−40.8 (seed {FRESH}), −40.5 (seed {LATER['na-alista']}) |" in both
    assert "at most 0.5 dB worse (NA-ALISTA)" in both
    published = tables.publish(checked | again | later)
    for method in published["methods"].values():
        for numbers in method["conditions"].values():
            assert all(RecoveryRun.named(run).seed < FRESH for run in numbers["runs"])


def text(records):
    return tables.markdown(tables.publish(records))


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
    published = tables.publish(found)
    said = sentences.describe_noise(published)
    assert "−23.5 dB with noise at 20 dB" in said and "2.5 and 2.5 dB above least squares" in said
    with words.speaking("de"):
        assert "−23,5 dB mit Rauschen bei 20 dB" in sentences.describe_noise(published)
    assert (
        "more than 1 dB better at 20 dB from layer 2 on" in said
        and "ends at −22.0 instead of −20.0 dB there" in said
    )
    few = {run: one for run, one in found.items() if run.method != "support-w"}
    assert sentences.describe_noise(tables.publish(few)) == ""
    missing = tables.markdown(published).partition("Not measured yet")[2]
    assert "; ISTA (40 dB, 40 dB seed 1, 40 dB seed 2, 20 dB, no noise" in missing
    assert "Least squares on the true support (40 dB seed 1" in missing


def test_spreads_are_never_shown_as_nothing():
    assert sentences.format_decibels(-45.87, 0.01) == "−45.87 ± 0.01"
    assert sentences.format_decibels(-1.24) == "−1.2"
    with pytest.raises(ValueError, match="there is no run"):
        RecoveryRun.named("recovery_40dB_gru_0")
