"""Kill `train`, `encode` and `reproduce` at random moments, and look at what is left.

    python -m tests.kills [--times 100] [--seed 0]

Each time, a command is started, gets SIGKILL, SIGTERM, SIGHUP or Ctrl-C at a random moment of its run, and is then
continued. What is on disk between the two must load, no half-written file may stand under a destination's name, and the end
must equal that of a run that nobody has killed, bit for bit. The commands run in forks of one process, which has imported
everything, so that the moments fall into the work.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scipy.sparse
import sklearn.linear_model  # noqa: F401 (what the commands import only when they need it)
import sklearn.multiclass  # noqa: F401
import torch
from safetensors.torch import load as tensors_of

from sc2viz import checkpoints, data, solvers
from sc2viz.cli import commands as command_line
from sc2viz.cli import training
from sc2viz.files import atomic
from sc2viz.lab.experiments.protocols import PROTOCOLS, Run
from sc2viz.lab.reports import tables

SIGNALS = signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT
PATIENCE = 120.0  # seconds until a run that should have ended counts as hanging
RUN = "digits_as-printed_accuracy_unsupervised_lista_25_0"


class Wrong(AssertionError):
    """What is left is not what it should be."""


@dataclass(frozen=True)
class Command:
    words: Callable[
        [Path, Path], list[str]
    ]  # (inputs, folder) → the command, which continues what is in the folder
    look: Callable[[Path], None]  # whether what is in the folder loads
    result: Callable[[Path], object]  # what two runs that ended must have alike
    over: Callable[[Path], bool] = lambda folder: (
        False
    )  # whether it has ended, and says so where it is continued


def train_words(inputs: Path, folder: Path) -> list[str]:
    out = folder / "net.safetensors"
    words = ["train", "--data", str(inputs / "small.npz"), "--keep-state", "--out", str(out)]
    if out.exists():
        return [*words, "--resume", str(out)]
    return [
        *words,
        "--atoms",
        "12",
        "--steps",
        "3",
        "--batch-size",
        "32",
        "--epochs",
        "12",
        "--plateau",
        "0",
    ]


def train_look(folder: Path) -> None:
    if (out := folder / "net.safetensors").exists():
        checkpoints.load(out)
        if not checkpoints.load_training(out):
            raise Wrong("the file holds no state to resume from")


def train_over(folder: Path) -> bool:
    return (out := folder / "net.safetensors").exists() and checkpoints.notes(out)[
        "stopped"
    ] == "finished"


def train_result(folder: Path) -> object:
    out = folder / "net.safetensors"
    if checkpoints.notes(out)["stopped"] != "finished":
        raise Wrong(f"the run ended as {checkpoints.notes(out)['stopped']}")
    found = tensors_of(out.read_bytes())
    return {
        key: value.numpy().tobytes()
        for key, value in found.items()
        if not key.startswith(checkpoints.TRAINING)
    }


def encode_words(inputs: Path, folder: Path) -> list[str]:
    return [
        "encode",
        "--data",
        str(inputs / "rows.npy"),
        "--model",
        str(inputs / "model"),
        "--lam",
        "0.1",
        "--steps",
        "30",
        "--out",
        str(folder / "codes.npz"),
    ]


def encode_look(folder: Path) -> None:
    if (out := folder / "codes.npz").exists():
        scipy.sparse.load_npz(out)


def encode_result(folder: Path) -> object:
    kept = (
        "codes.npz",
        atomic.SUFFIX,
    )  # a temporary file that a kill left is swept by a save an hour later
    if left := [path.name for path in folder.iterdir() if not path.name.endswith(kept)]:
        raise Wrong(f"encode leaves {left}")
    return (folder / "codes.npz").read_bytes()


def reproduce_words(inputs: Path, folder: Path) -> list[str]:
    return ["reproduce", RUN, "--out", str(folder)]


def reproduce_result(folder: Path) -> object:
    record = tables.load(folder)[Run.named(RUN)]
    return json.dumps({key: record[key] for key in ("configuration", "metrics", "curve")})


COMMANDS = {
    "train": Command(train_words, train_look, train_result, train_over),
    "encode": Command(encode_words, encode_look, encode_result),
    "reproduce": Command(
        reproduce_words, lambda folder: tables.load(folder) and None, reproduce_result
    ),
}


def prepare(inputs: Path) -> None:
    """The files that the commands read; and what makes them short, and save after every event."""
    rng = np.random.default_rng(0)
    rows = rng.random((89, 10), dtype=np.float32)
    np.savez(inputs / "small.npz", x_train=rows, x_test=rows[:5])
    np.save(inputs / "rows.npy", rng.random((100_000, 10), dtype=np.float32))
    B = torch.randn(10, 12, generator=torch.Generator().manual_seed(0))
    checkpoints.save(solvers.build("slstm", B / 4, 3), inputs / "model")
    training.SAVE_EVERY, training.SAVE_EPOCHS = 0.0, 0.0
    PROTOCOLS["as-printed"] = replace(
        PROTOCOLS["as-printed"], unsupervised_epochs=2, loss_iterations=2, iterations=2
    )


def started(words: list[str], cache: Path) -> int:
    """The process in which a command runs, without a word."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        data.cache_dir = lambda: cache
        command_line.main(words)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        os._exit(code)


def ended(pid: int, seconds: float) -> int | None:
    """The exit status of a process; None if it goes on for longer than `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    return None


def finish(command: Command, inputs: Path, folder: Path) -> object:
    if command.over(folder):
        return command.result(folder)
    pid = started(command.words(inputs, folder), folder.with_name(f"{folder.name}-cache"))
    status = ended(pid, PATIENCE)
    if status is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if status != 0:
        raise Wrong(f"the continued run ends with {status}")
    return command.result(folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.kills", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    chance, wrong, told = random.Random(asked.seed), [], {}
    with tempfile.TemporaryDirectory() as place:
        inputs = Path(place)
        prepare(inputs)
        expected, seconds = {}, {}
        for name, command in COMMANDS.items():
            folder = inputs / f"whole-{name}"
            folder.mkdir()
            began = time.monotonic()
            expected[name] = finish(command, inputs, folder)
            seconds[name] = time.monotonic() - began
        for number in range(asked.times):
            name, by = (
                list(COMMANDS)[number % len(COMMANDS)],
                SIGNALS[number // len(COMMANDS) % len(SIGNALS)],
            )
            command, folder = COMMANDS[name], inputs / str(number)
            folder.mkdir()
            after = chance.uniform(0, seconds[name])
            try:
                pid = started(
                    command.words(inputs, folder), folder.with_name(f"{folder.name}-cache")
                )
                status = ended(pid, after)
                if status is None:
                    os.kill(pid, by)
                    status = ended(pid, PATIENCE)
                    told[by.name] = told.get(by.name, 0) + 1
                if status is None:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    raise Wrong("it goes on after the signal")
                command.look(folder)
                if finish(command, inputs, folder) != expected[name]:
                    raise Wrong("the continued run ends otherwise than one that was not killed")
            except (Wrong, ValueError, OSError, KeyError) as error:
                wrong.append(
                    f"{number}: {name}, {by.name} after {after:.3f} s: {type(error).__name__}: {error}"
                )
    print(
        f"{asked.times} runs, {sum(told.values())} of them hit while they ran ({told}), {len(wrong)} wrong"
    )
    print("\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
