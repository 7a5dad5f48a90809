"""λ and T under the finger: pictures and numbers move while a slider is dragged, without the server."""

import re

import numpy as np
import pytest
import torch
from end_to_end.dragging import CANVASES, ITERATION, LAMBDA, SEEN, Drag, Frames, T, ready, until

from sc2viz import activations, checkpoints, data, evaluation, lasso, solvers
from sc2viz.browser import stops
from sc2viz.lab.bench.browser import turn_to
from sc2viz.ui import phrases

pytestmark = pytest.mark.browser

PIXELS = f"""{CANVASES}.flatMap(canvas =>
    [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data])"""
KEEP = f"() => {{ window.before = {PIXELS}; }}"
JUMP = f"() => {PIXELS}.reduce((most, value, k) => Math.max(most, Math.abs(value - window.before[k])), 0)"
CARDS = """() => Object.fromEntries([...document.querySelectorAll('.sc-card')].map(card => [
    card.querySelector('figcaption span').innerText,
    ['.sc-headline b', 'dd', 'small[data-reads]'].flatMap(what => [...card.querySelectorAll(what)].map(e => e.innerText)),
]))"""


@pytest.mark.everyday("step?shows=iterations&data=digits")
@pytest.mark.parametrize(
    ("path", "sliders"),
    [
        ("compare?data=digits", [LAMBDA, T]),
        # Exact codes alone, on which T has no effect
        ("lambda?data=digits", [LAMBDA]),
        ("step?shows=iterations&data=digits", [LAMBDA, T]),
        ("step?shows=iterations&data=digits&T=20&safeguard=true", [ITERATION]),
    ],
)
def test_pictures_follow_the_finger_and_the_server_hears_nothing(visit, path, sliders):
    frames, charts = Frames(), 0 if path.startswith("step") else 1
    page = visit(path, watch=frames.of)
    for slider in sliders:
        ready(page, charts)
        address = page.url
        frames.rest(page)
        with Drag(page, slider) as drag:
            count, states, values = frames.rest(page), set(), set()
            for share in np.linspace(0, 1, 10):
                values.add(drag.to(share))
                states.add(page.evaluate(SEEN))
            assert len(values) == 10 and len(states) >= 8
            assert len(frames) == count and page.url == address
            page.evaluate(KEEP)
            sent = frames.sent
        page.wait_for_url({LAMBDA: "**lam=1*", T: "**T=100*", ITERATION: "**t=20*"}[slider])
        ready(page, charts)
        assert frames.rest(page) > count and frames.sent == sent + 1  # the server hears once
        # Nothing jumps on release: codes that another batch computed differ in the last digits, and a pixel by a level.
        assert page.evaluate(JUMP) <= 2


@pytest.mark.release
def test_without_a_network_the_drag_still_moves(chromium, address):
    page = chromium.new_page()
    page.goto(f"{address}/lambda?data=digits")
    ready(page)
    with Drag(page, LAMBDA) as drag:
        page.context.set_offline(True)
        assert len({(drag.to(share), page.evaluate(SEEN)) for share in np.linspace(0, 1, 5)}) == 5
    page.context.close()


def measured(
    x: np.ndarray, codes: np.ndarray, B: np.ndarray, lam: float, optimum: float | None = None
) -> list[str]:
    """A card's words by `evaluation` and numpy."""
    rows, s, atoms = torch.from_numpy(x), torch.from_numpy(codes), torch.from_numpy(B)
    reconstructions = s @ atoms.T
    F = 0.5 * ((x - codes @ B.T) ** 2).sum(1) + lam * (
        np.abs(codes) * np.linalg.norm(B, axis=0)
    ).sum(1)
    missing = ((x - codes @ B.T) ** 2).sum() / ((x - x.mean(1, keepdims=True)) ** 2).sum()
    objective = phrases.objective(F.mean())
    return [
        objective if optimum is None else phrases.format_excess(100 * (F.mean() / optimum - 1)),
        objective,
        phrases.decibels(evaluation.psnr(rows, reconstructions).mean().item()),
        f"{100 * evaluation.nonzero_share(s).mean().item():.0f} %",
        phrases.missing(missing),
    ]


def alike(readings: list[str], expected: list[str]) -> bool:
    """Whether two lists of words agree but for the last digit of their numbers."""
    for reading, expected_reading in zip(readings, expected, strict=True):
        a, b = (re.findall(r"[\d.]+", text) for text in (reading, expected_reading))
        if re.sub(r"[\d.]+", "", reading) != re.sub(r"[\d.]+", "", expected_reading) or len(
            a
        ) != len(b):
            return False
        if any(
            abs(float(p) - float(q)) > 1.01 * 10.0 ** -len(q.partition(".")[2])
            for p, q in zip(a, b, strict=True)
        ):
            return False
    return True


