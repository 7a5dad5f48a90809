"""Autoencoders without a browser: what the page says, against float64 numpy and scikit-learn."""

import contextlib
import csv
import io
import json
import re

import numpy as np
import pytest
import torch
from pages.seen import told
from safetensors.torch import save
from sklearn.linear_model import Lasso

from sc2viz import checkpoints, data, lasso, published
from sc2viz.classroom.question import Question
from sc2viz.defaults import KINDS
from sc2viz.training.autoencoders import EncoderTrainer
from sc2viz.ui import cache, known_codes, page, url
from sc2viz.ui.tours.truths import Sight, solve

STOPS = list(url.domain("price").marks)


def boards(app) -> list[dict]:
    components = app.get("bidi_component")
    return [told(element) for element in components if "scrubber" in element.proto.component_name]


def bars(app) -> dict[str, np.ndarray]:
    """The numbers at the bars of each encoder, (3, stops): its gap, its dictionary's, and both together."""
    rows = {}
    for card in re.findall("<article.*?</article>", boards(app)[0]["html"], re.DOTALL):
        messages = re.findall('<b data-said="(.*?)">', card)
        texts = [
            json.loads(message.replace("&quot;", '"'))["price"].split("|") for message in messages
        ]
        if texts:
            label = re.search('aria-label="(.*?)"', card)[1]
            rows[label] = np.array([list(map(number, prices)) for prices in texts])
    return rows


def number(text: str) -> float:
    return float(re.search(r"-?\d+(?:\.\d+)?", text.replace("−", "-").replace(",", ""))[0])


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    train, test = (
        data.load("digits", split).pixels.double().numpy() for split in ("train", "test")
    )
    return test[: known_codes.ROWS] - train.mean(0)


def optimum(x: np.ndarray, D: np.ndarray, lam: float) -> float:
    """F* of codes ≥ 0 on atoms of norm 1, the mean over the rows, by scikit-learn."""
    options = {"fit_intercept": False, "positive": True, "tol": 1e-9, "max_iter": 50_000}
    model = Lasso(alpha=lam / x.shape[1], **options)
    codes = np.array([model.fit(D, row).coef_ for row in x])
    return (0.5 * np.square(x - codes @ D.T).sum(1) + lam * codes.sum(1)).mean()


def test_the_two_gaps_are_those_of_scikit_learn_and_numpy(open_page, rows, monkeypatch):
    followed, follow = [], lasso.path

    def path(x, *arguments, **options):
        followed.append(len(x))
        return follow(x, *arguments, **options)

    monkeypatch.setattr(lasso, "path", path)
    cache.SHARED.values.clear()
    gaps_shown = bars(open_page("autoencoders"))
    # One path on each encoder's atoms, and one on D★
    assert followed.count(known_codes.ROWS) == len(gaps_shown) + 1 == len(KINDS) + 1
    assert all((gaps[0] >= 0).all() for gaps in gaps_shown.values())
    network, best = (
        checkpoints.load(f"sae/digits-128-{name}") for name in ("joint-relu", "frozen-mp")
    )
    lam = 2 * checkpoints.notes("sae/digits-128-joint-relu")["lam"]
    state = {key: value.double().numpy() for key, value in network.state_dict().items()}
    x, D = rows - state["offset"], state["weights.B"]
    z = x @ state["weights.W"].T + state["weights.c"] - lam * state["weights.tau"]
    codes, norms = np.maximum(z, 0), np.linalg.norm(D, axis=0)
    F = (0.5 * np.square(x - codes @ D.T).sum(1) + lam * (codes * norms).sum(1)).mean()
    minimum = optimum(x, D / norms, lam)
    bar = optimum(rows, best.dictionary.detach().double().numpy(), lam)
    expected = np.array([F - minimum, minimum - bar, F - bar]) / bar
    assert gaps_shown["ReLU"][:, STOPS.index(2.0)] == pytest.approx(100 * expected, abs=0.06)


