"""Autoencoders without a browser: what the page says, against float64 numpy and scikit-learn."""

import contextlib
import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from pages.seen import told
from safetensors.torch import save
from sklearn.linear_model import Lasso

from sc2viz import checkpoints, data, lasso, published
from sc2viz.analysis.encoder_gap import GapCourse
from sc2viz.defaults import KINDS
from sc2viz.pages.autoencoders import describe_autoencoders, train_here
from sc2viz.training.autoencoders import EncoderTrainer
from sc2viz.ui import cache, known_codes, page, url
from sc2viz.ui.tours.truths import TRUTHS, Sight

STOPS = list(url.PRICES)
HERE = STOPS.index(1.0)


def scrubbers(app) -> list[dict]:
    """What the players of the page show: the encoders, more steps, and after them the two encoders that stand first."""
    shown = [
        told(each)
        for each in app.get("bidi_component")
        if each.proto.component_name == "sc2viz_scrubber"
    ]
    return [*shown[1:], *shown[:1]]


def bars(app, player: int = 0) -> dict[str, list[np.ndarray]]:
    """The numbers at the bars of each encoder at every stop of λ: its gap, its dictionary's, and both together."""
    html = scrubbers(app)[player]["html"]
    cards = re.findall('<article aria-label="(.*?)".*?(?=<article|$)', html, re.DOTALL)
    found = {}
    for card in re.findall("<article.*?</article>", html, re.DOTALL):
        label = re.search('aria-label="(.*?)"', card)[1]
        words = [
            json.loads(text.replace("&quot;", '"'))
            for text in re.findall('<b data-said="(.*?)">', card)
        ]
        if words:
            found[label] = [
                np.array([number(each) for each in said["price"].split("|")]) for said in words
            ]
    assert set(found) <= set(cards)
    return found


def number(text: str) -> float:
    if text.startswith("under"):
        return 0.0
    return float(re.search(r"-?[\d.]+", text.replace("−", "-").replace(",", ""))[0])


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    train, test = (
        data.load("digits", split).pixels.double().numpy() for split in ("train", "test")
    )
    return test[: known_codes.ROWS] - train.mean(0)


def optimum(x: np.ndarray, D: np.ndarray, lam: float) -> float:
    """F* of codes ≥ 0 on atoms of norm 1, the mean over the rows, by scikit-learn."""
    model = Lasso(
        alpha=lam / x.shape[1], fit_intercept=False, positive=True, tol=1e-9, max_iter=50_000
    )
    codes = np.array([model.fit(D, row).coef_ for row in x])
    return (0.5 * np.square(x - codes @ D.T).sum(1) + lam * codes.sum(1)).mean()


def test_the_two_gaps_are_those_of_scikit_learn_and_numpy(open_page, rows, monkeypatch):
    followed, follow = [], lasso.path
    monkeypatch.setattr(
        lasso,
        "path",
        lambda x, *more, **options: followed.append(len(x)) or follow(x, *more, **options),
    )
    monkeypatch.setattr(cache, "SHARED", cache.Store(cache.SHARED_MEGABYTES))
    app = open_page("autoencoders")
    assert (
        followed.count(known_codes.ROWS) == len(bars(app)) + 1
    )  # of each encoder's atoms, and once of D★
    network, best = (
        checkpoints.load(f"sae/digits-128-{name}") for name in ("joint-relu", "frozen-mp")
    )
    lam = 2 * checkpoints.notes("sae/digits-128-joint-relu")["lam"]
    state = {key: value.double().numpy() for key, value in network.state_dict().items()}
    x, D = rows - state["offset"], state["weights.B"]
    codes = np.maximum(
        x @ state["weights.W"].T + state["weights.c"] - lam * state["weights.tau"], 0
    )
    F = (
        0.5 * np.square(x - codes @ D.T).sum(1) + lam * (codes * np.linalg.norm(D, axis=0)).sum(1)
    ).mean()
    least = optimum(x, D / np.linalg.norm(D, axis=0), lam)
    bar = optimum(rows, best.dictionary.detach().double().numpy(), lam)
    encoder, own, both = (values[STOPS.index(2.0)] for values in bars(app)["ReLU"])
    assert encoder == pytest.approx(100 * (F - least) / bar, abs=0.06)
    assert own == pytest.approx(100 * (least - bar) / bar, abs=0.06)
    assert both == pytest.approx(100 * (F - bar) / bar, abs=0.06)


