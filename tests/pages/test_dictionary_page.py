"""Dictionary without a browser: its numbers against numpy, its orders, learning, and a network's atoms."""

import contextlib
import io
import re
import time
from functools import partial

import numpy as np
import pytest
import torch
from pages.seen import html, told
from scipy.optimize import linear_sum_assignment

from sc2viz import checkpoints, data, lasso


@pytest.fixture
def opened(open_page):
    return partial(open_page, "dictionary")


def text(app) -> str:
    return " ".join(element.value for element in app.markdown).replace("\u00a0", " ")


def components(app) -> list[dict]:
    return [
        value for element in app.get("bidi_component") if isinstance(value := told(element), dict)
    ]


def tiles(app, label: str) -> list[dict]:
    """The tiles of the grid whose label begins so."""
    return next(
        data_of["tiles"]
        for data_of in components(app)
        if data_of.get("label", "").startswith(label)
    )


def scrubber(app) -> dict:
    return next(data_of for data_of in components(app) if data_of.get("id") == "film")


def codes(lam: float) -> np.ndarray:
    x, B = data.load("digits", "test").pixels, checkpoints.load_dictionary("digits")
    return lasso.solve(x, B, lam, tol=1e-6).codes.numpy()


def ran(app) -> dict:
    """What the Python to take away leaves, and under "printed" what it prints."""
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(app.code[0].value, names)  # noqa: S102
    return names | {"printed": printed.getvalue()}


def learned(app):
    """The app once what its button began is learned."""
    if "_film" not in app.session_state:
        app.button(key="film-learn").click().run()
    for _ in range(600):
        if app.session_state["_film"].done:
            app.run()
            assert not app.exception and not app.error
            return app
        time.sleep(0.05)
    raise AssertionError("it went on learning")


# All atoms ------------------------------------------------------------------------------------------------------------


def test_the_atom_that_is_used_most_is_shown_with_its_numbers(opened):
    app, s = opened(data="digits", lam="0.1"), codes(0.1)
    used = np.abs(s) > 1e-3
    favourite = int(used.mean(0).argmax())
    assert (
        f"Atom **{favourite}** is used most, in **{100 * used[:, favourite].mean():.0f} %** of 359 pictures at λ = 0.1."
        in text(app)
    )
    assert f"On average a picture uses {used.sum(1).mean():.1f} of 100 atoms." in text(app)
    users = np.argsort(-np.abs(s[:, favourite]))[:8]
    pictures = tiles(app, "Pictures that use it most")
    assert [
        int(re.search(r"Picture (\d+)", tile["name"])[1]) for tile in pictures
    ] == users.tolist()
    notes = [f"{value:.2f}".replace("-", "−") for value in s[users, favourite]]
    assert [tile["note"] for tile in pictures] == notes
    assert app.number_input(key="atom").value == favourite and "atom" not in app.query_params
    atom, share = re.match(r"atom (\d+): used by (\S+) %", ran(app)["printed"]).groups()
    assert f"Atom **{atom}** is used most, in **{share} %**" in text(app)


def test_a_tie_has_no_first_and_the_coherence_stands_with_the_sizes(opened):
    said = text(opened(data="grey-patches", part="all atoms", more="true"))
    assert "the most alike of 256 atoms of 64 numbers" in said
    assert re.search(r"\d+ atoms, such as \*\*\d+\*\*, are used most, each in", text(opened()))


@pytest.mark.parametrize("order_in_link", ["by norm", "by likeness", "by number"])
def test_a_link_to_an_order_opens_more_with_it(opened, order_in_link):
    B = checkpoints.load_dictionary("digits").numpy()
    unit = B / np.linalg.norm(B, axis=0)
    alike = (np.abs(unit.T @ unit) - np.eye(100)).max(0)
    sizes = dict(zip(("by norm", "by likeness"), (np.linalg.norm(B, axis=0), alike), strict=True))
    app = opened(data="digits", part="atoms", sorted=order_in_link, atom="7")
    order = [tile["number"] for tile in tiles(app, "All atoms")]
    assert sorted(order) == list(range(100))
    assert (np.diff(sizes.get(order_in_link, -np.arange(100.0))[order]) <= 1e-6).all()
    near = [j for j in np.argsort(-np.abs(unit[:, 7] @ unit)) if j != 7][:8]
    assert [tile["number"] for tile in tiles(app, "Atoms most like it")] == near
    assert "Atom 7</b>" in html(app)


