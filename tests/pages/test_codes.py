"""Known codes: its numbers against numpy and other calls, its links, its sentences."""

import csv
import io
import re
from base64 import b64decode

import numpy as np
import pytest
from pages.seen import told
from pages.test_guest_pages import chips

from sc2viz import data, lasso, published, solvers
from sc2viz.analysis import recovery, state_evolution
from sc2viz.ui import known_codes, page, phrases

SMALL = {"ds": "100", "dx": "50", "k": "5"}  # quickly computed
ON_AVERAGE = {"sparsity": 0.05, "snr_db": 40.0}


def load(split: str = "test", d_x: int = 50, **law):
    rows = {"n_samples": known_codes.ROWS, "d_x": d_x, "d_s": 100}
    return data.load("synthetic", split, **rows, **(ON_AVERAGE | law))


EIGHT = load()


@pytest.fixture(scope="module")
def lam() -> float:
    """The λ of F, which is tuned on signals that are not shown."""
    training_set = load("train")[:60]
    assert not set(map(bytes, training_set.digests())) & set(map(bytes, EIGHT.digests()))
    return recovery.best_lambda(training_set.pixels, training_set.dictionary, training_set.codes)


@pytest.fixture
def opened(open_page):
    return lambda **query: open_page("codes", **SMALL | {"solvers": ["ISTA", "FISTA"]} | query)


def board(app) -> dict:
    components = app.get("bidi_component")
    return next(
        told(element) for element in components if "scrubber" in element.proto.component_name
    )


def readings(app) -> dict[str, dict[str, dict[str, list[str]]]]:
    """What the card of a solver says, by axis."""
    return {
        group["title"]: {
            name: {axis: texts.split("|") for axis, texts in texts_by_axis.items()}
            for name, texts_by_axis in group["readings"]
        }
        for group in board(app)["groups"]
    }


def number(text: str) -> float:
    return float(re.search(r"-?[\d.]+", text.replace("−", "-").replace(",", ""))[0])


def nmse(codes, truth) -> float:
    missed = (codes.double() - truth).square().sum()
    return 10 * np.log10(float(missed / truth.double().square().sum()))


def test_the_numbers_of_a_layer_are_those_of_numpy(opened, lam):
    cards = readings(opened(own_lam="false"))
    x, B, truth = EIGHT.pixels, EIGHT.dictionary, EIGHT.codes
    minimum = lasso.objective(x, lasso.solve(x, B, lam, tol=1e-6).codes.float(), B, lam).mean()
    for label, name in (("ISTA", "ista"), ("FISTA", "fista")):
        card, codes = cards[label], solvers.build(name, B).trace(x, lam, steps=16).codes.detach()
        for layer in (1, 16):
            error = number(card["NMSE"]["t"][layer])
            assert error == pytest.approx(nmse(codes[layer], truth), abs=0.06)
            excess = 100 * (lasso.objective(x, codes[layer], B, lam).mean() / minimum - 1).item()
            shown_number = number(card["F over F*"]["t"][layer])
            assert shown_number == pytest.approx(excess, rel=0.06, abs=2e-3)
        own_nmse = number(card["this code"]["t"][16])
        assert own_nmse == pytest.approx(nmse(codes[16, :1], truth[:1]), abs=0.06)
        used, true = codes[16, 0].abs() > 1e-3, truth[0] != 0
        counts = [int(hits.sum()) for hits in (used & true, ~used & true, used & ~true)]
        assert card["● hit, □ missed, × false"]["t"][16] == ", ".join(map(str, counts))


def test_the_sentence_compares_the_nearest_solver_with_the_minimum_of_F(opened, lam):
    """F does not rank the solvers, each of which has a λ of its own."""
    app = opened(solvers=["ISTA", "FISTA", "OMP"])
    cards, captions = readings(app), board(app)["captions"]["t"]
    exact = lasso.solve(EIGHT.pixels, EIGHT.dictionary, lam, tol=1e-6).codes
    for layer in (3, 16):
        nearest = min(cards, key=lambda label: number(cards[label]["NMSE"]["t"][layer]))
        first, second = captions[layer].split(". Exact codes, the minimum of F, have")
        error = cards[nearest]["NMSE"]["t"][layer]
        assert (
            first == f"Nearest to the true codes after {layer} layers: **{nearest}**, **{error}**"
        )
        assert number(second) == pytest.approx(nmse(exact, EIGHT.codes), abs=0.06)
    assert ": **OMP**, **FISTA** and **ISTA**, **0.0\u00a0dB**." in captions[0]  # a tie
    errors = [number(card["NMSE"]["t"][16]) for card in cards.values()]
    assert list(cards)[0] == "OMP" and errors == sorted(errors)


