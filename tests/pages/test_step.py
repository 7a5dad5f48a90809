"""Step through without a browser: what it says is what the solvers did, and no setting breaks it."""

import re
from functools import partial

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.analysis import convergence
from sc2viz.browser import stepping
from sc2viz.pages.step import describe_steps


def captions(excess, steps, active):
    """The caption of each iteration 0 … `steps`, and why."""

    def at(values, t: int) -> dict:
        return {label: each[t] for label, each in values.items()}

    return [
        (describe_steps.sentence(at(excess, t), t, at(active, t)), describe_steps.pace(excess, t))
        for t in range(steps + 1)
    ]


@pytest.fixture
def opened(open_page):
    return partial(open_page, "step", data="digits", shows="iterations")


def said(app, start: str) -> str:
    return spaced(next(part.value for part in app.markdown if part.value.startswith(start)))


def spaced(text: str) -> str:
    """A sentence with plain spaces before "%"."""
    return text.replace("\u00a0", " ")


def distances(name: str, lam: float, steps: int, **options) -> np.ndarray:
    """Distances to the optimum in % of the first digit, from the public functions alone."""
    x, B = data.load("digits", split="test").pixels[:1], checkpoints.load_dictionary("digits")
    path = solvers.build(name, B, **options).trace(x, lam, steps=steps).codes.detach()
    best = lasso.objective(x, lasso.solve(x, B, lam, tol=1e-6).codes.float(), B, lam)
    return np.array([100 * (lasso.objective(x, codes, B, lam) / best - 1).item() for codes in path])


def test_it_tells_how_near_the_solvers_come_and_who_overtakes(opened):
    app = opened(stepped=["ISTA", "FISTA"], lam="0.3", T="20")
    ista, fista = (distances(name, 0.3, 100) for name in ("ista", "fista"))
    text = said(app, "- **Distance to the optimum.**")
    assert f"**FISTA** {fista[20]:.2g} % and **ISTA** {ista[20]:.2g} %" in text
    told = [int(t) for t in re.findall(r"from iteration (\d+)", text)]
    assert told[1:] == [t for t, _ in convergence.overtakings(fista, ista)]
    assert told[0] == next(t for t in range(1, 101) if fista[t] != ista[t])
    assert "Over 100 iterations (20 are drawn), " in text


def test_who_leads_is_told_alike_however_many_race():
    early, late = np.array([9, 1, 2, 3, 4.0]), np.array([9, 5, 4, 2, 1.0])
    last, active = (
        np.array([9, 8, 8, 8, 8.0]),
        {name: np.zeros(5, int) for name in ("early", "late", "last", "twin")},
    )

    def leads(steps, **excess):
        text = describe_steps.notice(excess, steps, 0.1, active, 3, {})
        return next(line for line in text.splitlines() if "The lead" in line)

    turn = "**early** leads from iteration 1 and **late** from iteration 3 until iteration 4."
    assert (
        leads(2, early=early, late=late)
        == f"- **The lead.** Over 4 iterations (2 are drawn), {turn}"
    )
    assert (
        leads(4, early=early, late=late, last=last) == f"- **The lead.** Over 4 iterations, {turn}"
    )
    assert leads(4, early=early, last=last).endswith(
        ", **early** leads from iteration 1 until iteration 4."
    )
    ahead, behind = np.array([9, 1, 2, 1, 2, 1.0]), np.array([9, 2, 1, 2, 1, 2.0])
    many = "**early** leads from iteration 1, **late** from iteration 2 and after 2 more changes **early** from iteration 5"
    assert leads(4, early=ahead, late=behind).endswith(f", {many} until iteration 5.")
    assert leads(4, early=early, twin=early).endswith(", no solver is ahead of all others.")


def test_atoms_in_use_are_those_of_the_last_iteration_drawn_and_the_most_before():
    excess, active = (
        {"net": np.array([9, 5, 2, 1, 1.0])},
        {"grows": np.arange(4), "shrinks": np.array([0, 8, 6, 5])},
    )
    text = describe_steps.notice(excess, 3, 0.1, active, 2, {})
    assert (
        "The optimum uses 2 atoms. After iteration 3, **grows** uses 3" in text
        and "**shrinks** uses 5 (8 after iteration 1)." in text
    )
    assert "the end" not in text


