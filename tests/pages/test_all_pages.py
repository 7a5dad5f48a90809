"""The app without a browser: what a reader can ask for, and what a link can."""

import re
from functools import partial

import numpy as np
import pytest
import torch
from pages import seen
from pages.seen import html, turn_to

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.ui import page
from sc2viz.ui.app import TITLES


@pytest.fixture
def opened(open_page):
    return partial(open_page, "compare")


def shown(app) -> list[str]:
    return re.findall(r"<figcaption><span>(.*?)</span>", html(app))


def numbers(app) -> dict[str, list[str]]:
    cards = html(app).split("<figcaption>")[1:]
    return {
        re.match("<span>(.*?)</span>", card)[1]: re.findall("<dd>(.*?)</dd>", card)
        for card in cards
    }


def why(app) -> str:
    return app.expander[0].markdown[0].value.replace("\u00a0", " ")


def test_the_bare_address_leads_on_with_what_the_link_asks_for(open_page):
    app = open_page(None, lam="0.1")
    assert len(app.title) == 1
    assert app.sidebar.number_input(key="lam").value == 0.1


@pytest.mark.parametrize(
    ("path", "query", "chosen"),
    [
        ("compare", {"lam": "0.3", "T": "5", "solvers": ["ISTA", "SLSTM"]}, ["ISTA", "SLSTM"]),
        (
            "lambda",
            {"lam": "0.3", "T": "5", "solvers": ["FISTA"], "layout": "one picture"},
            ["FISTA"],
        ),
        ("step", {"stepped": ["ISTA", "FISTA"], "t": "3"}, ["ISTA", "FISTA"]),
        ("gates", {"gated": "Adaptive ISTA", "atom": "3", "at": "2"}, ["Adaptive ISTA"]),
        (
            "activations",
            {"under": "SLSTM (supervised)", "lam": "0.1"},
            ["SLSTM (labels)"],
        ),  # its old name
    ],
)
def test_old_links_open_their_view(open_page, path, query, chosen):
    app = open_page(path, data="mnist-5k", **query)
    assert app.pills(key="solvers").value == chosen and not app.toast


def test_an_old_link_opens_its_training(open_page):
    app = open_page("train", data="mnist-5k", trainee="LISTA", beside="ISTA")
    assert app.selectbox(key="trainee").value == "LISTA" and not app.toast


def test_opens_on_mnist_at_half_with_its_solvers(opened):
    app = opened()
    assert shown(app) == ["Ground truth", "Exact optimum", "ISTA", "FISTA", "SLSTM"]
    assert app.sidebar.number_input(key="lam").value == 0.5
    assert app.sidebar.selectbox(key="data").value == "mnist-5k"
    assert "At λ = 0.5, after 10 iterations and on average over pictures 0–15, **" in seen.lowest(
        app
    )


def test_the_numbers_under_a_solver_are_its_own(opened):
    app = opened(data="digits", lam="0.1", T="5", solvers=["FISTA"])
    x, B = data.load("digits", "test").pixels[:16], checkpoints.load_dictionary("digits")
    codes = solvers.build("fista", B)(x, 0.1, steps=5).detach().numpy()
    residual = x.numpy() - codes @ B.numpy().T
    F = (0.5 * (residual**2).sum(1) + 0.1 * np.abs(codes).sum(1)).mean()
    psnr = (-10 * np.log10((residual**2).mean(1))).mean()
    share = (np.abs(codes) > 1e-3).mean()
    assert numbers(app)["FISTA"][:3] == [f"{F:.4g}", f"{psnr:.1f}\u00a0dB", f"{100 * share:.0f} %"]


def test_lambda_and_steps_move_the_numbers(opened):
    app = opened(data="digits")
    numbers_before = numbers(app)
    app.sidebar.number_input(key="lam").set_value(0.1).run()
    sparse = numbers(app)
    assert all(
        float(sparse[name][0]) < float(numbers_before[name][0])
        for name in ("Exact optimum", "ISTA")
    )
    app.sidebar.number_input(key="T").set_value(100).run()
    assert float(numbers(app)["ISTA"][0]) < float(sparse["ISTA"][0])
    assert numbers(app)["Exact optimum"][0] == sparse["Exact optimum"][0]


@pytest.mark.parametrize("name", data.BUILT_IN[:3])
def test_every_built_in_data_set_opens_in_either_layout(opened, name):
    for layout in ("grid", "one picture"):
        app = opened(data=name, layout=layout, picture="20")
        per_solver = html(app).count("<canvas") - 1
        assert per_solver == 4 * (2 if layout == "grid" else 3)


