"""What is said of what a network learned: each explanation stands only where its condition holds."""

import numpy as np
import pytest

from sc2viz.analysis.learned import HORIZON, Learned
from sc2viz.ui import what_learned

ISTA = np.linspace(50, 10, HORIZON + 1)  # 46 after 10 iterations, and 12 after 95


def said(
    back: tuple[str, ...] = (),
    own: float = 12.0,
    step: float = 13.0,
    threshold: float = 15.0,
    **ends: float,
) -> str:
    """The sentence on a network with these medians and F after 10 iterations: `own`, and with the parts put back that the
    other names say."""
    F = {(): own, ("steps",): 24.0, ("thresholds",): 13.2, ("steps", "thresholds"): 46.0}
    F |= {tuple(name.split("_")): end for name, end in ends.items()}
    values = {"steps": np.full(3, step), "thresholds": np.full(3, threshold)}
    found = Learned(
        values, np.ones(3), np.nan, {parts: np.full(11, end) for parts, end in F.items()}, ISTA
    )
    return what_learned.sentence("NET", found, back, 10)


def test_why_it_helps():
    assert said() == (
        "ISTA’s step is short enough for every code. Those of **NET** are 13 times as long (median), with thresholds 15 "
        "times as large, and 10 iterations get as far as **95** of ISTA’s on the same atoms."
    )
    assert "thresholds" not in said(threshold=40.0)  # they do not follow the steps
    assert "farther than **100** of ISTA’s" in said(own=9.0)
    for other in (said(step=1.0), said(steps=11.0)):  # steps as short, or better ones if put back
        assert (
            other
            == "With what **NET** learned, 10 iterations get as far as **95** of ISTA’s on the same atoms."
        )


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([2, 121], "2 to 121 times as long as ISTA’s"),
        ([2, 2], "2 times as long as ISTA’s"),
        ([1, 1.001], "as long as ISTA’s"),
        ([-50, 121], "−50 to 121 times as long as ISTA’s; 1 step below zero points backwards"),
        ([-50, -0.5], "−50 to −0.5 times as long as ISTA’s; 2 steps below zero point backwards"),
    ],
)
def test_steps_below_zero_point_backwards(steps, told):
    found = Learned({"steps": np.array(steps, float)}, np.ones(2), np.nan, {}, ISTA)
    assert what_learned.told("steps", found) == told


@pytest.mark.parametrize("own", [46.0, 47.0, np.inf])
def test_it_does_not_help_where_ista_is_as_low(own):
    assert said(own=own) == (
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