@pytest.mark.everyday("grid")
@pytest.mark.parametrize("layout", ["grid", "one picture"])
def test_the_numbers_at_every_stop_are_those_of_evaluation(visit, layout):
    x = data.load("mnist-5k", "test").pixels[: 16 if layout == "grid" else 1].double()
    B = checkpoints.load_dictionary("mnist").double()
    built = {"ISTA": solvers.build("ista", B), "SLSTM": checkpoints.load("mnist/slstm").double()}
    page = visit(f"compare?solvers=ISTA&solvers=SLSTM&layout={layout.replace(' ', '+')}")
    ready(page)

    def check(lam: float, T: int) -> None:
        best = lasso.solve(x, B, lam, tol=1e-9).codes
        minimum = lasso.objective(x, best, B, lam).mean().item()
        expected = {"Exact optimum": measured(x.numpy(), best.numpy(), B.numpy(), lam)}
        for label, solver in built.items():
            with torch.no_grad():
                codes = solver(x, lam, steps=T)
            expected[label] = measured(
                x.numpy(), codes.numpy(), solver.dictionary.detach().numpy(), lam, minimum
            )

        def agree() -> (
            bool
        ):  # once the board has the server's codes of the λ that was let go, and is drawn
            readings_by_label = {
                label: [*readings_of_card[:4], readings_of_card[-1]]
                for label, readings_of_card in page.evaluate(CARDS).items()
            }
            return all(
                alike(readings_by_label[label], readings_of_card)
                for label, readings_of_card in expected.items()
            )

        assert until(page, agree), (lam, T, expected, page.evaluate(CARDS))

    with Drag(page, LAMBDA) as drag:
        for share in np.linspace(0, 1, 10):
            check(drag.to(share), 10)
        drag.to(0.5)
    ready(page)
    lam = float(
        page.get_by_role("slider", name=LAMBDA).get_attribute("aria-valuetext").split(" = ")[1]
    )
    with Drag(page, T) as drag:
        for share in np.linspace(0, 1, 10):
            check(lam, int(drag.to(share)))


STEPPED = """scrubber => Object.fromEntries([...scrubber.querySelectorAll('article')].map(card =>
    [card.getAttribute('aria-label'), [...card.querySelectorAll('dd')].map(e => e.innerText)]))"""


def test_the_numbers_of_step_through_are_those_of_evaluation(visit):
    x, B = (
        data.load("mnist-5k", "test").pixels[2:3].double(),
        checkpoints.load_dictionary("mnist").double(),
    )
    built = {"ISTA": solvers.build("ista", B), "SLSTM": checkpoints.load("mnist/slstm").double()}
    page = visit("step?shows=iterations&solvers=ISTA&solvers=SLSTM&picture=2&t=4&lam=0.3")
    ready(page, 0)

    def numbers(codes, atoms, lam: float, best: float | None) -> list[str]:
        readings_of_codes = measured(x.numpy(), codes.numpy(), atoms.numpy(), lam, best)
        active = f"{int((codes.abs() > 1e-3).sum())} of {codes.shape[1]}"
        return [
            *([readings_of_codes[0]] if best is not None else []),
            readings_of_codes[1],
            readings_of_codes[2],
            active,
        ]

    def check(lam: float, t: int) -> None:
        readings_shown = page.locator(".scrubber").evaluate(STEPPED)
        best = lasso.solve(x, B, lam, tol=1e-9).codes
        minimum = lasso.objective(x, best, B, lam).item()
        assert alike(readings_shown["Exact optimum"], numbers(best, B, lam, None)), lam
        for label, solver in built.items():
            with torch.no_grad():
                codes = solver(x, lam, steps=t)
            expected = numbers(codes, solver.dictionary.detach(), lam, minimum)
            assert alike(readings_shown[label][:4], expected), (label, lam, t)

    with Drag(page, LAMBDA) as drag:
        for share in np.linspace(0, 1, 10):
            check(drag.to(share), 4)
        lam = drag.to(0.6)
    ready(page, 0)
    with Drag(page, ITERATION) as drag:
        for share in (0, 0.5, 1):
            check(lam, int(drag.to(share)))
    with Drag(page, T) as drag:  # which takes the iteration along
        for share in (0, 0.3, 1):
            check(lam, int(drag.to(share)))


