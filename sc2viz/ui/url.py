"""Everything that stands in the URL, as one table. Widgets take their options from its rows, and links are read by them.

    Row(key, domain, default, widget, aliases, persist)

A domain (domains.py) says which values there are. It may depend on earlier rows: it then is a function of `value`, which
gives the value of each key. The rows of all pages stand here, because a link is read before the page that it opens.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import streamlit as st

from sc2viz import defaults, solvers, words
from sc2viz.browser import stops as marks
from sc2viz.draw import style
from sc2viz.photographs.peers import PICTURES
from sc2viz.training import Settings, autoencoders, losses
from sc2viz.ui import domains, known_codes, models, own, session, sets
from sc2viz.ui.domains import Domain, Lookup, Names, Numbers, Range, Switch, fit
from sc2viz.words import N_

OPTIMISERS = {"Adam": "recommended", "Adadelta": "paper"}  # and its preset of `training.fit`
_LOSSES = {
    "sc2net": N_("objective F"),
    "supervised": N_("F and labels"),
    "codes-supervised": N_("codes and labels"),
    "codes": N_("codes"),
    "denoising": N_("denoising"),
}
PEER = N_("Non-local means")  # the method that Photograph shows beside the solvers
STEPPED = tuple(sorted({kind.steps for kind in defaults.KINDS.values()}))  # T on Autoencoders
LAM = Range(0.01, 1.0, marks=marks.LAM)
_DECADE = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.3, 2.6, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9)
_THETAS = *(round(m * 10.0**power, 6) for power in (-4, -3, -2, -1) for m in _DECADE), 1.0, 1.5, 2.0


class Row(NamedTuple):
    """A key of the URL."""

    key: str
    domain: Domain | Callable[[Lookup], Domain]
    # What its page opens with; None: the first option, or what the page computes
    default: Any = None
    widget: str = (
        ""  # Streamlit's name of the widget over this row; "": a page writes the row itself
    )
    aliases: Sequence[str] = ()  # the row's earlier keys, which old links have
    persist: bool = False  # whether the value outlives a change of page
    texts: Mapping[str, str] = MappingProxyType({})  # its widget's label and help

    def values(self, value: Lookup) -> Domain:
        """Return the row's domain, where the earlier rows are as `value` says."""
        return self.domain(value) if callable(self.domain) else self.domain

    def opening(self, value: Lookup) -> Any:
        """Return the default; where earlier rows allow fewer numbers, the nearest of these."""
        if callable(self.domain) and isinstance(self.default, int | float):
            return fit(self.values(value), self.default)
        return self.default

    def read(self, texts: Sequence[str], value: Lookup) -> Any:
        """Return what the texts of a link mean, all of them where the widget holds several values; None where they mean
        nothing."""
        if not texts:
            return None
        values = self.values(value)
        if self.widget == "pills":
            return fit(values, list(texts)) or None
        return domains.read(values, texts)


def _offered_language(text: str) -> str | None:
    """Return the language that a link means, such as "zh" for "zh-CN"; None for English, and for one that is not offered."""
    return language if (language := words.choose_language([text])) != words.ENGLISH else None


def _labelled(labels: Mapping[str, str] | Callable[[], Mapping[str, str]]) -> Names:
    """Return the domain of the names in `labels`, which has the words for each."""
    return Names(tuple(labels() if callable(labels) else labels), labels=labels)


def _models(value: Lookup) -> Names:
    """Return the models for the data of the view, and those for photographs and Known codes, as a domain of their labels."""
    photographs = models.choices(sets.PHOTOGRAPHS) | {models.EXACT.label: models.EXACT}
    known_codes = {k: model for k, model in models.public(sets.KNOWN_CODES).items() if model.file}
    choices = photographs | models.choices(value("data")) | known_codes
    return Names(tuple(choices), lambda text: models.find_label(text, choices))


def _atoms(value: Lookup) -> int:
    """Return how many atoms the dictionary of the view has."""
    return sets.dictionary(value("data")).shape[1]


def _shares(total: int, shares: Iterable[float], high: int, low: int = 1) -> Range:
    """Return the whole numbers from `low` to `high`, with marks at these shares of `total`."""
    marks = {min(max(low, round(share * total)), high) for share in shares}
    return Range(low, high, 1, tuple(sorted(marks)))


