"""Known codes: its numbers against numpy and other calls, its links, its sentences."""

import csv
import io
import re
from base64 import b64decode
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pages.seen import told
from pages.test_guest_pages import chips

from sc2viz import data, lasso, solvers
from sc2viz.analysis import recovery, state_evolution
from sc2viz.pages.codes import costs, describe_codes, measured
from sc2viz.ui import known_codes, page

SMALL = {"ds": "100", "dx": "50", "k": "5"}  # quickly computed
EIGHT = data.load(
    "synthetic", "test", n_samples=known_codes.ROWS, d_x=50, d_s=100, sparsity=0.05, snr_db=40.0
)


@pytest.fixture
def opened(open_page):
    return lambda **query: open_page("codes", **{"solvers": ["ISTA", "FISTA"]} | query)


def scrubber(app) -> dict:
    return next(
        told(each)
        for each in app.get("bidi_component")
        if each.proto.component_name == "sc2viz_scrubber"
    )


def readings(app) -> dict[str, dict[str, dict[str, list[str]]]]:
    """What the card of a solver says, by axis."""
    return {
        group["title"]: {
            name: {axis: all.split("|") for axis, all in said.items()}
            for name, said in group["readings"]
        }
        for group in scrubber(app)["groups"]
    }


def number(text: str) -> float:
    return float(re.search(r"-?[\d.]+", text.replace("−", "-").replace(",", ""))[0])


def nmse(codes, truth) -> float:
    return 10 * np.log10(
        float((codes.double() - truth).square().sum() / truth.double().square().sum())
    )


def test_the_numbers_of_a_layer_are_those_of_numpy(opened):
    cards = readings(opened(**SMALL, own_lam="false"))
    best = measured.exact(known_codes.Problem(50, 100, 5))
    x, B, truth = EIGHT.pixels, EIGHT.dictionary, EIGHT.codes
    least = lasso.objective(
        x, lasso.solve(x, B, best.lam, tol=1e-6).codes.float(), B, best.lam
    ).mean()
    for label, name in (("ISTA", "ista"), ("FISTA", "fista")):
        codes = solvers.build(name, B).trace(x, best.lam, steps=16).codes.detach()
        for layer in (1, 7, 16):
            assert number(cards[label]["NMSE"]["t"][layer]) == pytest.approx(
                nmse(codes[layer], truth), abs=0.06
            )
            F = lasso.objective(x, codes[layer], B, best.lam).mean()
            assert number(cards[label]["F over F*"]["t"][layer]) == pytest.approx(
                100 * (F / least - 1).item(), rel=0.06, abs=2e-3
            )
        own, counts = cards[label]["this code"]["t"], cards[label]["● hit, □ missed, × false"]["t"]
        assert number(own[16]) == pytest.approx(nmse(codes[16, :1], truth[:1]), abs=0.06)
        used, true = codes[16, 0].abs() > 1e-3, truth[0] != 0
        expected = [int((used & true).sum()), int((~used & true).sum()), int((used & ~true).sum())]
        assert list(map(int, counts[16].split(", "))) == expected


def test_the_lambda_is_tuned_on_signals_that_are_not_shown(opened):
    other = data.load(
        "synthetic",
        "train",
        n_samples=known_codes.ROWS,
        d_x=50,
        d_s=100,
        sparsity=0.05,
        snr_db=40.0,
    )[:60]
    expected = recovery.best_lambda(other.pixels, other.dictionary, other.codes)
    assert f"λ = {expected:g}" in " ".join(caption.value for caption in opened(**SMALL).caption)
    assert not set(map(bytes, other.digests())) & set(map(bytes, EIGHT.digests()))


def test_the_sentence_names_who_finds_the_codes_and_who_has_the_lowest_F(opened):
    app = opened(**SMALL, solvers=["ISTA", "FISTA", "LISTA"])
    cards, said = readings(app), scrubber(app)["captions"]["t"]
    for layer in (3, 16):
        finds = min(cards, key=lambda label: number(cards[label]["NMSE"]["t"][layer]))
        least = min(cards, key=lambda label: number(cards[label]["F over F*"]["t"][layer]))
        assert (
            f"**{finds}** finds the true codes best" in said[layer]
            and cards[finds]["NMSE"]["t"][layer] in said[layer]
        )
        assert f"Of those that aim at F, **{least}** has the lowest" in said[layer] and (
            "The optimum itself has" in said[layer]
        ) == (finds == least)
    assert "0 dB" in said[0]