def test_a_link_to_two_alike_atoms_opens_more_and_its_python_counts_the_iterations(opened):
    app = opened(data="digits", part="two alike", lam="0.1")
    assert (app.query_params["part"], app.query_params["more"]) == ("all atoms", "true")
    assert any("labels" in component for component in components(app))
    B, x = np.array([[1, np.cos(np.pi / 6)], [0, 0.5]]), np.array([1, 0.16])
    tau, s, steps = 1 / np.linalg.norm(B, 2) ** 2, np.zeros(2), []
    for _ in range(2000):
        steps.append(s)
        c = s + tau * B.T @ (x - B @ s)
        s = np.sign(c) * np.maximum(np.abs(c) - 0.1 * tau, 0)
    last = np.flatnonzero(np.linalg.norm(np.array(steps) - s, axis=1) > 0.01)[-1]
    assert f"ista is within 0.01 of it after {last + 1} iterations" in ran(app)["printed"]


# Learning -------------------------------------------------------------------------------------------------------------


def test_a_dictionary_is_learned_at_one_press_and_can_be_scrubbed_and_used(opened):
    app = opened(data="digits", size="50", positive="true", lam="0.3", pair="other size")
    assert "no longer learned side by side" in app.toast[0].value  # of a link of an earlier version
    first = scrubber(app)
    assert first["live"] and "drawn at random" in first["captions"]["t"][0]
    board = scrubber(learned(app))
    [group] = board["groups"]
    assert group["title"] == "50 atoms" and not board["live"]
    assert group["panels"][0]["size"][0] == len(board["names"]) > 8
    assert board["names"][0] == "0 pictures" and "drawn at random" in board["captions"]["t"][0]
    B = app.session_state["_film"].dictionary
    assert B.min() >= 0
    torch.testing.assert_close(ran(app)["B"], B)
    app.button(key="film-use").click().run()
    assert not app.exception and not app.error
    assert app.session_state["part"] == "atoms" and len(tiles(app, "All atoms")) == 50
    saved_atoms = np.load(io.BytesIO(app.session_state["_own_dictionary"][1]))
    torch.testing.assert_close(torch.from_numpy(saved_atoms), B)


def test_the_film_says_what_pushes_an_atom(opened):
    """The rows that use it, and what they leave unexplained, by numpy."""
    app = learned(opened(data="digits", size="50", lam="0.3"))
    film, board = app.session_state["_film"], scrubber(app)
    atom = film.result["atom"]
    x = data.load("digits", "train").pixels[np.linspace(0, 1437, 400).astype(int)[:400]]
    frame = film.frames[-1]
    B = torch.from_numpy(frame.atoms).float()
    s = lasso.solve(x, B, 0.3, tol=1e-6).codes.double().numpy()
    residuals, b = x.double().numpy() - s @ B.double().numpy().T, B[:, atom].double().numpy()
    step = s[:, atom] @ residuals / np.square(s[:, atom]).sum()
    step -= step @ b * b / (b @ b)
    users = (np.abs(s[:, atom]) > 1e-3).sum()
    caption = board["captions"]["t"][-1].replace("\u00a0", " ")
    board = re.search(
        rf"(\d+) of 400 pictures use atom \*\*{atom}\*\*, .* of length \*\*(\S+)\*\*\.", caption
    )
    assert float(board[2]) == pytest.approx(np.linalg.norm(step), abs=0.02)
    assert abs(int(board[1]) - users) <= 2