@pytest.mark.parametrize(
    ("axis", "stop", "law"), [("k", 12, {"sparsity": 0.12}), ("snr", 10, {"snr_db": 10.0})]
)
def test_a_signal_follows_the_sliders_of_k_and_of_the_noise(opened, lam, axis, stop, law):
    app = opened(signal="3", own_lam="false")
    place, card = board(app)["stops"][axis].index(stop), readings(app)["FISTA"]
    signals = load(**law)
    codes = solvers.build("fista", signals.dictionary)(signals.pixels[3:4], lam, steps=16)
    nmse_of_code = number(card["this code"][axis][place])
    assert nmse_of_code == pytest.approx(nmse(codes.detach(), signals.codes[3:4]), abs=0.06)
    assert card["NMSE"][axis][place] == "–"  # means are not known there
    hits, missed, _ = map(int, card["● hit, □ missed, × false"][axis][place].split(", "))
    assert hits + missed == int((signals.codes[3] != 0).sum())
    assert f"{hits + missed} non-zeros" in board(app)["captions"][axis][place]


def test_each_solver_has_its_own_lambda_unless_a_reader_turns_it_off_behind_more(opened, lam):
    app = opened(more="true")
    own_readings, tables = readings(app), [table.value for table in app.table]
    assert f"λ = {lam:g}" in " ".join(caption.value for caption in app.caption)
    assert not np.isclose(tables[0]["λ"].astype(float), lam).any()
    app.toggle(key="own_lam").set_value(False).run()
    shared = readings(app)
    assert (app.table[0].value["λ"].astype(float) == lam).all()
    for label in ("ISTA", "FISTA"):  # test_recovery.py has which λ it is
        gain = number(shared[label]["NMSE"]["t"][16]) - number(own_readings[label]["NMSE"]["t"][16])
        assert gain > 0.5


def test_a_cell_of_the_map_is_a_link_and_a_link_to_a_cost_opens_more(opened):
    app = opened(dx="46", k="12", snr="100", exactly="true")
    marks = readings(app)["ISTA"]["● hit, □ missed, × false"]["t"][16]
    assert sum(map(int, marks.split(", ")[:2])) == 12 and not app.table
    app = opened(cost="thousand")
    assert app.segmented_control(key="cost").value == "thousand" and len(app.table) > 1


def test_what_cannot_be_is_lowered_and_shares_stay(opened):
    app = opened(dx="80", k="60")
    app.number_input(key="dx").set_value(40).run()
    assert not app.exception and app.number_input(key="k").value == 40
    app.selectbox(key="ds").select("200").run()
    assert [app.number_input(key=key).value for key in ("dx", "k")] == [80, 80]


@pytest.mark.release
def test_a_network_is_trained_on_request_and_takes_the_place_of_the_untrained_one(
    opened, monkeypatch
):
    monkeypatch.setattr("sc2viz.jobs.code_training.BATCHES", 32)
    monkeypatch.setattr("sc2viz.jobs.code_training.LOOKS", 2)
    app = opened(solvers=["FISTA", "ALISTA"])
    nmse_before = number(readings(app)["ALISTA"]["NMSE"]["t"][16])
    assert chips(app)["ALISTA"]["note"].startswith("untrained")
    button = app.button(key="train-alista-")
    assert re.search(r"Train ALISTA for these signals: about \w+ minutes?", button.label)
    button.click().run()
    (job,) = app.session_state["_code_trainings"].values()
    for thread in list(job.scheduler._running.values()):
        thread.join(600)
    app.run()
    assert job.done and not job.problem and not app.exception
    nmse_after = number(readings(app)["ALISTA"]["NMSE"]["t"][16])
    codes = job.solver.trace(EIGHT.pixels, 0.1, steps=16).codes[-1]
    assert nmse_after < nmse_before and nmse_after == pytest.approx(
        nmse(codes, EIGHT.codes), abs=0.06
    )
    assert not [widget for widget in app.button if widget.key == "train-alista-"]


