"""Numbers as they are read on the screen: few digits, their unit, and words for what runs away."""

from collections.abc import Callable, Mapping
from math import isfinite, isnan

from sc2viz.analysis import convergence
from sc2viz.solvers import Traits
from sc2viz.words import N_, _, localized, ngettext

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGEST = 1e6  # %: of what runs away, the digits say nothing; readings.js says the same
AIMS = {  # what a solver aims at instead of F
    "code": N_("aims at the true code instead of F"),
    "sparsity": N_("aims at sparsity instead of F"),
}
OFFSET, POSITIVE = N_("reconstructs from an offset of its own"), N_("keeps its codes ≥ 0")
FARTHER = N_("farther off than the mean")  # of a sum of which more than ‖x − mean‖² is missing
RUNS_AWAY, REASON_RUNS_AWAY = N_("runs away"), N_("F is above 2 F(0). The safeguard stops it")


def why_unranked(traits: Traits, offset: bool = False) -> str:
    """Why F does not rank a solver (`Solver.is_ranked`), as what it does: "aims at sparsity instead of F"; "" where F ranks
    it. offset: whether it has one."""
    return _(AIMS.get(traits.aims_at, OFFSET if offset else POSITIVE if traits.positive else ""))


def percent(value: float) -> str:
    """A number in %, to two digits and whole from ten on: "3.0 %", "1,234 %", "under 0.01 %", "over 10⁶ %". No line
    ends before the sign."""
    sign, number = _read(value)
    message = {"<": N_("under {number}"), ">": N_("over {number}")}.get(sign)
    return _(message, number=number) if message else number


def _read(value: float) -> tuple[str, str]:
    """A number in %, or "<" or ">" and the bound that stands for what is very small or large."""
    size = abs(value)
    if size <= convergence.FLOOR:
        return "<", localized(f"{convergence.FLOOR:g}\u00a0%")
    if not size < _LARGEST:
        return ">", "10⁶\u00a0%"
    return "", localized(f"{value:,.0f}\u00a0%" if size >= 9.95 else f"{value:#.2g}\u00a0%")


def share(ratio: float) -> str:
    """A share of 1 in %."""
    return percent(100 * ratio)


def missing(ratio: float, bare: bool = False) -> str:
    """‖x − Bs‖² as a share of ‖x − mean‖²: "14 % missing", or `bare` "14 %". Above 1 there is no share to give, and the
    words are `FARTHER`."""
    if ratio > 1:
        return _(FARTHER)
    return share(ratio) if bare else _("{share} missing", share=share(ratio))


def format_excess(excess: float) -> str:
    """A distance to the optimum as a reading: "+3.1 %", "< 0.01 %"."""
    sign, number = _read(excess)
    return f"{sign} {number}" if sign else f"{'+' if excess > 0 else ''}{number}"


def side(excess: float) -> str:
    """What a distance is, after its number: "above the optimum", or "below the optimum" where better atoms win."""
    return _("below the optimum") if excess < -convergence.FLOOR else _("above the optimum")


def describe_excess(excess: float) -> str:
    """A distance to the optimum in a sentence: "3.1 % above the optimum", "0.5 % below the optimum"."""
    is_below = excess < -convergence.FLOOR
    message = N_("{percent} below the optimum") if is_below else N_("{percent} above the optimum")
    return _(message, percent=percent(abs(excess)))


def times(factor: float) -> str:
    """A ratio, to two digits and whole from ten on: "2.5 times", "12 times", "1,234 times"."""
    return _(
        "{factor} times",
        factor=localized(f"{factor:,.0f}" if abs(factor) >= 9.95 else f"{factor:.2g}"),
    )


_FORMATS: dict[str, Callable[[Mapping[str, float]], str]] = {
    "above": lambda n: _(RUNS_AWAY) if n["away"] else format_excess(n["far"]),
    "side": lambda n: _(REASON_RUNS_AWAY) if n["away"] else side(n["far"]),
    "F": lambda n: objective(n["F"]),
    "psnr": lambda n: decibels(n["psnr"]),
    "nonzeros": lambda n: localized(f"{100 * n['share']:.0f} %"),
    "lam": lambda n: localized(f"λ = {n['lam']:g}"),
    "active": lambda n: f"{n['active']:.0f}",
    "atoms": lambda n: ngettext("{n} atom", "{n} atoms", round(n["active"]), n="").strip(),
    "missing": lambda n: missing(n["missing"]),
    "own": lambda n: format_excess(n["own"]),
    # one digit, since further ones vary between runs
    "ms": lambda n: localized(f"≈ {float(format(n['ms'], '.1g')):g} ms"),
}


def format_reading(name: str, numbers: Mapping[str, float]) -> str:
    """A reading of a card, from the numbers of its column at a stop, as readings.js says it."""
    return _FORMATS[name](numbers)


def number(value: float) -> str:
    """A code or a gate: "0.446", "−1.200"; of what runs away no more than its size, "−4.4·10²³"."""
    if not isfinite(value):
        return "–" if isnan(value) else "∞" if value > 0 else "−∞"
    if abs(value) < 1e4:
        return localized(f"{value:.3f}")
    mantissa, power = localized(f"{value:.1e}").split("e+")
    return f"{mantissa}·10{str(int(power)).translate(_RAISED)}"


def objective(F: float) -> str:
    """A value of F, to four digits that stand under each other: "5.200", "12.79"."""
    return localized(f"{F:#.4g}".rstrip(".")) if abs(F) < 9999.5 else number(F)


def decibels(psnr: float, digits: int = 1) -> str:
    """A PSNR: "18.5 dB", "∞ dB" where nothing is wrong, "−∞ dB" where a solver has run away. No line ends before the
    unit. digits: after the point."""
    if isnan(psnr):
        return "–"
    return localized(f"{psnr:.{digits}f}\u00a0dB".replace("inf", "∞"))
