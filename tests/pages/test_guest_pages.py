"""Solvers of the reader's own on every page, each from a file outside the package."""

import json
import re
from pathlib import Path

import pytest
import torch
from pages.seen import board, html, told

from sc2viz import checkpoints, data, solvers
from sc2viz.draw import style
from sc2viz.solvers import registry
from sc2viz.ui import models

FILES = Path(__file__).parents[1] / "guests"
GUESTS = {
    "tista": ("tista", "TISTA"),
    "gated": ("gru-ista", "GRU-ISTA"),
    "residual": ("residual-ista", "Residual ISTA"),
    "without_lambda": ("top-k", "Top-k"),
    "firm": ("firm-ista", "Firm ISTA"),
}
every_guest = pytest.mark.parametrize("file", GUESTS)


def component(app, name: str) -> dict:
    """What a component of the page was given."""
    return next(
        told(element)
        for element in app.get("bidi_component")
        if element.proto.component_name == name
    )


def chips(app) -> dict[str, dict]:
    return {chip["label"]: chip for row in component(app, "sc2viz_chips")["rows"] for chip in row}


def lines(app, chart: int = 0) -> dict[str, dict]:
    """The lines of a chart by name."""
    traces = json.loads(app.get("plotly_chart")[chart].proto.spec)["data"]
    return {trace["name"]: trace["line"] for trace in traces if trace.get("mode") == "lines"}


def equations(app) -> list[str]:
    return [element.value.strip("$ \n") for element in app.latex]


def captions(app) -> str:
    return "\n".join(caption.value for caption in app.caption)


@every_guest
@pytest.mark.parametrize("installed", [False, True], ids=["file", "package"])
def test_it_stands_on_compare(open_page, bring, file, installed):
    assert bring(*GUESTS, installed=installed) == ()
    name, label = GUESTS[file]
    app = open_page("compare", data="digits", solvers=["ISTA", label])
    assert re.findall("<figcaption><span>(.*?)</span>", html(app)) == [
        "Ground truth",
        "Exact optimum",
        "ISTA",
        label,
    ]
    assert set(lines(app)) == {"ISTA", label} and lines(app)[label]["color"] == style.colour(name)
    assert solvers.solver_class(name).equation in equations(app)
    assert chips(app)[label]["light"] == style.colour(name)


def test_every_chip_has_a_look_of_its_own(open_page, bring):
    bring(*GUESTS)
    chips_shown = chips(open_page("compare", data="digits"))
    traits = {name: solvers.solver_class(name).traits for name in solvers.NAMES}
    is_aside = {
        name: traits_of.aims_at != "objective" or traits_of.positive
        for name, traits_of in traits.items()
    }
    networks = {name for name in is_aside if not is_aside[name] and traits[name].learned}
    order = sorted(is_aside, key=lambda name: (is_aside[name], name in networks))
    assert list(chips_shown) == [style.label(name) for name in order]
    labels_below = {style.label(name) for name in solvers.NAMES if is_aside[name]}
    assert {"OMP", "IHT", "Top-k"} < labels_below == set(list(chips_shown)[-len(labels_below) :])
    looks = {(chip["light"], chip["dash"], chip["mark"]) for chip in chips_shown.values()}
    assert len(looks) == len(chips_shown) == len(solvers.NAMES) > 13


def test_a_gated_one_shows_its_gate_under_its_own_words(open_page, bring):
    bring(*GUESTS)
    app = open_page("gates", data="digits", solvers=["SLSTM", "GRU-ISTA"], picture="3")
    assert [chip["label"] for chip in chips(app).values()][-1] == "Top-k"
    assert component(app, "sc2viz_chips")["shown"] == ["GRU-ISTA"]
    text = " ".join(markdown.value for markdown in app.markdown)
    x, B = data.load("digits", "test").pixels[[3]], checkpoints.load_dictionary("digits")
    path = solvers.build("gru-ista", B).trace(x, 0.5, steps=10)
    atom = int(path.codes[-1, 0].abs().argmax())
    mean = path.parts["update_gate"][:, 0, atom].mean().item()
    assert f"The update gate z of **atom {atom}** in GRU-ISTA is {mean:.2f} on average." in text


def test_an_activation_of_its_own_is_drawn_beside_the_two(open_page, bring):
    bring(*GUESTS)
    app = open_page("activations", data="digits", solvers=["SLSTM", "Firm ISTA"], more="true")
    assert "Firm ISTA: firm threshold" in lines(app)
    assert component(app, "sc2viz_chips")["shown"] == ["Firm ISTA"]


