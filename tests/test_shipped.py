"""The networks that ship: near their own optimum after the iterations that they were trained for, and beyond them; on
pictures of other kinds no worse than twice the code of zeros; and strangers to every row on which the app tests them."""

from functools import cache

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, evaluation
from sc2viz.analysis import unusual
from sc2viz.defaults import KINDS, STEPPED
from sc2viz.lab.experiments import autoencoders, records
from sc2viz.lab.experiments.protocols import Run

LAMBDAS = (0.01, 0.03, 0.1, 0.3, 1.0)
BEYOND = (20, 50, 100, 300)
ROWS = 200  # of the test split: the commands in pretrained/README.md measure all of it
DATA = {"mnist": "mnist-5k", "digits-256": "digits"}  # where it is not the folder's name
# Most that the mean may lie above the own optimum at T = 10, in %; a subsample is allowed a little more than the whole.
MOST = {
    "mnist": 0.8,
    "patches": 1.4,
    "cifar10": 1.2,
    "digits": 4.6,
    "digits-256": 20.0,
    "grey-patches": 11.0,
}


def holds(name):
    """Whether a network was trained by today's recipe for every λ: without labels, by shrinkage."""
    notes = checkpoints.notes(name)
    return (
        notes.get("horizon") is not None
        and checkpoints.config(name).get("activation", "shrinkage") == "shrinkage"
    )


SELDOM = (
    "digits-256",
    "grey-patches",
)  # whose networks are measured at every λ and T before a release alone
HOLDING = [
    pytest.param(name, marks=[pytest.mark.release] * name.startswith(SELDOM))
    for name in checkpoints.available()
    if holds(name)
]


@pytest.mark.parametrize("name", HOLDING)
def test_a_network_holds_at_every_number_of_iterations_and_every_lambda(name):
    folder = name.split("/")[0]
    pictures = DATA.get(folder, folder)
    if pictures not in data.available():
        pytest.skip(f"{pictures} is not on this machine")
    solver, x = checkpoints.load(name), data.load(pictures, "test").pixels[:ROWS]
    for lam in LAMBDAS:
        first, *later = evaluation.beyond(solver, x, lam, (solver.steps, *BEYOND))[:, 0].tolist()
        assert first < MOST[folder], (lam, first)
        assert max(later) < max(2 * first, 1.0), (lam, first, later)


@pytest.mark.parametrize("name", HOLDING)
def test_a_network_does_not_run_away_on_unusual_pictures(name):
    """They are drawn with a seed of their own; `sc2viz evaluate --unusual` measures more of them."""
    pictures = DATA.get(name.split("/")[0], name.split("/")[0])
    if pictures not in data.available():
        pytest.skip(f"{pictures} is not on this machine")
    solver = checkpoints.load(name)
    table = unusual.table(
        solver, data.load(pictures, "test"), rows=6, seed=7, lambdas=(0.01, 0.1, 1.0)
    )
    worst = {kind: cells.max().item() for kind, cells in table.items()}
    assert max(worst.values()) <= (
        1 + 1e-4 if getattr(solver, "shorten", False) else unusual.RUNS_AWAY
    ), worst


FILES = sorted(checkpoints.PRETRAINED.glob("*/*.safetensors"))
LEARNED = {
    file.relative_to(checkpoints.PRETRAINED).as_posix(): checkpoints.notes(file) for file in FILES
}
LEARNED = {
    name: notes for name, notes in LEARNED.items() if "sparsity" not in notes
}  # those for known codes: see below


@pytest.mark.parametrize(
    "name", [name for name, notes in LEARNED.items() if notes.get("data") in data.NAMES]
)
def test_no_row_that_it_learned_from_is_a_row_that_the_app_calls_test(name):
    """By digests of pixels. What a file does not note, because there was no such note, was the whole training split."""
    notes = LEARNED[name]
    if notes["data"] not in data.available():
        pytest.skip(f"{notes['data']} is not on this machine")
    learned = digests(notes["data"], "learned")
    if notes.get("rows", 0) != len(learned):
        learned = digests(notes["data"], "train")
    test_rows = [
        set_name
        for set_name in data.available()
        if data.weights(set_name) == data.weights(notes["data"])
    ]
    assert notes["data"] in test_rows
    for set_name in test_rows:
        assert not np.isin(digests(set_name, "test"), learned).any(), set_name


@cache
def loaded(name, split):
    return data.to_learn_from(name) if split == "learned" else data.load(name, split)


@cache
def digests(name, split):
    """Digests of the rows of a split, or of those that shipped weights learn from."""
    return loaded(name, split).digests()


