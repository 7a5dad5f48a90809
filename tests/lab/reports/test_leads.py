"""Whether a lead is more than chance: against scipy's tests, and on made-up counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sc2viz.lab.experiments.protocols import Run
from sc2viz.lab.experiments.records import packed, unpacked
from sc2viz.lab.reports import leads, readme, tables
from sc2viz.published.accuracies import Claims


def claims_of(made) -> Claims:
    """What is published of records."""
    return Claims(tables.publish(made))


def leads_of(made) -> dict:
    return claims_of(made).leads


def rows(only_one: int, only_other: int, both: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two methods on n rows, (1, n) each: right alone on so many rows, and both right on so many."""
    one, other = np.zeros((2, 1, n), bool)
    one[0, : only_one + both] = True
    other[0, only_one : only_one + both + only_other] = True
    return one, other


# The tests ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(0, 0), (1, 0), (3, 9), (40, 12), (250, 251), (700, 400)])
def test_with_one_seed_it_is_mcnemars_exact_test(counts):
    found = leads.paired(*rows(*counts, both=500, n=3000))
    expected = stats.binomtest(counts[0], sum(counts), 0.5).pvalue if sum(counts) else 1.0
    assert found == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 10**6))
def test_with_several_seeds_it_is_the_permutation_test_of_whole_rows(seed):
    drawn = np.random.default_rng(seed)
    one, other = drawn.random((3, 10)) < 0.8, drawn.random((3, 10)) < 0.5
    exact = stats.permutation_test(
        (one.sum(0), other.sum(0)),
        lambda a, b, axis: (a - b).sum(axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    # scipy doubles the smaller tail. Under random signs both tails are the same, so this is the two-sided value.
    assert leads.paired(one, other) == pytest.approx(exact.pvalue, abs=1e-9)


@given(st.integers(0, 500), st.integers(0, 500))
def test_without_rows_it_is_the_chi_squared_test_of_two_proportions(first, second):
    table = [[first, 500 - first], [second, 500 - second]]
    if first + second in (0, 1000):
        assert leads.unpaired(first / 500, second / 500, 500) == 1
    else:
        expected = stats.chi2_contingency(table, correction=False).pvalue
        assert leads.unpaired(first / 500, second / 500, 500) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("counts", [(60, 20), (90, 60), (40, 12)])
def test_without_rows_p_is_higher_where_methods_are_right_on_the_same_rows(counts):
    one, other = rows(*counts, both=2500, n=3000)
    assert leads.unpaired(one.mean(), other.mean(), 3000) > leads.paired(one, other)


def test_holm_on_an_example_by_hand():
    found = leads.holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06})


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_keeps_the_order_and_never_helps(values):
    p = dict(enumerate(values))
    found = leads.holm(p)
    ranked = sorted(p, key=p.get)
    assert [found[k] for k in ranked] == sorted(found.values())
    assert all(p[k] <= found[k] <= 1 for k in p) and found[ranked[0]] == min(
        1, len(p) * p[ranked[0]]
    )


@given(st.lists(st.booleans(), max_size=300))
def test_rows_survive_packing(values):
    right = np.array(values, bool)
    np.testing.assert_array_equal(unpacked(packed(right), len(right)), right)


# Verdicts on made-up counts -------------------------------------------------------------------------------------------


def made_of(*parts, setting="supervised", protocol="fair", name="mnist", metric="accuracy"):
    """Records of methods, each with the rows (seeds, n) that it classifies rightly: (method, rows), …"""
    found = {}
    for method, right in parts:
        for seed, one in enumerate(right):
            noted = {metric: {"rows": one.size, "bits": packed(one)}}
            metrics = {
                "accuracy": 0.99,
                "rows": [60_000, one.size],
                metric: one.mean(),
                "right": noted,
            }
            found[Run(name, protocol, "accuracy", setting, method, seed=seed)] = {
                "metrics": metrics
            }
    return found


