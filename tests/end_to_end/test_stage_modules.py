"""The pure JavaScript modules of the stage in Chromium, against numpy and against the pictures that Python draws."""

import numpy as np
import pytest
import torch
from browser import expected
from browser.unpacking import unpack

from sc2viz import activations
from sc2viz.browser import board, modules, panels, wire_format
from sc2viz.browser.stops import LAM, with_own
from sc2viz.draw import mosaics, style

pytestmark = pytest.mark.browser

PURE = ("colour.js", "decode.js", "objective.js", "activation.js", "adaptive.js", "readings.js")


@pytest.fixture(scope="module")
def run(chromium):
    """Run the body of an asynchronous function of `given` beside the modules; what it returns."""
    page = chromium.new_page()
    source = modules.joined(*(modules.FOLDER / name for name in PURE))

    def evaluate(body: str, **given):
        return page.evaluate(f"async given => {{ {source}\n{body} }}", given)

    yield evaluate
    page.close()


def test_codes_arrive_as_the_nearest_float16(run):
    rng = np.random.default_rng(0)
    codes = (rng.normal(size=(3, 5, 7)) * 10.0 ** rng.integers(-9, 6, (3, 5, 7))).astype(np.float32)
    codes.flat[:6] = 0, np.inf, -np.inf, np.nan, 1e9, 6.1e-5
    parcel = wire_format.pack(codes)
    assert parcel.shape == (3, 5, 7)
    arrived = run("return [...(await halves(given.text))]", text=parcel.text)
    expected = np.clip(np.nan_to_num(codes, nan=6e4), -6e4, 6e4).astype(np.float16)
    np.testing.assert_array_equal(
        np.array(arrived, np.float32), expected.astype(np.float32).ravel()
    )
    np.testing.assert_array_equal(unpack(parcel), expected)


def test_codes_at_several_stops_arrive_finer_than_a_screen_shows(run):
    rng = np.random.default_rng(0)
    codes = (rng.normal(size=(1, 2, 50)) * np.linspace(1, 0.2, 31)[:, None, None]).astype(
        np.float32
    )
    codes[:, :, ::3] = 0
    parcel = wire_format.pack(codes)
    arrived = np.array(run("return [...(await halves(given.text))]", text=parcel.text)).reshape(
        codes.shape
    )
    np.testing.assert_array_equal(arrived, unpack(parcel))
    barely = (np.abs(codes) > 1e-3) & (
        np.abs(codes) < 1.5 / 2**10
    )  # in use, and the nearest multiple would not be
    assert (np.abs(arrived - codes) <= np.where(barely, 1, 0.5) / 2**10).all() and (
        arrived[codes == 0] == 0
    ).all()
    away = codes.copy()
    away[-1] *= 1e4  # a network that runs away, beside which the others would be nothing
    parcel = wire_format.pack(away)
    np.testing.assert_array_equal(unpack(parcel), away.astype(np.float16))
    np.testing.assert_array_equal(
        run("return [...(await halves(given.text))]", text=parcel.text),
        away.astype(np.float16).ravel(),
    )


@pytest.mark.parametrize(
    "codes",
    [np.zeros((3, 1, 4)), np.zeros((3, 0, 4)), np.full((2, 1, 1), 31.9), np.eye(4)[:, None]],
)
def test_the_edges_of_how_codes_travel(codes):
    np.testing.assert_allclose(unpack(wire_format.pack(codes)), codes, atol=0.01)


def test_one_array_has_one_name_and_another_has_another():
    codes = np.arange(12.0).reshape(3, 4)
    assert wire_format.pack(codes) == wire_format.pack(codes.copy())
    assert wire_format.pack(codes).name != wire_format.pack(codes + 1).name


def test_what_was_used_least_recently_goes_first(run):
    one = wire_format.pack(np.zeros(2**23 - 2)).text  # two of them fit
    body = """const kept = new Parcels(), there = () => ['a', 'b', 'c'].map(name => kept.kept.has(name));
        await kept.add({ a: given.one, b: given.one });
        kept.get('a');
        await kept.add({ c: given.one });
        return there();"""
    assert run(body, one=one) == [True, False, True]


