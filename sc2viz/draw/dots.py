"""Printed and measured accuracies as dots on a line for each method: HTML that reflows on a phone and follows the theme."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sc2viz.draw import style
from sc2viz.words import _, localized, templates

_STEPS = (0.5, 1, 2, 5, 10, 20)
_TICKS = 6  # ticks that a scale has at most


@dataclass(frozen=True)
class MethodRow:
    """A method's accuracies in %, by the name of what they are, in the order of the legend; None is left out."""

    label: str
    solver: str
    values: dict[str, float | None]

    @property
    def measured(self) -> dict[str, float]:
        """The accuracies that are known."""
        return {name: value for name, value in self.values.items() if value is not None}


def draw_accuracies(panels: Sequence[tuple[str, Sequence[MethodRow]]]) -> str:
    """One panel for each title and its rows, each on a scale of its own, and one legend for all."""
    names = list(dict.fromkeys(name for _, rows in panels for row in rows for name in row.values))
    filled = []
    for title, rows in panels:
        values = [value for row in rows for value in row.measured.values()]
        if not values:
            continue
        ticks = scale(values)
        numbers = "; ".join(
            f"{row.label}: "
            + ", ".join(
                f"{name} {localized(f'{value:.1f}')}" for name, value in row.measured.items()
            )
            for row in rows
        )
        lines = [
            {
                "label": row.label,
                "colour": "currentColor" if row.solver == "truth" else style.themed(row.solver),
                "dots": [
                    (names.index(name), _place(value, ticks))
                    for name, value in row.measured.items()
                ],
            }
            for row in rows
        ]
        filled.append(
            {
                "title": title,
                "alt": _("{title}, accuracy in %. {values}.", title=title, values=numbers),
                "rows": lines,
                "ticks": [(_place(tick, ticks), style.format_tick(tick)) for tick in ticks],
            }
        )
    return templates.filled(__file__, names=names, panels=filled)


def scale(values: Sequence[float]) -> list[float]:
    """Evenly spaced ticks whose ends enclose the values, at most `_TICKS` of them if a step of 20 allows it."""
    for step in _STEPS:
        low, high = math.floor(min(values) / step), math.ceil(max(values) / step)
        if high - low < _TICKS:
            break
    return [step * k for k in range(low, max(high, low + 1) + 1)]


def _place(value: float, ticks: Sequence[float]) -> str:
    """Where a value stands on the scale of these ticks, in %."""
    return f"{100 * (value - ticks[0]) / (ticks[-1] - ticks[0]):.1f}"
