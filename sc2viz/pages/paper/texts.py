"""The texts of "The paper, checked" (texts.toml), and how a number of it is repeated."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

import streamlit as st

from sc2viz import words
from sc2viz.published import printed
from sc2viz.published.printed import LABELS, NAMES
from sc2viz.words import N_, _, read

TEXTS = read(Path(__file__).with_suffix(".toml"))
PROTOCOLS = {"fair": N_("Fair"), "as-printed": N_("As printed")}
COMPARISONS = [(data, setting) for data in printed.DATA for setting in printed.SETTINGS]


def text(name: str, **facts: object) -> str:
    """A text of texts.toml, whose lines are one message."""
    return _(" ".join(TEXTS[name].split()), **facts)


def name_block(data: str, setting: str) -> str:
    return _("{data}, {setting}", data=NAMES[data], setting=_(LABELS[setting]))


def command(experiment: str, data: str, protocol: str = "fair") -> str:
    """The command that measures an experiment."""
    extra = "" if protocol == "fair" else f" --protocol {protocol}"
    return f"python -m sc2viz reproduce {experiment} --data {data}{extra}"


def describe_missing(command: str) -> str:
    return _("Not measured yet: `{command}`", command=command)


def describe_commands(experiment: str, has_protocols: bool = True) -> str:
    """The commands that make the numbers of a section."""
    sentence = N_(
        "Made by {command}, also with `--data cifar10`. The runs behind a number say how to get the data."
    )
    if has_protocols:
        sentence = N_(
            "Made by {command}, also with `--data cifar10` and `--protocol as-printed`. The runs behind a number say "
            "how to get the data."
        )
    return _(sentence, command=f"`{command(experiment, 'mnist')}`")


def cached_as_published(function: Callable) -> Callable:
    """Keep what `function(claims, …)` returns, for all readers of a language, by the state of the files and the other
    arguments."""
    ask_store = st.cache_resource(max_entries=64, show_spinner=False)(
        lambda key, arguments, _claims: function(_claims, *arguments)
    )

    @wraps(function)
    def ask(claims, *arguments):
        return ask_store((function.__qualname__, words.language(), claims.stamp), arguments, claims)

    return ask
