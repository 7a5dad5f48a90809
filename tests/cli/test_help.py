"""`--help` of every command is quick, and what a command's options and its work are called fits together."""

import argparse
import subprocess
import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest

from sc2viz import solvers
from sc2viz.__main__ import main
from sc2viz.cli import commands
from sc2viz.cli.options import SHARED, TABLE, read
from sc2viz.training import losses

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = TABLE["commands"] | {f"bench {name}": row for name, row in TABLE["bench"].items()}
# Prints the help of all commands that it is given, one a line, and then what was imported beside Python's own modules.
HELP = """
import contextlib, sys
from sc2viz.__main__ import main
for command in sys.argv[1:]:
    with contextlib.suppress(SystemExit):
        main([*command.split(), "--help"])
print("imported", *sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names))
"""
HEAVY = "torch numpy numba scipy sklearn plotly streamlit pandas tqdm safetensors"


def test_help_of_every_command_imports_nothing_that_takes_time():
    names = ["", "bench", *COMMANDS]
    command = [sys.executable, "-c", HELP, *names]
    output = subprocess.check_output(command, cwd=ROOT, text=True, timeout=120)
    for name in names:
        assert f"usage: python -m sc2viz {name}".strip() + " [-h]" in output, name
    imported = output.splitlines()[-1].split()[1:]
    assert "sc2viz" in imported and not set(imported) & set(HEAVY.split())


def test_every_command_finds_its_work():
    for name, row in COMMANDS.items():
        module, _, work = row["work"].partition(":")
        assert name == "app" or callable(getattr(import_module(module), work)), name


def test_a_flag_reads_the_same_in_every_command():
    readers = defaultdict(dict)

    def collect(parser: argparse.ArgumentParser, name: str = "") -> None:
        for action in parser._actions:
            for flag in action.option_strings:
                readers[flag][name] = action.type
            for word, command in (
                action.choices if isinstance(action.choices, dict) else {}
            ).items():
                collect(command, f"{name} {word}".strip())

    collect(commands.parser())
    assert len(readers["--lam"]) > 8 and len(readers["--repeats"]) == 2
    # A solver of photographs may be a file, and the data sets of the paper have names of their own.
    others = {
        "--solver": {"denoise", "inpaint", "approximate", "bench photographs"},
        "--data": {"reproduce"},
    }
    for flag in SHARED:
        kinds = {kind for name, kind in readers[flag].items() if name not in others.get(flag, ())}
        assert kinds == {read(flag, {}).get("type")}, flag


@pytest.mark.parametrize(
    "command, names",
    [
        ("train --solver nobody", solvers.NAMES),
        ("encode --data x --out y --dictionary z --solver nobody", solvers.NAMES),
        ("train --preset nobody", solvers.PRESETS + solvers.EARLIER),
        ("train --loss nobody", losses.NAMES),
        ("reproduce sae --data nobody", ("mnist", "cifar10", "digits", "compositional")),
    ],
)
def test_a_wrong_name_is_answered_with_all_names(capsys, command, names):
    with pytest.raises(SystemExit, match="2"):
        main(command.split())
    message = capsys.readouterr().err.rpartition("nobody")[2]
    assert all(name in message for name in names)
