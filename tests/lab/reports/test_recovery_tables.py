"""The table of the recovery on the page of results, from records made by hand."""

from sc2viz.lab.experiments.protocols import METHODS, RECOVERY, Run
from sc2viz.lab.reports import recovery_tables as tables
from sc2viz.published.sentences import describe_noise

CHECKED, FRESH, LATER = (RECOVERY[key] for key in ("checked", "fresh", "later"))


def run(condition, method, seed=0):
    return Run(setting=condition, method=method, seed=seed, study="recovery")


def record(*nmse, excess=1.0):
    shares = {"precision": 0.5, "recall": 0.75, "excess": excess}
    metrics = {key: [value] * len(nmse) for key, value in shares.items()}
    return {"metrics": metrics | {"nmse": [*nmse]}}


def test_the_least_error_comes_first_and_layers_are_compared_with_alistas():
    records = {
        run("40dB", "alista-selection", 0): record(-5.0, -20.0, -42.0),
        run("40dB", "alista-selection", 1): record(-5.0, -20.0, -42.02),
        run("40dB", "fista"): record(-5.5, -11.0, -12.0, excess=1720.4),
        run("40dB", "exact"): record(-36.7, excess=-1e-6),
        run("40dB", "glista"): record(-2.0, -20.5, -42.0),
        run("20dB", "fista"): record(-1.0, -2.0, -10.04),
    }
    best, glista, exact, fista = tables.markdown(tables.publish(records)).splitlines()[2:6]
    assert "| ALISTA, support selection | −42.01 ± 0.01 | 50 %, 75 % | 1.0 % | – |" in best
    assert "| GLISTA | " in glista
    assert "| Exact codes | −36.7 | 50 %, 75 % | 0 % | – |" in exact
    assert "| FISTA | −12.0 | 50 %, 75 % | 1,720 % | 2 | −10.0 |" in fista


def test_the_fresh_seed_stands_beside_the_means_and_in_none_of_them():
    records = {
        run("40dB", method, seed): record(-40.0 - seed) for method in CHECKED for seed in range(3)
    }
    records |= {run("40dB", method, FRESH): record(-41.3) for method in CHECKED[1:]}
    assert "further seeds" not in markdown(records)
    records[run("40dB", CHECKED[0], FRESH)] = record(-40.75)
    text, label = markdown(records), METHODS[CHECKED[0]]["label"]
    assert f"| {label} | −41.0 ± 1.0 | −40.8 (seed {FRESH}) |" in text
    assert f"at most 0.2 dB worse ({label})" in text
    records |= {run("40dB", method, seed): record(-40.5) for method, seed in LATER.items()}
    text = markdown(records)
    assert f"−40.8 (seed {FRESH}), −40.5 (seed {LATER['na-alista']}) |" in text
    assert "at most 0.5 dB worse (NA-ALISTA)" in text and f"| {label} | −41.0 ± 1.0 |" in text


def markdown(records):
    return tables.markdown(tables.publish(records))


def test_what_keeps_alista_from_less_is_told_with_its_layer():
    nmse = {
        "support": (-26.0,),
        "support-w": (-23.5,),
        "alista-selection": (-5.0, -19.0, -20.0),
        "alista-ridge": (-4.0, -21.0, -22.0),
    }
    conditions = "20dB", "40dB"
    records = {run(name, method): record(*nmse[method]) for name in conditions for method in nmse}
    published = tables.publish(records)
    sentence = describe_noise(published)
    assert (
        "−23.5 dB with noise at 20 dB" in sentence
        and "2.5 and 2.5 dB above least squares" in sentence
    )
    assert "more than 1 dB better at 20 dB from layer 2 on" in sentence
    assert "ends at −22.0 instead of −20.0 dB there" in sentence
    missing = tables.markdown(published).partition("Not measured yet")[2]
    assert "; ISTA (40 dB, 40 dB seed 1, 40 dB seed 2, 20 dB, no noise" in missing
    del records[run("20dB", "support-w")]
    assert describe_noise(tables.publish(records)) == ""