def test_solvers_that_read_alike_share_a_place_and_F_ranks_those_alone_that_aim_at_it():
    def said(ranked, **courses) -> str:
        found = {
            label: SimpleNamespace(nmse=[0, nmse], excess=[900, far])
            for label, (nmse, far) in courses.items()
        }
        best = SimpleNamespace(nmse=-20.0)
        return describe_codes.sentence(1, found, best, ranked).replace("\u00a0", " ")

    omp, ista, fista = (-30.01, 1.0), (-10.01, 30.1), (-10.02, 30.2)
    assert said(["ISTA", "FISTA"], OMP=omp, ISTA=ista, FISTA=fista) == (
        "After 1 layer, **OMP** finds the true codes best of the three solvers compared: **−30.0 dB**. "
        "Of those that aim at F, **ISTA** and **FISTA** share the lowest: **30 % above the optimum**."
    )
    assert said(["ISTA", "FISTA"], ISTA=ista, FISTA=fista).startswith(
        "After 1 layer, **ISTA** and **FISTA** find the true codes to −10.0 dB. Of those"
    )
    assert said([], OMP=omp) == "After 1 layer, **OMP** finds the true codes to −30.0 dB."
    shared = describe_codes.moved("k", 1, 1, {"ISTA": -1.01, "FISTA": -1.02, "OMP": 0.0}, 1)
    assert "this code has 1 non-zero. **ISTA** and **FISTA** find it best" in shared


def test_the_first_card_is_that_of_the_solver_that_finds_the_codes_best(opened):
    cards = readings(opened(**SMALL, solvers=["ISTA", "FISTA", "OMP", "LISTA"]))
    last = [number(card["NMSE"]["t"][16]) for card in cards.values()]
    assert list(cards)[0] == "OMP" and last == sorted(last)


def test_a_signal_follows_the_sliders_of_k_and_of_the_noise(opened):
    app = opened(**SMALL, signal="3", own_lam="false")
    given, best = scrubber(app), measured.exact(known_codes.Problem(50, 100, 5))
    for axis, stop in (("k", 12), ("snr", 10)):
        place = given["stops"][axis].index(stop)
        law = (
            {"sparsity": 0.12, "snr_db": 40.0}
            if axis == "k"
            else {"sparsity": 0.05, "snr_db": 10.0}
        )
        there = data.load("synthetic", "test", n_samples=known_codes.ROWS, d_x=50, d_s=100, **law)
        codes = solvers.build("fista", there.dictionary)(there.pixels[3:4], best.lam, steps=16)
        own = readings(app)["FISTA"]
        assert number(own["this code"][axis][place]) == pytest.approx(
            nmse(codes.detach(), there.codes[3:4]), abs=0.06
        )
        assert (
            own["NMSE"][axis][place] == "–"
        )  # means are not known there, and are not shown as if they were
        hits, missed, _ = map(int, own["● hit, □ missed, × false"][axis][place].split(", "))
        assert hits + missed == int((there.codes[3] != 0).sum())
        assert f"{hits + missed} non-zeros" in given["captions"][axis][place]


def test_each_solver_has_the_lambda_with_which_its_last_layer_is_best_unless_a_reader_turns_it_off(
    opened,
):
    app = opened(**SMALL)
    own = readings(app)
    app.toggle(key="own_lam").set_value(False).run()
    one = readings(app)
    for label in ("ISTA", "FISTA"):  # test_recovery.py has which λ it is
        assert number(own[label]["NMSE"]["t"][16]) < number(one[label]["NMSE"]["t"][16]) - 0.5


def test_a_cell_of_the_map_is_a_link(opened):
    app = opened(ds="100", dx="46", k="12", snr="100", exactly="true")
    own = readings(app)["ISTA"]["● hit, □ missed, × false"]["t"][16]
    assert sum(map(int, own.split(", ")[:2])) == 12 and not app.toast


def test_what_cannot_be_is_lowered(opened):
    app = opened(ds="100", dx="80", k="60")
    app.number_input(key="dx").set_value(40).run()
    assert not app.exception and app.number_input(key="k").value == 40