@pytest.mark.parametrize("page", ["compare", "step", "gates", "activations", "lambda"])
def test_what_failed_is_named_under_the_chips(open_page, bring, page):
    bring("broken", "twice", "tista")
    app = open_page(page, data="digits")
    line = 1 + (FILES / "broken.py").read_text().splitlines().index(
        'raise RuntimeError("this file is broken on purpose")'
    )
    text = captions(app)
    assert f"broken.py, line {line}: RuntimeError: this file is broken on purpose" in text
    assert "there are two solvers named 'ista'" in text and "ista.py" in text and "twice.py" in text
    assert {"TISTA", "ISTA"} < set(chips(app)) and not {"Half", "Impostor"} & set(chips(app))


def test_one_that_the_dictionary_does_not_suit_is_disabled_and_says_why(open_page, bring):
    bring("overcomplete")
    query, label = (
        {"data": "mnist-5k", "solvers": ["ISTA", "Overcomplete ISTA"]},
        "Overcomplete ISTA",
    )
    app = open_page("compare", **query)
    reason = (
        "Disabled here: d_x must be at most d_s, got 784 > 100: take a dictionary of more atoms."
    )
    assert chips(app)[label]["problem"] == reason
    assert component(app, "sc2viz_chips")["shown"] == ["ISTA"] and set(lines(app)) == {"ISTA"}
    app.sidebar.selectbox(key="data").set_value("digits").run()  # 64 values and 100 atoms
    assert not app.exception and not app.error
    assert chips(app)[label]["problem"] == "" and set(lines(app)) == {"ISTA", label}


def test_one_that_takes_no_lambda_for_each_picture_holds_still_and_says_why(open_page, bring):
    bring("one_lambda")
    for path in ("compare", "step", "lambda"):
        shows = {"shows": "iterations"} if path == "step" else {}
        app = open_page(path, data="digits", lam="0.2", solvers=["ISTA", "One-λ ISTA"], **shows)
        text = captions(app)
        assert ("One-λ ISTA is not shown" if path == "lambda" else "One-λ ISTA holds still") in text
        assert "RuntimeError" in text or "ValueError" in text
        if path == "compare":
            columns = component(app, "sc2viz_board")["columns"]
            assert [column["codes"]["lam"]["size"][0] > 1 for column in columns[1:]] == [
                True,
                True,
                False,
            ]
            assert columns[2]["codes"]["T"]["size"] == columns[3]["codes"]["T"]["size"]
        if path == "step":
            columns = component(app, "sc2viz_scrubber")["columns"]
            assert [column["codes"]["lam"]["size"][0] > 1 for column in columns[1:]] == [
                True,
                True,
                False,
            ]
            assert [column["codes"]["t"]["size"][0] for column in columns[1:]] == [1, 101, 101]


def test_a_mistake_in_one_leaves_the_others_alone(open_page, bring, monkeypatch):
    bring("tista")
    monkeypatch.setattr(
        solvers.solver_class("tista"), "__init__", lambda self, B, steps=10, classes=None: 1 / 0
    )
    app = open_page("compare", data="patches", solvers=["ISTA", "TISTA"])
    line = next(
        k for k, text in enumerate(Path(__file__).read_text().splitlines(), 1) if "1 / 0" in text
    )
    message = (
        f"it failed in {Path(__file__).name}, line {line}: ZeroDivisionError: division by zero"
    )
    assert chips(app)["TISTA"]["problem"] == f"Disabled here: {message}." and set(lines(app)) == {
        "ISTA"
    }
    assert f"TISTA is not shown: {message}" in captions(app).replace("\u2060", "")


def test_an_untrained_one_says_what_it_equals(open_page, bring):
    bring("tista")
    app = open_page("compare", data="digits", solvers=["TISTA"])
    assert chips(app)["TISTA"]["note"] == "untrained: equals ISTA" and chips(app)["TISTA"]["train"]
    assert "TISTA is untrained here: it equals ISTA." in captions(app)
    assert chips(app)["SLSTM"]["note"] == ""


@pytest.mark.parametrize("page", ["compare", "step"])
def test_one_that_aims_at_something_else_is_shown_and_not_ranked(open_page, bring, page):
    bring("without_lambda")
    shows = {"shows": "iterations"} if page == "step" else {}
    app = open_page(page, data="digits", lam="1", solvers=["ISTA", "Top-k"], **shows)
    key = {"compare": "compare-board", "step": "step-scrubber"}[page]
    assert board(app, key)["sentence"]["ranked"] == ["ISTA"]
    assert "Top-k aims at sparsity instead of F, so F does not rank it." in captions(app)
    assert "Top-k does not use λ." in captions(app)


