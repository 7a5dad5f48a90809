"""The texts of "The paper, checked" (texts.toml), and how a number of it is repeated."""

from operator import attrgetter
from pathlib import Path

import streamlit as st

from sc2viz.published import printed
from sc2viz.published.accuracies import Claims
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


def describe_commands(experiment: str) -> str:
    """The command that makes the numbers of a section."""
    return _(
        "Made by {command}, also with `--data cifar10`. The runs behind a number say how to get the data.",
        command=f"`python -m sc2viz reproduce {experiment} --data mnist`",
    )


# Kept for all readers of a language, by the state of the files
cached_as_published = st.cache_resource(
    max_entries=64, show_spinner=False, hash_funcs={Claims: attrgetter("stamp")}
)