def test_the_networks_of_mnist_note_the_rows_that_they_learned_from():
    """Where MNIST is not on the machine, the number alone can be checked: 60,000 without the 1,000 of mnist-5k."""
    of_mnist = {
        name: notes.get("rows") for name, notes in LEARNED.items() if notes.get("data") == "mnist"
    }
    assert of_mnist and set(of_mnist.values()) == {60_000 - len(data.load("mnist-5k", "test"))}, (
        of_mnist
    )


# Sparse autoencoders ------------------------------------------------------------------------------------------------------

CODED = 359  # rows that are measured again
CODING = sorted(checkpoints.PRETRAINED.glob("sae/*.safetensors"))


@pytest.mark.parametrize("path", CODING, ids=lambda path: path.stem)
def test_an_autoencoder_reaches_what_its_record_says(path):
    """As float16, on the first test rows of its run, beside certified codes on its own atoms and on D★, which untrained MP
    has: the gap row by row, and where all rows are measured the means."""
    network, notes = checkpoints.load(path), checkpoints.notes(path)
    names = [str(notes[key]) for key in ("data", "atoms", "mode", "kind", "seed")]
    run = Run.named("_".join(names))
    assert path.stem == "-".join(names[:-1]) and notes["centred"]
    record = records.load("autoencoders")[run]["metrics"]
    train, test = (loaded(run.data, split).pixels for split in ("train", "test"))
    bar = checkpoints.load(
        path.with_name(f"{run.data}-{run.atoms}-frozen-mp.safetensors")
    ).dictionary
    rows = (test - train.mean(0))[:CODED]
    measured = autoencoders.measured(
        network, rows, record["lam"], notes.get("lam", record["lam"]), bar
    )
    gaps, recorded = (records.unpacked(numbers["rows"]) for numbers in (measured, record))
    assert np.abs(gaps - recorded[:CODED]).mean() < 0.3 and len(recorded) == len(test)
    if len(test) > CODED:
        return
    for key, near in (
        ("percent", 0.2),
        ("dictionary_percent", 0.2),
        ("r2", 2e-3),
        ("non_zeros", 0.1),
        ("dead", 1),
    ):
        assert measured[key] == pytest.approx(record[key], abs=near), key


def test_there_are_autoencoders_of_every_kind_that_was_measured():
    shipped = [checkpoints.notes(path) for path in CODING]
    runs = [run["configuration"] for run in records.load("autoencoders").values()]
    for name in {notes["data"] for notes in shipped}:
        kinds = {(notes["mode"], notes["kind"]) for notes in shipped if notes["data"] == name}
        measured = {run["kind"] for run in runs if (run["data"], run["mode"]) == (name, "joint")}
        expected = {("frozen", kind) for kind in ("mp", *STEPPED)}
        assert len(measured) >= 9
        assert kinds >= expected | {("joint", kind) for kind in measured & {*KINDS}}, name


# Networks for known codes -------------------------------------------------------------------------------------------------

RECOVERED = sorted(checkpoints.PRETRAINED.glob("recovery/*.safetensors"))
LAW = ("d_x", "d_s", "sparsity", "snr_db", "condition", "seed")


def signals(path, split="test"):
    """The signals whose law a network for known codes notes: those that are measured, or the training split."""
    notes = checkpoints.notes(path)
    return data.load(
        "synthetic", split, n_samples=notes["rows"], **{key: notes[key] for key in LAW}
    )


@pytest.mark.parametrize("path", RECOVERED, ids=lambda path: path.stem)
def test_a_network_for_known_codes_reaches_what_its_record_says(path):
    """As float16, on the signals of its run, layer by layer."""
    images, network = signals(path), checkpoints.load(path)
    run = Run(setting="40dB", method=path.stem, study="recovery")
    measured = records.load("recovery")[run]["metrics"]["nmse"]
    codes = network.trace(images.pixels, checkpoints.notes(path).get("lam", 0.1)).codes[1:].detach()
    errors = [evaluation.nmse(layer_codes, images.codes) for layer_codes in codes]
    assert len(errors) == network.steps == 16 and errors == pytest.approx(measured, abs=0.1)


def test_the_networks_for_known_codes_never_saw_what_is_measured():
    """Training draws `Images.fresh`; by digests, none of a hundred batches is a row that is measured, and B is the same."""
    images, seed = signals(RECOVERED[0]), checkpoints.notes(RECOVERED[0])["seed"]
    others = [signals(RECOVERED[0], "train"), *(images.fresh(64, seed, k, 0) for k in range(100))]
    for other_images in others:
        assert not np.isin(other_images.digests(), images.digests()).any()
    for path in RECOVERED:
        torch.testing.assert_close(
            checkpoints.load(path).dictionary.detach(), images.dictionary, rtol=1e-3, atol=1e-4
        )