@pytest.fixture
def networks(bring, tmp_path, monkeypatch):
    """A folder with networks of the reader's own."""
    bring("tista")
    folder = tmp_path / "networks"
    B = checkpoints.load_dictionary("digits")
    for file, step in (("first", 0.1), ("second", 0.2)):
        solver = solvers.build("tista", B)
        solver.log_gamma.data.fill_(step)
        checkpoints.save(solver, folder / f"{file}.safetensors")
    checkpoints.save(solvers.build("lista", B), folder / "mine.safetensors")
    checkpoints.save(
        solvers.build("lista", B, classes=10), folder / "heads.safetensors", {"loss": "supervised"}
    )
    checkpoints.save(solvers.build("lista", torch.eye(7, 9)), folder / "small.safetensors")
    (folder / "note.safetensors").write_text("only text")
    monkeypatch.setenv(checkpoints.NETWORKS, str(folder))
    return folder


def test_the_readers_networks_stand_beside_the_shipped_ones(networks):
    shipped = models.public("digits")
    own_models = {
        label: Path(model.file).stem
        for label, model in shipped.items()
        if Path(model.file).is_absolute()
    }
    assert own_models == {
        "LISTA (mine)": "mine",
        "LISTA (labels)": "heads",
        "TISTA": "first",
        "TISTA (second)": "second",
    }
    assert shipped["LISTA"].file == "digits/lista"
    solver = models.build(shipped["TISTA (second)"])
    assert solver.log_gamma.detach().tolist() == pytest.approx([0.2] * 10)
    assert not any(Path(model.file).is_absolute() for model in models.public("mnist-5k").values())


def test_no_two_models_look_alike(networks):
    """Also not several files of one solver and variant, and several that are untrained."""
    B = checkpoints.load_dictionary("digits")
    for k in range(9):
        checkpoints.save(solvers.build("lista", B), networks / f"lista-{k}.safetensors")
        checkpoints.save(solvers.build("slstm", B), networks / f"slstm-{k}.safetensors")
        checkpoints.save(
            solvers.build("lista", B, classes=10),
            networks / f"labels-{k}.safetensors",
            {"loss": "supervised"},
        )
    all_models = models.choices("digits").values()
    looks = [
        (style.colour(model.solver), style.dash(model), style.marker(model.solver))
        for model in all_models
    ]
    assert len(looks) >= 50 and len(set(looks)) == len(looks)
    for model in all_models:
        assert all(length > 0 for length in style.lengths(style.dash(model)))


def test_the_readers_networks_are_compared(networks, open_page):
    app = open_page("compare", data="digits", solvers=["TISTA", "TISTA (second)"], lam="0.1")
    assert set(lines(app)) == {"TISTA", "TISTA (second)"}
    assert chips(app)["TISTA"]["note"] == "" and "untrained" not in captions(app)
    assert "note.safetensors" in captions(app)


def test_networks_of_other_data_are_offered_when_the_reader_asks(
    bring, tmp_path, monkeypatch, open_page
):
    """grey-patches and digits both have rows of 64 values."""
    B = checkpoints.load_dictionary("digits")
    checkpoints.save(solvers.build("lista", B), tmp_path / "mine.safetensors", {"data": "digits"})
    checkpoints.save(solvers.build("lista", B), tmp_path / "unknown.safetensors")
    monkeypatch.setenv(checkpoints.NETWORKS, str(tmp_path))
    labels_by_data = {
        "digits": ["LISTA (mine)", "LISTA (unknown)"],
        "grey-patches": ["LISTA (unknown)"],
    }
    for name, labels in labels_by_data.items():
        app = open_page("compare", data=name, solvers=["ISTA"])
        own_labels = [
            label for label, model in models.public(name).items() if Path(model.file).is_absolute()
        ]
        assert own_labels == labels, name
        assert ("others" in {toggle.key for toggle in app.toggle}) == (name != "digits")
    label = "LISTA (mine, trained on digits)"
    app = open_page("compare", data="grey-patches", solvers=[label], others="true")
    assert set(lines(app)) == {label} and app.toggle(key="others").value
    models_by_label = {
        model_data["label"]: model_data for model_data in chips(app)["LISTA"]["models"]
    }
    assert (
        models_by_label[label]["short"] == "mine, trained on digits"
        and models_by_label[label]["note"] == ""
    )
    assert label not in models.public("digits")


def test_what_the_folder_of_networks_does_not_give_is_said(bring, tmp_path, monkeypatch):
    bring("tista")
    B = checkpoints.load_dictionary("digits")
    checkpoints.save(solvers.build("tista", B), tmp_path / "mine.safetensors")
    monkeypatch.setattr(
        solvers.registry,
        "_solvers",
        {name: cls for name, cls in solvers.registry._solvers.items() if name != "tista"},
    )
    monkeypatch.setenv(checkpoints.NETWORKS, str(tmp_path))
    messages = " ".join(checkpoints.own_networks()[1])
    assert (
        "mine.safetensors holds the solver 'tista', which is not registered" in messages
        and "SC2VIZ_SOLVERS" in messages
    )
    monkeypatch.setenv(checkpoints.NETWORKS, str(tmp_path / "nowhere"))
    (problem,) = checkpoints.own_networks()[1]
    assert problem.startswith(f"SC2VIZ_NETWORKS names {tmp_path / 'nowhere'}, which is no folder")