def mappable() -> list[str]:
    """Return the solvers whose phase transition can be mapped: those that need no training, the exact one first."""
    untrained = (name for name in solvers.NAMES if not solvers.solver_class(name).traits.learned)
    return ["exact", *untrained]


def _autoencoded() -> dict[str, str]:
    """Return the words for each data set of Autoencoders, by a key such as "digits-64"."""
    return {
        f"{name}-{atoms}": f"{name}, {words.count(atoms, 'atom')}"
        for name, atoms in autoencoders.SETS
    }


# The values of rows that depend on the view, or are computed
_DOMAINS = {
    "tour": lambda value: Names(tuple(session.tours)),
    "step": lambda value: Range(1, session.tours.get(value("tour"), 1), 1),
    "lang": lambda value: Names(words.offered(), _offered_language, {"zh_CN": "zh"}),
    "data": lambda value: _labelled(sets.names()),
    "dictionary": lambda value: _labelled(partial(sets.options, value("data"))),
    "learn": Numbers(sets.SIZES),
    "learn_at": Names(sets.LAMBDAS),
    "picture": lambda value: Range(0, len(sets.images(value("data"))) - 1, 1),
    "lam": LAM,
    "T": Range(1, 100, 1, marks=marks.T),
    "solvers": _models,
    "sum": lambda value: Range(0, _atoms(value), 1),
    "atom": lambda value: Range(0, _atoms(value) - 1, 1),
    "at": lambda value: Range(1, value("T"), 1),
    "theta": Numbers(_THETAS),
    "photo": Names(
        (*PICTURES, own.photograph.NAME), labels={own.photograph.NAME: own.photograph.LABEL}
    ),
    "front": lambda value: Names((*_models(value).options, PEER), _models(value).alias),
    "dx": lambda value: _shares(value("ds"), known_codes.SIZES, value("ds"), 5),
    "k": lambda value: _shares(value("ds"), known_codes.NONZEROS, value("dx")),
    "snr": Range(0, 100, 1, marks=known_codes.SNR),
    "signal": Range(0, known_codes.ROWS - 1, 1),
    "layer": Range(0, known_codes.LAYERS, 1),
    "cost": _labelled(known_codes.COSTS),
    "mapped": lambda value: Names(tuple(map(style.label, mappable()))),
    "coded": _labelled(_autoencoded),
    "sample": Range(0, known_codes.ROWS - 1, 1),
    "after": Numbers(STEPPED),
    "trainee": lambda value: Names(tuple(map(style.label, solvers.NAMES))),
    "loss": Names(losses.NAMES, labels=_LOSSES),
    "optimiser": Names(tuple(OPTIMISERS)),
    "beside": lambda value: Names(tuple(models.public(value("data")))),
}
_DEFAULTS = {
    "learn": sets.ATOMS,
    "solvers": tuple(map(style.label, defaults.FIRST_SHOWN)),
    "layer": known_codes.LAYERS,
    "coded": "{}-{}".format(*autoencoders.SETS[0]),
    "after": STEPPED[-1],
    "trainee": style.label(defaults.TRAINED),
    "project": Settings.project,
    "weight": Settings.cross_entropy,
    "beside": style.label(defaults.BASELINE),
}


def _read_row(
    key: str,
    options: Mapping[str, str] | Sequence = (),
    older: Mapping[str, str] = MappingProxyType({}),
    low: float | None = None,
    high: float = 0,
    step: float | None = None,
    marks: Sequence[float] = (),
    default: Any = None,
    widget: str = "",
    aliases: Sequence[str] = (),
    persist: bool = False,
    **texts: str,
) -> Row:
    """Return the row that a table of rows.toml declares. older: the options that words of old links mean."""
    first, domain = next(iter(options), None), _DOMAINS.get(key, Switch())
    if isinstance(first, str):
        labels = options if isinstance(options, dict) else {}
        domain = Names(tuple(options), older.get, labels)
    elif options:
        domain = Numbers(tuple(options))
    elif low is not None:
        domain = Range(low, high, step, tuple(marks))
    elif isinstance(domain, Switch):
        first = False
    default = _DEFAULTS.get(key, first if default is None else default)
    return Row(key, domain, default, widget, aliases, persist, texts)


TABLE = {
    key: _read_row(key, **table)
    for key, table in words.read(Path(__file__).with_name("rows.toml")).items()
}
ROWS = tuple(TABLE.values())
# Keys of what earlier versions had, and what a link with one is told
GONE = {
    "pair": N_("Two dictionaries are no longer learned side by side. Learn one after the other.")
}
BENCH = ("data", "dictionary", "learn", "learn_at", "picture", "lam", "T")  # drawn by the sidebar