def test_the_stop_at_hand_travels_apart_and_is_put_in(run):
    def message(lam):
        stops = {"lam": with_own(LAM, lam), "T": (1, 2)}
        codes = np.array(
            [np.full((2, 3), each) + np.arange(3) for each in stops["lam"]], np.float32
        )
        columns = [
            board.Column(codes=axis)
            for axis in ({"lam": codes}, {"lam": codes[:1]}, {"T": codes[:2]})
        ]
        shown = board.Codes(np.zeros((2, 4)), (2, 2, 1), stops, {"lam": lam, "T": 2}, columns)
        data, arrays = shown.message()
        return (
            codes,
            [label for column in data["columns"] for label in column["codes"].values()],
            wire_format.texts(arrays),
        )

    codes, labels, arrived = message(0.137)
    assert [label["size"] for label in labels] == [[62, 2, 3], [1, 2, 3], [2, 2, 3]]
    body = """const kept = new Parcels(), asked = [];
        await kept.add(given.before);
        const there = await kept.take(given.arrived, given.labels, (_, wants) => asked.push(...wants.names));
        return [there, asked, there && [...kept.get(given.labels[0].name)]];"""
    others, one, place = labels[0]["name"].split(":")
    rest = unpack(wire_format.pack(np.delete(codes, 34, axis=0)))
    expected = np.insert(rest, 34, codes[34].astype(np.float16), axis=0)
    np.testing.assert_allclose(expected, codes, atol=5e-4)
    expected = expected.ravel().tolist()
    assert run(body, before={}, arrived=arrived, labels=labels) == [True, [], expected]
    _, _, earlier = message(0.2)  # has all the marks
    assert others in earlier and one not in earlier and place == "34"
    assert run(body, before=earlier, arrived={one: arrived[one]}, labels=labels) == [
        True,
        [],
        expected,
    ]
    assert run(body, before={}, arrived={one: arrived[one]}, labels=labels[:1]) == [
        False,
        [others],
        False,
    ]