def test_the_sentence_says_both_numbers_and_how_often_the_encoder_costs_more(open_page):
    app = open_page("autoencoders", price="1.4")
    gaps_shown = bars(app)
    for k, sentence in enumerate(boards(app)[0]["captions"]["price"]):
        label = re.match(r"\*\*(.*?)\*\*’s encoder costs", sentence)[1]
        gaps = [number(text) for text in re.findall(r"\*\*(\S+)\s%\*\*", sentence)]
        assert gaps == list(gaps_shown[label][:2, k])
        dearer = sum(
            encoder > dictionary
            for encoder, dictionary, _ in (
                gaps_of_kind[:, k] for gaps_of_kind in gaps_shown.values()
            )
        )
        assert f"costs more with {dearer} of {len(KINDS)} kinds" in sentence
    assert boards(app)[0]["at"]["price"] == 1.4


@pytest.mark.parametrize("coded", ["digits-128", "grey-patches-256"])
def test_why_has_at_most_three_numbers_and_a_large_lambda_is_named(open_page, coded):
    app = open_page("autoencoders", coded=coded)
    reason = boards(app)[0]["sentence"]["why"]
    F, minimum, bar = map(number, re.findall(r"(?:F = |atoms |has )([\d.]+)", reason))
    assert minimum < F and "which one product and a threshold cannot" in reason
    label = re.search(r"\*\*(.*?)\*\*", reason)[1]
    gaps = bars(app)[label][:, STOPS.index(1.0)]
    assert 100 * (F - minimum) / bar == pytest.approx(gaps[0], abs=0.3)
    notes = " ".join(caption.value for caption in app.caption)
    assert ("so that a small gap says little: ReLU" in notes) == (label != "ReLU")


def test_the_tours_give_the_numbers_of_the_page(open_page):
    app = open_page("autoencoders", tour="questions", step="8", more="true")
    encoder, dictionary = bars(app)["ReLU"][:2, STOPS.index(1.0)]
    texts = " ".join(element.value for element in app.get("html"))
    assert (
        f"encoder costs {encoder}\u00a0% of the optimum, and the dictionary {dictionary}\u00a0%."
        in texts
    )
    halved = solve(Question("Steps?", truth="halving steps"), Sight.from_query({}))
    captions = boards(app)[1]["captions"]["t"]
    gap_of_one, half = (
        re.search(r"\*\*LISTA\*\* ([\d.]+\s%)", captions[url.STEPPED.index(T)])[1]
        for T in (1, int(halved.answer))
    )
    assert f"the gap is {gap_of_one} with one step and {half} with" in halved.sentence


def test_a_link_to_a_step_opens_more_and_more_steps_close_the_gap(open_page, rows):
    app = open_page("autoencoders", after="3")
    steps = boards(app)[1]
    assert steps["at"]["t"] == url.STEPPED.index(3)
    (group,) = (group_data for group_data in steps["groups"] if group_data["title"] == "LISTA")
    gaps = list(map(number, dict(group["readings"])["above F*(D★)"]["t"].split("|")))
    assert gaps == sorted(gaps, reverse=True) and len(gaps) == len(url.STEPPED)
    names = ("steps-3", "mp")
    network, best = (checkpoints.load(f"sae/digits-128-frozen-{name}") for name in names)
    (note,) = (
        group_data.value for group_data in app.caption if "trained on D★ at its" in group_data.value
    )
    lam, D = number(note.partition("λ =")[2]), best.dictionary.detach().double().numpy()
    with torch.no_grad():
        codes = network(torch.from_numpy(rows).float(), lam).double().numpy()
    F = (0.5 * np.square(rows - codes @ D.T).sum(1) + lam * codes.sum(1)).mean()
    assert gaps[2] == pytest.approx(100 * (F / optimum(rows, D, lam) - 1), rel=0.02)


