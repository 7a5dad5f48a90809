"""The command line, alone and under torchrun, in processes of its own."""

import os
import re
import runpy
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import torch

from sc2viz import checkpoints, data, device, dictionary, evaluation, lasso, solvers, training
from sc2viz.__main__ import main
from sc2viz.estimators import SparseCoder
from sc2viz.lab.experiments import paper
from sc2viz.ui import models, results, server
from tests.problems import F, scikit_learn

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT),
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
}
ALONE = f"{sys.executable} -m sc2viz"
TWO = f"{sys.executable} -m torch.distributed.run --standalone --nproc-per-node=2 -m"
SMALL = "--atoms 12 --steps 3 --batch-size 32"


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setattr(device, "pick", lambda: torch.device("cpu"))


def run(command):
    main(command.split())


def in_processes(command, *arguments):
    options = {"cwd": ROOT, "env": ENVIRONMENT, "capture_output": True, "text": True}
    done = subprocess.run([*command.split(), *arguments], timeout=300, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """89 rows of 10 values: 71 to train on after 18 are held out, in batches of 32, 32 and an odd 7."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("data") / "small.npz"
    rows = rng.random((89, 10), dtype=np.float32)
    np.savez(path, x_train=rows, y_train=rng.integers(0, 3, 89), x_test=rows[:5])
    return path


def train(pictures, out, options=""):
    run(f"train --data {pictures} {SMALL} --out {out} {options}")
    return checkpoints.load(out)


def distance(first, second):
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return max((a - b).abs().max().item() for a, b in pairs)


def atoms(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return lasso.normalised(torch.rand(10, 12, generator=generator))


RUNS = {
    "slstm": "--solver slstm",
    "lista": "--solver lista --loss codes --batch-size 70",  # the last batch leaves one process nothing
    "lfista": "--solver lfista --loss supervised --preset paper",
}


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory, pictures):
    """A folder with what two processes made: three trained networks, and codes by the network `model`. Starting them
    takes longer than their work, so the same two do all of it."""
    folder = tmp_path_factory.mktemp("two")
    model = checkpoints.save(solvers.build("slstm", atoms(), 3), folder / "model")
    commands = [
        f"train --data {pictures} {SMALL} --out {folder}/{name} --epochs 2 {RUNS[name]}"
        for name in RUNS
    ]
    encode = f"encode --data {pictures} --key x_train --model {model} --lam 0.2 --steps 4"
    output = in_processes(f"{TWO} tests.several", *commands, f"{encode} --out {folder}/codes.npz")
    names = [*RUNS, "codes.npz"]
    assert output.split() == [str(folder / name) for name in names]  # rank 0 alone speaks
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "model"])
    return folder


@pytest.mark.release
@pytest.mark.parametrize("name", RUNS)
def test_two_processes_train_what_one_trains(tmp_path, pictures, two_processes, name):
    alone = train(pictures, tmp_path / "one", f"--epochs 2 {RUNS[name]}")
    different = train(pictures, tmp_path / "other", f"--epochs 2 {RUNS[name]} --seed 1")
    assert (
        distance(alone, checkpoints.load(two_processes / name))
        < 2e-5
        < 1e-3
        < distance(alone, different)
    )
    first, second = (checkpoints.notes(path) for path in (tmp_path / "one", two_processes / name))
    # over all processes, not one's share
    for key in ("loss", "objective", "optimum", "step", "gradient_norm"):
        assert second["validation"][key] == pytest.approx(first["validation"][key], rel=1e-3)
    assert {**first, "validation": 0} == {**second, "validation": 0}


def test_training_is_noted_and_resumed(tmp_path, pictures):
    options = "--solver lista --seed 5 --rate 0.002 --epochs 4 --plateau"
    uninterrupted = train(
        pictures, tmp_path / "whole", f"{options} 0"
    )  # a plateau that never comes
    notes = checkpoints.notes(tmp_path / "whole")
    expected = {"data": "small", "loss": "sc2net", "seed": 5, "rate": 0.002, "batch_size": 32}
    expected |= {"epochs": 4, "stopped": "finished", "lam": None}
    assert {key: notes[key] for key in expected} == expected
    codes = uninterrupted(torch.from_numpy(np.load(pictures)["x_train"][-18:]), 0.1)
    nonzero = (codes.abs() > 1e-3).double().mean().item()
    assert notes["validation"]["nonzero"] == pytest.approx(nonzero)
    assert notes["tilt"] == 0.5 and notes["horizon"] == 9
    assert checkpoints.load_training(tmp_path / "whole") == {}

    train(pictures, tmp_path / "stopped", f"{options} 0.9 --keep-state")
    assert checkpoints.notes(tmp_path / "stopped")["stopped"] == "plateau"
    # seed, rate, epochs and batches are the run's own
    resume = f"train --resume {tmp_path}/stopped --data {pictures} --plateau 0"
    run(f"{resume} --out {tmp_path}/rest")
    assert distance(checkpoints.load(tmp_path / "rest"), uninterrupted) == 0
    assert checkpoints.notes(tmp_path / "rest") | {"validation": 0} == notes | {"validation": 0}


def test_rows_that_are_held_out_move_a_network_with_all_rows_alone(tmp_path, pictures):
    """Two data sets differ in their last 18 rows, which are held out. A resumed run keeps to what its run was asked for."""
    arrays = dict(np.load(pictures))
    arrays["x_train"][-18:] = arrays["x_train"][-18:][::-1] ** 2
    np.savez(tmp_path / "other.npz", **arrays)
    B = checkpoints.save_dictionary(atoms(), tmp_path / "B.safetensors", {})
    options = f"--solver lista --dictionary {B} --epochs 2"
    for option, same in (("", True), ("--all-rows", False)):
        networks = [
            train(path, tmp_path / "model", f"{options} {option}")
            for path in (pictures, tmp_path / "other.npz")
        ]
        assert (distance(*networks) == 0) is same
    stopped = tmp_path / "stopped"
    train(pictures, stopped, f"{options} --all-rows --plateau 0.9 --keep-state")
    run(f"train --resume {stopped} --data {pictures} --plateau 0 --out {tmp_path}/rest")
    assert checkpoints.notes(tmp_path / "rest")["all_rows"] is True
    assert distance(checkpoints.load(tmp_path / "rest"), networks[0]) < 1e-6


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A working directory, and nothing under pretrained/, as it must stay."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checkpoints, "PRETRAINED", tmp_path / "pretrained")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ("train --solver lista", "small-lista"),
        ("train --solver lfista --loss supervised", "small-lfista-supervised"),
        ("train --loss codes --activation double-tanh", "small-slstm-codes-double-tanh"),
        ("train --preset paper", "small-slstm-paper"),
        ("dictionary", "small-dictionary"),
    ],
)
def test_without_out_a_file_is_written_here_under_a_name_of_its_own(
    elsewhere, pictures, options, name
):
    small = SMALL if options.startswith("train") else "--atoms 4"
    run(f"{options} --data {pictures} --epochs 1 {small}")
    assert [path.name for path in elsewhere.iterdir()] == [f"{name}.safetensors"]


def test_without_out_a_resumed_run_is_written_where_it_was_and_can_be_resumed_again(
    elsewhere, pictures
):
    train(pictures, elsewhere / "mine", "--epochs 1 --keep-state")
    notes = checkpoints.notes("mine")
    for epochs in (2, 3):
        run(f"train --data {pictures} --resume mine --epochs {epochs}")
        assert checkpoints.notes("mine")["epochs"] == epochs
    assert checkpoints.notes("mine")["dictionary"] == notes["dictionary"]
    assert [path.name for path in elsewhere.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("options_text", "options"),
    [
        ("--rule cross-fitted", {"rule": "cross-fitted"}),
        ("--positive", {"positive": True}),
    ],
)
def test_a_dictionary_is_learned_as_asked_for(tmp_path, options_text, options):
    out = tmp_path / "learned.safetensors"
    run(f"dictionary --data digits --atoms 16 --lam 0.1 --epochs 2 {options_text} --out {out}")
    x = data.load("digits").pixels
    expected = dictionary.learn(x, 16, 0.1, max_epochs=2, **options)
    assert torch.equal(checkpoints.load_dictionary(str(out.with_suffix(""))), expected)
    assert options.items() <= checkpoints.notes(out).items()


def test_a_run_can_start_from_a_network_and_is_refused_another(tmp_path, pictures):
    first = train(pictures, tmp_path / "first", "--epochs 1")
    start, slow = f"--start {tmp_path}/first", "--epochs 1 --rate 1e-12"
    untrained = train(pictures, tmp_path / "still", f"{start} {slow}")
    torch.testing.assert_close(untrained.state_dict(), first.state_dict(), rtol=0, atol=1e-6)
    assert untrained.notes["start"] == str(tmp_path / "first")
    assert untrained.notes["dictionary"] == dictionary.digest(first.dictionary)
    old = train(pictures, tmp_path / "old", "--epochs 1 --preset recommended-1")
    new = train(pictures, tmp_path / "new", f"--start {tmp_path}/old {slow}")
    assert new.config["preset"] == "recommended" and new.v.abs().max() < 1e-6
    x = torch.from_numpy(np.load(pictures)["x_test"])
    torch.testing.assert_close(new(x, 0.3), old(x, 0.3), rtol=0, atol=1e-5)
    others = {"solver": "lista", "preset": "paper", "loss": "supervised"}
    for key, value in others.items():
        noun = "classes" if key == "loss" else key
        with pytest.raises(SystemExit, match=f"has {noun} .*: take another, or ask for the same"):
            train(pictures, tmp_path / "no", f"{start} --{key} {value}")


def test_evaluate_takes_the_dictionary_that_reproduce_takes(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path)
    last, learned = dictionary.Progress(0, 0.0, checkpoints.load_dictionary("digits")), []
    learning = lambda *_, **__: learned.append(1) or iter([last])  # noqa: E731
    monkeypatch.setattr(dictionary, "learning", learning)
    paper.PaperExperiment(tmp_path).dictionary("digits", 100, 0, "fair")
    run("evaluate --data digits --converged --lam 0.1 --model digits/lista")
    assert learned == [1] and "from a dictionary learned at this lambda" in capsys.readouterr().out


# Signals --------------------------------------------------------------------------------------------------------------

PROGRESS = re.compile(rb"\| [1-9]\d*\.\d/")  # the bar shows that training is on
SIGNALS = "SIGINT", "SIGTERM", "SIGHUP"


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
@pytest.mark.everyday("SIGTERM")
@pytest.mark.parametrize("name", [*SIGNALS, "two"])
def test_a_signal_keeps_what_was_learnt(tmp_path, pictures, name):
    start, out = f"{TWO} sc2viz" if name == "two" else ALONE, tmp_path / "kept"
    command = f"{start} train --data {pictures} {SMALL} --epochs 100000 --keep-state --out {out}"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "start_new_session": True}
    with subprocess.Popen(command.split(), cwd=ROOT, env=ENVIRONMENT, **pipes) as process:
        try:
            errors = b""
            while not PROGRESS.search(errors):
                read = os.read(process.stderr.fileno(), 1000)
                assert read, errors.decode()
                errors += read
            # as a terminal does: to every process of the job
            os.killpg(process.pid, getattr(signal, name, signal.SIGINT))
            output, stderr = process.communicate(timeout=60)
            errors += stderr
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if name != "two":
        assert process.returncode == 0 and b"interrupted" in output and b"Traceback" not in errors
    solver, notes = checkpoints.load(out), checkpoints.notes(out)
    assert notes["stopped"] == "interrupted" and notes["validation"]["epoch"] >= 1, errors
    fresh = solvers.build("slstm", torch.eye(10, 12), 3)
    assert solver.gate_bias.sub(fresh.gate_bias).abs().max() > 1e-3
    # state and weights belong together
    assert checkpoints.load_training(out)["numbers"][0] == notes["validation"]["step"]
    assert [path.name for path in out.parent.iterdir()] == ["kept"]


def test_a_killed_run_is_continued_as_if_nothing_had_happened(tmp_path, pictures, monkeypatch):
    flags = "--epochs 4 --plateau 0"
    uninterrupted, fit = train(pictures, tmp_path / "whole", flags), training.fit

    def killed(*arguments, **options):
        for event in fit(*arguments, **options):
            yield event
            if event.epoch >= 2:  # after what came of the event
                raise SystemExit("killed")

    with monkeypatch.context() as patch, pytest.raises(SystemExit, match="killed"):
        patch.setattr("sc2viz.cli.training.SAVE_EPOCHS", 0)
        patch.setattr(training, "fit", killed)
        train(pictures, tmp_path / "killed", flags)
    notes = checkpoints.notes(tmp_path / "killed")
    assert notes["stopped"] == "unfinished" and notes["validation"]["epoch"] == 2
    continued = train(pictures, tmp_path / "rest", f"--resume {tmp_path}/killed")
    assert distance(continued, uninterrupted) == 0


# Files ----------------------------------------------------------------------------------------------------------------


def test_where_nothing_can_be_written_is_said_before_the_work(tmp_path, pictures, monkeypatch):
    monkeypatch.setattr(training, "fit", lambda *_, **__: pytest.fail("it was trained"))
    with pytest.raises(SystemExit, match="a folder and cannot be written"):
        train(pictures, tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        "encode --data x.npy --dictionary B.safetensors --out ./x.npy",
        "encode --data x.npy --model net.safetensors --out to-net.npz",
        "train --data data.npz --dictionary B.safetensors --out B.safetensors",
        "dictionary --data data.npz --out to-data.safetensors",
    ],
)
def test_an_output_that_is_an_input_is_refused_before_anything_is_read(elsewhere, command):
    for name in ("x.npy", "B.npy", "B.safetensors", "net.safetensors", "data.npz"):
        Path(name).write_bytes(b"the reader's")
    Path("to-net.npz").symlink_to("net.safetensors")
    Path("to-data.safetensors").symlink_to("data.npz")
    problem = "error: .* which is read, and would be replaced: give another name"
    with pytest.raises(SystemExit, match=problem):
        run(command)
    assert {path.read_bytes() for path in elsewhere.iterdir()} == {b"the reader's"}


@pytest.mark.release
def test_two_processes_encode_what_one_encodes(pictures, two_processes):
    x = torch.from_numpy(np.load(pictures)["x_train"])
    expected = checkpoints.load(two_processes / "model")(x, 0.2, 4).detach()
    codes = scipy.sparse.load_npz(two_processes / "codes.npz").toarray()
    np.testing.assert_allclose(codes, expected, atol=1e-6)


GUARDED = "mnist/slstm-supervised"  # has a softmax head, so that pages hold it beyond its T


@pytest.mark.parametrize("steps", [4, 100])
@pytest.mark.parametrize("name", ["mnist/slstm", GUARDED])
def test_a_network_by_name_codes_as_in_pipelines_and_on_pages(tmp_path, monkeypatch, name, steps):
    monkeypatch.chdir(tmp_path)
    x = data.load("mnist-5k", "test").pixels[:5].numpy()
    np.save("x.npy", x)
    run(f"encode --data x.npy --model {name} --steps {steps} --lam 0.1 --out codes.npy")
    codes, network = np.load("codes.npy"), checkpoints.load(name)
    pipeline = SparseCoder(None, 0.1, solver=name, steps=steps).transform(x)
    model = models.Model("mnist-5k", "slstm", network.variant, file=name)
    page = results.descent(model, x, 0.1, [steps]).course.codes[0]
    for expected in (pipeline, page):
        np.testing.assert_allclose(codes, expected, atol=2e-6)
    alone = network(torch.from_numpy(x), 0.1, steps).detach()
    assert np.allclose(codes, alone, atol=2e-6) is (name != GUARDED or steps == 4)


def test_encode_takes_untrained_solvers_and_codes_without_signs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x, B = data.load("digits", "test").pixels[:20], checkpoints.load_dictionary("digits")
    np.save("x.npy", x)
    command = "encode --data x.npy --dictionary digits --lam 0.1 --tol 1e-7"
    run(f"{command} --solver fista --steps 7 --out fista.npy")
    expected = solvers.build("fista", B)(x, 0.1, 7).detach()
    np.testing.assert_allclose(np.load("fista.npy"), expected, atol=2e-6)
    run(f"{command} --positive --out positive.npy")
    expected = scikit_learn(x, B, 0.1, positive=True)
    np.testing.assert_allclose(np.load("positive.npy"), expected, atol=1e-3)


def test_a_dictionary_of_ones_own_from_training_to_codes(pictures, capsys, tmp_path, monkeypatch):
    """train and encode with B in a .npy whose rows are the atoms; the codes are scikit-learn's."""
    monkeypatch.chdir(tmp_path)
    B, x = atoms(), torch.from_numpy(np.load(pictures)["x_test"])
    np.save("mine.npy", B.T)
    files = f"--data {pictures} --dictionary mine.npy"
    run(f"train {files} --out n.safetensors --epochs 1 --steps 3 --batch-size 32")
    assert "It was transposed" in capsys.readouterr().err
    network = checkpoints.load("n.safetensors")
    assert network.notes["dictionary"] == dictionary.digest(B)
    encode = f"encode --data {pictures} --key x_test --lam 0.1 --tol 1e-6 --out codes.npy"
    run(f"{encode} --model n.safetensors")
    np.testing.assert_allclose(np.load("codes.npy"), network(x, 0.1).detach(), atol=1e-6)
    run(f"{encode} --dictionary mine.npy")
    exact, best = F(x, np.load("codes.npy"), B, 0.1), F(x, scikit_learn(x, B, 0.1), B, 0.1)
    np.testing.assert_allclose(exact, best, rtol=1e-5)


KEY = "encode --data {} --key x_test"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("train --data nowhere", "data must be one of"),
        ("train --data {} --loss codes --solver ista", "ista has nothing else to learn"),
        ("train --data {} --resume mnist/nobody", "no checkpoint mnist/nobody"),
        (
            "train --data {} --resume model",
            "holds no state to resume from: train with --keep-state",
        ),
        ("encode --data {} --model model --out c.npz", "contains the arrays x_test, x_train, y_tr"),
        (f"{KEY} --model= --out c.npz", "no checkpoint"),
        (f"{KEY} --model model --out c.csv", "out must end in .npz"),
        (f"{KEY} --model B --out c.npz", "holds a dictionary, not a solver"),
        (f"{KEY} --dictionary B --out B/c.npz", "B"),
        (f"{KEY} --dictionary B --steps 5 --out c.npz", "add --solver"),
        (f"{KEY} --model model --solver ista --out c.npz", "leave one out"),
        (f"{KEY} --model model --positive --out c.npz", "is for exact codes"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, monkeypatch, pictures, command, message):
    monkeypatch.chdir(tmp_path)
    checkpoints.save(solvers.build("lista", torch.eye(10, 12), 2), "model")
    checkpoints.save_dictionary(torch.eye(10, 12), "B")
    small = f"{SMALL} --out out" if command.startswith("train") else ""
    with pytest.raises(SystemExit) as stopped:
        run(f"{command.format(pictures)} {small}")
    line = stopped.value.code
    assert line.startswith("error: ") and message in line and "\n" not in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["B", "model"]


def test_evaluate_measures_beyond_on_rows_held_out_with_the_safeguard_that_pages_have(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    x = data.load("mnist-5k", "test").pixels[:30]
    np.savez("few.npz", x_train=x, x_test=x)
    np.save("B.npy", checkpoints.load_dictionary("mnist"))
    options = f"--dictionary B.npy --model mnist/lista {GUARDED} --lam 0.1 --horizons 10 100"
    run(f"evaluate --data few.npz {options} --held-out")
    output, rows = capsys.readouterr().out, training.hold_out(data.from_npz("few.npz"))[1].pixels
    assert f"{len(rows)} held-out training rows" in output
    plain, guarded = (
        evaluation.beyond(checkpoints.load(name), rows, 0.1, [10, 100])
        for name in ("mnist/lista", GUARDED)
    )
    for T, (mean, worst) in zip((10, 100), plain, strict=True):
        assert f"T = {T}: {mean:.2f} ({worst:.2f})" in output
    pattern = r"T = 10: ([\d.]+) .*T = 100: ([\d.]+) .*; with the safeguard beyond T = 10$"
    short, long = map(float, re.search(pattern, output, re.M).groups())
    assert long <= short and guarded[1, 0] > 100 * short  # F never rises where it acts


# The app, and words ---------------------------------------------------------------------------------------------------


def test_app_gives_streamlit_the_options_and_a_script_with_its_settings_beside_it(monkeypatch):
    calls, prepared = [], threading.Event()
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: calls.append([name, *sys.argv]))
    monkeypatch.setattr(sys, "argv", ["sc2viz"])
    monkeypatch.setattr(server, "prepare", prepared.set)
    run("app --server.port 8600 --server.headless=true")
    ((module, _, command, script, *options),) = calls
    assert prepared.wait(10) and (module, command) == ("streamlit", "run")
    assert options == ["--server.port", "8600", "--server.headless=true"]
    assert (Path(script).parent / ".streamlit" / "config.toml").exists()


@pytest.mark.parametrize(
    "called, name", [("/bin/sc2viz", "sc2viz"), ("/x/sc2viz/__main__.py", "python -m sc2viz")]
)
def test_usage_names_the_command_as_it_was_called(monkeypatch, capsys, called, name):
    monkeypatch.setattr(sys, "argv", [called])
    with pytest.raises(SystemExit):
        run("evaluate --server.port 8600")  # options that are not its own are the app's alone
    usage = capsys.readouterr().err
    assert usage.startswith(f"usage: {name} ")
    assert "unrecognized arguments: --server.port 8600" in usage


@pytest.mark.parametrize(
    "command, message",
    [
        (
            "train --steps 1" + "0" * 20,
            "--steps: must be a whole number from 1 to 10,000, got 1000",
        ),
        ("train --atoms 1" + "0" * 20, "--atoms: must be a whole number from 1 to 65,536"),
        ("train --epochs 1" + "0" * 20, "--epochs: must be a whole number from 0 to 1,000,000"),
        ("train --seed -1", "--seed: must be a whole number from 0"),
        ("train --dictionary-r 3", "unrecognized arguments: --dictionary-r 3"),
        ("evaluate --horizons 0", "--horizons: must be a whole number from 1 to 10,000, got 0"),
        ("train --lam inf", "--lam: must be a number above 0, got inf"),
        ("denoise in out --sigma nan", "--sigma: must be a number above 0, got nan"),
        ("bench exact --shape 3", "--shape: '3' is not a shape like 64×256"),
        ("train --out net.npz", "--out: must end in .safetensors, got net.npz"),
        (
            "dictionary --out B.safetensors.bak",
            "--out: must end in .safetensors, got B.safetensors",
        ),
    ],
)
def test_numbers_on_the_command_line_have_limits_and_options_whole_names(capsys, command, message):
    with pytest.raises(SystemExit, match="2"):
        run(command)
    assert message in capsys.readouterr().err


def test_a_command_names_the_package_that_it_lacks(monkeypatch):
    monkeypatch.delitem(sys.modules, "sc2viz.lab.bench.classes", raising=False)
    monkeypatch.setitem(sys.modules, "websockets.asyncio.client", None)
    with pytest.raises(SystemExit, match="needs the package websockets, which is not installed"):
        run("bench class")
