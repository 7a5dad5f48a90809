"""What readers, their Python and their scripts rely on is as it was: names, parameters, commands, options, and the wheel.

`public.txt` lists names with their parameters, and commands with their options; what may be left out ends with "=". A name
or an option may be added, and so may a parameter that may be left out. `python tests/test_public.py` prints today's list.
"""

import argparse
import importlib
import inspect
import subprocess
from pathlib import Path

import pytest

from sc2viz.cli import commands

ROOT = Path(__file__).resolve().parents[1]
LISTED = Path(__file__).with_name("public.txt")
MODULES = (
    "activations",
    "checkpoints",
    "data",
    "device",
    "dictionary",
    "estimators",
    "evaluation",
    "lasso",
    "patches",
    "photographs",
    "solvers",
    "training",
)


def parameters(callable) -> list[str]:
    """The names of what a function or a class takes."""
    if inspect.isclass(callable) and issubclass(callable, Exception):
        return []
    signature_parameters = inspect.signature(callable).parameters.values()
    return [
        parameter.name + "=" * (parameter.default is not parameter.empty)
        for parameter in signature_parameters
        if parameter.name not in ("self", "args", "kwargs")
    ]


def names() -> dict[str, list[str]]:
    """The public functions and classes of the public modules, with their parameters."""
    names_by_path = {"sc2viz.live": parameters(importlib.import_module("sc2viz").live)}
    for module in (importlib.import_module(f"sc2viz.{name}") for name in MODULES):
        offered = [
            name for name in {*vars(module), *getattr(module, "__all__", ())} if name[0].isalpha()
        ]
        for name in sorted(offered):
            value = getattr(module, name)
            if (
                inspect.isclass(value) or inspect.isfunction(value)
            ) and value.__module__.startswith(module.__name__):
                names_by_path[f"{module.__name__}.{name}"] = parameters(value)
    return names_by_path


def options(parser: argparse.ArgumentParser) -> dict[str, list[str]]:
    """The options of a command and of those below it."""
    options_by_command = {
        parser.prog.rpartition("python -m ")[2]: sorted(
            (action.option_strings or [action.dest])[-1] + "=" * (not action.required)
            for action in parser._actions
            if action.nargs != argparse.PARSER
        )
    }
    for action in parser._actions:
        for subparser in action.choices.values() if isinstance(action.choices, dict) else ():
            options_by_command |= options(subparser)
    return options_by_command


def today() -> dict[str, list[str]]:
    return {**names(), **options(commands.parser())}


def test_names_and_options_are_there_as_they_were():
    current = today()
    for line in LISTED.read_text(encoding="utf-8").splitlines():
        name, _, listed = line.partition(":")
        expected = listed.split()
        assert name in current, f"{name} is gone"
        assert [item for item in current[name] if item in expected] == expected, (
            f"{name} takes {current[name]}, and took {expected}"
        )
        further = [item for item in current[name] if item not in expected]
        assert all(item.endswith("=") for item in further), (
            f"{name} needs {further}, which it did not"
        )


def test_the_wheel_holds_the_package_the_weights_and_the_app():
    builders = pytest.importorskip("hatchling.builders.wheel")
    builder = builders.WheelBuilder(str(ROOT))
    packed = {file.distribution_path for file in builder.recurse_included_files()}
    tracked = subprocess.run(
        ["git", "ls-files", "sc2viz", "pretrained"], cwd=ROOT, capture_output=True, text=True
    )
    if tracked.returncode:
        pytest.skip("this is no checkout of git")
    existing = [name for name in tracked.stdout.splitlines() if (ROOT / name).exists()]
    expected = {name if name.startswith("sc2viz") else f"sc2viz/{name}" for name in existing}
    expected |= {"sc2viz/ui/served/app.py", "sc2viz/ui/served/.streamlit/config.toml"}
    assert expected <= {Path(name).as_posix() for name in packed}
    assert not {
        name
        for name in packed
        if "__pycache__" in name or name.startswith(("tests", ".github", ".ci"))
    }


if __name__ == "__main__":
    print("\n".join(f"{name}: {' '.join(words)}" for name, words in today().items()))
