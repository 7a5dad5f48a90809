"""The stops of the sliders of λ and T. What moves under the finger is computed at these and nowhere between."""

from sc2viz.words import N_

_DECADE = (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.2, 2.4, 2.6, 2.8, 3, 3.2, 3.5, 3.8, 4, 4.3, 4.6, 5, 5.5,
           6, 6.5, 7, 7.5, 8, 9)  # fmt: skip
LABELS = {"lam": N_("λ, the price of the code"), "T": N_("T, iterations")}
LAM = (*(round(m * 10.0**power, 6) for power in (-2, -1) for m in _DECADE), 1.0)
T = (*range(1, 21), 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100)
MARKS = {"lam": LAM, "T": T}


def with_value(stops: tuple, value: float) -> tuple:
    """The stops and the value at hand, which is a stop too, in ascending order."""
    return tuple(sorted({*stops, value}))
