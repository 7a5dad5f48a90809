"""Dictionary without a browser: its numbers against numpy, its orders, learning, and a network's atoms."""

import contextlib
import io
import re
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from pages.seen import html, told
from pages.test_python import printed
from scipy.optimize import linear_sum_assignment

from sc2viz import checkpoints, data, dictionary, lasso
from sc2viz.pages.dictionary import filmed
from sc2viz.ui import page, session_end
from sc2viz.ui.app import file


@pytest.fixture
def opened(open_page):
    return partial(open_page, "dictionary")


def said(app) -> str:
    return " ".join(markdown.value for markdown in app.markdown).replace("\u00a0", " ")


def tiles(app, label: str) -> list[dict]:
    """The tiles of the grid whose label begins so."""
    given = [told(element) for element in app.get("bidi_component")]
    return next(
        each["tiles"]
        for each in given
        if isinstance(each, dict) and each.get("label", "").startswith(label)
    )


def scrubber(app) -> dict:
    given = [told(element) for element in app.get("bidi_component")]
    return next(each for each in given if isinstance(each, dict) and each.get("id") == "film")


def codes(lam: float, name: str = "digits") -> np.ndarray:
    return lasso.solve(
        data.load("digits", "test").pixels, checkpoints.load_dictionary(name), lam, tol=1e-6
    ).codes.numpy()


def learned(app):
    """The app once nothing is being learned any more."""
    for _ in range(600):
        if app.session_state["_film"].done:
            app.run()
            assert not app.exception and not app.error
            return app
        time.sleep(0.05)
    raise AssertionError("it went on learning")


def test_the_atom_that_is_used_most_is_shown_with_its_numbers(opened):
    app = opened(data="digits", lam="0.1")
    s = codes(0.1)
    used = np.abs(s) > 1e-3
    most = int(used.mean(0).argmax())
    assert (
        f"Atom **{most}** is used most, in **{100 * used[:, most].mean():.0f} %** of 359 pictures at λ = 0.1."
        in said(app)
    )
    assert f"On average a picture uses {used.sum(1).mean():.1f} of 100 atoms." in said(app)
    users = np.argsort(-np.abs(s[:, most]))[:8]
    shown = tiles(app, "Pictures that use it most")
    assert [int(re.search(r"Picture (\d+)", tile["name"])[1]) for tile in shown] == users.tolist()
    assert [tile["note"] for tile in shown] == [
        f"{value:.2f}".replace("-", "−") for value in s[users, most]
    ]
    assert app.number_input(key="atom").value == most and "atom" not in app.query_params


@pytest.mark.parametrize("by", ["by use", "by norm", "by likeness", "by number"])
def test_atoms_stand_in_the_order_that_was_asked_for(opened, by):
    B = checkpoints.load_dictionary("digits").numpy()
    unit = B / np.linalg.norm(B, axis=0)
    alike = np.abs(unit.T @ unit) - np.eye(100)
    sizes = {
        "by use": (np.abs(codes(0.5)) > 1e-3).mean(0),
        "by norm": np.linalg.norm(B, axis=0),
        "by likeness": alike.max(0),
        "by number": -np.arange(100.0),
    }
    shown = tiles(opened(data="digits", sorted=by), "All atoms")
    order = [tile["number"] for tile in shown]
    assert sorted(order) == list(range(100))
    assert (np.diff(sizes[by][order]) <= 1e-6).all()
    bars = [tile["bar"] for tile in shown]
    assert max(bars) == 1 and (by == "by number" or bars == sorted(bars, reverse=True))


def test_another_atom_brings_its_own_row_of_the_gram_matrix(opened):
    app = opened(data="digits", atom="7")
    B = lasso.normalised(checkpoints.load_dictionary("digits")).numpy()
    row = B[:, 7] @ B
    near = [j for j in np.argsort(-np.abs(row)) if j != 7][:8]
    assert [tile["number"] for tile in tiles(app, "Atoms most like it")] == near
    assert "<b style" in html(app) and "Atom 7</b>" in html(app)


def test_the_sidebar_chooses_an_overcomplete_dictionary(opened):
    app = opened(data="digits", dictionary="digits-256")
    assert len(tiles(app, "All atoms")) == 256 and "4 times overcomplete" in said(app)


@pytest.mark.parametrize("name", ["patches", "synthetic"])
def test_colour_and_rows_that_are_no_pictures_are_shown(opened, name):
    app = opened(data=name, lam="0.1")
    assert len(tiles(app, "All atoms")) == len(
        checkpoints_of(name, app)
    ) and "is used most" in said(app)


def checkpoints_of(name: str, app) -> torch.Tensor:
    B = data.load(name, "test").dictionary
    return (checkpoints.load_dictionary(name) if B is None else B).T


