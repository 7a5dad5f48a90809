"""How commands.toml says what a command is. Nothing here imports torch, so that --help is quick."""

import argparse
import tomllib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sc2viz.cli import limits

TABLE = tomllib.loads(Path(__file__).with_name("commands.toml").read_text("utf-8"))
SHARED = TABLE["shared"]  # a command that has one of these flags states what differs from this


def add_commands(
    parser: argparse.ArgumentParser, metavar: str, section: str
) -> argparse._SubParsersAction:
    """Let a parser take one of the commands of a section."""
    parsers = parser.add_subparsers(required=True, metavar=metavar, parser_class=limits.Parser)
    for name, row in TABLE[section].items():
        command = parsers.add_parser(name, help=row["about"], **row.get("says", {}))
        command.set_defaults(work=row["work"])
        either = row.get("either", ())  # the flags of which exactly one must be given
        choice = command.add_mutually_exclusive_group(required=True) if either else command
        groups = {"": row.get("options", {})} | row.get("groups", {})
        for title, options in groups.items():
            group = command.add_argument_group(title) if title else command
            for flag, option in options.items():
                target = choice if flag in either else group
                target.add_argument(flag, **read(flag, option))
    return parsers


def read(flag: str, option: Any) -> dict[str, Any]:
    """What argparse's add_argument takes, of an option of the table: a mapping, or the words of --help alone."""
    option = SHARED.get(flag, {}) | ({"help": option} if isinstance(option, str) else option)
    if option.pop("no_default", False):
        option["default"] = None
    for key, convert in (("default", _look_up), ("type", _find_reader)):
        if key in option:
            option[key] = convert(option[key])
    return option | {"help": option.get("help", "").format_map(TABLE["run"]) or None}


def _look_up(value: Any) -> Any:
    """What a module holds, for "sc2viz.module:NAME"; anything else as it is."""
    if not (isinstance(value, str) and value.startswith("sc2viz.")):
        return value
    module, _, name = value.partition(":")
    return getattr(import_module(module), name)


@cache
def _find_reader(kind: str) -> Callable[[str], Any]:
    """What reads a value of an option, from a `type` of the table."""
    if ":" in kind:
        module, _, tables = kind.partition(":")
        return limits.name_in(module, *tables.split())
    if "-" in kind:
        return limits.whole_number(*map(int, kind.split("-")))
    return {"float": float, "str": str, "path": Path}.get(kind) or getattr(limits, kind)