def test_the_sentence_answers_with_both_numbers(open_page):
    app = open_page("autoencoders", price="1.4")
    captions = scrubbers(app)[0]["captions"]["price"]
    shown = bars(app)
    for k, said in enumerate(captions):
        first = re.match(r"On the first 200 test rows \*\*(.*?)\*\*’s encoder costs", said)[1]
        encoder, own = (values[k] for values in shown[first][:2])
        assert [
            number(text) for text in re.findall(r"\*\*(\S+ %)\*\*", said.replace("\u00a0", " "))
        ] == [encoder, own]
        winner = "encoder" if encoder > own else "dictionary"
        assert f"the {winner} costs more" in said
        odd = [
            label
            for label, values in shown.items()
            if (values[0][k] > values[1][k]) != (encoder > own)
        ]
        assert all(label in said.partition("not with")[2] for label in odd)
    assert scrubbers(app)[0]["at"]["price"] == 1.4


def test_the_tours_give_the_numbers_of_the_page(open_page):
    app = open_page("autoencoders", tour="questions", step="8")
    encoder, own = (values[HERE] for values in bars(app)["ReLU"][:2])
    (said,) = (
        each.value for each in app.get("html") if "What does an autoencoder lose?" in each.value
    )
    where = "on the first 200 test rows of digits"
    assert (
        f"ReLU of one seed {where}: the encoder costs {encoder}\u00a0% of the optimum, and the dictionary {own}\u00a0%."
        in said
    )
    halved = TRUTHS["halving steps"](Sight.of({}))
    captions = scrubbers(app)[1]["captions"]["t"]
    one, half = (
        re.search(r"\*\*([\d.]+\s%)\*\* above", captions[url.STEPPED.index(T)])[1]
        for T in (1, int(halved.answer))
    )
    assert (
        f"{where}, with networks of one seed, the gap is {one} with one step and {half} with"
        in halved.why.lower()
    )


def test_the_page_opens_with_two_bars_and_a_picture_each(open_page):
    app = open_page("autoencoders")
    first, every, two = scrubbers(app)[-1], bars(app), bars(app, -1)
    assert list(two) == ["ReLU", "10 steps"] and [
        len(group["panels"]) for group in first["groups"]
    ] == [1, 1]
    for label, values in two.items():
        np.testing.assert_array_equal(values, every[label])
    for k, said in enumerate(first["captions"]["price"]):
        told = [number(text) for text in re.findall(r"[\d.−]+ %", said.replace("\u00a0", " "))]
        assert told == [two[label][part][k] for label in two for part in (0, 1)]


def test_why_says_of_encoders_of_one_step_alone_that_they_cannot_weigh_atoms():
    """Two steps weigh each atom against the others once, and codes with as many non-zeros are neither sparser nor less."""
    course = GapCourse(
        *(np.array([value]) for value in (0.5, 2.0, 1.8, 1.7, 9.0, 9.0, 3.0, 0.8, 0.9))
    )
    one, two = (describe_autoencoders.why("An encoder", course, 0, steps) for steps in (1, 2))
    assert "which one product and a threshold cannot" in one and "product" not in two
    assert "Exact codes are as sparse, with 9.0 non-zeros for its 9.0." in two
    large = replace(course, F=np.array([2.5]), optimum=np.array([1.6]), empty=np.array([2.0]))
    said = describe_autoencoders.notes({"An encoder": large, "Another": course}, 0, 0.5, 10.4)
    assert "exact codes on D★ have 10.4 at its λ = 0.5" in said[0]
    assert (
        "An encoder has so large a λ" in said[1]
        and "the largest encoder’s gap is 52.9\u00a0%" in said[1]
    )


def test_a_gap_of_an_encoder_is_never_below_zero(open_page):
    shown = bars(open_page("autoencoders"))
    assert len(shown) == len(KINDS) and all((values[0] >= 0).all() for values in shown.values())


def test_more_steps_close_the_gap_on_one_dictionary(open_page, rows):
    app = open_page("autoencoders", after="3")
    player = scrubbers(app)[1]
    assert player["at"]["t"] == url.STEPPED.index(3)
    (group,) = (each for each in player["groups"] if each["title"] == "LISTA")
    said = [number(text) for text in dict(group["readings"])["above F*(D★)"]["t"].split("|")]
    assert said == sorted(said, reverse=True) and len(said) == len(url.STEPPED)
    network, best = (
        checkpoints.load(f"sae/digits-128-frozen-{name}") for name in ("steps-3", "mp")
    )
    lam, D = (
        number(
            re.search(r"its λ = ([0-9.]+)\. ", " ".join(text.value for text in app.markdown))[1]
        ),
        best.dictionary,
    )
    with torch.no_grad():
        x = torch.from_numpy(rows).float()
        codes = network(x, lam).double().numpy()
    D = D.detach().double().numpy()
    F = (0.5 * np.square(rows - codes @ D.T).sum(1) + lam * codes.sum(1)).mean()
    assert said[2] == pytest.approx(100 * (F / optimum(rows, D, lam) - 1), rel=0.02)