@pytest.mark.release
def test_adaptive_ista_by_hand_follows_the_gates(visit):
    x, B = (
        data.load("digits", "test").pixels[0].double().numpy(),
        checkpoints.load_dictionary("digits").double().numpy(),
    )
    page = visit("step?shows=iterations&data=digits&solvers=ISTA&lam=0.2&i=1&f=0")
    ready(page, 4)
    address, lam, tau = page.url, 0.2, 1 / np.linalg.norm(B, 2) ** 2
    best = (
        lasso.solve(torch.from_numpy(x[None]), torch.from_numpy(B), lam, tol=1e-9).codes[0].numpy()
    )

    def F(s) -> float:
        return 0.5 * np.sum((x - B @ s) ** 2) + lam * np.abs(s).sum()

    def distances(i: float, f: float) -> np.ndarray:
        s = c = np.zeros(100)
        values = []
        for _ in range(100):
            c = f * c + i * (s + tau * B.T @ (x - B @ s))
            s = np.sign(c) * np.maximum(np.abs(c) - lam * tau, 0)
            values.append(100 * (F(s) / F(best) - 1))
        return np.array(values)

    line = """() => { const plot = document.querySelector('.st-key-by-hand .js-plotly-plot'), axis = plot._fullLayout.yaxis;
        const path = plot.querySelectorAll('.scatterlayer .trace')[2].querySelector('.js-line').getAttribute('d');
        return path.slice(1).split('L').map(point => axis.p2d(Number(point.split(',')[1]))); }"""
    states = set()
    with Drag(page, "Input gate i, weight of the candidate") as drag:
        for share in np.linspace(0.2, 0.9, 6):
            i = drag.to(share)
            expected = distances(i, 1 - i)  # they are locked
            sentence = page.locator(".by-hand").inner_text().removesuffix(".")
            states.add(sentence)
            assert alike(
                [sentence],
                [f"After 10 iterations: {phrases.percent(expected[9])} above the optimum"],
            ), i
            points = np.array(page.evaluate(line))
            low = points > 1.01 * points.min()  # above the lower edge of the chart
            np.testing.assert_allclose(points[low], expected[low], rtol=0.01)
        assert len(states) == 6 and page.url == address
        f = page.get_by_role("slider", name="Forget gate f, weight of the memory").get_attribute(
            "aria-valuetext"
        )
        assert float(f.split(" = ")[1].replace("−", "-")) == pytest.approx(1 - i)
    page.wait_for_url(f"**i={i:g}*")
    page.get_by_text(f"With i = {i:.2f} and f = {1 - i:.2f}".replace("-", "−")).wait_for()


CAPTION = "Number(getComputedStyle(document.querySelector('.st-key-caption [data-testid=stMarkdown]')).opacity)"


@pytest.mark.release
def test_activations_follow_theta_and_the_fit_follows_them(visit):
    page = visit("activations?data=digits&lam=0.5&R=1")
    ready(page, 6, ".apart")
    address = page.url
    lines = """() => document.querySelector('.st-key-activation .js-plotly-plot').data.slice(0, 2).map(line =>
        [[...line.x], [...line.y]])"""
    is_drawn_at = "x => document.querySelector('.st-key-activation .js-plotly-plot').layout.shapes.some(each => each.x0 === x)"
    pattern = r"two differ by (\S+) \(root mean square\)\. D = (\S+) and u = (\S+) are the best fit"
    with Drag(page, "θ, shrinkage's threshold") as drag:
        for share in (0.3, 0.5, 0.7):
            theta = drag.to(share)
            page.wait_for_function(is_drawn_at, arg=theta)
            sentence = page.locator(".apart").inner_text()
            rms, D, u = map(float, re.search(pattern, sentence).groups())
            assert (D, u) == pytest.approx(activations.fit_double_tanh(theta, 1.0), abs=0.0151)
            c = np.linspace(-1, 1, 201)
            soft = np.sign(c) * np.maximum(np.abs(c) - theta, 0)
            smooth = D * (np.tanh(c + u) + np.tanh(c - u))
            assert rms == pytest.approx(
                np.sqrt(np.mean((soft - smooth) ** 2)), rel=0.06
            )  # two digits
            (x, curve), (_, smooth) = page.evaluate(lines)
            c = torch.tensor(x, dtype=torch.float64)
            np.testing.assert_allclose(
                curve, activations.shrink(c, torch.tensor(theta, dtype=c.dtype)), atol=1e-12
            )
            np.testing.assert_allclose(smooth, activations.double_tanh(c, D, u), atol=1e-9)
        assert page.url == address
        assert page.evaluate(CAPTION) < 0.5  # what it says of the old θ steps back
    page.wait_for_url(f"**theta={theta:g}*")
    page.wait_for_function(f"{CAPTION} === 1")  # as soon as the server has answered
    ready(page, 6, ".apart")
    with Drag(page, "R, range of the fit") as drag:
        R = drag.to(0.8)
        page.wait_for_function(is_drawn_at, arg=-R)
        ends = "() => document.querySelector('.st-key-activation .js-plotly-plot')._fullLayout.xaxis.range"
        assert page.evaluate(ends) == pytest.approx([-1.5 * R, 1.5 * R])
    ready(page, 6, ".apart")
    page.get_by_role("slider", name="D, double tanh's height").press("ArrowRight")
    page.get_by_text("The best fit, D =").wait_for()
    page.wait_for_url("**fit=false*")