def seeds(
    counts: tuple[int, int], n: int = 10_000, number: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Each seed a rotation of the same rows."""
    one, other = rows(*counts, both=8000, n=n)
    return tuple(
        np.concatenate([np.roll(part, 37 * k, 1) for k in range(number)]) for part in (one, other)
    )


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [((300, 100), "holds"), ((205, 200), "a tie"), ((100, 300), "reversed"), ((0, 0), "a tie")],
)
def test_a_clear_lead_a_tie_and_a_loss(counts, verdict):
    mine, other = seeds(counts)
    found = leads_of(made_of(("slstm", mine), ("lista", other)))["fair"]
    assert list(found) == [("mnist", "supervised", "lista", 100)]
    (lead,) = found.values()
    assert lead.verdict == verdict and lead.by_rows
    assert lead.points == pytest.approx((counts[0] - counts[1]) / 100)
    assert lead.p == pytest.approx(leads.paired(mine, other))  # one comparison: nothing to correct


def test_a_lead_within_the_spread_of_seeds_is_a_tie_however_small_p_is():
    mine, other = (np.zeros((3, 10_000), bool) for _ in range(2))
    for seed, count in enumerate((9000, 9200, 9400)):
        mine[seed, :count] = True
    for seed, count in enumerate((9100, 9050, 9100)):
        other[seed, :count] = True
    (lead,) = leads_of(made_of(("slstm", mine), ("fista", other)))["fair"].values()
    assert lead.p < 1e-4 and 0 < lead.points < lead.margin and lead.verdict == "a tie"
    spreads = [np.std([90, 92, 94], ddof=1), np.std([91, 90.5, 91], ddof=1)]
    assert lead.margin == pytest.approx(2 * np.hypot(*spreads))


@pytest.mark.parametrize(
    ("points", "p", "margin", "expected"),
    [
        (1.0, 0.01, 0.5, "holds"),
        (1.0, 0.05, 0.5, "a tie"),
        (0.5, 0.01, 0.5, "a tie"),
        (-1.0, 0.01, 0.5, "reversed"),
        (-1.0, 0.2, 0.0, "a tie"),
    ],
)
def test_a_verdict_needs_both(points, p, margin, expected):
    assert leads.verdict(points, p, margin) == expected


def test_p_is_corrected_for_all_methods_and_blocks_of_the_table():
    mine, other = seeds((240, 160), number=1)
    made = made_of(("slstm", mine), ("lista", other), ("ista", other))
    made |= made_of(
        ("slstm", mine), ("fista", other), setting="unsupervised", name="cifar10-features"
    )
    alone = leads.paired(mine, other)
    assert [lead.p for lead in leads_of(made)["fair"].values()] == pytest.approx([3 * alone] * 3)


def test_p_is_corrected_for_both_protocols_together():
    mine, other = seeds((240, 160), number=1)
    made = made_of(("slstm", mine), ("lista", other)) | made_of(
        ("slstm", mine), ("lista", other), ("ista", other), protocol="as-printed", metric="unseen"
    )
    alone = leads.paired(mine, other)
    found = leads_of(made)
    assert {contest: len(found[contest]) for contest in leads.CONTESTS} == {
        "fair": 1,
        "as-printed": 2,
        "equation-8": 0,
    }
    assert [
        lead.p for of in map(found.get, leads.CONTESTS) for lead in of.values()
    ] == pytest.approx([3 * alone] * 3)


def test_the_cell_of_equation_8_is_in_the_family_and_has_our_cell_for_a_rival():
    mine, other = seeds((240, 160), number=1)
    made = made_of(("slstm", mine), ("lista", other), ("slstm-paper", other))
    found = leads_of(made)
    assert list(found["fair"]) == [("mnist", "supervised", "lista", 100)]
    own = found["equation-8"]
    assert {rival: lead.points for (_, _, rival, _), lead in own.items()} == pytest.approx(
        {"lista": 0, "slstm": -0.8}
    )
    alone = leads.paired(mine, other)  # three comparisons, of which two have this p
    assert (
        found["fair"]["mnist", "supervised", "lista", 100].p
        == own["mnist", "supervised", "slstm", 100].p
    )
    assert own["mnist", "supervised", "slstm", 100].p == pytest.approx(3 * alone)


def test_the_family_of_the_readme_is_all_of_its_leads_and_larger_than_a_protocols():
    shipped = tables.load()
    found = leads_of(shipped)
    everything = {
        (*key, contest): lead for contest in leads.CONTESTS for key, lead in found[contest].items()
    }
    assert len(found["fair"]) == 28 and len(found["as-printed"]) == 24
    blocks = {
        (run.data, run.setting)
        for run in shipped
        if run.method == "slstm-paper" and run.experiment == "accuracy"
    }
    assert len(found["equation-8"]) == sum(
        7 if setting == "unsupervised" else 9 for _, setting in blocks
    )
    family = len(everything)
    raw = {key: leads.test(shipped, lead.mine, lead.best)[0] for key, lead in everything.items()}
    by_hand = {key: 0.0 for key in raw}
    highest = 0.0
    for k, (key, p) in enumerate(sorted(raw.items(), key=lambda one: one[1])):
        highest = by_hand[key] = max(highest, min(1.0, (family - k) * p))
    assert {key: lead.p for key, lead in everything.items()} == pytest.approx(by_hand)
    lead = found["fair"]["mnist", "supervised", "lista", 100]
    assert lead.p > 0.05 and lead.verdict == "a tie"


def test_a_paired_test_agrees_with_random_signs():
    shipped = tables.load()
    lead = leads_of(shipped)["fair"]["mnist", "unsupervised", "fista", 100]
    one, other = (
        np.array([*leads.right_rows(shipped, cell).values()]) for cell in (lead.mine, lead.best)
    )
    drawn = np.random.default_rng(0).choice([-1, 1], (1000, 10_000)) @ (
        one.sum(0) - other.sum(0).astype(int)
    )
    apart = abs(one.sum() - other.sum())
    p = leads.test(shipped, lead.mine, lead.best)[0]
    assert p == pytest.approx((abs(drawn) >= apart).mean(), abs=0.05) and 0.05 < p < 1


@pytest.mark.parametrize(
    ("points", "p", "borderline"),
    [
        (0.94, 0.01, False),
        (0.96, 0.01, True),
        (1.04, 0.01, True),
        (-1.04, 0.01, True),
        (1.06, 0.01, False),
        (1.04, 0.06, False),
    ],
)
def test_a_lead_near_its_margin_is_borderline(points, p, borderline):
    mine, other = (
        tables.average(list(mean + np.array([-1, 1]) / 4)) for mean in (90 + points, 90.0)
    )
    lead = leads.make_lead(mine, other, "ista", 100, p, True)
    assert lead.margin == pytest.approx(1) and lead.borderline == borderline
    assert (", borderline, p" in readme.text(lead)) == borderline


def test_where_a_run_has_no_rows_p_is_a_bound():
    mine, other = seeds((300, 100))
    made = made_of(("slstm", mine), ("lista", other))
    del made[next(run for run in made if run.method == "lista" and run.seed == 1)]["metrics"][
        "right"
    ]
    (lead,) = leads_of(made)["fair"].values()
    assert not lead.by_rows and lead.p == pytest.approx(
        leads.unpaired(mine.mean(), other.mean(), 10_000)
    )
    assert lead.p_text.startswith("p ≤ ") and leads.count_stored(made, "fair") == (5, 6)


def test_as_printed_with_labels_the_rival_is_chosen_on_the_test_split():
    strong, weak = seeds((300, 100))
    made = made_of(
        ("slstm", strong),
        ("fista", strong),
        ("lista", weak),
        protocol="as-printed",
        metric="unseen",
    )
    for run, record in made.items():
        record["metrics"]["accuracy"] = {"slstm": 0.99, "fista": 0.87, "lista": 0.95}[run.method]
    rival = claims_of(made).lead("as-printed", "mnist", "supervised", ("fista", "lista"))
    assert (rival.rival, rival.points, rival.verdict) == ("fista", 0, "a tie")


def test_as_printed_every_seed_has_rows_of_its_own():
    mine, other = seeds((60, 20), n=2000 + 8000)
    made = made_of(("slstm", mine), ("ista", other), setting="unsupervised", protocol="as-printed")
    (lead,) = leads_of(made)["as-printed"].values()
    assert lead.p == pytest.approx(leads.paired(mine.reshape(1, -1), other.reshape(1, -1)))


def test_networks_with_more_atoms_are_rivals_of_their_own():
    mine, other = seeds((300, 100))
    made = made_of(("slstm", mine), ("lista", other))
    for run, record in made_of(("lista", mine)).items():
        made[Run("mnist", "fair", "accuracy", "supervised", "lista", atoms=195, seed=run.seed)] = (
            record
        )
    claims = claims_of(made)
    large = claims.lead("fair", "mnist", "supervised", ("lista",), larger=True)
    assert (large.label, large.points, large.verdict) == ("LISTA-SC2Net with 195 atoms", 0, "a tie")
    assert claims.lead("fair", "mnist", "supervised", ("lista",)).verdict == "holds"
    assert claims.cell("mnist", "fair", "supervised", "lista", "table2").values == (81.0,) * 3


@pytest.mark.parametrize(
    ("p", "by_rows", "text"),
    [
        (0.5, True, "p = 0.50"),
        (0.0034, True, "p = 0.003"),
        (0.0467, True, "p = 0.047"),
        (0.0504, False, "p ≤ 0.0504"),
        (0.00034, False, "p ≤ 0.0003"),
        (2e-9, True, "p < 0.0001"),
        (1.0, False, "p = 1.00"),
    ],
)
def test_p_in_words(p, by_rows, text):
    assert (
        leads.make_lead(
            tables.average([1.0]), tables.average([1.0]), "ista", 100, p, by_rows
        ).p_text
        == text
    )