def test_a_network_is_trained_on_request_and_takes_the_place_of_the_untrained_one(
    opened, monkeypatch
):
    monkeypatch.setattr("sc2viz.jobs.code_training.BATCHES", 32)
    monkeypatch.setattr(
        "sc2viz.jobs.code_training.LOOKS", 2
    )  # each look solves the signals apart exactly
    app = opened(**SMALL, solvers=["FISTA", "ALISTA"])
    before = number(readings(app)["ALISTA"]["NMSE"]["t"][16])
    button = app.button(key="train-alista-")
    assert re.search(r"Train ALISTA for these signals: about \w+ minutes?", button.label)
    button.click().run()
    (job,) = app.session_state["_code_trainings"].values()
    for thread in list(job.scheduler._running.values()):
        thread.join(120)
    app.run()
    assert job.done and not job.problem and not app.exception
    after = number(readings(app)["ALISTA"]["NMSE"]["t"][16])
    codes = job.solver.trace(EIGHT.pixels, 0.1, steps=16).codes[-1]
    assert after < before and after == pytest.approx(nmse(codes, EIGHT.codes), abs=0.06)
    assert not [each for each in app.button if each.key == "train-alista-"]


@pytest.mark.parametrize(
    ("law", "query"),
    [
        ({"sparsity": 0.05, "snr_db": 0.0}, {"snr": "0"}),
        (
            {"sparsity": 0.5, "snr_db": 40.0},
            {"k": "50"},
        ),  # some codes have more non-zeros than there are measurements
    ],
)
def test_why_says_nothing_that_is_false_at_this_setting(opened, law, query):
    """OMP, which aims at no optimum, is not on its way to one; noise is all that is left where nothing else is."""
    shown = data.load("synthetic", "test", n_samples=known_codes.ROWS, d_x=50, d_s=100, **law)
    why = opened(**SMALL | query, solvers=["FISTA", "OMP"]).expander[0].markdown[0].value
    lam = number(re.search(r"λ = (\S+)", why)[1])
    exact, truth = lasso.solve(shown.pixels, shown.dictionary, lam, tol=1e-8).codes, shown.codes
    hit, true = (exact.abs() > 1e-3) & (truth != 0), truth != 0
    shrunk = 1 - exact.abs()[hit].sum() / truth.abs()[hit].sum()
    assert ("too small" in why) == bool(shrunk > 0)
    assert (
        f"and {(true & (exact.abs() <= 1e-3)).sum(1).double().mean():.1f} missed a code: it is"
        in why
    )
    found = re.search(r"\*\*(\w+)\*\* is (nearer|as near|no nearer), (\S+)\sdB", why)
    least = f"{nmse(exact, truth):.1f}"
    told = (float(each.replace("−", "-")) for each in (found[3], least))
    assert (
        found[2]
        == {-1: "nearer", 0: "as near", 1: "no nearer"}[int(np.sign(next(told) - next(told)))]
    )
    assert "still" not in why and ("the rest is noise" in why) == bool(true.sum(1).max() <= 50)


def test_a_dense_problem_takes_as_many_atoms_as_measurements_and_fewer_signals(opened):
    """With k = 250 of 250, OMP took 320 atoms of 200 signals, which kept a reader waiting and changed nothing after 250."""
    app = opened(ds="100", dx="100", k="100", solvers=["OMP"])
    said = " ".join(caption.value for caption in app.caption)
    assert (
        "A layer of OMP takes 7 atoms, so that 16 layers can take 112." in said
        and "on 30 other signals" in said
    )
    shown = data.load(
        "synthetic", "test", n_samples=known_codes.ROWS, d_x=100, d_s=100, sparsity=1.0, snr_db=40.0
    )[:100]
    codes = solvers.build("omp", shown.dictionary, 112)(shown.pixels, 0.1)
    assert number(readings(app)["OMP"]["NMSE"]["t"][16]) == pytest.approx(
        nmse(codes, shown.codes), abs=0.06
    )
    assert "[:100]" in app.code[0].value and "mean over 100 codes" in scrubber(app)["html"]
    assert known_codes.Problem(k=250).rows == 40 and ((codes != 0).sum(1) <= 100).all()


def test_the_chip_of_a_solver_that_is_shown_trained_does_not_say_untrained(open_page):
    app = open_page("codes", **SMALL, solvers=["FISTA", "ALISTA"])
    assert chips(app)["ALISTA"]["note"].startswith("untrained")
    app = open_page("codes", solvers=["FISTA", "ALISTA (support selection)"])
    assert chips(app)["ALISTA"]["note"] == ""


