"""What a command is, and how commands.toml says it. Nothing here imports torch, so that --help is quick."""

import argparse
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from sc2viz.cli import limits

Options = Mapping[str, Mapping[str, Any]]  # what argparse's add_argument takes, by flag


class Command(NamedTuple):
    """A command of `sc2viz` or of `sc2viz bench`."""

    about: str
    work: str  # "module:function", which is imported when the command runs, and takes what was asked; `app` has its own way
    options: Options = {}
    groups: Mapping[str, Options] = {}  # more options, under headings
    either: Sequence[str] = ()  # the flags of which exactly one must be given
    says: Mapping[str, str] = {}  # more of what argparse's add_parser takes


def _held(said: Any) -> Any:
    """What a module holds, for "sc2viz.module:NAME"; anything else as it is."""
    if not (isinstance(said, str) and said.startswith("sc2viz.")):
        return said
    module, _, name = said.partition(":")
    return getattr(import_module(module), name)


def _kind(said: str) -> Callable[[str], Any]:
    """What reads a value of an option, from a `type` of the table."""
    if ":" in said:
        module, _, tables = said.partition(":")
        return limits.name_in(module, *tables.split())
    if "-" in said:
        return limits.whole(*map(int, said.split("-")))
    return {"float": float, "str": str, "path": Path}.get(said) or getattr(limits, said)


def _read(options: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What add_argument takes, of options of the table; `words` are filled into what --help says."""
    found, reads = (
        {},
        {
            "default": _held,
            "choices": _held,
            "type": _kind,
            "help": lambda text: text.format_map(words),
        },
    )
    for name, said in options.items():
        own = {"help": said} if isinstance(said, str) else dict(said)
        if own.pop("no_default", False):
            own["default"] = None
        found[name] = {
            key: reads[key](value) if key in reads else value for key, value in own.items()
        }
    return found


def commands(section: str, words: Mapping[str, Any]) -> dict[str, Command]:
    """The commands of a section of the table."""
    found = {}
    for name, said in TABLE[section].items():
        groups = {title: _read(options, words) for title, options in said.get("groups", {}).items()}
        found[name] = Command(
            **{**said, "options": _read(said.get("options", {}), words), "groups": groups}
        )
    return found


TABLE = tomllib.loads(Path(__file__).with_name("commands.toml").read_text("utf-8"))
SHARED = _read(
    TABLE["shared"], {}
)  # a command that has one of these flags states what differs from this


def add(parser: argparse._ActionsContainer, options: Options, either: Sequence[str] = ()) -> None:
    """Add options to a parser, or to a group of one, with what SHARED says of their flags."""
    one = parser.add_mutually_exclusive_group(required=True) if either else parser
    for name, own in options.items():
        (one if name in either else parser).add_argument(name, **{**SHARED.get(name, {}), **own})


def add_commands(
    parser: argparse.ArgumentParser, what: str, commands: Mapping[str, Command]
) -> argparse._SubParsersAction:
    """Let a parser take one of these commands."""
    parsers = parser.add_subparsers(required=True, metavar=what, parser_class=limits.Parser)
    for name, command in commands.items():
        each = parsers.add_parser(name, help=command.about, **command.says)
        add(each, command.options, command.either)
        for title, options in command.groups.items():
            add(each.add_argument_group(title), options)
        each.set_defaults(work=command.work)
    return parsers
