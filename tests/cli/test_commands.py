"""The command line, alone and under torchrun, in processes of its own."""

import hashlib
import os
import re
import runpy
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import torch
from sklearn.linear_model import Lasso

from sc2viz import checkpoints, data, device, dictionary, evaluation, lasso, solvers, training
from sc2viz.__main__ import main
from sc2viz.cli import encoding, signals
from sc2viz.estimators import SparseCoder
from sc2viz.lab.experiments import paper
from sc2viz.ui import models, results, server

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
}
ALONE = (sys.executable, "-m", "sc2viz")
TWO = (
    sys.executable,
    "-m",
    "torch.distributed.run",
    "--standalone",
    "--nproc-per-node=2",
    "-m",
    "sc2viz",
)
SMALL = ("--atoms", "12", "--steps", "3", "--batch-size", "32")


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setattr(device, "pick", lambda: torch.device("cpu"))


def under_torchrun(*words):
    done = subprocess.run(
        [*TWO, *map(str, words)],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """89 rows of 10 values: 71 to train on after 18 are held out, in batches of 32, 32 and an odd 7."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("data") / "small.npz"
    rows = rng.random((89, 10), dtype=np.float32)
    np.savez(path, x_train=rows, y_train=rng.integers(0, 3, 89), x_test=rows[:5])
    return path


def train(pictures, out, *words):
    main(["train", "--data", str(pictures), *SMALL, "--out", str(out), *words])
    return checkpoints.load(out)


def distance(first, second):
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return max((a - b).abs().max().item() for a, b in pairs)


RUNS = {
    "slstm": ("--solver", "slstm"),
    "lista": (
        "--solver",
        "lista",
        "--loss",
        "codes",
        "--batch-size",
        "70",
    ),  # its last batch leaves one process nothing
    "lfista": ("--solver", "lfista", "--loss", "supervised", "--preset", "paper"),
}


@pytest.fixture(scope="module")
def two(tmp_path_factory, pictures):
    """A folder with what two processes made: three trained networks, and codes by the network `model`. Starting them
    takes longer than their work, so the same two do all of it."""
    folder = tmp_path_factory.mktemp("two")
    solver = solvers.build("slstm", lasso.normalised(torch.rand(10, 12)), 3)
    model = checkpoints.save(solver, folder / "model")
    commands = [
        ["train", "--data", pictures, *SMALL, "--out", folder / run, "--epochs", "2", *RUNS[run]]
        for run in RUNS
    ]
    commands.append(
        [
            "encode",
            "--data",
            pictures,
            "--key",
            "x_train",
            "--model",
            model,
            "--lam",
            "0.2",
            "--steps",
            "4",
            "--out",
            folder / "codes.npz",
        ]
    )
    several = [*TWO[:-1], "tests.several", *(shlex.join(map(str, words)) for words in commands)]
    done = subprocess.run(
        several, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        str(folder / name) for name in (*RUNS, "codes.npz")
    ]  # rank 0 alone speaks
    assert sorted(path.name for path in folder.iterdir()) == sorted([*RUNS, "codes.npz", "model"])
    return folder


@pytest.mark.release
@pytest.mark.parametrize("run", RUNS)
def test_two_processes_train_what_one_trains(tmp_path, pictures, two, run):
    one = train(pictures, tmp_path / "one", "--epochs", "2", *RUNS[run])
    other = train(pictures, tmp_path / "other", "--epochs", "2", "--seed", "1", *RUNS[run])
    assert distance(one, checkpoints.load(two / run)) < 2e-5 < 1e-3 < distance(one, other)
    first, second = (checkpoints.notes(path) for path in (tmp_path / "one", two / run))
    for measured in (
        "loss",
        "objective",
        "optimum",
        "step",
        "gradient_norm",
    ):  # over all processes, not one's share
        assert second["validation"][measured] == pytest.approx(
            first["validation"][measured], rel=1e-3
        )
    assert {**first, "validation": 0} == {**second, "validation": 0}


def test_training_is_noted_and_resumed(tmp_path, pictures):
    words = ("--solver", "lista", "--seed", "5", "--rate", "0.002", "--epochs", "4", "--plateau")
    whole = train(pictures, tmp_path / "whole", *words, "0")  # a plateau that never comes
    notes = checkpoints.notes(tmp_path / "whole")
    assert (
        notes["data"] == "small"
        and notes["loss"] == "sc2net"
        and notes["seed"] == 5
        and notes["rate"] == 0.002
    )
    assert (
        notes["batch_size"] == 32
        and notes["epochs"] == 4
        and notes["stopped"] == "finished"
        and notes["lam"] is None
    )
    codes = whole(torch.from_numpy(np.load(pictures)["x_train"][-18:]), 0.1)
    assert notes["validation"]["nonzero"] == pytest.approx(
        (codes.abs() > 1e-3).double().mean().item()
    )
    assert checkpoints.load_training(tmp_path / "whole") == {}

    train(pictures, tmp_path / "stopped", *words, "0.9", "--keep-state")
    assert checkpoints.notes(tmp_path / "stopped")["stopped"] == "plateau"
    rest = (
        "--resume",
        tmp_path / "stopped",
        "--data",
        pictures,
        "--plateau",
        "0",
        "--out",
        tmp_path / "rest",
    )
    main(["train", *map(str, rest)])  # seed, rate, epochs and batches are the run's own
    assert distance(checkpoints.load(tmp_path / "rest"), whole) == 0
    assert checkpoints.notes(tmp_path / "rest") | {"validation": 0} == notes | {"validation": 0}


def test_rows_that_are_held_out_move_a_network_with_all_rows_alone(tmp_path, pictures):
    """Two data sets differ in their last 18 rows, which are held out. A resumed run keeps to what its run was asked for."""
    arrays = dict(np.load(pictures))
    arrays["x_train"][-18:] = arrays["x_train"][-18:][::-1] ** 2
    np.savez(tmp_path / "other.npz", **arrays)
    B = checkpoints.save_dictionary(
        lasso.normalised(torch.rand(10, 12)), tmp_path / "B.safetensors", {}
    )
    words = ("--solver", "lista", "--dictionary", str(B), "--epochs", "2")
    for wanted, same in (([], True), (["--all-rows"], False)):
        found = [
            train(path, tmp_path / "model", *words, *wanted)
            for path in (pictures, tmp_path / "other.npz")
        ]
        assert (distance(*found) == 0) is same
    train(pictures, tmp_path / "stopped", *words, "--all-rows", "--plateau", "0.9", "--keep-state")
    rest = (
        "--resume",
        tmp_path / "stopped",
        "--data",
        pictures,
        "--plateau",
        "0",
        "--out",
        tmp_path / "rest",
    )
    main(["train", *map(str, rest)])
    assert checkpoints.notes(tmp_path / "rest")["all_rows"] is True
    assert distance(checkpoints.load(tmp_path / "rest"), found[0]) < 1e-6


DEFAULTS = {
    "--solver lista": "small-lista",
    "--solver lfista --loss supervised": "small-lfista-supervised",
    "--loss codes --activation double-tanh": "small-slstm-codes-double-tanh",
    "--preset paper": "small-slstm-paper",
}


@pytest.mark.parametrize("words, name", DEFAULTS.items(), ids=DEFAULTS.values())
def test_without_out_a_run_is_written_here_under_a_name_of_its_own(
    tmp_path, pictures, monkeypatch, words, name
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checkpoints, "PRETRAINED", tmp_path / "pretrained")  # as it must stay
    main(["train", "--data", str(pictures), *SMALL, "--epochs", "1", *words.split()])
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.safetensors"]


def test_without_out_a_resumed_run_is_written_where_it_was_and_can_be_resumed_again(
    tmp_path, pictures, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checkpoints, "PRETRAINED", tmp_path / "pretrained")
    train(pictures, tmp_path / "mine", "--epochs", "1", "--keep-state")
    before = checkpoints.notes("mine")
    for epochs in ("2", "3"):
        main(["train", "--data", str(pictures), "--resume", "mine", "--epochs", epochs])
        assert checkpoints.notes("mine")["epochs"] == int(epochs)
    assert checkpoints.notes("mine")["dictionary"] == before["dictionary"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_without_out_a_dictionary_is_written_here(tmp_path, pictures, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checkpoints, "PRETRAINED", tmp_path / "pretrained")
    main(["dictionary", "--data", str(pictures), "--atoms", "4", "--tol", "1"])
    [path] = tmp_path.iterdir()
    assert path.name == "small-dictionary.safetensors"


def test_a_dictionary_is_learned_by_the_rule_asked_for(tmp_path, capsys):
    out = tmp_path / "found.safetensors"
    words = "dictionary --data digits --atoms 16 --lam 0.1 --epochs 2 --rule cross-fitted --out"
    main([*words.split(), str(out)])
    expected = dictionary.learn(
        data.load("digits").pixels, 16, 0.1, max_epochs=2, rule="cross-fitted"
    )
    assert torch.equal(checkpoints.load_dictionary(str(out.with_suffix(""))), expected)
    assert (
        checkpoints.notes(out)["rule"] == "cross-fitted" and checkpoints.notes(out)["epochs"] == 2
    )


def test_a_dictionary_without_signs_has_none(tmp_path, capsys):
    out = tmp_path / "parts.safetensors"
    main(
        [
            "dictionary",
            "--data",
            "digits",
            "--atoms",
            "16",
            "--tol",
            "1",
            "--positive",
            "--out",
            str(out),
        ]
    )
    B = checkpoints.load_dictionary(str(out.with_suffix("")))
    assert (
        B.shape == (64, 16)
        and B.min() >= 0
        and checkpoints.notes(str(out.with_suffix("")))["positive"] is True
    )


def test_where_a_run_started_and_how_it_weighed_lambda_is_noted(tmp_path, pictures, monkeypatch):
    B = lasso.normalised(torch.rand(10, 12, generator=torch.Generator().manual_seed(0)))
    (tmp_path / "small").mkdir()
    monkeypatch.setattr(checkpoints, "PRETRAINED", tmp_path)
    checkpoints.save_dictionary(B, tmp_path / "small" / "dictionary.safetensors")
    train(pictures, tmp_path / "every", "--epochs", "1")
    train(pictures, tmp_path / "one", "--epochs", "1", "--lam", "0.1")
    every, one = (checkpoints.notes(tmp_path / name) for name in ("every", "one"))
    assert (
        every["dictionary"]
        == one["dictionary"]
        == hashlib.sha256(B.numpy().tobytes()).hexdigest()[:12]
    )
    assert every["tilt"] == 0.5 and every["horizon"] == 9 and one["lam"] == 0.1


def test_a_run_can_start_from_a_network_and_is_refused_another(tmp_path, pictures, monkeypatch):
    first = str(tmp_path / "first")
    train(pictures, first, "--epochs", "1")
    train(pictures, tmp_path / "still", "--epochs", "1", "--start", first, "--rate", "1e-12")
    first, still = (checkpoints.load(tmp_path / name) for name in ("first", "still"))
    for key, value in first.state_dict().items():
        torch.testing.assert_close(still.state_dict()[key], value, rtol=0, atol=1e-6)
    assert still.notes["start"] == str(tmp_path / "first")
    assert still.notes["dictionary"] == dictionary.digest(first.dictionary)
    train(pictures, tmp_path / "old", "--epochs", "1", "--preset", "recommended-1")
    old = checkpoints.load(tmp_path / "old")
    new = train(
        pictures,
        tmp_path / "new",
        "--epochs",
        "1",
        "--start",
        str(tmp_path / "old"),
        "--rate",
        "1e-12",
    )
    assert new.config["preset"] == "recommended" and new.v.abs().max() < 1e-6
    x = torch.from_numpy(np.load(pictures)["x_test"])
    torch.testing.assert_close(new(x, 0.3), old(x, 0.3), rtol=0, atol=1e-5)
    for words, what in (
        ("--solver lista", "solver"),
        ("--preset paper", "preset"),
        ("--loss supervised", "classes"),
    ):
        with pytest.raises(SystemExit, match=f"has {what} .*: take another, or ask for the same"):
            train(pictures, tmp_path / "no", "--start", still.notes["start"], *words.split())


def test_evaluate_takes_the_dictionary_that_reproduce_takes(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path)
    B, learned = checkpoints.load_dictionary("digits"), []
    monkeypatch.setattr(
        dictionary,
        "learning",
        lambda *_, **__: learned.append(1) or iter([dictionary.Progress(0, 0.0, B)]),
    )
    paper.PaperExperiment(tmp_path).dictionary("digits", 100, 0, "fair")
    main(["evaluate", "--data", "digits", "--converged", "--lam", "0.1", "--model", "digits/lista"])
    assert learned == [1] and "from a dictionary learned at this lambda" in capsys.readouterr().out


PROGRESS = re.compile(rb"\| [1-9]\d*\.\d/")  # the bar shows that training is on
SIGNALS = "SIGINT", "SIGTERM", "SIGHUP"


def endless(pictures, out) -> list[str]:
    return [
        "train",
        "--data",
        str(pictures),
        *SMALL,
        "--epochs",
        "100000",
        "--keep-state",
        "--out",
        str(out),
    ]


def check_kept(out, errors: str = "") -> None:
    solver, notes = checkpoints.load(out), checkpoints.notes(out)
    assert notes["stopped"] == "interrupted" and notes["validation"]["epoch"] >= 1, errors
    fresh = solvers.build("slstm", torch.eye(10, 12), 3)
    assert solver.gate_bias.sub(fresh.gate_bias).abs().max() > 1e-3
    assert (
        checkpoints.load_training(out)["numbers"][0] == notes["validation"]["step"]
    )  # state and weights belong together
    assert [path.name for path in out.parent.iterdir()] == ["kept"]


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
@pytest.mark.parametrize("by", SIGNALS)
def test_a_command_handles_each_signal_until_it_has_ended(by):
    number, told = getattr(signal, by), []
    before = signal.getsignal(number)
    with signals.handled(lambda *given: told.append(given[0])):
        signal.raise_signal(number)
    assert told == [number] and signal.getsignal(number) == before


@pytest.mark.everyday("SIGTERM")
@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
@pytest.mark.parametrize(
    "start, by", [*((ALONE, by) for by in SIGNALS), (TWO, "two")], ids=[*SIGNALS, "two"]
)
def test_a_signal_keeps_what_was_learnt(tmp_path, pictures, start, by):
    words, out = [*start, *endless(pictures, tmp_path / "kept")], tmp_path / "said"
    with (
        out.open("wb") as to,
        subprocess.Popen(
            words,
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=to,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as run,
    ):
        try:
            seen = b""
            while not PROGRESS.search(seen):
                read = os.read(run.stderr.fileno(), 1000)
                assert read, seen.decode()
                seen += read
            os.killpg(
                run.pid, getattr(signal, by, signal.SIGINT)
            )  # as a terminal does: to every process of the job
            seen += run.communicate(timeout=60)[1]
        finally:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
    assert (
        start == TWO
        or run.returncode == 0
        and "interrupted" in out.read_text()
        and b"Traceback" not in seen
    )
    out.unlink()
    check_kept(tmp_path / "kept", seen.decode())


def test_a_killed_run_is_continued_as_if_nothing_had_happened(tmp_path, pictures, monkeypatch):
    words = ("--epochs", "4", "--plateau", "0")
    whole = train(pictures, tmp_path / "whole", *words)
    monkeypatch.setattr("sc2viz.cli.training.SAVE_EPOCHS", 0)
    real = training.fit

    def killed(*arguments, **options):
        for event in real(*arguments, **options):
            yield event
            if event.epoch >= 2:  # after what came of the event
                raise SystemExit("killed")

    monkeypatch.setattr(training, "fit", killed)
    with pytest.raises(SystemExit, match="killed"):
        train(pictures, tmp_path / "killed", *words)
    monkeypatch.undo()
    left = checkpoints.notes(tmp_path / "killed")
    assert left["stopped"] == "unfinished" and left["validation"]["epoch"] == 2
    rest = train(pictures, tmp_path / "rest", "--resume", str(tmp_path / "killed"))
    assert distance(rest, whole) == 0
    assert checkpoints.load_training(tmp_path / "whole") == {}


def test_where_nothing_can_be_written_is_said_before_the_work(tmp_path, pictures, monkeypatch):
    monkeypatch.setattr(training, "fit", lambda *_, **__: pytest.fail("it was trained"))
    with pytest.raises(SystemExit, match="a folder and cannot be written"):
        main(["train", "--data", str(pictures), *SMALL, "--out", str(tmp_path)])


@pytest.mark.parametrize("command", ["train", "dictionary"])
@pytest.mark.parametrize("name", ["net.npz", "net.npy", "net.pt", "net.safetensors.bak"])
def test_an_output_for_weights_is_no_file_of_another_kind(
    pictures, tmp_path, monkeypatch, capsys, command, name
):
    monkeypatch.setattr(data, "load", lambda *_, **__: pytest.fail("something was read"))
    with pytest.raises(SystemExit, match="2"):
        main([command, "--data", str(pictures), "--out", str(tmp_path / name)])
    assert (
        f"argument --out: must end in .safetensors, got {tmp_path / name}"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "words",
    [
        "encode --data x.npy --dictionary B.safetensors --out ./x.npy",
        "encode --data x.npy --dictionary B.npy --out linked.npy",
        "encode --data x.npy --model net.safetensors --out to-net.npz",
        "train --data data.npz --dictionary B.safetensors --out B.safetensors",
        "train --data data.npz --start net.safetensors --out hard",
        "train --data data.npz --out to-data.safetensors",
        "dictionary --data data.npz --out to-data.safetensors",
    ],
)
def test_an_output_that_is_an_input_is_refused_before_anything_is_read(
    tmp_path, monkeypatch, words
):
    monkeypatch.chdir(tmp_path)
    for name in ("x.npy", "B.npy", "B.safetensors", "net.safetensors", "data.npz"):
        Path(name).write_bytes(b"the reader's")
    for link, source in (
        ("linked.npy", "B.npy"),
        ("to-net.npz", "net.safetensors"),
        ("to-data.safetensors", "data.npz"),
    ):
        Path(link).symlink_to(source)
    Path("hard").hardlink_to("net.safetensors")
    with pytest.raises(
        SystemExit, match="error: .* which is read, and would be replaced: give another name"
    ):
        main(words.split())
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"the reader's"}


def codes_of(out):
    return scipy.sparse.load_npz(out).toarray()


def test_two_processes_encode_what_one_encodes(pictures, two):
    expected = checkpoints.load(two / "model")(
        torch.from_numpy(np.load(pictures)["x_train"]), 0.2, 4
    ).detach()
    np.testing.assert_allclose(codes_of(two / "codes.npz"), expected, atol=1e-6)


@pytest.mark.release
@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
def test_two_processes_of_which_one_was_killed_encode_what_one_encodes(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((60_000, 10), dtype=np.float32))
    B = lasso.normalised(torch.rand(10, 12, generator=torch.Generator().manual_seed(0)))
    model = checkpoints.save(solvers.build("slstm", B, 3), tmp_path / "model")
    words = ["encode", "--data", tmp_path / "x.npy", "--model", model, "--steps", "100", "--out"]
    main([*map(str, words), str(tmp_path / "one.npz")])
    out, parts = tmp_path / "two.npz", tmp_path / ".two.npz.parts"
    with subprocess.Popen(
        [*TWO, *map(str, words), str(out)], cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE
    ) as run:
        first, deadline = (
            encoding._batch(parts, 30_000),
            time.monotonic() + 120,
        )  # of the second process
        while not first.exists():
            assert run.poll() is None and time.monotonic() < deadline
            time.sleep(0.002)
        ranks = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/stat")
            if _parent(path) == run.pid
        ]
        os.kill(max(ranks), signal.SIGKILL)
        run.communicate(timeout=120)
    batches = sum(int(path.stem) >= 30_000 for path in parts.glob("*.npz"))
    assert run.returncode and not out.exists() and batches * encoding.BATCH_ROWS < 30_000
    under_torchrun(*words, out)
    assert out.read_bytes() == (tmp_path / "one.npz").read_bytes()


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended
        return -1


GUARDED = "mnist/slstm-supervised"  # has a softmax head, so that pages hold it beyond its T


@pytest.mark.parametrize(
    "name, steps", [(name, steps) for name in ("mnist/slstm", GUARDED) for steps in (4, 100)]
)
def test_a_network_by_name_codes_as_in_pipelines_and_on_pages(tmp_path, name, steps):
    x = data.load("mnist-5k", "test").pixels[:5].numpy()
    np.save(tmp_path / "x.npy", x)
    words = [
        "--data",
        tmp_path / "x.npy",
        "--model",
        name,
        "--steps",
        steps,
        "--lam",
        "0.1",
        "--out",
        tmp_path / "codes.npy",
    ]
    main(["encode", *map(str, words)])
    codes, network = np.load(tmp_path / "codes.npy"), checkpoints.load(name)
    np.testing.assert_allclose(
        codes, SparseCoder(None, 0.1, solver=name, steps=steps).transform(x), atol=2e-6
    )
    model = models.Model("mnist-5k", "slstm", network.variant, file=name)
    np.testing.assert_allclose(
        codes, results.descent(model, x, 0.1, [steps]).course.codes[0], atol=2e-6
    )
    alone = network(torch.from_numpy(x), 0.1, steps).detach()
    assert np.allclose(codes, alone, atol=2e-6) is (name != GUARDED or steps == 4)


def test_encode_takes_untrained_solvers_and_codes_without_signs(tmp_path):
    x, B = data.load("digits", "test").pixels[:20], checkpoints.load_dictionary("digits")
    np.save(tmp_path / "x.npy", x)
    words = [
        "--data",
        str(tmp_path / "x.npy"),
        "--dictionary",
        "digits",
        "--lam",
        "0.1",
        "--tol",
        "1e-7",
    ]
    main(
        [
            "encode",
            *words,
            "--solver",
            "fista",
            "--steps",
            "7",
            "--out",
            str(tmp_path / "fista.npy"),
        ]
    )
    np.testing.assert_allclose(
        np.load(tmp_path / "fista.npy"), solvers.build("fista", B)(x, 0.1, 7).detach(), atol=2e-6
    )
    main(["encode", *words, "--positive", "--out", str(tmp_path / "positive.npy")])
    exact = Lasso(alpha=0.1 / 64, fit_intercept=False, positive=True, tol=1e-10, max_iter=100_000)
    expected = exact.fit(B.double().numpy(), x.double().numpy().T).coef_
    np.testing.assert_allclose(np.load(tmp_path / "positive.npy"), expected, atol=1e-3)


def test_a_dictionary_of_ones_own_from_training_to_codes(tmp_path, pictures, capsys):
    """train, evaluate and encode with B in a .npy whose rows are the atoms; the codes are scikit-learn's."""
    B = lasso.normalised(torch.rand(10, 12, generator=torch.Generator().manual_seed(0))).numpy()
    mine, network = tmp_path / "mine.npy", tmp_path / "n.safetensors"
    np.save(mine, B.T)
    given = ("--data", str(pictures), "--dictionary", str(mine))
    main(
        [
            "train",
            *given,
            "--out",
            str(network),
            "--epochs",
            "1",
            "--steps",
            "3",
            "--batch-size",
            "32",
        ]
    )
    assert checkpoints.notes(network)["dictionary"] == dictionary.digest(torch.from_numpy(B))
    assert "It was transposed" in capsys.readouterr().err

    main(["evaluate", *given, "--model", str(network), "--lam", "0.1"])
    said = dict(re.findall(r"^  (\S+) +F +([\d.]+)", capsys.readouterr().out, re.MULTILINE))
    x = np.load(pictures)["x_test"]

    def F(codes, atoms) -> float:
        return float(
            (
                0.5 * ((x - codes @ atoms.T) ** 2).sum(1)
                + 0.1 * np.abs(codes) @ np.linalg.norm(atoms, axis=0)
            ).mean()
        )

    net, ista = checkpoints.load(network), solvers.build("ista", torch.from_numpy(B))
    for name, solver in ((str(network), net), ("ista", ista)):
        codes = solver(torch.from_numpy(x), 0.1).detach().numpy()
        assert float(said[name]) == pytest.approx(
            F(codes, solver.dictionary.detach().numpy()), abs=6e-5
        )

    for by, out in (("--model", network), ("--dictionary", mine)):
        words = [
            "--data",
            str(pictures),
            "--key",
            "x_test",
            by,
            str(out),
            "--lam",
            "0.1",
            "--tol",
            "1e-6",
        ]
        main(["encode", *words, "--out", str(tmp_path / f"codes{by}.npy")])
    np.testing.assert_allclose(
        np.load(tmp_path / "codes--model.npy"), net(torch.from_numpy(x), 0.1).detach(), atol=1e-6
    )
    exact = Lasso(alpha=0.1 / 10, fit_intercept=False, tol=1e-10, max_iter=100_000).fit(
        B.astype(float), x.T.astype(float)
    )
    assert F(np.load(tmp_path / "codes--dictionary.npy"), B) == pytest.approx(
        F(exact.coef_, B), rel=1e-5
    )


@pytest.mark.parametrize(
    "words, message",
    [
        ("train --data nowhere", "data must be one of"),
        ("train --data {} --loss codes --solver ista", "ista has nothing else to learn"),
        ("train --data {} --epochs 0", "epochs must be a whole number ≥ 1, got 0"),
        ("train --data {} --resume mnist/nobody", "no checkpoint mnist/nobody"),
        (
            "train --data {} --resume {tmp}/model",
            "holds no state to resume from: train with --keep-state",
        ),
        (
            "encode --data {} --model {tmp}/model --out {tmp}/codes.npz",
            "contains the arrays x_test, x_train, y_train",
        ),
        (
            "encode --data {} --key x_test --model {tmp}/model --out {tmp}/codes.csv",
            "out must end in .npz",
        ),
        (
            "encode --data {} --key x_test --model {tmp}/B --out {tmp}/codes.npz",
            "holds a dictionary, not a solver",
        ),
        ("encode --data {} --key x_test --dictionary {tmp}/B --out {tmp}/B/codes.npz", "B"),
        (
            "encode --data {} --key x_test --dictionary {tmp}/B --steps 5 --out {tmp}/codes.npz",
            "add --solver",
        ),
        (
            "encode --data {} --key x_test --model {tmp}/model --solver ista --out {tmp}/c.npz",
            "leave one out",
        ),
        (
            "encode --data {} --key x_test --model {tmp}/model --positive --out {tmp}/c.npz",
            "is for exact codes",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, pictures, words, message):
    checkpoints.save(solvers.build("lista", torch.eye(10, 12), 2), tmp_path / "model")
    checkpoints.save_dictionary(torch.eye(10, 12), tmp_path / "B")
    words = words.format(pictures, tmp=tmp_path).split()
    if words[0] == "train":
        words += [*SMALL, "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert (
        stopped.value.code.startswith("error: ")
        and message in stopped.value.code
        and "\n" not in stopped.value.code
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["B", "model"]


def test_evaluate_measures_beyond_the_iterations_of_a_network_and_on_rows_held_out(capsys):
    words = "evaluate --data digits --lam 0.1 --model digits/lista digits-256/lista --horizons 10 12 --held-out"
    main(words.split())
    held_out = training.hold_out(data.load("digits"))[1]
    expected = evaluation.beyond(checkpoints.load("digits/lista"), held_out.pixels, 0.1, [10, 12])
    said = capsys.readouterr().out
    assert f"{len(held_out)} held-out training rows" in said
    assert all(
        f"T = {T}: {mean:.2f} ({worst:.2f})" in said
        for T, (mean, worst) in zip((10, 12), expected, strict=True)
    )
    trained = [
        line.split()[0] for line in said.splitlines() if "trained on these rows as well" in line
    ]
    assert trained == ["digits/lista"]  # its notes say --all-rows; those of the other do not


def test_evaluate_measures_beyond_with_the_safeguard_that_pages_have(tmp_path, capsys):
    x, B, network = (
        data.load("mnist-5k", "test").pixels[:6],
        checkpoints.load_dictionary("mnist"),
        checkpoints.load(GUARDED),
    )
    np.savez(tmp_path / "few.npz", x_train=x, x_test=x)
    np.save(tmp_path / "B.npy", B)
    words = f"--data {tmp_path}/few.npz --dictionary {tmp_path}/B.npy --model {GUARDED} --lam 0.1 --horizons 10 100"
    main(["evaluate", *words.split()])
    said = re.search(
        r"T = 10: ([\d.]+) .*T = 100: ([\d.]+) .*; with the safeguard beyond T = 10$",
        capsys.readouterr().out,
        re.M,
    )
    short, long = map(float, said.groups())
    alone = evaluation.beyond(network, x, 0.1, [100])[0, 0].item()
    assert long <= short and alone > 100 * short  # F never rises where the safeguard acts


# The app --------------------------------------------------------------------------------------------------------------


def test_app_gives_streamlit_the_options_and_a_script_with_its_settings_beside_it(monkeypatch):
    ran, prepared = [], threading.Event()
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: ran.append([name, *sys.argv]))
    monkeypatch.setattr(sys, "argv", ["sc2viz"])
    monkeypatch.setattr(server, "prepare", prepared.set)
    main(["app", "--server.port", "8600", "--server.headless=true"])
    ((module, _, command, script, *options),) = ran
    assert prepared.wait(10)
    assert (module, command, options) == (
        "streamlit",
        "run",
        ["--server.port", "8600", "--server.headless=true"],
    )
    assert (Path(script).parent / ".streamlit" / "config.toml").exists()


@pytest.mark.parametrize(
    "called, named", [("/bin/sc2viz", "sc2viz"), ("/x/sc2viz/__main__.py", "python -m sc2viz")]
)
def test_usage_names_the_command_as_it_was_called(monkeypatch, capsys, called, named):
    monkeypatch.setattr(sys, "argv", [called])
    with pytest.raises(SystemExit):
        main(
            ["evaluate", "--server.port", "8600"]
        )  # options that are not its own are the app's alone
    said = capsys.readouterr().err
    assert (
        said.startswith(f"usage: {named} ") and "unrecognized arguments: --server.port 8600" in said
    )


@pytest.mark.parametrize(
    "words, message",
    [
        (
            "train --steps 100000000000000000000",
            "argument --steps: must be a whole number from 1 to 10,000, got 1000",
        ),
        (
            "train --atoms 100000000000000000000",
            "argument --atoms: must be a whole number from 1 to 65,536",
        ),
        (
            "train --epochs 100000000000000000000",
            "argument --epochs: must be a whole number from 0 to 1,000,000",
        ),
        ("train --seed -1", "argument --seed: must be a whole number from 0"),
        ("train --dictionary-r 3", "unrecognized arguments: --dictionary-r 3"),
        (
            "evaluate --horizons 0",
            "argument --horizons: must be a whole number from 1 to 10,000, got 0",
        ),
        ("train --lam inf", "argument --lam: must be a number above 0, got inf"),
        ("sae . x.npy --lam -1", "argument --lam: must be a number above 0, got -1"),
        ("denoise in out --sigma nan", "argument --sigma: must be a number above 0, got nan"),
        ("bench views --rounds 0", "argument --rounds: must be a whole number from 1"),
        ("bench load --round 3", "unrecognized arguments: --round 3"),
    ],
)
def test_numbers_on_the_command_line_have_limits_and_options_whole_names(capsys, words, message):
    with pytest.raises(SystemExit, match="2"):
        main(words.split())
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "words, message",
    [
        (
            "evaluate --accuracy --data {unlabelled} --lam 0.1",
            "has no labels, which --accuracy needs",
        ),
        (
            "train --loss supervised --data {far} --epochs 1",
            "labels of far must be below 1,000: number the classes",
        ),
        ("encode --data {unlabelled} --key x_test --model= --out {tmp}/codes.npz", "no checkpoint"),
    ],
)
def test_labels_that_are_missing_or_far_off_are_told(tmp_path, words, message):
    rows = np.random.default_rng(0).random((40, 10), np.float32)
    np.savez(tmp_path / "unlabelled.npz", x_train=rows, x_test=rows[:9])
    np.savez(
        tmp_path / "far.npz",
        x_train=rows,
        x_test=rows[:9],
        y_train=np.full(40, 10**12),
        y_test=np.zeros(9, int),
    )
    places = {
        "unlabelled": tmp_path / "unlabelled.npz",
        "far": tmp_path / "far.npz",
        "tmp": tmp_path,
    }
    words = words.format(**places).split()
    with pytest.raises(SystemExit, match=message):
        main(
            words
            + (["--atoms", "12", "--out", str(tmp_path / "out")] if words[0] == "train" else [])
        )


def test_a_command_names_the_package_that_it_lacks(monkeypatch):
    monkeypatch.delitem(sys.modules, "sc2viz.lab.bench.classes", raising=False)
    monkeypatch.setitem(sys.modules, "websockets.asyncio.client", None)
    with pytest.raises(SystemExit, match="needs the package websockets, which is not installed"):
        main(["bench", "class"])