def test_the_python_to_take_away_prints_what_is_shown(opened):
    app = opened(data="digits", lam="0.2")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(app.code[0].value, {})  # noqa: S102
    most, share = re.match(r"atom (\d+): used by (\S+) %", printed.getvalue()).groups()
    assert f"Atom **{most}** is used most, in **{share} %**" in said(app)


# Learning -------------------------------------------------------------------------------------------------------------


def test_a_dictionary_is_learned_and_can_be_scrubbed_and_used(opened):
    app = learned(
        opened(data="digits", part="being learned", size="50", positive="true", lam="0.3")
    )
    shown = scrubber(app)
    [group] = shown["groups"]
    assert group["title"] == "50 atoms" and not shown["live"]
    assert group["panels"][0]["size"][0] == len(shown["names"]) > 8
    assert shown["names"][0] == "0 pictures" and "drawn at random" in shown["captions"]["t"][0]
    B = app.session_state["_film"].dictionary
    assert B.min() >= 0
    namespace: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(app.code[0].value, namespace)  # noqa: S102
    torch.testing.assert_close(namespace["B"], B)
    app.button(key="film-use").click().run()
    assert not app.exception and not app.error
    assert app.session_state["part"] == "atoms" and len(tiles(app, "All atoms")) == 50
    torch.testing.assert_close(
        torch.from_numpy(np.load(io.BytesIO(app.session_state["_own_dictionary"][1]))), B
    )


@pytest.mark.parametrize(
    ("rule", "start"), [("online", "rows drawn at random"), ("cross-fitted", "noise")]
)
def test_of_known_atoms_it_is_shown_how_many_a_rule_finds(opened, rule, start):
    app = learned(opened(data="compositional", part="being learned", rule=rule, lam="0.1"))
    truth, shown = data.load("compositional").dictionary, scrubber(app)
    [group] = shown["groups"]
    readings = {name: values["t"].split("|") for name, values in group["readings"]}
    B = lasso.normalised(app.session_state["_film"].dictionary)
    cosines = (B.T @ truth).abs().double().numpy()
    count = (cosines[linear_sum_assignment(-cosines)] > 0.9).sum()
    assert readings["known atoms found"][0] == "0 of 100"
    assert readings["known atoms found"][-1] == f"{count} of 100"
    assert (count > 94) == (rule == "cross-fitted") == ("atoms replaced" in readings)
    if rule == "cross-fitted":
        replaced = [int(number) for number in readings["atoms replaced"]]
        assert replaced == sorted(replaced) and replaced[0] == 0 < replaced[-1]
        assert 'max_epochs=60, rule="cross-fitted")' in app.code[0].value
    assert start in shown["captions"]["t"][0]


def test_a_link_to_a_pair_of_dictionaries_learns_the_first_and_says_so(opened):
    app = opened(data="digits", part="being learned", size="50", pair="other size")
    assert app.session_state["_film"].setup.size == 50 and "pair" not in app.query_params
    [toast] = app.toast
    assert "Two dictionaries are no longer learned side by side" in toast.value


def test_learning_is_stopped_and_begins_anew_with_other_settings(opened):
    app = opened(part="being learned", size="200", lam="0.05")
    film = app.session_state["_film"]
    app.button(key="film-stop").click().run()
    film.wait(20)
    assert film.cancelled and film.passed < 20
    app = learned(app)
    app.sidebar.selectbox(key="data").set_value("digits").run()
    assert any("The settings have changed" in text.value for text in app.caption)
    app.selectbox(key="size").set_value(50).run()
    app.button(key="film-learn").click().run()
    fresh = app.session_state["_film"]
    assert fresh is not film and fresh.setup.data == "digits" and fresh.setup.size == 50
    learned(app)


def test_two_readers_learn_at_once_and_one_leaves_midway(opened, monkeypatch):
    """Each has what they asked for, and nothing is learned for the one who has left."""
    stays = opened(data="digits", part="being learned", size="50", lam="0.3")
    leaves = opened(data="mnist-5k", part="being learned", size="200", lam="0.05")
    one, other = (app.session_state["_film"] for app in (stays, leaves))
    end = time.monotonic() + 60
    while other.frame is None and time.monotonic() < end:
        time.sleep(0.01)
    scheduler = other.scheduler
    monkeypatch.setattr(scheduler, "limits", replace(scheduler.limits, away=0.0))
    session_end._cut(
        {"dictionaries": partial(session_end.note, [other])}
    )  # as Streamlit does when the connection ends
    other.wait(20)
    assert other.done and other.passed < 20 and other.dictionary.shape == (784, 200)
    assert one.gone is None and one.dictionary.shape == (64, 50)
    rows = data.load("digits", "train").pixels
    learned(stays)
    torch.testing.assert_close(one.dictionary, dictionary.learn(rows, 50, 0.3, max_epochs=20))
    [group] = scrubber(stays)["groups"]
    assert group["title"] == "50 atoms" and stays.session_state["_film"] is one


