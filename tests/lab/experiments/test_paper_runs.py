"""The paper's runs: what they measure, against numpy and scikit-learn, on digits."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sc2viz import checkpoints, data, dictionary, lasso, solvers, training
from sc2viz.__main__ import main
from sc2viz.lab.experiments import paper, records
from sc2viz.lab.experiments.protocols import PROTOCOLS, Run, network
from tests.problems import F, soft

ONE_EPOCH = {"unsupervised_epochs": 1, "supervised_epochs": 1}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One cache for the module, with dictionaries in it as if an earlier run had learned them."""
    folder, B = tmp_path_factory.mktemp("cache"), checkpoints.load_dictionary("digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "cache_dir", lambda: folder)
        last = dictionary.Progress(0, 0.0, B)
        patch.setattr(dictionary, "learning", lambda *_, **__: iter([last]))
        for lam, seed in ((0.1, 0), (None, 0), (None, 3), (0.1, 7)):
            dictionary.converged(data.load("digits"), lam=lam, seed=seed)
    return folder


@pytest.fixture
def experiment(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(data, "cache_dir", lambda: cache)
    for name, protocol in PROTOCOLS.items():
        tuning = protocol.tuning_epochs and 1
        monkeypatch.setitem(PROTOCOLS, name, replace(protocol, tuning_epochs=tuning, **ONE_EPOCH))
    return paper.PaperExperiment(tmp_path)


def digits(method, setting="unsupervised", protocol="fair", experiment="accuracy", **fields):
    return Run("digits", protocol, experiment, setting, method, **fields)


def test_ista_is_what_numpy_and_scikit_learn_make_of_it(experiment):
    metrics = experiment.perform(digits("ista"))["metrics"]
    B = experiment.dictionary("digits", 100, 0, "fair").double().numpy()
    train, test = (data.load("digits", name) for name in ("train", "test"))

    def encode(images):
        x, tau = images.pixels.double().numpy(), 1 / np.linalg.norm(B, 2) ** 2
        s = np.zeros((len(x), 100))
        for _ in range(10):
            s = soft(s - tau * (s @ B.T - x) @ B, 0.1 * tau)
        return s

    codes, test_codes = encode(train), encode(test)
    expected = F(test.pixels, test_codes, B, 0.1).mean()
    assert metrics["printed"] == pytest.approx(expected, rel=1e-3)
    regression = LogisticRegression(C=metrics["C"], max_iter=300)
    fitted = make_pipeline(StandardScaler(), regression).fit(codes, train.labels)
    right = fitted.predict(test_codes) == test.labels.numpy()
    assert metrics["accuracy"] == pytest.approx(right.mean(), abs=0.012)
    assert metrics["rows"] == [len(train), len(test)]
    noted = metrics["right"]["accuracy"]
    assert (records.unpacked(noted["bits"], noted["rows"]) == right).mean() > 0.98


@pytest.mark.parametrize(
    ("method", "setting"), [("slstm", "supervised"), ("slstm-paper", "unsupervised")]
)
def test_a_run_takes_the_lambda_and_rates_that_its_tuning_chose(
    experiment, monkeypatch, method, setting
):
    """Labels choose λ, and the cell of Eq. (8) its rates, by training rows that the network has not seen."""
    trained, fit = [], training.fit

    def noted(solver, images, **options):
        trained.append((len(images), options["settings"]))
        return fit(solver, images, **options)

    monkeypatch.setattr(training, "fit", noted)
    monkeypatch.setattr(paper, "TUNED", (0.1, 0.3))
    monkeypatch.setattr(paper, "RATES", {"rate": (1e-3, 3e-3), "dictionary_rate": (0.1, 1.0)})
    record = experiment.perform(digits(method, setting, seed=7))
    run = digits(method, setting, experiment="tuning")
    tuned = records.load("paper", experiment.folder)[run]["metrics"]
    tried = tuned["tried"]
    if setting == "supervised":
        best = max(tried, key=lambda trial: trial["accuracy"])
    else:  # the rate beside the middle rate of atoms, and then that of the atoms
        rate = min(tried, key=lambda trial: (trial["dictionary_rate"] != 1, trial["objective"]))
        alike = [trial for trial in tried if trial["rate"] == rate["rate"]]
        best = min(alike, key=lambda trial: trial["objective"])
    for key in ("lam", "rate", "dictionary_rate"):
        if key in tuned:
            network = record["configuration"]["network"]
            assert getattr(trained[-1][1], key) == network[key] == tuned[key] == best[key]
    n = len(data.load("digits", "train"))
    assert trained[-1][0] == n - 500 and {count for count, _ in trained[:-1]} == {n - n // 5}
    assert [point["loss"] is None for point in record["curve"]] == [True, False]


def test_the_cell_of_equation_8_has_none_of_our_parts(experiment):
    settings = network(digits("slstm-paper"), 0.1, PROTOCOLS["fair"])
    images = data.load("digits", "train")
    solver, _ = experiment.train(settings, images[:600], images[600:650])
    assert solver.gate_bias is None and solver.gate_lambda is None
    x = data.load("digits", "test").pixels[:20]
    s = c = x.new_zeros(20, 100)
    for _ in range(10):  # Eq. (8), written out
        i = torch.sigmoid(s @ solver.W_is.T + x @ solver.W_ix.T)
        f = torch.sigmoid(s @ solver.W_fs.T + x @ solver.W_fx.T)
        c = f * c + i * (s @ solver.weights.recurrent.T + x @ solver.weights.encoder.T)
        u = torch.nn.functional.softplus(solver.u)
        s = solver.D * (torch.tanh(c + u) + torch.tanh(c - u))
    torch.testing.assert_close(solver(x, 0.1), s, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("protocol", ["fair", "as-printed"])
@pytest.mark.parametrize("method", ["fista", "lista-codes", "lfista"])
def test_labels_reach_every_kind_of_method_under_both_protocols(
    experiment, protocol, method, monkeypatch
):
    monkeypatch.setattr(paper, "TUNED", (0.1,))
    metrics = experiment.perform(digits(method, "supervised", protocol))["metrics"]
    assert 0.5 < metrics["accuracy"] <= 1 and 0 < metrics["head"] <= 1
    assert metrics["objective"] > metrics["loss"] > 0 and metrics["excess"] > 0
    assert ("unseen" in metrics) == (protocol == "as-printed")
    assert metrics["validation"].keys() == {"loss", "printed", "objective", "excess", "nonzero"}


def test_as_printed_tests_on_rows_of_the_training_split_that_the_regression_has_not_seen(
    experiment,
):
    splits = experiment.classified(digits("ista", protocol="as-printed"))
    assert [len(split) for split in splits] == [1078, 360]  # all 1,438; of MNIST 6,000 and 2,000
    rows = [set(split.digests().tolist()) for split in (*splits, data.load("digits", "train"))]
    assert rows[0] | rows[1] == rows[2] and len(rows[0] & rows[1]) < 20  # but for twins


def test_figure_7_can_have_a_dictionary_of_each_lambda(experiment, monkeypatch):
    lambdas = []
    make_dictionary = lambda *fields: lambdas.append(fields[4]) or torch.eye(64, 100)  # noqa: E731
    monkeypatch.setattr(experiment, "dictionary", make_dictionary)
    monkeypatch.setattr(paper, "LAMBDAS", (0.1, 1.0))
    rows = experiment.perform(digits("exact", experiment="lambda-own"))["metrics"]["by_lambda"]
    assert lambdas == [paper.LAMBDA, 0.1, 1.0] and [row["lam"] for row in rows] == [0.1, 1.0]
    x = data.load("digits", "test").pixels
    for row in rows:  # atoms that are unit vectors: every pixel is shrunk by itself
        shrunk = (x - row["lam"]).clamp_min(0)
        expected = F(x, shrunk, np.eye(64), row["lam"]).mean()
        assert row["objective"] == pytest.approx(expected, rel=1e-3)


def test_pictures_are_the_reconstructions_clipped(experiment):
    run, x = digits("exact", experiment="pictures"), data.load("digits", "train").pixels[:100]
    experiment.perform(run)
    B = experiment.dictionary("digits", 100, 0, "fair")
    expected = (lasso.solve(x, B, 0.1).codes @ B.T).clamp(0, 1)
    for name, pixels in ((run.name, expected), ("digits_truth", x)):
        shown_pixels = np.asarray(Image.open(experiment.folder / f"{name}.png")) / 255
        tiles = shown_pixels.reshape(10, 8, 10, 8).swapaxes(
            1, 2
        )  # ten pictures in each of ten rows
        np.testing.assert_allclose(tiles.reshape(100, 64), pixels, atol=0.005)


def test_the_command_writes_the_record_and_says_what_was_measured(experiment, tmp_path, capsys):
    name = "digits_as-printed_accuracy_unsupervised_ista_100_0"
    main(["reproduce", name, "--out", str(tmp_path)])
    (record,) = records.load("paper", tmp_path).values()
    output = capsys.readouterr().out
    assert f"[1/1] {name}: " in output and f"accuracy {record['metrics']['accuracy']:.4g}" in output
    with pytest.raises(SystemExit, match="fair protocol only"):
        main(["reproduce", "figure7", "--protocol", "as-printed", "--out", str(tmp_path)])


# Shipped networks -----------------------------------------------------------------------------------------------------

OTHERS = [
    ("lista", {"steps": 7}, {}),
    ("slstm", {"kappa": 1.5}, {}),
    ("lista", {}, {"project": False}),  # free atoms
    ("lista", {}, {"tilt": 0.5}),
    ("lista", {}, {"rows": 1000}),
]


@pytest.mark.parametrize(("name", "options", "notes"), OTHERS)
def test_what_is_shipped_stands_in_for_the_same_network_alone(
    tmp_path, monkeypatch, name, options, notes
):
    monkeypatch.setattr(checkpoints, "PRETRAINED", tmp_path)
    monkeypatch.setattr(data, "keeps_all", lambda name: False)
    settings, path = network(digits(name), 0.1, PROTOCOLS["fair"]), tmp_path / f"digits/{name}"
    noted = {key: value for key, value in settings.items() if key not in ("steps", "kappa")}

    def ship(options, notes):
        solver = solvers.build(name, torch.eye(64, 100), **{"steps": settings["steps"]} | options)
        checkpoints.save(solver, path.with_suffix(".safetensors"), noted | notes)
        return paper.find_shipped(settings)

    assert ship({}, {}) == f"digits/{name}" and ship(options, notes) is None
