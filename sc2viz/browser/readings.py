"""Numbers as they are read on the screen: few digits, their unit, and words for what runs away."""

from collections.abc import Mapping

import numpy as np

from sc2viz.analysis import convergence
from sc2viz.solvers import Traits
from sc2viz.words import form, listed, numeral

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MOST = 1e6  # %: of what runs away, the digits say nothing; readings.js says the same
AIMS = {"code": "the true code", "sparsity": "sparsity"}  # what a solver aims at instead of F, in words
OFFSET, POSITIVE = "reconstructs from an offset of its own", "keeps its codes ≥ 0"
FARTHER = "farther off than the mean"  # of a sum of which more than ‖x − mean‖² is missing
AWAY, WHY_AWAY = "runs away", "F is above 2 F(0). The safeguard stops it"


def aside(traits: Traits, offset: bool = False) -> str:
    """Why F does not rank a solver (`Solver.is_ranked`), as what it does: "aims at sparsity instead of F"; "" where F ranks
    it. offset: whether it has one."""
    if traits.aims_at != "objective":
        return f"aims at {AIMS[traits.aims_at]} instead of F"
    return OFFSET if offset else POSITIVE if traits.positive else ""


def percent(value: float) -> str:
    """A number in %, to two digits and whole from ten on: "3.0 %", "1,234 %", "under 0.01 %", "over 10⁶ %". No line
    ends before the sign."""
    size = abs(value)
    if size <= convergence.FLOOR:
        return f"under {convergence.FLOOR:g}\u00a0%"
    if not size < _MOST:
        return "over 10⁶\u00a0%"
    return f"{value:,.0f}\u00a0%".replace("-", "−") if size >= 9.95 else f"{value:#.2g}\u00a0%".replace("-", "−")


def share(part: float) -> str:
    """A part of 1 in %."""
    return percent(100 * part)


def missing(part: float, after: str = " missing") -> str:
    """‖x − Bs‖² as a part of ‖x − mean‖²: "14 % missing". Above 1 there is no share to give, and the words are `FARTHER`."""
    return FARTHER if part > 1 else f"{share(part)}{after}"


def above(excess: float) -> str:
    """A distance to the optimum as a reading: "+3.1 %", "< 0.01 %"."""
    said = percent(excess).replace("under", "<").replace("over", ">")
    return said if said[0] in "<>−" else f"+{said}"


def side(excess: float) -> str:
    """What a distance is, after its number: "above the optimum", or "below the optimum" where better atoms win."""
    return f"{'below' if excess < -convergence.FLOOR else 'above'} the optimum"


def apart(excess: float) -> str:
    """A distance to the optimum in a sentence: "3.1 % above the optimum", "0.5 % below the optimum"."""
    return f"{percent(abs(excess))} {side(excess)}"


def lowest(where: str, now: Mapping[str, float]) -> str:
    """Which of the solvers `now`, each with its distance to the optimum in %, has the lowest F, or which of them share it to
    the digits that are shown. `where` begins the sentence; measure.js says the same."""
    far = {label: convergence.settled(float(each)) for label, each in now.items()}
    least = min(far.values())
    said = apart(least)
    first = [label for label, each in far.items() if each == least or apart(each) == said]
    names = listed([f"**{label}**" for label in first])
    if len(first) == len(far):
        return f"{where}, {names} {form(len(first), 'is', 'are')} {said}."
    of = f"the lowest F of the {numeral(len(far))} solvers compared"
    has = form(len(first), f"has {of}: it", f"share {of}: each")
    return f"{where}, {names} {has} is **{percent(abs(least))}** {side(least)}."


def times(factor: float) -> str:
    """A ratio, to two digits and whole from ten on: "2.5 times", "12 times", "1,234 times"."""
    return f"{factor:,.0f} times" if abs(factor) >= 9.95 else f"{factor:.2g} times"


def number(value: float) -> str:
    """A code or a gate: "0.446", "−1.200"; of what runs away no more than its size, "−4.4·10²³"."""
    if not np.isfinite(value):
        return "–" if np.isnan(value) else "∞" if value > 0 else "−∞"
    if abs(value) < 1e4:
        return f"{value:.3f}".replace("-", "−")
    mantissa, power = f"{value:.1e}".replace("-", "−").split("e+")
    return f"{mantissa}·10{str(int(power)).translate(_RAISED)}"


def objective(F: float) -> str:
    """A value of F, to four digits that stand under each other: "5.200", "12.79"."""
    return f"{F:#.4g}".rstrip(".") if abs(F) < 9999.5 else number(F)


def decibels(psnr: float, digits: int = 1) -> str:
    """A PSNR: "18.5 dB", "∞ dB" where nothing is wrong, "−∞ dB" where a solver has run away. No line ends before the
    unit. digits: after the point."""
    if np.isnan(psnr):
        return "–"
    return f"{psnr:.{digits}f}\u00a0dB".replace("inf", "∞").replace("-", "−")