def test_the_python_prints_the_numbers_of_the_page(open_page):
    app = open_page("autoencoders", price="2")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(app.code[0].value, {})  # noqa: S102
    shown = bars(app)
    assert len(printed.getvalue().splitlines()) == len(shown)
    for line in printed.getvalue().splitlines():
        label, encoder, own = re.match(r"(.*): encoder (\S+) %, dictionary (\S+) %", line).groups()
        for value, values in ((encoder, shown[label][0]), (own, shown[label][1])):
            assert float(value) == pytest.approx(values[STOPS.index(2.0)], abs=0.06)


def test_the_tables_have_the_numbers_of_the_page(open_page, monkeypatch):
    made = {}
    monkeypatch.setattr(
        page,
        "take_away",
        lambda files, snippet, **more: made.update({f.label: f.make() for f in files}),
    )
    shown = bars(open_page("autoencoders", sample="3"))
    for row in csv.DictReader(io.StringIO(made["Gaps (CSV)"])):
        k = STOPS.index(float(row["lambda_times"]))
        assert float(row["encoder_gap_percent"]) == pytest.approx(
            shown[row["kind"]][0][k], abs=0.06
        )
        F, least, bar = (
            float(row[key]) for key in ("F", "optimum_on_its_atoms", "optimum_on_best_dictionary")
        )
        assert (
            float(row["encoder_gap_percent"]) + float(row["dictionary_gap_percent"])
            == pytest.approx(100 * (F - bar) / bar, abs=1e-3)
            and least <= F
        )
    codes = list(csv.DictReader(io.StringIO(made["Codes (CSV)"])))
    topk = np.array([float(row["TopK"]) for row in codes])
    assert len(codes) == 128 and 0 < (topk > 0).sum() <= 10 and (topk >= 0).all()
    assert made["Picture (PNG)"][:4] == b"\x89PNG"


def test_without_networks_the_page_says_so_and_offers_to_train_them(
    open_page, monkeypatch, tmp_path
):
    monkeypatch.setattr("sc2viz.ui.encoders.stored", lambda run: "")
    app = open_page("autoencoders")
    (info,) = app.info
    assert info.value == "The networks of digits, 128 atoms are not here yet." and not scrubbers(
        app
    )
    lines = map(json.loads, (published.FOLDER / "sae.jsonl").read_text("utf-8").splitlines())
    records = [line for line in lines if line["run"].startswith("digits_128_joint_relu_")]
    encoder, own = (
        np.mean([each["metrics"][key] for each in records])
        for key in ("percent", "dictionary_percent")
    )
    assert any(
        f"**ReLU** {encoder:.1f}\u00a0% and {own:.1f}\u00a0%" in each.value for each in app.markdown
    )
    (button,) = (each for each in app.button if each.label.startswith("Train the"))
    assert re.search(r"about \w+ minutes?$", button.label)
    runs = train_here.missing(train_here.EncoderSet("digits", 128))
    assert (runs[0].mode, runs[0].kind) == ("frozen", "mp") and len(runs) == len(set(runs)) == 17
    asked = []
    monkeypatch.setattr(EncoderTrainer, "network", lambda runner, run: asked.append(run))
    button.click().run()
    job = app.session_state["_encoder_training"]
    for thread in list(job.scheduler._running.values()):
        thread.join(30)
    assert asked == runs and job.done and not job.problem and not app.exception


def test_where_kinds_have_different_seeds_each_row_says_its_own(open_page):
    lines = (checkpoints.PRETRAINED / "results" / "sae.jsonl").read_text().splitlines()
    runs = [json.loads(line)["configuration"] for line in lines]
    app = open_page("autoencoders", coded="mnist-5k-1000")
    (table,) = (each.value for each in app.dataframe if "Encoder" in each.value)
    shown = dict(zip(table["Encoder"], table["Seeds"], strict=True))
    for kind, label in (("relu", "ReLU"), ("gated", "Gated"), ("matryoshka", "Matryoshka")):
        of = [run["mode"] for run in runs if (run["atoms"], run["kind"]) == (1000, kind)]
        assert shown[label] == f"{of.count('frozen')}, {of.count('joint')}"
    assert len({*shown.values()}) > 1
    assert any("Over 1 to 3 seeds, the encoder costs more" in each.value for each in app.markdown)


