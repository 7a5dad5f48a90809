"""`--help` of every command is quick, and what a command's options and its work are called fits together."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from sc2viz import solvers
from sc2viz.__main__ import main
from sc2viz.cli import commands
from sc2viz.cli.options import SHARED
from sc2viz.cli.table import BENCHES, COMMANDS, RUN
from sc2viz.training import fit, losses

ROOT = Path(__file__).resolve().parents[2]
# Prints the help of all commands that it is given, one a line, and then what was imported beside Python's own modules.
HELP = """
import contextlib, sys
from sc2viz.__main__ import main
for command in sys.argv[1:]:
    with contextlib.suppress(SystemExit):
        main([*command.split(), "--help"])
print("imported", *sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names))
"""


def parsers(
    parser: argparse.ArgumentParser, name: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield name, parser
    for action in parser._actions:
        for word, each in action.choices.items() if isinstance(action.choices, dict) else ():
            yield from parsers(each, f"{name} {word}".strip())


def test_help_of_every_command_imports_nothing_that_takes_time():
    names = ["", "app", *COMMANDS, "bench", *(f"bench {name}" for name in BENCHES)]
    done = subprocess.run(
        [sys.executable, "-c", HELP, *names], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    for name in names:
        assert f"sc2viz {name} [-h]".replace("  ", " ") in done.stdout.replace("-c ", "sc2viz "), (
            name
        )
    imported = set(done.stdout.splitlines()[-1].split()[1:])
    heavy = {
        "torch",
        "numpy",
        "numba",
        "scipy",
        "sklearn",
        "plotly",
        "streamlit",
        "pandas",
        "tqdm",
        "safetensors",
    }
    assert "sc2viz" in imported and not imported & heavy


def test_every_command_finds_its_work():
    for name, command in {**COMMANDS, **BENCHES}.items():
        module, _, work = command.work.partition(":")
        assert name == "app" or callable(getattr(import_module(module), work)), name


def test_a_flag_reads_the_same_in_every_command():
    found = {}
    for name, parser in parsers(commands.parser()):
        for action in parser._actions:
            for flag in action.option_strings:
                found.setdefault(flag, {})[name] = action.type
    assert len(found["--lam"]) >= 9 and len(found["--atoms"]) >= 4 and len(found["--repeats"]) == 2
    # A solver of photographs may be a file, and the data sets of the paper have names of their own.
    others = {
        "--solver": {"denoise", "inpaint", "approximate", "bench photographs"},
        "--data": {"reproduce"},
    }
    for flag, how in SHARED.items():
        kinds = {kind for name, kind in found[flag].items() if name not in others.get(flag, ())}
        assert kinds == {how.get("type")}, flag


@pytest.mark.parametrize(
    "words, names",
    [
        ("train --solver nobody", solvers.NAMES),
        ("encode --data x --out y --dictionary z --solver nobody", solvers.NAMES),
        ("train --preset nobody", solvers.PRESETS + solvers.EARLIER),
        ("train --loss nobody", losses.NAMES),
        ("reproduce sae --data nobody", ("mnist", "cifar10", "digits", "compositional")),
    ],
)
def test_a_wrong_name_is_answered_with_all_names(capsys, words, names):
    with pytest.raises(SystemExit, match="2"):
        main(words.split())
    said = capsys.readouterr().err.rpartition("nobody")[2]
    assert all(name in said for name in names)


def test_training_offers_what_its_modules_hold():
    from sc2viz import training

    assert training.fit is fit and all(hasattr(training, name) for name in training.__all__)
    assert (
        not hasattr(training, "nothing")
        and RUN["loss"] in losses.NAMES
        and RUN["preset"] in solvers.PRESETS
    )