def test_why_has_the_numbers_of_exact_codes(opened):
    app, best = opened(**SMALL), measured.exact(known_codes.Problem(50, 100, 5))
    exact = lasso.solve(EIGHT.pixels, EIGHT.dictionary, best.lam, tol=1e-6).codes
    why = app.expander[0].markdown[0].value
    assert (
        f"{nmse(exact, EIGHT.codes):.1f}\u00a0dB".replace("-", "−") in why
        and f"λ = {best.lam:g}" in why
    )
    rows = [EIGHT.codes[n] != 0 for n in range(known_codes.ROWS)]
    wrong = total = 0.0
    for n, true in enumerate(rows):
        if true.any():
            fit = torch.linalg.lstsq(
                EIGHT.dictionary[:, true].double(), EIGHT.pixels[n, :, None].double()
            ).solution[:, 0]
            wrong, total = (
                wrong + (fit - EIGHT.codes[n][true]).square().sum(),
                total + EIGHT.codes[n].square().sum(),
            )
    assert f"{10 * np.log10(float(wrong / total)):.1f}\u00a0dB".replace("-", "−") in why
    assert len(re.findall(r"[.:] [A-Z*]|\.$", why)) <= 4


def test_amps_error_stands_beside_what_state_evolution_predicts(opened):
    app = opened(**SMALL, solvers=["AMP", "FISTA"])
    amp = solvers.build("amp", EIGHT.dictionary)
    codes = amp.trace(EIGHT.pixels, 0.1, steps=16).codes.detach()
    predicted = [0.0, *state_evolution.nmse(0.5, 0.05, 40.0, amp.alpha, 16)]
    curves = [panel for panel in scrubber(app)["panels"] if panel["kind"] == "curves"]
    (line,) = (each for panel in curves for each in panel["lines"] if each["label"] == "predicted")
    assert np.frombuffer(b64decode(line["values"]), "<f4") == pytest.approx(predicted, abs=1e-3)
    (said,) = (caption.value for caption in app.caption if "State evolution" in caption.value)
    found = [number(each) for each in re.findall(r"([−\d.]+)\u00a0dB", said)]
    assert found == pytest.approx([predicted[-1], nmse(codes[16], EIGHT.codes)], abs=0.06)


def test_the_tables_to_take_away_have_the_numbers_of_the_page(opened, monkeypatch):
    made = {}
    monkeypatch.setattr(
        page,
        "take_away",
        lambda files, snippet, **more: made.update({f.label: f.make() for f in files}),
    )
    cards = readings(opened(**SMALL))
    rows = list(csv.DictReader(io.StringIO(made["Layers (CSV)"])))
    assert [row["solver"] for row in rows[:2]] == [
        "Exact codes",
        "Least squares on the true support",
    ]
    for row in rows[2:]:
        assert float(row["nmse_db"]) == pytest.approx(
            number(cards[row["solver"]]["NMSE"]["t"][int(row["layer"])]), abs=0.06
        )
    codes = list(csv.DictReader(io.StringIO(made["Codes (CSV)"])))
    np.testing.assert_allclose([float(row["true"]) for row in codes], EIGHT.codes[0], atol=1e-6)
    cost = [
        row for row in csv.DictReader(io.StringIO(made["Cost (CSV)"])) if row["solver"] == "ISTA"
    ]
    layers = np.diff([float(row["multiplications_of_one"]) for row in cost])
    assert layers[0] == 0 and np.all(layers[1:] == 100 * 100)  # s⁽⁰⁾ = 0 needs no product


def test_the_sentence_on_cost_names_an_encoder_that_computes_nothing_in_its_layers():
    """Its layers take no multiplications, and no number is a multiple of none."""
    layers, at_once = np.arange(17) * 100.0, np.full(17, 300.0)
    once = "All multiplications of **ReLU SAE** come before its first layer."
    assert costs._sentence({"ReLU SAE": at_once}) == once
    alone = f"{once} From the second on, a layer of **ISTA** takes 100 multiplications."
    assert costs._sentence({"ISTA": layers, "ReLU SAE": at_once}) == alone
    both = f"{alone[:-1]}, and one of **SLSTM** 3 times as many."
    layers[0] = 50.0  # the first layer, whose code is zero, says nothing about the others
    assert costs._sentence({"ISTA": layers, "ReLU SAE": at_once, "SLSTM": 3 * layers}) == both