@pytest.mark.parametrize("law", [{"sparsity": 0.05, "snr_db": 0.0}, {"sparsity": 0.5}])
def test_why_has_the_numbers_of_exact_codes(opened, law):
    k, snr = 100 * law["sparsity"], law.get("snr_db", 40)
    app, signals = opened(k=f"{k:g}", snr=f"{snr:g}", more="true"), load(**law)
    (note,) = (caption.value for caption in app.caption if "F is measured" in caption.value)
    lam, truth = number(note.partition("λ =")[2]), signals.codes
    exact = lasso.solve(signals.pixels, signals.dictionary, lam, tol=1e-8).codes
    hit = (exact.abs() > 1e-3) & (truth != 0)
    shrunk = 1 - (exact.abs()[hit].sum() / truth.abs()[hit].sum()).item()
    reason = board(app)["sentence"]["why"]
    assert ("too small" in reason) == (shrunk > 0 and "another code" not in reason)
    assert len(re.findall(r"\d+(?:\.\d+)?", reason.replace("ℓ1", ""))) <= 3
    assert ("ends before the minimum of F" in reason) == (
        number(readings(app)["FISTA"]["NMSE"]["t"][16]) > nmse(exact, truth) + 3.01
        and "another code" not in reason
    )


@pytest.mark.parametrize("k", [5, 35])
def test_why_says_first_that_another_code_is_cheaper_where_one_is(opened, k):
    app = opened(k=str(k), snr="100", exactly="true", more="true")
    signals = load(k=k, snr_db=100.0)
    (note,) = (caption.value for caption in app.caption if "F is measured" in caption.value)
    B, truth = signals.dictionary.double().numpy(), signals.codes.double().numpy()
    exact = lasso.solve(
        signals.pixels, signals.dictionary, number(note.partition("λ =")[2]), tol=1e-6
    ).codes.numpy()
    rivals = (
        exact + np.linalg.lstsq(B, B @ (truth - exact).T)[0].T
    )  # the same signals, without noise
    assert np.allclose(rivals @ B.T, truth @ B.T, atol=1e-6)
    cheaper = (np.abs(rivals).sum(1) < 0.999999 * np.abs(truth).sum(1)).mean()
    reason = board(app)["sentence"]["why"]
    assert reason.startswith(
        f"For {phrases.share(cheaper)} of the signals" if k == 35 else "FISTA ends"
    )


def test_a_dense_problem_takes_as_many_atoms_as_measurements_and_fewer_signals(opened):
    """With k = 250 of 250, OMP took 320 atoms of 200 signals, which kept a reader waiting and changed nothing after 250."""
    app = opened(dx="100", k="100", solvers=["OMP"], more="true")
    assert app.table[0].value["Iterations a layer"].tolist() == ["7"]
    assert "[:100]" in app.code[0].value and "mean over 100 codes" in board(app)["html"]


def test_amps_error_stands_beside_what_state_evolution_predicts(opened):
    app = opened(solvers=["AMP", "FISTA"])
    amp = solvers.build("amp", EIGHT.dictionary)
    predicted = [0.0, *state_evolution.nmse(0.5, 0.05, 40.0, amp.alpha, 16)]
    lines = [line for panel in board(app)["panels"] for line in panel.get("lines", ())]
    (line,) = (line for line in lines if line["label"] == "predicted")
    assert np.frombuffer(b64decode(line["values"]), "<f4") == pytest.approx(predicted, abs=1e-3)


def test_each_source_of_published_figures_has_one_table_whose_numbers_lead_to_their_runs(opened):
    app = opened(more="true")
    sources = [element.value for element in app.markdown if element.value.startswith("By ")]
    assert len(sources) == len(set(sources)) == 4 and "sparsity 0.1," in " ".join(sources)
    records = (published.FOLDER / "recovery.jsonl").read_text()
    tables = [table.value for table in app.table if "Run" in table.value]
    firsts = [re.match(r"`(\w[\w-]*)`", run)[1] for table in tables for run in table["Run"]]
    assert len(tables) == 4 and all(f'{{"run": "{first}"' in records for first in firsts)


def test_the_tables_to_take_away_have_the_numbers_of_the_page(opened, monkeypatch):
    contents = {}
    monkeypatch.setattr(
        page,
        "explained",
        lambda names, files=(), *_, **__: contents.update(
            {file.label: file.make() for file in files}
        ),
    )
    cards = readings(opened())
    layers = list(csv.DictReader(io.StringIO(contents["Layers (CSV)"])))
    for row in layers[2:]:
        error = number(cards[row["solver"]]["NMSE"]["t"][int(row["layer"])])
        assert float(row["nmse_db"]) == pytest.approx(error, abs=0.06)
    codes = list(csv.DictReader(io.StringIO(contents["Codes (CSV)"])))
    np.testing.assert_allclose([float(row["true"]) for row in codes], EIGHT.codes[0], atol=1e-6)
    costs = [float(row["multiplications_of_one"]) for row in layers[2:] if row["solver"] == "ISTA"]
    steps = np.diff(costs)
    assert steps[0] == 0 and np.all(steps[1:] == 100 * 100)  # s⁽⁰⁾ = 0 needs no product