# The atoms of the two weights, λ and the weights where the contour touches the ball, and what is said of them.
PLANE = """() => {
    const figure = document.querySelector('.sc-zeros');
    const atoms = [...figure.querySelectorAll('text')].map(e => parseInt(e.textContent.split(' ')[1]));
    return [atoms, figure.dataset.at.split(' ').map(Number), figure.querySelector('.sc-says').textContent];
}"""


def loss_of(residual: torch.Tensor) -> float:
    return 0.5 * residual.square().sum().item()


@pytest.mark.release
def test_the_strip_and_the_dots_of_the_trade_off_follow_lambda(visit):
    x, B = (
        data.load("digits", "test").pixels[3:4].double(),
        checkpoints.load_dictionary("digits").double(),
    )
    page = visit("lambda?data=digits&picture=3&layout=one+picture&solvers=ISTA&more=true")
    ready(page, 9)
    dots = """() => [...document.querySelectorAll('.js-plotly-plot')].map(plot =>
        [...[...plot.querySelectorAll('.scatterlayer .trace')].at(-1).querySelectorAll('.point')].map(point => {
            const [px, py] = point.getAttribute('transform').match(/[-\\d.]+/g).map(Number), at = plot._fullLayout;
            return [at.xaxis.p2d(px), at.yaxis.p2d(py)];
        }))"""
    with Drag(page, LAMBDA) as drag:
        for share in np.linspace(0, 1, 10):
            lam = drag.to(share)
            codes = lasso.solve(x, B, lam, tol=1e-9).codes
            loss = evaluation.reconstruction_loss(x, codes, B).item()
            active = 100 * evaluation.nonzero_share(codes).item()
            used = codes[0].abs() > 1e-3
            fitted = torch.from_numpy(
                np.linalg.lstsq(B[:, used].numpy(), x[0].numpy(), rcond=None)[0]
            )
            refitted = page.locator(".sc-card", has_text="Refitted").inner_text()
            assert (
                phrases.decibels(evaluation.psnr(x, (B[:, used] @ fitted)[None]).item()) in refitted
            )
            assert (
                phrases.objective(
                    loss_of(x[0] - B[:, used] @ fitted) + lam * fitted.abs().sum().item()
                )
                in refitted
            )
            atoms, (position, *weights), sentence = page.evaluate(PLANE)
            np.testing.assert_allclose(weights, codes[0, atoms], atol=2e-4)
            zero = [abs(codes[0, atom].item()) <= 1e-3 for atom in atoms]
            assert (
                position == lam
                and ("corner" in sentence) == (sum(zero) == 1)
                and f"λ = {lam:g}:" in sentence
            )
            mine = page.locator(".sc-card").nth(1).inner_text()
            assert mine.split()[:3] == ["λ", "=", f"{lam:g}"] and f"{active:.0f}" in mine.split()
            assert phrases.decibels(evaluation.psnr(x, codes @ B.T).item()) in mine
            positions = page.evaluate(dots)
            expected = [(active, loss), (lam, loss), (lam, loss + lam * codes.abs().sum().item())]
            first, *others = (chart[0] for chart in positions)
            np.testing.assert_allclose(
                first, expected[0], rtol=2e-3, atol=1e-3
            )  # its axes are linear
            np.testing.assert_allclose(others, expected[1:], rtol=2e-3)
    assert stops.LAM[-1] == lam


@pytest.mark.release
def test_a_browser_that_lost_the_codes_asks_for_them_again(visit):
    page = ready(visit("compare?data=digits"))
    state_before = page.evaluate(SEEN)
    turn_to(page, "Why zeros")
    page.get_by_text("Doubling λ").wait_for()
    turn_to(page, "Compare")
    page.wait_for_function(f"before => ({SEEN})() === before", arg=state_before)
    page.reload()
    page.wait_for_function(f"before => ({SEEN})() === before", arg=state_before)