def test_ranges_of_gates_set_their_scale(open_page, bring):
    bring("guest-glista")
    app = open_page("gates", data="digits", solvers=["GLISTA (guest-glista)"])
    scale = json.loads(app.get("plotly_chart")[1].proto.spec)["layout"]["coloraxis"]
    assert (scale["cmin"], scale["cmax"]) == (
        0,
        6,
    )  # of the gain, 1 to 6, and of the overshoot, 0 to 2
    app = open_page("gates", data="digits", solvers=["SLSTM"])
    scale = json.loads(app.get("plotly_chart")[1].proto.spec)["layout"]["coloraxis"]
    assert (scale["cmin"], scale["cmax"]) == (0, 1)


def test_gates_without_biases_are_explained(open_page, bring):
    bring("unbiased")
    app = open_page("gates", data="digits", solvers=["Unbiased LSTM"], more="true")
    assert component(app, "sc2viz_chips")["shown"] == ["Unbiased LSTM"]
    formula = next(
        element.value
        for element in app.latex
        if r"\sigma" in element.value and "aligned" in element.value
    )
    assert r"\sigma(W_{is} s + W_{ix} x)" in formula and "b_i" not in formula


def test_a_gate_that_goes_wrong_later_is_said_on_gates_alone(open_page, bring):
    """At T = 3 it is as its traits say; from iteration 4 on another solver is shown in its place."""
    bring("late_gate")
    app = open_page("gates", data="digits", solvers=["SLSTM", "Late gate"], T="3")
    assert component(app, "sc2viz_chips")["shown"] == [
        "Late gate"
    ] and "is not shown" not in captions(app)
    app.number_input(key="T").set_value(10).run()
    assert not app.exception and not app.error
    assert component(app, "sc2viz_chips")["shown"] == ["SLSTM"]
    text = captions(app).replace("\u2060", "").replace("\\", "")
    line = 1 + (FILES / "late_gate.py").read_text().splitlines().index(
        "    def step(self, state, drive):"
    )
    assert (
        f"Late gate is not shown: it does not keep the interface of a solver (late_gate.py, line {line}): the gate"
        in text
    )
    assert "must stay from 0 to 1, got 1.5 to 1.5 at iteration 4" in text
    app = open_page("compare", data="digits", solvers=["ISTA", "Late gate"], T="10")
    assert "Late gate" in lines(app) and "is not shown" not in captions(app)


def test_a_guest_with_the_label_of_a_built_in_solver_hides_none(open_page, bring):
    bring("guest-glista")
    assert (
        solvers.solver_class("guest-glista").label
        == solvers.solver_class("glista").label
        == "GLISTA"
    )
    models_by_label = models.choices("digits")
    solvers_by_label = {
        label: model.solver
        for label, model in models_by_label.items()
        if label.startswith("GLISTA")
    }
    assert {
        "GLISTA": "glista",
        "GLISTA (guest-glista)": "guest-glista",
    }.items() <= solvers_by_label.items()
    app = open_page("compare", data="digits", solvers=["GLISTA", "GLISTA (guest-glista)"])
    assert component(app, "sc2viz_chips")["shown"] == ["GLISTA", "GLISTA (guest-glista)"]
    assert "GLISTA is untrained here: " in captions(
        app
    ) and "GLISTA (guest-glista) is untrained here: " in captions(app)


def test_labels_that_differ_in_case_alone_are_told_apart(bring):
    """Links and readers take "tista" for TISTA."""
    bring("tista")
    traits = dict.fromkeys(registry.IDENTITY, "odd") | {"name": "tista-lower", "label": "tista"}
    solvers.register(type("Lower", (solvers.ISTA,), traits))
    models_by_label = models.public("digits")
    assert {"TISTA": "tista", "tista (tista-lower)": "tista-lower"}.items() <= {
        text: models_by_label[models.find_label(text, models_by_label)].solver
        for text in ("TISTA", "tista (tista-lower)")
    }.items()


@pytest.mark.parametrize("name", sorted({*style._NAMES, models.EXACT.solver, models.YOURS}))
def test_no_solver_takes_the_name_of_what_pages_draw_beside_it(name):
    body = dict.fromkeys(registry.IDENTITY, "odd") | {"name": name}
    with pytest.raises(ValueError, match=f"Odd.name must not be '{name}', under which pages draw"):
        solvers.register(type("Odd", (solvers.ISTA,), body))
