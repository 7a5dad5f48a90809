"""Steps and their angles, against numpy and against what convexity says."""

import numpy as np
import pytest

from sc2viz import checkpoints, data, evaluation, solvers
from sc2viz.analysis import momentum
from tests.problems import F, soft

LAM = 0.5


@pytest.fixture(scope="module")
def picture():
    return data.load("digits", split="test").pixels[:1], checkpoints.load_dictionary("digits")


def way(name: str, picture, steps: int = 100) -> np.ndarray:
    x, B = picture
    return solvers.build(name, B, steps).trace(x, LAM, steps).codes[:, 0].detach().double().numpy()


def tau(B) -> float:
    return 1 / np.linalg.norm(B, 2) ** 2


def steepest(x, B, s, lam: float) -> np.ndarray:
    return momentum.downhill((s @ B.T - x) @ B, s, lam)


def test_steepest_descent_is_the_direction_in_which_F_falls_fastest():
    draw = np.random.default_rng(0)
    B = draw.normal(size=(6, 9))
    B /= np.linalg.norm(B, axis=0)
    x, s = draw.normal(size=6), draw.normal(size=9) * (draw.random(9) < 0.5)
    down = steepest(x, B, s[None], LAM)[0]

    def slope(direction) -> float:
        far = 1e-7 * direction / np.linalg.norm(direction)
        return float(F(x, s + far, B, LAM) - F(x, s, B, LAM)) / 1e-7

    fastest = slope(down)
    assert fastest == pytest.approx(-np.linalg.norm(down), rel=1e-4)
    assert all(slope(down + 0.3 * draw.normal(size=9)) >= fastest - 1e-5 for _ in range(200))


def test_ista_takes_ista_s_steps_and_fista_longer_ones(picture):
    x, B = (part.numpy() for part in picture)
    plain = momentum.steps(x[0], B, way("ista", picture), LAM, tau(B))
    np.testing.assert_allclose(plain.longer[:20], 1, rtol=1e-3)
    assert not plain.rises.any()
    carried = momentum.steps(x[0], B, way("fista", picture), LAM, tau(B))
    np.testing.assert_allclose(
        carried.longer[:2], 1, rtol=1e-3
    )  # its first two iterations are ISTA's
    assert (carried.longer[3:20] > 1.2).all()


def test_where_F_rises_the_step_goes_uphill_at_its_end(picture):
    (x, B), codes = (part.double().numpy() for part in picture), way("fista", picture)
    found = momentum.steps(x[0], B, codes, LAM, tau(B))
    costs = F(x, codes, B, LAM)
    rises = np.diff(costs) > 1e-9 * costs[0]
    assert rises.any() and not rises.all()
    np.testing.assert_array_equal(found.rises, rises)
    assert (found.uphill[rises] > 90).all()
    for t in (1, 5, int(np.flatnonzero(rises)[0]) + 1):
        s, step = codes[t], codes[t] - codes[t - 1]
        g = B.T @ (B @ s - x[0])
        g = np.where(s != 0, g + LAM * np.sign(s), soft(g, LAM))
        angle = np.degrees(np.arccos(-g @ step / np.linalg.norm(g) / np.linalg.norm(step)))
        assert found.uphill[t - 1] == pytest.approx(angle, abs=1e-6)


def test_the_valley_is_as_narrow_as_numpy_s_eigenvalues_say(picture):
    (_, B), code = (part.double().numpy() for part in picture), way("fista", picture)[-1]
    used = B[:, evaluation.in_use(code)]
    low, *_, high = np.linalg.eigvalsh(used.T @ used)
    assert momentum.valley(B, code) == pytest.approx(high / low, rel=1e-6)
    assert momentum.valley(B, np.zeros(len(code))) is None


def test_codes_of_no_iteration_are_refused(picture):
    x, B = (part.numpy() for part in picture)
    with pytest.raises(ValueError, match="T ≥ 1"):
        momentum.steps(x[0], B, np.zeros((1, B.shape[1])), LAM, 1.0)