def default(key: str) -> Any:
    """Return the default of a row, with which a page opens; None where that depends on the view."""
    return TABLE[key].default


def domain(key: str) -> Domain:
    """Return the domain of a row: the values that there are in the current view."""
    return TABLE[key].values(value)


def stops(key: str, value: float) -> tuple:
    """Return where a slider of the row `key` stops, ascending; `value` is among these places."""
    return marks.with_value(domain(key).stops(), value)


def value(key: str) -> Any:
    """Return the current value: the widget's, else what the URL asks for, else the default."""
    stored = st.session_state.get(key)
    fitting = None if stored is None else fit(domain(key), stored)
    return first(TABLE[key], st.query_params.get_all(key), value) if fitting is None else fitting


def chosen(key: str) -> Any:
    """Return the current value, but the default where the widget follows the view: it may still have the value of the last
    view."""
    stored = st.session_state.get(key)
    follows = stored is not None and stored == session.openings.get(key)
    return TABLE[key].opening(value) if follows else value(key)


def lookup(query: Mapping[str, Sequence[str]], other_values: Lookup | None = None) -> Lookup:
    """Return a function that gives the value of each row where a link has `query`. other_values: gives those of the rows that
    it does not have; None where they open as they do."""

    def value(key: str) -> Any:
        if other_values and key not in query:
            return other_values(key)
        return first(TABLE[key], query.get(key, []), value)

    return value


def first(row: Row, texts: Sequence[str], value: Lookup) -> Any:
    """Return what the texts of a link mean; what the row opens with where they mean nothing."""
    meaning = row.read(texts, value)
    return row.opening(value) if meaning is None else meaning


def texts(key: str, label: str = "", **help_values: Any) -> dict[str, str]:
    """Return the words of the widget of a row, as Streamlit's widget takes them. label: another one than in the table of
    words. help_values: what stands in braces in its help."""
    row = dict(TABLE[key].texts) | ({"label": label} if label else {})
    return row | {name: words._(row[name], **help_values) for name in {"label", "help"} & {*row}}


def widget(
    key: str,
    label: str = "",
    opening: Any = None,
    help_values: Mapping[str, Any] = MappingProxyType({}),
    **options,
) -> Any:
    """Draw the widget of the row `key`, bound to the URL; return its value.

    label, help_values: as for `texts`. opening: the value that it opens with, where that is not the row's default. options:
    what else Streamlit's widget takes, such as fewer `options` than the row has, where the data allow fewer."""
    row, values = TABLE[key], domain(key)
    arguments = {**values.arguments(), **texts(key, label, **help_values), **options}
    choices = list(arguments.get("options", ()))
    opening = row.opening(value) if opening is None else opening
    if choices and opening is None:
        opening = choices[0]
    if row.persist:
        arguments["persist_state"] = "session"
    if row.widget == "selectbox":
        arguments["index"] = choices.index(opening) if opening in choices else 0
    elif row.widget == "pills":
        default = [option for option in opening if option in choices]
        arguments |= {"selection_mode": "multi", "wrap": True, "default": default}
    elif row.widget == "segmented_control":
        arguments |= {"default": opening, "required": True}
    elif row.widget == "expander":
        arguments["expanded"] = opening
    else:
        arguments.setdefault("value", opening)
    stored = st.session_state.get(key)
    if stored is not None and (nearest := fit(values, stored)) != stored:  # of other data
        st.session_state[key] = opening if nearest is None else nearest
    return getattr(st, row.widget)(key=key, bind="query-params", **arguments)


def follow(key: str, opening: int) -> int:
    """Have a row follow `opening`, which depends on the view, until the reader chooses another value; return its value."""
    openings, opening = session.keep("openings", {}), domain(key).nearest(opening)
    if key in st.session_state and st.session_state[key] in (None, openings.get(key)):
        st.session_state[key] = opening
    openings[key] = opening
    choice = domains.current(key, partial(domain, key))
    return opening if choice is None else choice


def following(key: str, opening: int, label: str) -> int:
    """Draw a field of a number that follows `opening` (`follow`); return the number. The URL has only the reader's choice.
    label: as for `widget`."""
    follow(key, opening)
    return int(widget(key, label, session.openings.get(key), width=120))
