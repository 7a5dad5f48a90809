"""KaTeX equations with numbers, which hold exactly as they are printed.

A result has a few decimals. Its operands have as many more as are needed for the printed numbers to give the printed
result, so that a reader can check it with a pocket calculator.
"""

import math
import re
from collections.abc import Callable, Sequence

from sc2viz.words import _, localized

MOST_DECIMALS = 9  # of a printed number; float32 has no more
WIDE = 34  # characters that a printed sum has in one row; a longer one takes two


def places(values: Sequence[float]) -> int:
    """The decimals for numbers of this size: 3, or more if the largest number would otherwise show fewer than two digits."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0)
    return 3 if largest == 0 else min(max(3, 1 - math.floor(math.log10(largest))), 6)


def number(value: float, decimals: int) -> str:
    """A number with `decimals` decimals, and without a minus sign if it rounds to zero."""
    if not math.isfinite(value):
        return (
            r"\infty" if value > 0 else r"-\infty" if value < 0 else rf"\text{{{_('undefined')}}}"
        )
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def holding(
    operands: Sequence[float], compute: Callable[..., float], result: float, decimals: int
) -> tuple[int, str]:
    """The fewest decimals of the operands for which the printed equation holds, and its sign: =, or ≈ if there are none."""
    if all(map(math.isfinite, (*operands, result))):
        for precision in range(decimals, MOST_DECIMALS + 1):
            rounded = (float(number(value, precision)) for value in operands)
            if number(compute(*rounded), decimals) == number(result, decimals):
                return precision, "="
    return decimals, r"\approx"


def _sum(terms: Sequence[float], decimals: int) -> str:
    texts = [number(term, decimals) for term in terms]
    return texts[0] + "".join(
        f" - {text[1:]}" if text.startswith("-") else f" + {text}" for text in texts[1:]
    )


def mixed(
    forget_gate: float, previous: float, input_gate: float, candidate: float, cell: float
) -> list[str]:
    """c = f·c + i·c̃ with numbers, as the rows of an `aligned` block."""
    decimals = places((previous, candidate, cell))
    operands = (forget_gate, previous, input_gate, candidate)
    precision, sign = holding(operands, lambda f, c, i, new: f * c + i * new, cell, decimals)
    texts = [number(value, precision) for value in operands]
    f, c, i, new = (f"({text})" if text.startswith("-") else text for text in texts)
    return [
        r"c &= f \cdot c + i \cdot \tilde c",
        rf"&{sign} {f} \cdot {c} + {i} \cdot {new}",
        f"&= {number(cell, decimals)}",
    ]


def shrunk(cell: float, theta: float, code: float) -> list[str]:
    """s = sh_θ(c) with numbers."""
    decimals = places((cell, code))
    if code == 0:
        differing = (
            precision
            for precision in range(decimals, MOST_DECIMALS)
            if number(abs(cell), precision) != number(theta, precision)
        )
        precision = next(differing, decimals)
        magnitude, bound = number(abs(cell), precision), number(theta, precision)
        reason = _("for")
        return [
            r"s &= h_\theta(c)",
            rf"&= 0 \quad\text{{{reason}}}\quad |c| = {magnitude} \le \theta = {bound}",
        ]
    sign = 1 if cell > 0 else -1
    precision, equal = holding((cell, theta), lambda c, bound: c - sign * bound, code, decimals)
    operation = "-" if sign > 0 else "+"
    return [
        r"s &= h_\theta(c) = \operatorname{sign}(c)\,(|c| - \theta)_+",
        f"&{equal} {number(cell, precision)} {operation} {number(theta, precision)}",
        f"&= {number(code, decimals)}",
    ]


def saturated(cell: float, D: float, u: float, code: float) -> list[str]:
    """s = D (tanh(c + u) + tanh(c − u)) with numbers."""
    decimals = places((cell, code))
    precision, sign = holding(
        (D, cell, u), lambda D, c, u: D * (math.tanh(c + u) + math.tanh(c - u)), code, decimals
    )
    c, wide = number(cell, precision), number(u, precision)
    return [
        r"s &= h(c) = D\,(\tanh(c + u) + \tanh(c - u))",
        rf"&{sign} {number(D, precision)}\,(\tanh({c} + {wide})",
        rf"&\qquad + \tanh({c} - {wide}))",
        f"&= {number(code, decimals)}",
    ]


def _names(terms: Sequence[str]) -> str:
    """The sum of terms by their names: "W_is s/α" as KaTeX writes it."""
    return " + ".join(re.sub(r"_(\w\w)", r"_{\1}", name).replace("α", r"\alpha") for name in terms)


def summed(symbol: str, names: Sequence[str], terms: Sequence[float], total: float) -> list[str]:
    """A sum of named terms with numbers, such as c̃ = W_e s + W_d x."""
    decimals = places((*terms, total))
    precision, sign = holding(terms, lambda *values: math.fsum(values), total, decimals)
    return [
        f"{symbol} &= {_names(names)}",
        f"&{sign} {_sum(terms, precision)}",
        f"&= {number(total, decimals)}",
    ]


def gated(symbol: str, names: Sequence[str], terms: Sequence[float], gate: float) -> list[str]:
    """A gate, which is the sigmoid of a sum of named terms, with numbers."""

    decimals = 3
    total = math.fsum(terms)
    inside, sign = holding((total,), lambda value: 1 / (1 + math.exp(-value)), gate, decimals)
    precision, equal = holding(terms, lambda *values: math.fsum(values), total, inside)
    text = _sum(terms, precision)
    if len(text) > WIDE:  # it takes two rows, of which the second begins with a sign
        first = _sum(terms[: len(terms) // 2], precision)
        text = rf"{first} \\ &\qquad {{}}{text.removeprefix(first)}"
    return [
        rf"{symbol} &= \sigma({_names(names)})",
        rf"&{equal} \sigma({text})",
        rf"&{sign} \sigma({number(total, inside)}) = {number(gate, decimals)}",
    ]


def block(groups: Sequence[Sequence[str]]) -> str:
    """One KaTeX block of groups of rows; each row has one &, and there is a small space between groups."""
    text = r" \\[.6em] ".join(r" \\ ".join(rows) for rows in groups)
    text = re.sub(r"(?<=\d)\.(?=\d)", "{,}" if localized(".") == "," else ".", text)
    return rf"\begin{{aligned}} {text} \end{{aligned}}"