def test_a_code_makes_B_s_and_its_errors(run):
    rng = np.random.default_rng(1)
    codes, B, x = rng.normal(size=(2, 3, 5)), rng.normal(size=(12, 5)), rng.normal(size=(3, 12))
    codes[np.abs(codes) < 0.5] = 0
    body = """const made = reconstruct(given.codes, 15, 3, 5, given.atoms, 12, new Float64Array(36));
        return [[...made], [...errors(given.x, made, 3, new Float64Array(12))]];"""
    made, wrong = run(
        body, codes=codes.ravel().tolist(), atoms=B.T.ravel().tolist(), x=x.ravel().tolist()
    )
    expected = codes[1] @ B.T
    np.testing.assert_allclose(np.reshape(made, (3, 12)), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        np.reshape(wrong, (3, 2, 2)), mosaics.error(x, expected, (2, 2, 3)), rtol=1e-12
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_have_the_colours_of_the_pictures_that_python_draws(run, channels):
    values = np.array([-1, 0, 0.1, 0.5, 0.998, 1, 2, np.nan, 0.25, 0.75, 0.31, 0.6])
    body = """const colour = natural(given.values.map(v => v ?? NaN), given.channels);
        const drawn = Uint32Array.from({ length: given.values.length / given.channels }, (_, k) => colour(k));
        return [...new Uint8Array(drawn.buffer)];"""
    given = [None if np.isnan(value) else value for value in values.tolist()]
    expected = mosaics.mosaic(values[None], (1, len(values) // channels, channels), side=1)
    assert run(body, values=given, channels=channels) == expected.ravel().tolist()


def test_errors_have_the_colours_of_the_pictures_that_python_draws(run):
    errors = np.array([0, 0.01, 0.2, 0.39, 0.4, 7])
    body = """const colour = mapped(given.errors, colours(given.table), 0, given.top);
        return [...new Uint8Array(Uint32Array.from(given.errors, (_, k) => colour(k)).buffer)];"""
    drawn = run(body, errors=errors.tolist(), table=panels.steps(style.ERROR_TABLE), top=0.4)
    assert drawn == mosaics.error_mosaic(errors.reshape(1, 1, -1), 0.4, side=1).ravel().tolist()


@pytest.mark.parametrize("d_x", [1, 7, 96, 200])
def test_rows_that_are_no_pictures_are_drawn_as_python_draws_them(run, d_x):
    rng = np.random.default_rng(d_x)
    rows, made = rng.normal(size=(2, 2, d_x))
    shape = mosaics.Lines(d_x, -2.0, 2.0)
    body = """const out = new Float64Array(LINE.high * LINE.wide), wrong = new Float64Array(LINE.strip * LINE.wide);
        line(given.rows, 1, given.shape, out);
        strip(given.rows.map((value, k) => Math.abs(value - given.made[k])), 1, given.shape, wrong);
        return [[...out], [...wrong]];"""
    given = {"d_x": d_x, "low": shape.low, "high": shape.high}
    drawn, wrong = run(body, rows=rows.ravel().tolist(), made=made.ravel().tolist(), shape=given)
    np.testing.assert_allclose(drawn, mosaics.tiles(rows, shape)[1].ravel(), atol=1e-9)
    np.testing.assert_allclose(wrong, mosaics.error(rows, made, shape)[1].ravel(), rtol=1e-12)


def test_activations_and_their_derivatives_are_those_of_python(run):
    at, c = {"theta": 0.3, "D": 1.7, "u": 0.45}, np.linspace(-2, 2, 41)
    body = "return [shrinkage, doubleTanh].map(each => each.map(curve => given.c.map(v => curve(v, given.at))))"
    soft, smooth = run(body, c=c.tolist(), at=at)
    x = torch.from_numpy(c)
    expected = (
        activations.shrink(x, torch.tensor(0.3, dtype=torch.float64)),
        activations.shrink_derivative(x, 0.3),
        0 * x,
    )
    np.testing.assert_allclose(soft, torch.stack(expected), atol=1e-15)
    slopes = [activations.double_tanh_derivative(x, 1.7, 0.45, order) for order in (1, 2)]
    expected = torch.stack([activations.double_tanh(x, 1.7, 0.45), *slopes])
    np.testing.assert_allclose(smooth, expected, rtol=1e-12, atol=1e-12)


def test_the_best_double_tanh_is_as_near_as_that_of_scipy(run):
    cases = [
        (theta, R)
        for R in (0.05, 0.3, 1.0, 4.0)
        for theta in (0.0001, 0.012, 0.2, 0.9, 2.0)
        if theta < R
    ]
    body = """return given.cases.map(([theta, R]) => {
        const at = fit({ theta, R });
        return [at.D, at.u, apart({ theta, R, ...at })];
    })"""
    for (theta, R), (D, u, left) in zip(cases, run(body, cases=cases), strict=True):
        c = np.linspace(-R, R, 201)
        soft = np.sign(c) * np.maximum(np.abs(c) - theta, 0)

        def rms(D: float, u: float, c=c, soft=soft) -> float:
            return np.sqrt(np.mean((D * (np.tanh(c + u) + np.tanh(c - u)) - soft) ** 2))

        assert left == pytest.approx(rms(D, u), rel=1e-9), (theta, R)
        assert left <= 1.001 * rms(*activations.fit_double_tanh(theta, R)) + 1e-12, (theta, R)
    assert run("return fit({ theta: 2, R: 2 })") is None


def test_adaptive_ista_is_equation_7(run):
    rng = np.random.default_rng(4)
    B, x = rng.normal(size=(9, 6)), rng.normal(size=9)
    G, tau, lam = B.T @ B, 1 / np.linalg.norm(B, 2) ** 2, 0.4
    s, c, expected = np.zeros(6), np.zeros(6), []
    for _ in range(31):
        expected.append(
            0.5 * np.sum((x - B @ s) ** 2) + lam * np.linalg.norm(B, axis=0) @ np.abs(s)
        )
        c = -0.3 * c + 1.2 * (s + tau * B.T @ (x - B @ s))
        s = np.sign(c) * np.maximum(np.abs(c) - lam * tau, 0)
    given = {"b": (B.T @ x).tolist(), "energy": x @ x, "tau": tau, "lam": lam}
    body = "return objectives({ ...given.given, G: symmetric(given.upper, 6) }, 1.2, -0.3, 30)"
    found = run(body, given=given, upper=G[np.triu_indices(6)].tolist())
    np.testing.assert_allclose(found, expected, rtol=1e-5)  # G is of 32 bits


def test_percents_read_as_in_python(run):
    table = expected.plain(expected.percent())
    assert (
        run("return given.values.map(Number).map(percent)", values=table["values"]) == table["read"]
    )
