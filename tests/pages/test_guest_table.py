"""Nine pages, the commands and `live()`, with solvers of a reader.

Four that work: LISTA-CP, GLISTA, coordinate descent and a TopK encoder. Three that do not: codes that are NaN, an exception
at T = 3, and a step that never calls `h`. What fails costs its card, and one sentence says where.
"""

import re
from pathlib import Path

import numpy as np
import pytest
from pages.seen import html, live
from pages.test_guest_pages import captions, component, equations, lines
from pages.test_photograph import cards, opened, settled  # noqa: F401 (a fixture is among them)

import sc2viz
from sc2viz import checkpoints, data, photographs, solvers
from sc2viz.__main__ import main
from sc2viz.draw import style

FILES = Path(__file__).parents[1] / "guests"
WORK = {
    "guest-lista-cp": "LISTA-CP (guest-lista-cp)",  # there are built-in solvers of these two labels
    "guest-glista": "GLISTA (guest-glista)",
    "guest-cd": "Coordinate descent",
    "guest-encoder": "TopK encoder",
}
FAIL = {  # file → label, part of the sentence
    "guest-nan": ("NaN ISTA", "its codes are not finite"),
    "guest-raises": ("Raising ISTA", "RuntimeError: there is no third layer"),
    "guest-no-h": ("ISTA without h", "step does not compute its codes through self.h(c, drive)"),
}
LABELS = WORK | {file: label for file, (label, _) in FAIL.items()}
GATED, ACTIVATED = {"guest-glista"}, {"guest-lista-cp", "guest-glista", "guest-no-h"}


def place_of(file: str) -> str:
    """Where a failing guest's sentence points to."""
    text = "raise RuntimeError" if file == "guest-raises" else "def step"
    lines = (FILES / f"{file}.py").read_text().splitlines()
    return f"{file}.py, line {next(k for k, line in enumerate(lines, 1) if text in line)}"


def said(app) -> str:
    return captions(app).replace("\u2060", "").replace("\\", "")


def check(file: str, is_shown: bool, texts: str) -> None:
    """A guest that works is shown and not complained of; one that fails is not shown, and its sentence is there once."""
    if file in WORK:
        assert is_shown and "is not shown" not in texts, texts
    else:
        assert not is_shown, f"{file} is shown"
        assert texts.count(place_of(file)) == 1 and FAIL[file][1] in texts, texts


@pytest.mark.parametrize("file", LABELS)
def test_it_stands_on_pages_that_compare_solvers(open_page, bring, file):
    assert bring(*LABELS) == ()
    label = LABELS[file]
    app = open_page("compare", data="digits", solvers=["ISTA", label], T="20")
    titles = re.findall("<figcaption><span>(.*?)</span>", html(app))
    assert titles[:3] == ["Ground truth", "Exact optimum", "ISTA"]
    check(file, label in titles, said(app))
    if solvers.solver_class(file).traits.aims_at != "objective":
        card = html(app).partition(' sc-below"')[2]
        assert label in card and "F does not rank it" in card and "the optimum" not in card
    assert "nan" not in re.sub("<[^>]*>", " ", html(app)).lower().replace("nan ista", "")
    app = open_page("step", shows="iterations", data="digits", solvers=["ISTA", label], T="20")
    groups = [group["title"] for group in component(app, "sc2viz_scrubber")["groups"]]
    assert groups[:2] == ["Exact optimum", "ISTA"]
    check(file, label in groups, said(app))
    first = solvers.solver_class(file).equation.partition(r",\qquad")[
        0
    ]  # parts stand one below the other
    assert file in FAIL or any(first in equation for equation in equations(app))


@pytest.mark.parametrize("file", LABELS)
def test_it_stands_on_the_other_pages(open_page, bring, file):
    bring(*LABELS)
    label = LABELS[file]
    app = open_page("lambda", data="digits", solvers=["ISTA", label], more="true")
    for chart in range(3):
        assert file in FAIL or lines(app, chart)[label]["color"] == style.colour(file)
    check(file, label in lines(app), said(app))
    for place, kinds in (("gates", GATED), ("activations", ACTIVATED)):
        if file in kinds:
            app = open_page(place, data="digits", solvers=["SLSTM", label])
            check(file, label in component(app, "sc2viz_chips")["shown"], said(app))
    for place in ("dictionary", "welcome"):
        app = open_page(place, data="digits", solvers=["ISTA", label])
        assert not app.exception and not app.error


@pytest.mark.parametrize("file", LABELS)
def test_it_is_trained_live(open_page, bring, file):
    bring(*LABELS)
    app = open_page("train", data="digits", trainee=LABELS[file], T="5")
    scrubbers = [
        element
        for element in app.get("bidi_component")
        if element.proto.component_name == "sc2viz_scrubber"
    ]
    try:
        check(file, bool(scrubbers), said(app))
    finally:
        if "_job" in app.session_state:
            app.session_state["_job"].close()


@pytest.mark.release
def test_it_stands_on_photograph(opened, bring):  # noqa: F811 (the fixture)
    """All of them, three at a time, on one page that stays open."""
    bring(*LABELS)
    app, files = opened(photo="camera", solvers=["ISTA"], more="true"), list(LABELS)
    for chosen in (files[:3], files[3:6], files[6:]):
        app.pills(key="solvers").set_value(["ISTA", *(LABELS[file] for file in chosen)][-3:]).run()
        labels = cards(settled(app))
        for file in chosen:
            check(file, LABELS[file] in labels, said(app))
        assert " nan " not in " ".join(labels.values()).lower().replace("nan ista", "")


@pytest.mark.parametrize("file", LABELS)
def test_photographs_commands_and_live_pages(bring, tmp_path, capsys, file):
    bring(*LABELS)
    clean = np.random.RandomState(0).rand(24, 24)
    rows = tmp_path / "rows.npy"
    np.save(rows, data.load("digits", "test").pixels[:20].numpy())
    network = tmp_path / "network.safetensors"
    command = f"train --data digits --solver {file} --epochs 1 --steps 4 --lam 0.1 --out {network}".split()
    ways = {
        "photographs.denoise": lambda: photographs.denoise(clean, 0.1, file, steps=4, stride=4),
        "photographs.inpaint": lambda: photographs.inpaint(
            clean, clean > 0.8, file, steps=4, stride=4, rounds=2
        ),
        "train": lambda: main(command),
    }
    for call in ways.values():
        message = ""
        try:
            call()
        except (solvers.Failed, SystemExit) as error:
            message = str(error)
        check(file, not message, message)
    x, B = data.load("digits", "test").pixels[0], checkpoints.load_dictionary("digits")
    live_text = live(sc2viz.live(x, B, ["ista", file], lam=0.1, steps=5).html)
    labels = [solver["label"] for solver in live_text["solvers"]]
    check(file, LABELS[file] in labels, " ".join(live_text["notes"]))
    if file in WORK:
        out = tmp_path / "codes.npz"
        main(["encode", "--data", str(rows), "--model", str(network), "--out", str(out)])
        main(["evaluate", "--data", "digits", "--model", str(network), "--lam", "0.1"])
        assert out.is_file() and str(network) in capsys.readouterr().out
