"""Numbers and names in sentences: one way to write each, on every page."""

import numpy as np
import pytest

from sc2viz.ui import phrases


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "under 0.01 %"),
        (0.01, "under 0.01 %"),
        (0.0123, "0.012 %"),
        (3.14, "3.1 %"),
        (9.96, "10 %"),
        (12.6, "13 %"),
        (99.7, "100 %"),
        (1234.5, "1,234 %"),
        (999_999, "999,999 %"),
        (1e30, "over 10⁶ %"),
        (-3.14, "−3.1 %"),
        (7.0, "7.0 %"),
        (np.inf, "over 10⁶ %"),
        (np.nan, "over 10⁶ %"),
    ],
)
def test_a_percentage_is_readable_however_small_or_large(value, text):
    assert (
        phrases.percent(value) == phrases.share(value / 100) == text.replace(" %", "\u00a0%")
    )  # never broken there


@pytest.mark.parametrize(
    ("previous", "current", "sentence"),
    [
        (0.2, 0.1, "reduces it from **20 %** to **10 %**."),
        (0.044, 0.036, "reduces it from **4.4 %** to **3.6 %**."),
        (0.0404, 0.0396, "reduces it from **4.04 %** to **3.96 %**."),
        (0.04, 0.04, "leaves it at **4 %**."),
        (0.1, 0.2, "raises it from **10 %** to **20 %**."),
    ],
)
def test_two_shares_are_told_apart(previous, current, sentence):
    assert phrases.changes(previous, current, "it") == sentence.replace(" %", "\u00a0%")


def test_iterations_are_told_in_ranges():
    assert phrases.spans([3]) == ["3"] and phrases.spans([3, 5, 6, 7, 9]) == ["3", "5–7", "9"]
    acted = {"A": np.array([[0, 0], [1, 0], [0, 1], [0, 0]], bool), "B": np.zeros((4, 2), bool)}
    assert phrases.safeguarded(acted).endswith("by an ISTA step: A at iterations 2–3.")
    assert "did not act" in phrases.safeguarded({"B": acted["B"]})


def test_a_reading_above_the_optimum_has_a_sign_or_a_bound():
    assert (
        phrases.format_excess(-3.14) == "−3.1\u00a0%"
        and phrases.describe_excess(-3.14) == "3.1\u00a0% below the optimum"
    )
    readings = phrases.describe_excess(-0.009), phrases.describe_excess(12)
    assert readings == ("under 0.01\u00a0% above the optimum", "12\u00a0% above the optimum")
    assert [phrases.format_excess(value) for value in (0.0, 0.4, 250.0, 1e9, np.inf)] == [
        "< 0.01\u00a0%",
        "+0.40\u00a0%",
        "+250\u00a0%",
        "> 10⁶\u00a0%",
        "> 10⁶\u00a0%",
    ]


def test_a_code_that_runs_away_is_told_by_its_size():
    texts = [
        phrases.number(value)
        for value in (0.4456, -1.2, -4.36950801e23, 12345.0, np.inf, -np.inf, np.nan)
    ]
    assert texts == ["0.446", "−1.200", "−4.4·10²³", "1.2·10⁴", "∞", "−∞", "–"]


def test_a_psnr_is_a_number_even_of_what_runs_away():
    texts = [phrases.decibels(value) for value in (18.46, -3.0, np.inf, -np.inf, np.nan)]
    assert texts == ["18.5\u00a0dB", "−3.0\u00a0dB", "∞\u00a0dB", "−∞\u00a0dB", "–"]


@pytest.mark.parametrize(
    ("F", "text"),
    [
        (5.2, "5.200"),
        (12.789, "12.79"),
        (1234.0, "1234"),
        (9999.7, "9999.700"),
        (2.5e7, "2.5·10⁷"),
        (np.inf, "∞"),
        (np.nan, "–"),
    ],
)
def test_values_of_the_objective_keep_four_digits(F, text):
    assert phrases.objective(F) == text


def test_no_line_ends_between_a_number_and_its_unit():
    text = phrases.bound("78.74 ± 0.09 %, 29.77 dB and 3 ms; 5 pictures, 20 dBm, 3 msd")
    assert (
        text.replace("\u00a0", "~")
        == "78.74 ± 0.09~%, 29.77~dB and 3~ms; 5 pictures, 20 dBm, 3 msd"
    )
