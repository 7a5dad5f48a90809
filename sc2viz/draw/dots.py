"""Printed and measured accuracies as dots on a line for each method: HTML that reflows on a phone and follows the theme."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from sc2viz.draw import style

_STEPS = (0.5, 1, 2, 5, 10, 20)
_TICKS = 6  # ticks that a scale has at most


@dataclass(frozen=True)
class MethodRow:
    """A method's accuracies in %, by the name of what they are, in the order of the legend; None is left out."""

    label: str
    solver: str
    values: dict[str, float | None]


def html(panels: Sequence[tuple[str, Sequence[MethodRow]]]) -> str:
    """One panel for each title and its rows, each on a scale of its own, and one legend for all."""
    names = list(dict.fromkeys(name for _, rows in panels for row in rows for name in row.values))
    legend = "".join(f'<span><i class="sc-dot sc-dot-{k}"></i>{escape(name)}</span>' for k, name in enumerate(names))
    drawn = "".join(_panel(title, rows, names) for title, rows in panels)
    return f'<div class="sc-dots-legend" aria-hidden="true">{legend}</div><div class="sc-dots">{drawn}</div>'


def scale(values: Sequence[float]) -> list[float]:
    """Evenly spaced ticks whose ends enclose the values, at most `_TICKS` of them if a step of 20 allows it."""
    for step in _STEPS:
        low, high = math.floor(min(values) / step), math.ceil(max(values) / step)
        if high - low < _TICKS:
            break
    return [step * k for k in range(low, max(high, low + 1) + 1)]


def _panel(title: str, rows: Sequence[MethodRow], names: Sequence[str]) -> str:
    everything = [value for row in rows for value in row.values.values() if value is not None]
    if not everything:
        return ""
    ticks = scale(everything)
    places = [f"{100 * (tick - ticks[0]) / (ticks[-1] - ticks[0]):.1f}" for tick in ticks]
    marks = "".join(f'<b style="left:{place}%">{tick:g}</b>' for place, tick in zip(places, ticks, strict=True))
    grid = "".join(f'<u style="left:{place}%"></u>' for place in places)
    lines = "".join(_row(row, names, ticks, grid) for row in rows)
    told = "; ".join(
        f"{row.label}: " + ", ".join(f"{name} {value:.1f}" for name, value in row.values.items() if value is not None)
        for row in rows
    )
    alt = escape(f"{title}, accuracy in %. {told}.")
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><div role="img" aria-label="{alt}">{lines}'
        f'<div class="sc-dots-row"><span></span><div class="sc-dots-ticks">{marks}</div></div></div></figure>'
    )


def _row(row: MethodRow, names: Sequence[str], ticks: Sequence[float], grid: str) -> str:
    at = {name: 100 * (value - ticks[0]) / (ticks[-1] - ticks[0])
          for name, value in row.values.items() if value is not None}  # fmt: skip
    colour = "currentColor"
    if row.solver != "truth":
        colour = style.themed(row.solver)
    span = f'<s style="left:{min(at.values()):.1f}%;right:{100 - max(at.values()):.1f}%"></s>' if at else ""
    dots = "".join(
        f'<i class="sc-dot sc-dot-{names.index(name)}" style="left:{place:.1f}%"></i>' for name, place in at.items()
    )
    return (
        f'<div class="sc-dots-row" style="--solver:{colour}"><span>{escape(row.label)}</span>'
        f"<div>{grid}{span}{dots}</div></div>"
    )