def test_a_network_with_better_atoms_gets_below_the_optimum():
    excess = {"ISTA": np.array([200, 50, 20, 0.0]), "net": np.array([200, 5, -0.001, -3.0])}
    active = {name: np.arange(4) for name in excess}
    told = [spaced(sentence) for sentence, _ in captions(excess, 3, active)]
    assert (
        "200 % above the optimum" in told[0]
        and "**net** has the lowest F: it is 5.0 % above the optimum" in told[1]
    )
    assert (
        "**net** has reached the optimum" in told[2]
        and "**net** has the lowest F: it is 3.0 % below the optimum" in told[3]
    )
    noticed = spaced(describe_steps.notice(excess, 3, 0.1, active, 3, {}))
    assert "**net** −3.0 % and **ISTA** under 0.01 %." in noticed


def test_it_opens_with_the_solvers_of_compare(opened):
    assert opened().pills(key="solvers").value == ["ISTA", "FISTA", "SLSTM"]


@pytest.mark.parametrize("gates", [(1.8, -0.8), (0.5, 0.5)])
def test_by_hand_is_measured_against_ista(opened, gates):
    app = opened(i=f"{gates[0]}", f=f"{gates[1]}", lam="0.3")
    text = said(app, "With i")
    own = distances("adaptive-ista", 0.3, 10, input_gate=gates[0], forget_gate=gates[1])[10]
    ista = distances("ista", 0.3, 10)[10]
    assert f"{own:.2g} % above" in text
    assert any(
        spaced(part.value).startswith(f"ISTA is {ista:.2g} % above") for part in app.markdown
    )
    assert ("ahead of ISTA" if own < ista else "behind ISTA") in text


def test_by_hand_says_where_it_sticks_and_that_it_diverges(opened):
    assert re.search(
        r"converges to a point [\d,.]+ % above", said(opened(i="0.8", f="0.1"), "With i")
    )
    excess = distances("adaptive-ista", 0.5, 100, input_gate=1.0, forget_gate=0.2)
    app = opened(i="1", f="0.2")
    assert "**diverges**" in said(app, "With i")
    assert said(app, f"From iteration {convergence.diverges_at(excess)} on")


def test_the_lock_keeps_the_sum_at_one(opened):
    app = opened()
    assert app.toggle(key="lock").value and app.slider(key="i").value + app.slider(
        key="f"
    ).value == pytest.approx(1)
    app.slider(key="i").set_value(0.3).run()
    assert app.slider(key="f").value == pytest.approx(0.7)
    app.slider(key="f").set_value(-0.25).run()
    assert app.slider(key="i").value == pytest.approx(1.25)
    app.toggle(key="lock").set_value(False).run()
    app.slider(key="i").set_value(app.slider(key="i").max).run()
    assert app.slider(key="f").value == pytest.approx(-0.25)
    app.toggle(key="lock").set_value(True).run()
    assert (
        app.slider(key="f").value == pytest.approx(app.slider(key="f").min)
        and app.slider(key="f").min > -1
    )
    assert not app.exception and not app.error


def test_a_link_to_gates_that_do_not_add_up_is_not_locked(opened):
    app = opened(i="1", f="0.1")
    assert (app.toggle(key="lock").value, app.slider(key="i").value, app.slider(key="f").value) == (
        False,
        1.0,
        0.1,
    )


@pytest.mark.parametrize(
    "query",
    [
        {"lam": "1", "T": "1"},
        {"lam": "0.01", "T": "100", "stepped": ["ISTA", "FISTA", "LFISTA", "SLSTM", "LISTA"]},
        {"data": "patches", "lam": "1", "T": "1", "i": "2", "f": "1"},
        {"data": "mnist-5k", "T": "100", "i": "0", "f": "1"},
        {"i": "0", "f": "-1", "stepped": "Adaptive ISTA"},
        {"i": "nonsense", "f": "7", "t": "1000", "lock": "perhaps", "stepped": "nobody"},
    ],
)
def test_no_setting_breaks_it(opened, query):
    assert said(opened(**query), "With i")