def test_a_thumbnail_and_the_number_agree(opened):
    app = opened(data="digits", picture="20", layout="one picture")
    assert "Picture 20" in html(app)
    app.sidebar.number_input(key="picture").set_value(33).run()
    assert "Picture 33" in html(app)
    app.sidebar.selectbox(key="data").set_value("patches").run()
    assert "Picture 0" in html(app)


def test_headline_and_chart_say_whose_numbers_they_are(opened):
    app = opened(data="digits", picture="20")
    assert (
        "on average over pictures 16–31," in seen.lowest(app)
        and "average over pictures 16–31" in app.header[0].value
    )
    app = opened(data="digits", picture="20", layout="one picture")
    assert (
        "average" not in seen.lowest(app) + app.header[0].value
        and "picture 20, an 8" in app.header[0].value
    )


@pytest.mark.parametrize("layout", ["grid", "one picture"])
def test_only_a_network_has_a_second_line_on_its_own_atoms(opened, layout):
    app = opened(data="digits", solvers=["ISTA", "SLSTM"], layout=layout, lam="0.3", more="true")
    distances = {
        name: "Own atoms" in card
        for card in html(app).split("<figcaption>")[1:]
        for name in re.findall("^<span>(.*?)</span>", card)
    }
    assert distances["SLSTM"] and not distances["ISTA"] and not distances["Exact optimum"]


def test_no_solver_leaves_the_exact_optimum(opened):
    app = opened(data="digits")
    app.pills(key="solvers").set_value([]).run()
    assert not app.exception and shown(app) == ["Ground truth", "Exact optimum"]


def test_untrained_networks_are_said_to_be(opened, monkeypatch):
    monkeypatch.setattr(checkpoints, "available", lambda *_: [])  # as where no weights are shipped
    monkeypatch.setattr(
        "sc2viz.ui.network_files.stamp", lambda data: None
    )  # what is there is looked up anew
    app = opened(data="digits", solvers=["LISTA", "ISTA"])
    assert any("LISTA is untrained" in text.value for text in app.caption)
    assert numbers(app)["LISTA"][:3] == numbers(app)["ISTA"][:3]  # at its start LISTA is ISTA
    app.pills(key="solvers").set_value(["ISTA"]).run()
    assert not any("untrained" in text.value for text in app.caption)


@pytest.mark.parametrize(
    ("query", "state", "value"),
    [
        ({"lam": "1.1"}, "lam", 0.5),
        ({"lam": "0.10"}, "lam", 0.1),
        ({"T": "1e999"}, "T", 10),
        ({"data": "MNIST-5K"}, "data", "mnist-5k"),
        ({"layout": "sideways"}, "layout", "grid"),
        ({"solvers": ["nonsense", "fista", "ISTA"]}, "solvers", ["FISTA", "ISTA"]),
    ],
)
def test_what_a_link_cannot_have_becomes_the_default(opened, query, state, value):
    app = opened(**query)
    assert app.session_state[state] == value and not app.toast


@pytest.mark.parametrize("page", ["compare", "lambda"])
def test_any_lambda_of_the_range_opens_and_stays(open_page, page):
    app = open_page(page, data="digits", lam="0.137")
    lam = app.sidebar.number_input(key="lam")
    assert (
        lam.value == 0.137
        and not app.toast
        and ("λ = 0.137" in html(app) or seen.board(app, "compare-board")["at"]["lam"] == 0.137)
    )
    app.sidebar.number_input(key="T").set_value(20).run()
    assert app.session_state["lam"] == 0.137
    turn_to(app, "welcome")
    assert app.session_state["lam"] == 0.137 and app.query_params["lam"] in ("0.137", ["0.137"])
    app.sidebar.number_input(key="lam").set_value(0.2).run()
    assert app.session_state["lam"] == 0.2 and not app.exception and not app.error


