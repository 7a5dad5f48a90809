"""Whether a lead is more than chance: against scipy's tests, and on made-up counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sc2viz.lab.experiments.protocols import Run
from sc2viz.lab.experiments.records import packed
from sc2viz.lab.reports import leads, readme, tables
from sc2viz.published.accuracies import Claims


@pytest.mark.parametrize("counts", [(0, 0), (3, 9), (250, 251), (700, 400)])
def test_with_one_seed_it_is_mcnemars_exact_test(counts):
    mine, rival = rows(*counts)
    expected = stats.binomtest(counts[0], sum(counts), 0.5).pvalue if sum(counts) else 1.0
    assert leads.paired(mine[None], rival[None]) == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 10**6))
def test_with_several_seeds_it_is_the_permutation_test_of_whole_rows(seed):
    rng = np.random.default_rng(seed)
    mine, rival = rng.random((3, 10)) < 0.8, rng.random((3, 10)) < 0.5
    exact = stats.permutation_test(
        (mine.sum(0), rival.sum(0)),
        lambda a, b, axis: (a - b).sum(axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    # scipy doubles the smaller tail. Under random signs both tails are the same, so this is the two-sided value.
    assert leads.paired(mine, rival) == pytest.approx(exact.pvalue, abs=1e-9)


@given(st.integers(0, 500), st.integers(0, 500))
def test_without_rows_it_is_the_chi_squared_test_of_two_proportions(first, second):
    expected = 1.0
    if 0 < first + second < 1000:
        counts = [[first, 500 - first], [second, 500 - second]]
        expected = stats.chi2_contingency(counts, correction=False).pvalue
    p = leads.unpaired(first / 500, second / 500, 500)
    assert p == pytest.approx(expected, rel=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_keeps_the_order_and_never_helps(values):
    p = dict(enumerate(values))
    corrected = leads.holm(p)
    ranked = [corrected[k] for k in sorted(p, key=p.get)]
    assert ranked == sorted(ranked) and ranked[0] == min(1, len(p) * min(values))
    assert all(p[k] <= corrected[k] <= 1 for k in p)


# On made-up counts ----------------------------------------------------------------------------------------------------


def rows(only_mine, only_rival):
    """Which of 10,000 rows two methods classify rightly: both 8,000, and each alone so many more."""
    row, end = np.arange(10_000), 8000 + only_mine
    return row < end, (row < 8000) | ((row >= end) & (row < end + only_rival))


def records_of(setting="supervised", protocol="fair", name="mnist", metric="accuracy", **methods):
    """Records of three seeds of methods, with the rows that each classifies rightly: every seed a rotation of the same."""
    records = {}
    for method, right in methods.items():
        for seed in range(3):
            run = Run(name, protocol, "accuracy", setting, method.replace("_", "-"), seed=seed)
            noted = {metric: {"rows": right.size, "bits": packed(np.roll(right, 37 * seed))}}
            metrics = {"accuracy": 0.99, "rows": [60_000, right.size], metric: right.mean()}
            records[run] = {"metrics": metrics | {"right": noted}}
    return records


def claims_of(records):
    return Claims(tables.publish(records))


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [((300, 100), "holds"), ((205, 200), "a tie"), ((100, 300), "reversed"), ((0, 0), "a tie")],
)
def test_a_clear_lead_a_tie_and_a_loss(counts, verdict):
    mine, rival = rows(*counts)
    fair = claims_of(records_of(slstm=mine, lista=rival)).leads["fair"]
    assert list(fair) == [("mnist", "supervised", "lista", 100)]
    (lead,) = fair.values()
    assert lead.verdict == verdict and lead.by_rows
    assert lead.points == pytest.approx((counts[0] - counts[1]) / 100)
    # One comparison: nothing to correct
    assert lead.p == pytest.approx(leads.paired(rotated(mine), rotated(rival)))


def rotated(right):
    return np.array([np.roll(right, 37 * seed) for seed in range(3)])


@pytest.mark.parametrize(
    ("points", "p", "verdict", "borderline"),
    [
        (0.94, 0.01, "a tie", False),
        (0.96, 0.01, "a tie", True),
        (1.04, 0.01, "holds", True),
        (-1.04, 0.01, "reversed", True),
        (1.06, 0.01, "holds", False),
        (1.04, 0.05, "a tie", False),
    ],
)
def test_a_lead_holds_by_p_and_beyond_the_spread_of_seeds(points, p, verdict, borderline):
    seeds = np.array([-0.25, 0.25])  # so that the margin is 1
    mine, best = (tables.average(list(mean + seeds)) for mean in (90 + points, 90.0))
    lead = leads.make_lead(mine, best, "ista", 100, p, True)
    assert lead.margin == pytest.approx(1)
    assert (lead.verdict, lead.borderline) == (verdict, borderline)
    assert (", borderline, p" in readme.text(lead)) == borderline


def test_p_is_corrected_for_all_leads_of_both_protocols_together():
    """SLSTM's, and those of the cell of Eq. (8), which has our cell for a rival."""
    mine, rival = rows(240, 160)
    records = records_of(slstm=mine, lista=rival, slstm_paper=rival)
    records |= records_of(slstm=mine, fista=rival, setting="unsupervised", name="cifar10-features")
    contests = claims_of(records).leads
    p = [lead.p for lead in contests["fair"].values()]
    assert p == pytest.approx([4 * leads.paired(rotated(mine), rotated(rival))] * 2)
    points_of_equation_8 = {
        rival: lead.points for (_, _, rival, _), lead in contests["equation-8"].items()
    }
    assert points_of_equation_8 == pytest.approx({"lista": 0, "slstm": -0.8})


def test_where_a_run_has_no_rows_p_is_a_bound():
    mine, rival = rows(300, 100)
    records = records_of(slstm=mine, lista=rival)
    del records[Run("mnist", "fair", "accuracy", "supervised", "lista", seed=1)]["metrics"]["right"]
    (lead,) = claims_of(records).leads["fair"].values()
    expected = leads.unpaired(mine.mean(), rival.mean(), 10_000)
    assert not lead.by_rows and lead.p == pytest.approx(expected)
    assert lead.p_text.startswith("p ≤ ") and leads.count_stored(records, "fair") == (5, 6)


@pytest.mark.parametrize(("p", "text"), [(0.0034, "p = 0.003"), (0.0504, "p = 0.0504")])
def test_p_in_words_is_on_the_right_side_of_five_percent(p, text):
    cell = tables.average([1.0])
    assert leads.make_lead(cell, cell, "ista", 100, p, True).p_text == text