def test_the_python_prints_the_numbers_of_the_page(open_page):
    app = open_page("autoencoders", price="2")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(app.code[0].value, {})  # noqa: S102
    gaps_shown = bars(app)
    assert len(printed.getvalue().splitlines()) == len(gaps_shown)
    for line in printed.getvalue().splitlines():
        label, *gaps = re.match(r"(.*): encoder (\S+) %, dictionary (\S+) %", line).groups()
        expected = gaps_shown[label][:2, STOPS.index(2.0)]
        assert list(map(float, gaps)) == pytest.approx(expected, abs=0.06)


def test_the_tables_have_the_numbers_of_the_page(open_page, monkeypatch):
    contents = {}
    monkeypatch.setattr(
        page,
        "explained",
        lambda names, files=(), *_, **__: contents.update(
            {file.label: file.make() for file in files}
        ),
    )
    gaps_shown = bars(open_page("autoencoders", sample="3"))
    for row in csv.DictReader(io.StringIO(contents["Gaps (CSV)"])):
        gaps = [float(row[f"{cause}_gap_percent"]) for cause in ("encoder", "dictionary")]
        expected = gaps_shown[row["kind"]][:2, STOPS.index(float(row["lambda_times"]))]
        assert gaps == pytest.approx(expected, abs=0.06)
    codes = list(csv.DictReader(io.StringIO(contents["Codes (CSV)"])))
    topk = np.array([float(row["TopK"]) for row in codes])
    assert len(codes) == 128 and 0 < (topk > 0).sum() <= 10 and (topk >= 0).all()
    assert contents["Picture (PNG)"][:4] == b"\x89PNG"


def test_without_networks_no_link_leads_nowhere_and_the_page_offers_to_train_them(
    open_page, monkeypatch
):
    monkeypatch.setattr("sc2viz.ui.encoders.stored", lambda run: "")
    app = open_page("autoencoders", more="true")
    assert app.info[0].value == "The networks of digits, 128 atoms are not here yet."
    texts = [text.value for text in (*app.markdown, *app.sidebar.markdown)]
    anchors = {header.proto.anchor for header in app.header}
    assert not boards(app) and set(re.findall(r"\]\(#([\w-]+)\)", " ".join(texts))) <= anchors
    lines = map(json.loads, (published.FOLDER / "sae.jsonl").read_text("utf-8").splitlines())
    records = [line for line in lines if line["run"].startswith("digits_128_joint_relu_")]
    encoder = np.mean([record["metrics"]["percent"] for record in records])
    assert number(app.table[1].value["Its gap"][0]) == round(encoder, 1)
    (button,) = (
        widget for widget in app.button if widget.label.startswith("Train the 17 networks")
    )
    assert re.search(r"about \w+ minutes?$", button.label)
    runs = []
    monkeypatch.setattr(EncoderTrainer, "network", lambda runner, run: runs.append(run))
    button.click().run()
    job = app.session_state["_encoder_training"]
    for thread in list(job.scheduler._running.values()):
        thread.join(30)
    assert (runs[0].mode, runs[0].kind) == ("frozen", "mp") and len(set(runs)) == 17
    assert job.done and not job.problem and not app.exception


def test_kinds_say_their_seeds_and_shares_and_of_what_the_best_is_the_best(open_page):
    lines = (published.FOLDER / "sae.jsonl").read_text().splitlines()
    runs = [json.loads(line)["configuration"] for line in lines]
    app = open_page("autoencoders", coded="mnist-5k-1000", more="true")
    table = app.table[0].value
    seeds = dict(zip(table["Encoder"], table["Seeds"], strict=True))
    for kind, label in (("relu", "ReLU"), ("gated", "Gated"), ("matryoshka", "Matryoshka")):
        modes = [run["mode"] for run in runs if (run["atoms"], run["kind"]) == (1000, kind)]
        assert seeds[label] == f"{modes.count('frozen')}, {modes.count('joint')}"
    texts = " ".join(element.value for element in (*app.markdown, *app.caption))
    assert " % of the rows" in texts and not re.search(r"\d%", texts)
    measured = published.read("autoencoders")["known"].values()
    mcc = [numbers["mcc_out"][0] for numbers in measured if numbers["encoded"]]
    finds = re.search(
        rf"Of {len(mcc)} encoders, \*\*.*?\*\* finds the most: MCC \*\*(\S+)\*\*", texts
    )
    assert float(finds[1]) == pytest.approx(max(mcc), abs=5e-4)