def test_an_error_reads_as_a_sentence_with_what_to_do(opened, monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError("lam must be > 0, got -0.1")

    app = opened()
    monkeypatch.setattr(lasso, "solve", broken)
    app.sidebar.number_input(key="lam").set_value(0.07).run()  # not in any cache
    assert not app.exception
    assert app.error[0].value == "lam must be > 0, got -0.1"

    monkeypatch.setattr(lasso, "solve", lambda *args, **kwargs: 1 / 0)
    app.sidebar.number_input(key="lam").set_value(0.08).run()
    assert not app.exception
    assert "ZeroDivisionError" in app.error[0].value and "defaults" in app.error[0].value


def test_the_optimum_of_the_page_is_the_certified_one():
    from sc2viz.ui import results

    x = data.load("digits", "test").pixels[:4]
    best = results.exact("digits", x.numpy(), 0.3)
    proved = lasso.solve(x, checkpoints.load_dictionary("digits"), 0.3, tol=1e-6)
    assert best.gap <= 1e-6 and proved.converged.all()
    np.testing.assert_allclose(best.codes, proved.codes, atol=1e-6)


# The keys of old links: each page had one of its own.
PICKS = {
    "compare": "solvers",
    "step": "stepped",
    "lambda": "solvers",
    "gates": "gated",
    "activations": "under",
}


def notes(app) -> str:
    return "\n".join(text.value for text in app.caption)


@pytest.mark.parametrize("page", PICKS)
def test_what_a_network_was_not_trained_for_is_marked(open_page, page):
    def opened(model: str, **view):
        return notes(open_page(page, **{PICKS[page]: model}, **view))

    trained = checkpoints.notes("mnist/slstm")[
        "horizon"
    ]  # the loss was taken at T = 10 and at a random T up to that
    assert "trained for" not in opened("SLSTM", T=str(trained))
    assert f"trained for: SLSTM for {trained}." in opened("SLSTM", T="100")
    narrow = opened("SLSTM (supervised)", lam="0.5")
    lam = checkpoints.notes("mnist/slstm-supervised")["lam"]
    assert f"trained for: SLSTM (labels) for λ = {lam:g} alone." in narrow
    if page != "lambda":  # whose curves go through every λ
        assert "trained for" not in opened("SLSTM (supervised)", lam=f"{lam:g}")


@pytest.fixture
def away(tmp_path, monkeypatch):
    """The label of a network of the reader's that runs away, and on which no safeguard acts by default."""
    solver = solvers.build("slstm", checkpoints.load_dictionary("digits"))
    solver.gate_bias.data.fill_(9.0)  # i = f = 1: the memory adds up
    solver.weights.delta_e.data += 0.5 * torch.eye(solver.dictionary.shape[1])
    checkpoints.save(solver, tmp_path / "away.safetensors")
    monkeypatch.setenv(checkpoints.NETWORKS, str(tmp_path))
    return "SLSTM (away)"


def test_a_curve_that_runs_away_is_named_where_it_is_cut_off(open_page, away):
    query = {"data": "digits", "lam": "0.1", "T": "100"}
    assert "the curve ends" not in notes(open_page("lambda", **query, solvers=["FISTA"]))
    sentences = notes(open_page("lambda", **query, solvers=["FISTA", away]))
    assert f"{away}: the curve ends where F runs away." in sentences


def test_what_runs_away_is_called_so_and_offered_the_safeguard(open_page, away):
    app = open_page(
        "compare", data="digits", lam="0.1", T="100", solvers=["FISTA", away], more="true"
    )
    card = html(app).partition(f"<span>{away}</span>")[2]
    assert (
        "<b>runs away</b> <span>F is above 2 F(0)" in card.partition("</p>")[0]
        and "%" not in card.partition("</p>")[0]
    )
    assert f"{away} runs away: F is above 2 F(0)" in notes(app)
    assert not any("10⁶" in text.value for text in app.markdown if away in text.value)
    app.toggle(key="safeguard").set_value(True).run()
    assert not app.exception and "runs away" not in html(app) + notes(app)


def test_networks_with_labels_are_guarded_beyond_their_iterations(open_page):
    """Without the safeguard F of SLSTM (labels) is 10⁶ % above the optimum at T = 100."""
    app = open_page("compare", lam="0.1", T="100", solvers=["SLSTM", "SLSTM (labels)"])
    trained = checkpoints.load("mnist/slstm-supervised").steps
    assert f"with the safeguard beyond T = {trained}" in html(app) and "runs away" not in html(app)
    assert "There the safeguard acts on SLSTM (labels), so that F does not rise." in notes(app)
    code = app.code[0].value
    assert (
        f'beyond = {{"SLSTM (labels)": {trained}}}' in code and "safeguard=name in beyond" in code
    )


@pytest.mark.release  # browser/test_every_page has those of pages as they open
@pytest.mark.parametrize(
    "path", [path for path in TITLES if path != "photograph"]
)  # whose files its own tests make
def test_every_file_to_take_away_is_made(open_page, monkeypatch, path):
    contents = {}

    def take_away(files, *options):
        contents.update({file.name: file.make() for file in files})

    monkeypatch.setattr(page, "_take_away", take_away)
    open_page(path, data="digits", source="raw", size="50")
    endings = {"png": b"\x89PNG", "csv": "", "html": "<!doctype html", "npy": b"\x93NUMPY"}
    for name, content in contents.items():
        assert content and content.startswith(endings.get(name.rpartition(".")[2], content[:1])), (
            name
        )
    assert contents