def test_a_film_of_many_pixels_travels_with_fewer_frames():
    for count, size in ((3, 10), (40, 10), (40, filmed.TRAVELS / 12), (40, 1e9), (1, 1e9)):
        kept = filmed.choose_frames(count, size)
        assert kept[0] == 0 and kept[-1] == count - 1 and (np.diff(kept) > 0).all()
        assert len(kept) == count or len(kept) <= max(filmed.FEWEST, filmed.TRAVELS / size)


def test_photographs_bring_gabor_functions_and_no_choice_of_signs(opened, monkeypatch):
    monkeypatch.setattr("sc2viz.analysis.natural_patches.data.PHOTOGRAPHS", ("moon",))
    monkeypatch.setattr("sc2viz.pages.dictionary.setups.FITTED", 10)
    app = opened(part="being learned", source="whitened photographs", size="50")
    assert app.toggle(key="positive").disabled
    film = app.session_state["_film"]
    assert film.setup.source == "whitened"
    while film.frame is None:
        time.sleep(0.01)
    film.cancel()
    [group] = scrubber(learned(app))["groups"]
    assert "explained by a Gabor" in dict(group["readings"])


# Networks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["SLSTM", "LISTA"])
def test_a_networks_atoms_are_compared_with_the_dictionary(opened, label):
    app = opened(data="digits", part="in networks", solvers=label, lam="0.1")
    solver = checkpoints.load(f"digits/{label.lower()}").float()
    A, B = (
        lasso.normalised(solver.dictionary.detach()).numpy(),
        lasso.normalised(checkpoints.load_dictionary("digits")).numpy(),
    )
    degrees = np.degrees(np.arccos(np.clip(np.abs((A * B).sum(0)), 0, 1)))
    most = int(degrees.argmax())
    assert (
        f"turned its atoms by **{np.median(degrees):.2g}°** (median), and atom **{most}** most"
        in said(app)
    )
    assert [tile["number"] for tile in tiles(app, "Atoms of")][0] == most
    (network,) = next(
        told(part) for part in app.get("bidi_component") if "networks" in (told(part) or ())
    )["networks"]
    matrix = next(part for part in network["parts"] if part["name"] == "matrix")
    assert (
        f"the largest {np.linalg.svd(solver.W_e.detach().numpy(), compute_uv=False)[0]:.2f};"
        in matrix["told"]
    )
    assert bool(solver.traits.gates) == any(part["name"] == "gates" for part in network["parts"])
    assert bool(solver.traits.gates) == any("Gates" in part.value for part in app.header)


def test_without_networks_it_says_so(opened, monkeypatch):
    monkeypatch.setattr(checkpoints, "available", lambda *_: [])
    monkeypatch.setattr(
        "sc2viz.ui.network_files.stamp", lambda data: None
    )  # what is there is looked up anew
    app = opened(data="digits", part="in networks")
    assert "There is no trained network" in app.info[0].value


def test_its_values_stay_when_the_reader_goes_elsewhere_and_returns(opened):
    app = opened(data="digits", part="in networks")
    app.switch_page(str(file("compare"))).run()
    app.switch_page(str(file("dictionary"))).run()
    assert not app.exception and not app.error


@pytest.mark.parametrize("lam", ["0.1", "1"])
def test_below_equation_2_stands_how_many_weights_are_zero_here(opened, lam):
    app = opened(part="being learned", data="digits", lam=lam, source="digits", size="16")
    rows = (
        torch.randperm(
            len(data.load("digits", "test")), generator=torch.Generator().manual_seed(0)
        )[:100]
        .sort()
        .values
    )
    zero = 100 * (codes(float(lam))[rows] == 0).mean()
    shown = re.search(
        r"exactly zero: (\d+) % of the weights at λ = (\S+), in the exact codes of 100 test pictures",
        said(app),
    )
    assert float(shown[1]) == pytest.approx(zero, abs=1) and shown[2] == lam


def test_the_python_of_two_alike_atoms_counts_the_iterations(opened, monkeypatch, tmp_path):
    taken = []
    monkeypatch.setattr(page, "take_away", lambda files, snippet: taken.append(snippet()))
    opened(part="two alike", lam="0.1")
    said = printed(taken[-1], tmp_path)
    counts = [int(count) for count in re.findall(r"after (\d+) iterations", said)]
    B, x = np.array([[1, np.cos(np.pi / 6)], [0, 0.5]]), np.array([1, 0.16])
    tau = 1 / np.linalg.norm(B, 2) ** 2
    s, codes = np.zeros(2), []
    for _ in range(2000):
        codes.append(s)
        c = s + tau * B.T @ (x - B @ s)
        s = np.sign(c) * np.maximum(np.abs(c) - 0.1 * tau, 0)
    far = np.linalg.norm(np.array(codes) - s, axis=1) > 0.01
    assert counts[0] == np.flatnonzero(far)[-1] + 1 and len(counts) == 2 and counts[1] < counts[0]
