"""What is said of what a network learned: each explanation stands only where its condition holds."""

import numpy as np
import pytest

from sc2viz.analysis.learned import HORIZON, Learned
from sc2viz.ui import what_learned

ISTA = np.linspace(50, 10, HORIZON + 1)  # 46 after 10 iterations, and 12 after 95


def said(
    replaced: tuple[str, ...] = (),
    own_F: float = 12.0,
    step: float = 13.0,
    threshold: float = 15.0,
    **ends: float,
) -> str:
    """The sentence on a network with these medians and F after 10 iterations: `own`, and with the parts put back that the
    other names say."""
    F = {(): own_F, ("steps",): 24.0, ("thresholds",): 13.2, ("steps", "thresholds"): 46.0}
    F |= {tuple(name.split("_")): end for name, end in ends.items()}
    values = {"steps": np.full(3, step), "thresholds": np.full(3, threshold)}
    result = Learned(
        values, np.ones(3), np.nan, {names: np.full(11, end) for names, end in F.items()}, ISTA
    )
    return what_learned.describe_change("NET", result, replaced, 10)


def test_why_it_helps():
    gain = "ISTA needs at least **95** iterations on the same atoms for what **NET** reaches in 10."
    assert said() == (
        "ISTA’s step is short enough for every code. Those of **NET** are 13 times as long (median). "
        f"Its thresholds are 15 times as large. {gain}"
    )
    assert "thresholds" not in said(threshold=40.0)  # they do not follow the steps
    assert "at least **100** iterations" in said(own_F=9.0)
    assert said(step=1.0) == said(steps=11.0) == gain  # as short, or better ones if put back


@pytest.mark.parametrize(
    ("steps", "factors"),
    [([2, 121], "2 to 121 times"), ([2, 2], "2 times"), ([-50.4, 121], "−50 to 121 times")],
)
def test_steps_are_told_by_the_shortest_and_the_longest(steps, factors):
    network = Learned({"steps": np.array(steps, float)}, np.ones(2), np.nan, {}, ISTA)
    assert what_learned.describe_part("steps", network) == f"{factors} as long as ISTA’s"


@pytest.mark.parametrize("own_F", [46.0, 47.0, np.inf])
def test_it_does_not_help_where_ista_is_as_low(own_F):
    assert said(own_F=own_F) == (
        "At this setting it does not help: F of **NET** is no lower than ISTA’s after 10 iterations."
    )


@pytest.mark.parametrize(
    ("end", "changed"),
    [
        (13.44, "**12 % higher**"),
        (11.4, "**5.0 % lower**"),
        (12.0, "F stays as it is"),
        (60.0, "**5 times** as large"),
        (1e12, "**more than a million times** as large"),
        (np.inf, "**more than a million times** as large"),
    ],
)
def test_how_F_changes_where_a_part_is_put_back(end, changed):
    text = said(("thresholds",), thresholds=end)
    assert text.startswith("With ISTA’s thresholds, F") and changed in text.replace("\u00a0", " ")
    assert ("worse than all parts as ISTA has them" in text) == (end > 46)


def test_all_parts_put_back_are_ista_where_they_are():
    every = ("steps", "thresholds")
    assert said(every).startswith(
        "With all of it ISTA’s, it is ISTA on the same atoms: F is **3.8 times** as large"
    )
    assert said(every, steps_thresholds=30.0).startswith(
        "With ISTA’s step lengths and thresholds, F is **2.5 times**"
    )