@pytest.mark.release
def test_of_known_atoms_it_is_shown_how_many_are_found(opened):
    app = learned(opened(data="compositional", rule="cross-fitted", lam="0.1"))
    truth, board = data.load("compositional").dictionary, scrubber(app)
    readings = {name: values["t"].split("|") for name, values in board["groups"][0]["readings"]}
    B = lasso.normalised(app.session_state["_film"].dictionary)
    cosines = (B.T @ truth).abs().double().numpy()
    count = (cosines[linear_sum_assignment(-cosines)] > 0.9).sum()
    counts = readings["known atoms found, |cosine| > 0.9"]
    assert counts[0] == "0 of 100" and counts[-1] == f"{count} of 100" and count > 94
    assert "atoms replaced" in readings and "noise" in board["captions"]["t"][0]


def test_learning_is_stopped_and_begins_anew_with_other_settings(opened):
    app = opened(size="200", lam="0.05", more="true")
    app.button(key="film-learn").click().run()
    film = app.session_state["_film"]
    app.button(key="film-stop").click().run()
    learned(app).selectbox(key="size").set_value(50).run()
    assert film.cancelled and any(
        "settings have changed" in caption.value for caption in app.caption
    )
    app.button(key="film-learn").click().run()
    assert learned(app).session_state["_film"].setup.size == 50


def test_photographs_bring_gabor_functions_and_no_choice_of_signs(opened, monkeypatch):
    monkeypatch.setattr("sc2viz.analysis.natural_patches.data.PHOTOGRAPHS", ("moon",))
    monkeypatch.setattr("sc2viz.pages.dictionary.learning.FITTED", 10)
    app = opened(source="whitened photographs", size="50", more="true", lam="1")
    assert app.toggle(key="positive").disabled
    readings = dict(scrubber(learned(app))["groups"][0]["readings"])
    assert "explained by a Gabor function, median" in readings


def test_below_equation_2_stands_how_many_weights_are_zero_here(opened):
    rows = torch.randperm(359, generator=torch.Generator().manual_seed(0))[:100]
    match = re.search(
        r"exactly zero: (\d+) % of", text(opened(data="digits", lam="0.1", more="true"))
    )
    assert float(match[1]) == pytest.approx(100 * (codes(0.1)[rows] == 0).mean(), abs=1)


# Networks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["SLSTM", "LISTA"])
def test_a_networks_atoms_are_compared_with_the_dictionary(opened, label):
    app = opened(data="digits", part="in networks", solvers=label, lam="0.1", more="true")
    solver = checkpoints.load(f"digits/{label.lower()}").float()
    A = lasso.normalised(solver.dictionary.detach()).numpy()
    B = lasso.normalised(checkpoints.load_dictionary("digits")).numpy()
    degrees = np.degrees(np.arccos(np.clip(np.abs((A * B).sum(0)), 0, 1)))
    most_turned = int(degrees.argmax())
    sentence = f"turned its atoms by **{np.median(degrees):.2g}°** (median), and atom **{most_turned}** most"
    assert sentence in text(app) and tiles(app, "Atoms of")[0]["number"] == most_turned
    (network,) = next(component for component in components(app) if "networks" in component)[
        "networks"
    ]
    texts_by_part = {component["name"]: component["told"] for component in network["parts"]}
    largest = np.linalg.svd(solver.W_e.detach().numpy(), compute_uv=False)[0]
    assert f"the largest {largest:.2f};" in texts_by_part["matrix"]
    has_gates = any("Gates" in component.value for component in app.header)
    assert bool(solver.traits.gates) == ("gates" in texts_by_part) == has_gates


def test_without_networks_it_says_so(opened, monkeypatch):
    monkeypatch.setattr(checkpoints, "available", lambda *_: [])
    # what is there is looked up anew
    monkeypatch.setattr("sc2viz.ui.network_files.stamp", lambda data: None)
    app = opened(data="digits", part="in networks")
    assert "There is no trained network" in app.info[0].value