# The reader's own -----------------------------------------------------------------------------------------------------


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.fixture(scope="module")
def uploaded_folder():
    """A ReLU autoencoder of 24 atoms for 16 numbers, one of them dead, and 60 rows."""
    draw = torch.Generator().manual_seed(0)
    W_dec = torch.nn.functional.normalize(torch.randn(24, 16, generator=draw), dim=1)
    b_enc = torch.full((24,), -0.3)
    b_enc[5] = -100
    b_dec = 0.1 * torch.randn(16, generator=draw)
    model = {"W_enc": W_dec.T.contiguous(), "W_dec": W_dec, "b_enc": b_enc, "b_dec": b_dec}
    return model, torch.randn(60, 16, generator=draw)


def measured(open_page, model: bytes, rows: bytes, config: bytes | None = None):
    app = open_page("autoencoders")
    app.file_uploader(key="_encoder_file").upload("mine.safetensors", model)
    app.file_uploader(key="_encoder_rows").upload("mine.npy", rows)
    if config is not None:
        app.file_uploader(key="_encoder_config").upload("cfg.json", config)
    app.run()
    next(widget for widget in app.button if widget.label == "Measure").click().run()
    if "_encoder_measuring" in app.session_state:
        job = app.session_state["_encoder_measuring"]
        assert "Stop" in [widget.label for widget in app.button]
        for thread in list(job.scheduler._running.values()):
            thread.join(30)
        assert job.done
        app.run()
    assert not app.exception and not app.error
    return app


def test_an_autoencoder_of_the_readers_is_measured(open_page, uploaded_folder):
    model, x = uploaded_folder
    app = measured(open_page, save(model), npy(x.numpy()))
    texts = " ".join(text.value for text in app.markdown)
    lam = number(re.search(r"60 rows\*\*, λ = ([0-9.]+)", texts)[1])
    P = {key: value.double().numpy() for key, value in model.items()}
    rows = x.double().numpy() - P["b_dec"]
    codes = np.maximum(rows @ P["W_enc"] + P["b_enc"], 0)
    F = (0.5 * np.square(rows - codes @ P["W_dec"]).sum(1) + lam * codes.sum(1)).mean()
    gap = number(re.search(r"encoder's gap is \S+, (\S+) % of the optimum", texts)[1])
    assert gap == pytest.approx(100 * (F / optimum(rows, P["W_dec"].T, lam) - 1), rel=0.02)
    dead = int(re.search(r"Dead on these rows: (\d+) of 24", texts)[1])
    assert dead == (~(codes > 0).any(0)).sum()


@pytest.mark.parametrize(
    ("change", "width", "config", "message"),
    [
        ({"W_dec": None}, 16, None, "W_dec in mine.safetensors must be"),
        ({}, 15, None, "mine.npy must hold rows (n, 16) to fit the autoencoder, got (60, 15)"),
        ({}, 16, b"{", "cfg.json is not a readable configuration"),
    ],
)
def test_a_broken_file_gives_one_clear_line(
    open_page, uploaded_folder, change, width, config, message
):
    model = {
        key: value for key, value in {**uploaded_folder[0], **change}.items() if value is not None
    }
    app = measured(open_page, save(model), npy(np.ones((60, width), np.float32)), config)
    (warning,) = app.warning
    assert message in warning.value.replace("\\", "") and "\n" not in warning.value