# The reader's own -----------------------------------------------------------------------------------------------------


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.fixture(scope="module")
def own():
    """A ReLU autoencoder of 24 atoms for 16 numbers, one of them dead, and 60 rows."""
    draw = torch.Generator().manual_seed(0)
    W_dec = torch.nn.functional.normalize(torch.randn(24, 16, generator=draw), dim=1)
    b_enc = torch.full((24,), -0.3)
    b_enc[5] = -100
    model = {
        "W_enc": W_dec.T.contiguous(),
        "W_dec": W_dec,
        "b_enc": b_enc,
        "b_dec": 0.1 * torch.randn(16, generator=draw),
    }
    return model, torch.randn(60, 16, generator=draw)


def measured(open_page, model: bytes, rows: bytes, config: bytes | None = None):
    app = open_page("autoencoders")
    app.file_uploader(key="_encoder_file").upload("mine.safetensors", model)
    app.file_uploader(key="_encoder_rows").upload("mine.npy", rows)
    if config is not None:
        app.file_uploader(key="_encoder_config").upload("cfg.json", config)
    app.run()
    next(each for each in app.button if each.label == "Measure").click().run()
    if "_encoder_measuring" in app.session_state:
        job = app.session_state["_encoder_measuring"]
        assert "Stop" in [each.label for each in app.button]
        for thread in list(job.scheduler._running.values()):
            thread.join(30)
        assert job.done
        app.run()
    assert not app.exception and not app.error
    return app


def test_an_autoencoder_of_the_readers_is_measured(open_page, own):
    model, x = own
    app = measured(open_page, save(model), npy(x.numpy()))
    said = " ".join(text.value for text in app.markdown)
    lam = number(re.search(r"60 rows\*\*, λ = ([0-9.]+)", said)[1])
    P = {key: value.double().numpy() for key, value in model.items()}
    rows = x.double().numpy() - P["b_dec"]
    codes = np.maximum(rows @ P["W_enc"] + P["b_enc"], 0)
    F = (0.5 * np.square(rows - codes @ P["W_dec"]).sum(1) + lam * codes.sum(1)).mean()
    best = optimum(rows, P["W_dec"].T, lam)
    gap = number(re.search(r"encoder's gap is \S+, (\S+) % of the optimum", said)[1])
    assert gap == pytest.approx(100 * (F / best - 1), rel=0.02)
    dead = int(re.search(r"Dead on these rows: (\d+) of 24", said)[1])
    assert dead == (~(codes > 0).any(0)).sum()


def test_one_that_is_denser_than_any_exact_code_is_measured_and_not_refused(open_page, own):
    model, x = own
    app = measured(open_page, save(model | {"b_enc": torch.full((24,), 3.0)}), npy(x.numpy()))
    said = " ".join(text.value for text in app.markdown)
    assert (
        not app.warning
        and "No λ that was tried gives exact codes of the first rows as many non-zeros" in said
    )
    own_count, exact = map(
        float, re.search(r"with ([\d.]+) non-zeros; exact codes \S+ with ([\d.]+)\.", said).groups()
    )
    assert own_count > 16 >= exact


@pytest.mark.parametrize(
    ("change", "rows", "config", "said"),
    [
        ({"W_dec": None}, (60, 16), None, "W_dec in mine.safetensors must be"),
        ({"W_gate": torch.zeros(3)}, (60, 16), None, "the architecture gated is not read here"),
        (
            {},
            (60, 15),
            None,
            "mine.npy must hold rows (n, 16) to fit the autoencoder, got (60, 15)",
        ),
        ({}, (60, 16), b"{", "cfg.json is not a readable configuration"),
        (None, (60, 16), None, "mine.safetensors is not a readable .safetensors file"),
    ],
)
def test_a_broken_file_gives_one_clear_line(open_page, own, change, rows, config, said):
    model = {**own[0], **(change or {})}
    content = (
        b"\x10" * 100
        if change is None
        else save({key: value for key, value in model.items() if value is not None})
    )
    app = measured(open_page, content, npy(np.ones(rows, np.float32)), config)
    (warning,) = app.warning
    assert said in warning.value.replace("\\", "") and warning.value.count("\n") == 0