def test_no_solver_chosen_asks_for_one(opened):
    app = opened()
    app.pills(key="solvers").set_value([]).run()
    assert "Choose one solver" in app.info[0].value and not app.error


def test_captions_are_one_an_iteration_and_quote_the_race():
    slow, fast = np.array([200, 50, 20, 10, 5, 2.0]), np.array([200, 80, 10, 3, 3, 3.0])
    active = {"slow": np.arange(4), "fast": np.arange(4)}
    told = [tuple(map(spaced, each)) for each in captions({"slow": slow, "fast": fast}, 3, active)]
    assert len(told) == 4 and "200 % above" in told[0][0]
    assert (
        "**slow** has the lowest F: it is 50 % above the optimum" in told[1][0]
        and "**fast** needs 2 iterations" in told[1][1]
    )
    assert (
        "**slow** needs 3 iterations" in told[2][1] and "**fast** overtakes **slow**" in told[2][1]
    )
    assert (
        "**slow** needs 5 iterations" in told[3][1] and "overtakes" not in told[1][1] + told[3][1]
    )


def test_captions_at_the_optimum_from_the_start():
    nothing = {"ISTA": np.zeros(101), "SLSTM": np.zeros(101)}
    active = {name: np.zeros(4, int) for name in nothing}
    told = [sentence for sentence, _ in captions(nothing, 3, active)]
    assert "is the optimum" in told[0] and "still empty" in told[3]
    assert "empty code" in describe_steps.notice(nothing, 3, 1.0, active, 0, {})


def test_captions_of_a_network_that_runs_away():
    lost = np.array([200, 1, 50, np.inf, np.nan, np.nan])
    told = captions({"net": lost, "ISTA": np.array([200, 90, 40, 20, 10, 5.0])}, 5, {})
    assert "**net** was there after 1 and has left since" in told[3][1]
    assert "nan" not in str(told)


def test_a_verdict_counts_from_its_last_change_of_mind():
    shares = np.array([[0.5, 0.5], [0.6, 0.4], [0.3, 0.7], [0.1, 0.9]])
    excess, active = {"net": np.array([9, 5, 2, 1.0])}, {"net": np.array([0, 3, 3, 3])}
    text = describe_steps.notice(excess, 3, 0.1, active, 3, {"net": (shares, ["a", "b"], 1)})
    assert "From iteration 2 on, **net** predicts “b”, which is correct" in text
    assert "is 70 % then and 90 % after iteration 3." in text
    text = describe_steps.notice(excess, 3, 0.1, active, 3, {"net": (shares, ["a", "b"], 0)})
    assert "but the label is a" in text


def test_stems_reach_as_far_as_the_optimum_at_any_lambda():
    assert stepping.reach_of(np.array([[[0.0, 1.4, 0.0]], [[0.2, 0.9, -0.1]]])) == (1.5, 0.1)
    assert stepping.reach_of(np.zeros((2, 1, 3))) == (1.0, 0.0)


def test_why_says_how_long_the_step_is_and_when_F_rises(opened):
    app = opened(stepped=["ISTA", "FISTA"], lam="0.5", T="100", t="20", picture="1")
    x, B = data.load("digits", split="test").pixels[1:2], checkpoints.load_dictionary("digits")
    codes = solvers.build("fista", B).trace(x, 0.5, steps=100).codes[:, 0].detach().double()
    x, B = x.double(), B.double()
    c = codes[19] + (x[0] - B @ codes[19]) @ B / torch.linalg.matrix_norm(B, 2) ** 2
    plain = (
        c.sign() * (c.abs() - 0.5 / torch.linalg.matrix_norm(B, 2) ** 2).clamp_min(0) - codes[19]
    )
    times = ((codes[20] - codes[19]).norm() / plain.norm()).item()
    why = next(part.value for part in app.markdown if part.value.startswith("Step 20 of **FISTA**"))
    assert f"{times:.1f} times as long as ISTA’s" in why
    F = torch.stack([lasso.objective(x, s[None], B, 0.5)[0] for s in codes])
    first = int(torch.nonzero(F.diff() > 1e-9 * F[0])[0]) + 1
    assert f"F of **FISTA** rises at iterations {first}–" in why
