"""What is printed must hold as printed: every test reads the numbers back from the KaTeX."""

import math
import re

from hypothesis import assume, example, given
from hypothesis import strategies as st

from sc2viz.draw import arithmetic

reals = st.floats(-3, 3, width=32)
gates = st.floats(0, 1, width=32)
NUMBER = r"\(?(-?\d+\.\d+)\)?"


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


@given(gates, reals, gates, reals)
@example(0.5, 0.0, 0.5, 0.0)
@example(-0.8, 1e-4, 1.8, -1e-5)
def test_the_mixture_holds_as_printed(f, previous, i, candidate):
    cell = f * previous + i * candidate
    _, line, result = arithmetic.mixed(f, previous, i, candidate, cell)
    assume(r"\approx" not in line)  # rounded operands give the other side of a tie
    a, b, c, d = map(
        float, re.search(rf"= {NUMBER} \\cdot {NUMBER} \+ {NUMBER} \\cdot {NUMBER}", line).groups()
    )
    printed = result.removeprefix("&= ")
    assert math.isclose(
        float(f"{a * b + c * d:.{decimals(printed)}f}"), float(printed), abs_tol=1e-12
    )
    assert abs(float(printed) - cell) <= 0.5001 * 10.0 ** -decimals(printed)
    assert all(
        abs(displayed - true) <= 1e-3
        for displayed, true in zip((a, b, c, d), (f, previous, i, candidate), strict=True)
    )


@given(reals, st.floats(1e-4, 1))
def test_shrinkage_holds_as_printed(cell, theta):
    code = math.copysign(max(abs(cell) - theta, 0), cell)
    rows = arithmetic.shrunk(cell, theta, code)
    if code == 0:
        magnitude, bound = map(
            float, re.search(rf"\|c\| = {NUMBER} \\le \\theta = {NUMBER}", rows[1]).groups()
        )
        assert magnitude <= bound
    else:
        c, sign, bound = re.search(rf"= {NUMBER} ([-+]) {NUMBER}", rows[1]).groups()
        value = float(c) + (1 if sign == "+" else -1) * float(bound)
        printed = rows[2].removeprefix("&= ")
        assert math.isclose(float(f"{value:.{decimals(printed)}f}"), float(printed), abs_tol=1e-12)


@given(st.lists(reals, min_size=2, max_size=4))
def test_gates_hold_as_printed(terms):
    gate = 1 / (1 + math.exp(-sum(terms)))
    _, addition, result = arithmetic.gated("i", ["a"] * len(terms), terms, gate)
    total, printed = re.search(rf"\\sigma\({NUMBER}\) = {NUMBER}", result).groups()
    assert f"{1 / (1 + math.exp(-float(total))):.3f}" == printed
    inside = re.search(r"\\sigma\((.*)\)", addition).group(1).replace(" ", "")
    added = sum(map(float, re.findall(r"-?\d+\.\d+", inside)))
    assert math.isclose(added, float(total), abs_tol=0.51 * 10.0 ** -decimals(total))


@given(reals, st.floats(0.1, 5), st.floats(0.01, 3))
def test_double_tanh_holds_as_printed(cell, D, u):
    code = D * (math.tanh(cell + u) + math.tanh(cell - u))
    _, formula, _, result = arithmetic.saturated(cell, D, u, code)
    D_, c, u_ = map(
        float, re.search(rf"= {NUMBER}\\,\(\\tanh\({NUMBER} \+ {NUMBER}\)", formula).groups()
    )
    printed = result.removeprefix("&= ")
    value = D_ * (math.tanh(c + u_) + math.tanh(c - u_))
    assert math.isclose(float(f"{value:.{decimals(printed)}f}"), float(printed), abs_tol=1e-12)


def test_numbers_are_printed_plainly():
    assert arithmetic.number(-1e-9, 3) == "0.000"
    assert arithmetic.number(float("inf"), 3) == r"\infty"
    assert (
        arithmetic.places([0.0]) == 3
        and arithmetic.places([0.5, 2.0]) == 3
        and arithmetic.places([0.0042]) == 4
    )
    rows = arithmetic.mixed(float("inf"), 1.0, 1.0, 1.0, float("nan"))
    assert rows[-1] == r"&= \text{undefined}"
