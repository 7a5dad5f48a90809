"""What a command is, and the options that several commands share. Nothing here imports torch, so that --help is quick."""

import argparse
from collections.abc import Mapping
from typing import Any, NamedTuple

from sc2viz.cli import limits

Options = Mapping[str, Mapping[str, Any] | str]  # what argparse's add_argument takes, or the words of --help, by flag

# A command that has one of these flags states what differs from this.
SHARED: Mapping[str, Mapping[str, Any]] = {
    "--data": dict(default="mnist-5k", help="a data set's name or an .npz (default: %(default)s)"),
    "--key": dict(help="which array of the .npz"),
    "--atoms": dict(type=limits.atoms, help="d_s; by default that of the dictionary that ships for the data, or 100"),
    "--dictionary": dict(metavar="FILE"),
    "--solver": dict(type=limits.name_in("sc2viz.solvers", "NAMES"), metavar="NAME",
                     help="a solver's name (default: %(default)s); a wrong one is answered with all names"),
    "--steps": dict(type=limits.steps, default=10, help="iterations T (default: %(default)s)"),
    "--k": dict(type=limits.atoms),
    "--lam": dict(type=float, default=0.1, help="lambda (default: %(default)s)"),
    "--positive": dict(action="store_true"),
    "--epochs": dict(type=limits.epochs, help="default: %(default)s"),
    "--seed": dict(type=limits.seed, default=0, help="default: %(default)s"),
    "--repeats": dict(type=limits.times, default=5, help="default: %(default)s"),
    "--processor-time": dict(action="store_true", help="of one thread each, for a machine that is not idle"),
}  # fmt: skip


class Command(NamedTuple):
    """A command of `sc2viz` or of `sc2viz bench`."""

    about: str
    work: str  # "module:function", which is imported when the command runs, and takes what was asked; `app` has its own way
    options: Options = {}
    groups: Mapping[str, Options] = {}  # more options, under headings
    either: tuple[str, ...] = ()  # the flags of which exactly one must be given
    says: Mapping[str, str] = {}  # more of what argparse's add_parser takes


def flag(about: str) -> Mapping[str, str]:
    return dict(action="store_true", help=about)


def add(parser: argparse._ActionsContainer, options: Options, either: tuple[str, ...] = ()) -> None:
    """Add options to a parser, or to a group of one, with what SHARED says of their flags."""
    one = parser.add_mutually_exclusive_group(required=True) if either else parser
    for name, own in options.items():
        own = {"help": own} if isinstance(own, str) else own
        (one if name in either else parser).add_argument(name, **{**SHARED.get(name, {}), **own})


def add_commands(parser: argparse.ArgumentParser, what: str, commands: Mapping[str, Command]) -> argparse._SubParsersAction:
    """Let a parser take one of these commands."""
    parsers = parser.add_subparsers(required=True, metavar=what, parser_class=limits.Parser)
    for name, command in commands.items():
        each = parsers.add_parser(name, help=command.about, **command.says)
        add(each, command.options, command.either)
        for title, options in command.groups.items():
            add(each.add_argument_group(title), options)
        each.set_defaults(work=command.work)
    return parsers
