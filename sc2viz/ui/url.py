"""Everything that stands in the URL, as one table. Widgets take their options from its rows, and links are read by them.

    Row(key, domain, default, widget, aliases, persist)

A domain (domains.py) says which values there are. It may depend on earlier rows: it then is a function of `now`, which
gives the value of each key.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import streamlit as st

from sc2viz import defaults, solvers, words
from sc2viz.browser import stops as at_hand
from sc2viz.draw import style
from sc2viz.photographs.peers import PICTURES
from sc2viz.training import Settings, autoencoders, losses
from sc2viz.ui import known_codes, models, own, session, sets
from sc2viz.ui.domains import Domain, Names, Now, Numbers, Range, Switch, asked, fit, meant
from sc2viz.words import N_

OPTIMISERS = {
    "Adam": "recommended",
    "Adadelta": "paper",
}  # each optimiser, and the preset of `training.fit` that takes it
_LOSSES = {
    "sc2net": N_("objective F"),
    "supervised": N_("F and labels"),
    "codes-supervised": N_("codes and labels"),
    "codes": N_("codes"),
    "denoising": N_("denoising"),
}
# The parts of the page Dictionary
PARTS = {
    "learning": N_("being learned"),
    "atoms": N_("all atoms"),
    "networks": N_("in networks"),
    "alike": N_("two alike"),
}
SOURCES = {
    "data": N_("this data set"),
    "whitened": N_("whitened photographs"),
    "raw": N_("photographs"),
}
RULES = {"online": N_("online"), "cross-fitted": N_("cross-fitted")}  # of `dictionary.learn`
_DECADE = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.3, 2.6, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9)
_THETAS = *(round(m * 10.0**power, 6) for power in (-4, -3, -2, -1) for m in _DECADE), 1.0, 1.5, 2.0
PEER = words.N_("Non-local means")  # the method that Photograph shows beside the solvers
_OPENS = tuple(map(style.label, defaults.OPENS))


@dataclass(frozen=True)
class Row:
    """A key of the URL."""

    key: str
    domain: Domain | Callable[[Now], Domain]
    default: Any = None  # the value that its page opens with; None: the first option, or what the page computes
    widget: str = (
        ""  # Streamlit's name of the widget over this row; "": a page writes the row without one
    )
    aliases: tuple[str, ...] = ()  # the row's earlier keys, which old links have
    persist: bool = False  # whether the value outlives a change of page
    reworded: Callable[[str], str] = str  # makes a value's text of an earlier version that of today

    def values(self, now: Now) -> Domain:
        """The domain, where the earlier rows are as `now` says."""
        return self.domain(now) if callable(self.domain) else self.domain

    def opens(self, now: Now) -> Any:
        """The default; where earlier rows allow fewer numbers, the nearest of these."""
        if callable(self.domain) and isinstance(self.default, int | float):
            return fit(self.values(now), self.default)
        return self.default

    def held(self, texts: Sequence[str], now: Now) -> Any:
        """What the row's widget holds where a link has these texts; None where they mean nothing."""
        found = [value for text in texts if (value := self.values(now).mend(text)) is not None]
        return (found if self.widget == "pills" else found[0]) if found else None


def _offered(text: str) -> str | None:
    """The language that a link means, such as "zh" or "zh-CN"."""
    return found if (found := words.meant([text])) != words.ENGLISH else None


def _labelled(labels: Mapping[str, str] | Callable[[], Mapping[str, str]]) -> Names:
    return Names(tuple(labels() if callable(labels) else labels), labels=labels)


def _models(now: Now) -> Names:
    """The models for the data at hand, and those for photographs, exact codes among them."""
    photographs = models.choices(sets.PHOTOGRAPHS) | {models.EXACT.label: models.EXACT}
    return _names(
        photographs | models.choices(now("data")) | dict.fromkeys(models.trained_for_codes())
    )


def _names(known: Mapping[str, models.Model]) -> Names:
    return Names(tuple(known), lambda text: models.meant(text, known))


def _atoms(now: Now) -> int:
    return sets.dictionary(now("data")).shape[1]


def _shares(of: int, shares: Iterable[float], most: int | None = None) -> tuple[int, ...]:
    """The whole numbers that are these shares of `of`, `most` at most."""
    return tuple(sorted({min(max(1, round(share * of)), most or of) for share in shares}))


def mappable() -> list[str]:
    """The solvers whose phase transition can be mapped: those that need no training, the exact one first."""
    return [
        "exact",
        *(name for name in solvers.NAMES if not solvers.solver_class(name).traits.learned),
    ]


_DONE = {"denoise": N_("Denoise"), "inpaint": N_("Inpaint"), "approximate": N_("Approximate")}
_TESTED = {name: name for name in PICTURES}
# The dictionaries of patches on Photograph.
ATOMS = {
    "shipped": N_("shipped"),
    "learned": N_("learned from the photograph"),
    "own": N_("yours…"),
}


def _autoencoded() -> dict[str, str]:
    return {
        f"{name}-{atoms}": f"{name}, {words.count(atoms, 'atom')}"
        for name, atoms in autoencoders.SETS
    }


# The views of Solvers, and their words in older links
_STEPS = dict.fromkeys(
    ("steps", "all steps", "Schritte", "alle Schritte", "所有步骤"), "iterations"
)
_VIEWS = Names(
    ("one iteration", "ISTA to LSTM", "iterations", "pictures", "bound"),
    ({"LSTM": "ISTA to LSTM"} | _STEPS).get,
    {
        "one iteration": N_("one iteration"),
        "ISTA to LSTM": N_("ISTA to an LSTM"),
        "iterations": N_("all iterations"),
        "pictures": N_("all pictures"),
        "bound": N_("the bound"),
    },
)
PRICES = (
    0.25,
    0.35,
    0.5,
    0.7,
    1.0,
    1.4,
    2.0,
    2.8,
    4.0,
)  # λ in units of the own, on Photograph and Autoencoders
STEPPED = tuple(
    sorted({kind.steps for kind in defaults.KINDS.values()})
)  # T of the encoders on Autoencoders
LAM = Range(0.01, 1.0, marks=at_hand.LAM)
ROWS = (
    # A tour, and its step, on all pages
    Row("tour", lambda now: Names(tuple(session.TOURS.get())), None, persist=True),
    Row("step", lambda now: Range(1, session.TOURS.get().get(now("tour"), 1), 1), 1, persist=True),
    Row("notes", Switch(), False),
    # The language; without one, that of the reader's browser
    Row("lang", lambda now: Names(words.offered(), _offered, {"zh_CN": "zh"}), None, persist=True),
    # The sidebar
    Row("data", lambda now: _labelled(sets.names()), "mnist-5k", "selectbox"),
    Row("dictionary", lambda now: _labelled(partial(sets.options, now("data"))), None, "selectbox"),
    Row("learn", Numbers(sets.SIZES), sets.ATOMS, "selectbox"),
    Row("learn_at", Names(sets.LAMBDAS), sets.EVERY, "selectbox"),
    Row("picture", lambda now: Range(0, len(sets.images(now("data"))) - 1, 1), 0, "number_input"),
    # λ opens at 0.5, where codes look sparse; the paper's is 0.1.
    Row("lam", LAM, 0.5, "number_input"),
    Row("T", Range(1, 100, 1, marks=at_hand.T), 10, "number_input"),
    # Every page
    Row("present", Switch(), False, "toggle"),
    Row("more", Switch(), False, "expander"),
    # Solvers and Why zeros
    # One choice of solvers for all pages, in the order of choosing. The older keys belonged to single pages.
    Row("solvers", _models, _OPENS, "pills", ("stepped", "gated", "under"), persist=True, reworded=models.reworded),
    Row("layout", Names((N_("grid"), N_("one picture"), "dual bound"), {"界": "dual bound"}.get,
                        {"dual bound": N_("bound")}), "grid", "segmented_control"),
    Row("against", Names((N_("iterations"), N_("milliseconds"))), "iterations", "segmented_control"),
    Row("spread", Switch(), False, "toggle", persist=True),
    # Solvers
    Row("safeguard", Switch(), False, "toggle", persist=True),
    # The canvas of Welcome, Solvers and Why zeros
    Row("draw", Switch(), False, "toggle", persist=True),
    # Networks that were trained on other data, on all pages
    Row("others", Switch(), False, "toggle", persist=True),
    # All iterations open at iteration 5, by which the solvers differ
    Row("t", Range(0, 100, 1), 5),
    Row("shows", _VIEWS, "one iteration", "segmented_control"),
    Row("compares", _VIEWS, "pictures", "segmented_control"),
    Row("lock", Switch(), True, "toggle"),
    Row("i", Range(0.0, 1.99, 0.01), 1.8, "slider"),
    Row("f", Range(-0.99, 1.0, 0.01), -0.8, "slider"),  # f = −1 is left out, because adaptive ISTA then never comes to rest
    # Welcome: the number of atoms that are added up
    Row("sum", lambda now: Range(0, _atoms(now), 1)),
    # Gates & cells
    Row("atom", lambda now: Range(0, _atoms(now) - 1, 1), None, "number_input"),
    Row("at", lambda now: Range(1, now("T"), 1), None, "number_input"),
    Row("order", Names((N_("by final |s|"), N_("by number"))), "by final |s|", "segmented_control"),
    # Dictionary, and what is learned there. It shares the row `atom` with Gates & cells.
    Row("part", _labelled(PARTS), "learning", "segmented_control"),
    Row("sorted", Names((N_("by use"), N_("by norm"), N_("by likeness"), "by number")), "by use", "segmented_control"),
    Row("source", _labelled(SOURCES), "data", "selectbox", persist=True),
    Row("size", Numbers((50, 100, 200, 400)), 100, "selectbox", persist=True),
    Row("positive", Switch(), False, "toggle", persist=True),
    Row("rule", _labelled(RULES), "online", "selectbox", persist=True),
    # Activations
    Row("fit", Switch(), True, "toggle"),
    Row("theta", Numbers(_THETAS), None, "select_slider"),
    Row("R", Range(0.05, 8.0, 0.01), None, "slider"),
    Row("D", Range(0.05, 6.0, 0.01), None, "slider"),
    Row("u", Range(0.01, 3.0, 0.01), None, "slider"),
    # Photograph. σ is on the scale of 0 to 255, and a place is a pixel's row and column.
    Row("photo", _labelled({**_TESTED, own.photograph.NAME: own.photograph.LABEL}), "camera", "selectbox"),
    Row("do", _labelled(_DONE), "denoise", "segmented_control"),
    Row("lost", Names((N_("text"), N_("random"), N_("painted"))), "text", "segmented_control"),
    Row("share", Range(10, 90, 5), 50, "slider"),
    Row("few", Numbers((0.03, 0.05, 0.1, 0.2, 0.4, 0.8)), 0.2, "select_slider"),
    Row("patch_dictionary", _labelled(ATOMS), "shipped", "selectbox"),
    Row("colour", Switch(), False, "toggle"),
    Row("already", Switch(), False, "toggle"),
    Row("megapixels", Numbers((0.25, 1.0, 4.0, 12.0)), 1.0, "selectbox"),
    Row("sigma", Range(1, 75, 1), 25, "number_input"),
    Row("price", Range(0.25, 4.0, marks=PRICES), 1.0, "number_input"),
    Row("front", lambda now: Names((*_models(now).options, PEER), _models(now).meant)),
    Row("row", Range(0, 11_999, 1)),
    Row("column", Range(0, 11_999, 1)),
    # Known codes: the problem, which of its signals, after which layer, and what is shown of it
    Row("ds", Numbers((100, 200, 500)), 500, "selectbox"),
    Row("dx", lambda now: Range(5, now("ds"), 1, marks=_shares(now("ds"), known_codes.SIZES)), 250, "number_input"),
    Row("k", lambda now: Range(1, now("dx"), 1, marks=_shares(now("ds"), known_codes.NONZEROS, now("dx"))), 50,
        "number_input"),
    Row("snr", Range(0, 100, 1, marks=known_codes.SNR), 40, "number_input"),
    Row("exactly", Switch(), False, "toggle"),
    Row("own_lam", Switch(), True, "toggle"),
    Row("signal", Range(0, known_codes.ROWS - 1, 1), 0, "number_input"),
    Row("layer", Range(0, known_codes.LAYERS, 1), known_codes.LAYERS),
    Row("cost", _labelled(known_codes.COSTS), "multiplications", "segmented_control"),
    Row("mapped", lambda now: Names(tuple(map(style.label, mappable()))), None, "selectbox"),
    # Autoencoders: the rows and the number of atoms, which row, after how many steps, and whose atoms. λ is `price` times
    # each encoder's own.
    Row("coded", _labelled(_autoencoded), next(iter(_autoencoded())), "selectbox"),
    Row("sample", Range(0, known_codes.ROWS - 1, 1), 0, "number_input"),
    Row("after", Numbers(STEPPED), STEPPED[-1]),
    # The paper: what is shown of the hundred pictures
    Row("hundred", Names((N_("errors"), N_("reconstructions"))), "errors", "segmented_control"),
    # Train live
    Row("trainee", lambda now: Names(tuple(map(style.label, solvers.NAMES))), style.label(defaults.TRAINED), "selectbox",
        persist=True),
    Row("loss", Names(losses.NAMES, labels=_LOSSES), "sc2net", "selectbox", persist=True),
    Row("start", Names(("strokes", N_("pictures"), N_("noise"), N_("yours")), labels={"strokes": N_("learned")}), "strokes",
        "selectbox", persist=True),
    Row("rate", Numbers((1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0)), 3e-4, "selectbox",
        persist=True),
    Row("preset", Names((N_("recommended"), N_("paper"))), "recommended", "selectbox",
        persist=True),
    Row("activation", Names((N_("shrinkage"), N_("double-tanh"))), "shrinkage", "selectbox", persist=True),
    Row("optimiser", Names(tuple(OPTIMISERS)), "Adam", "selectbox", persist=True),
    Row("every", Switch(), True, "toggle", persist=True),
    Row("project", Switch(), Settings.project, "toggle", persist=True),
    Row("plateau", Switch(), False, "toggle", persist=True),
    Row("atoms", Numbers(sets.SIZES), 100, "selectbox", persist=True),
    Row("batch", Numbers((16, 32, 64, 128, 256, 512)), 64, "selectbox", persist=True),
    Row("epochs", Numbers((1, 5, 10, 12, 20, 50, 100, 500)), 20, "selectbox", persist=True),
    Row("weight", Numbers((0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)), Settings.cross_entropy, "selectbox", persist=True),
    Row("beside", lambda now: Names(tuple(models.public(now("data")))), style.label(defaults.BASELINE),
        "selectbox", persist=True),
)  # fmt: skip
TABLE = {row.key: row for row in ROWS}
# Keys of what earlier versions had, and what a link with one is told
GONE = {
    "pair": N_("Two dictionaries are no longer learned side by side. Learn one after the other.")
}
WORDS = words.read(Path(__file__).with_name("widgets.toml"))  # of widgets, by row
BENCH = (
    "data",
    "dictionary",
    "learn",
    "learn_at",
    "picture",
    "lam",
    "T",
)  # the rows that the sidebar draws


def default(key: str) -> Any:
    """The value that a page opens with."""
    return TABLE[key].default


def domain(key: str) -> Domain:
    """The values that there are in the view at hand."""
    return TABLE[key].values(now)


def stops(key: str, value: float) -> tuple:
    """Where a slider of the row `key` stops, ascending; `value` is among these places."""
    return at_hand.with_own(domain(key).stops(), value)


def now(key: str) -> Any:
    """The value at hand: the widget's, else what the URL asks for, else the default."""
    row, held = TABLE[key], st.session_state.get(key)
    found = None if held is None else fitted(row, held, row.values(now))
    return first(row, st.query_params.get_all(key), now) if found is None else found


def chosen(key: str) -> Any:
    """The value at hand, but the default where the widget follows the view: it may still have the value of the last view."""
    row, held = TABLE[key], st.session_state.get(key)
    follows = held is not None and held == session.opens(key).get()
    return row.opens(now) if follows else now(key)


def fitted(row: Row, held: Any, values: Domain) -> Any:
    """The value of a row among its `values` that what its widget holds means; None where it means none."""
    if row.widget == "pills":
        options = (fit(values, option) for option in held)
        return list(dict.fromkeys(option for option in options if option is not None))
    return fit(values, held)


def first(row: Row, texts: Sequence[str], now: Now) -> Any:
    """The first value that the texts of a link mean; what the row opens with where they mean none."""
    found = meant(texts, lambda: row.values(now))
    return row.opens(now) if found is None else found


def names() -> dict[str, dict[str, str]]:
    """The names of the words that the address has, by row: in a link that is given away, names stand, which are the same in
    every language."""
    found = {key: TABLE[key].values(now) for key in st.query_params if key in TABLE}
    return {
        key: {
            label: option for option in values.options if (label := values.label(option)) != option
        }
        for key, values in found.items()
        if isinstance(values, Names)
    }


def said(key: str, label: str = "", **given: Any) -> dict[str, str]:
    """The words of the widget of a row, as Streamlit's widget takes them. label: another one than in the table of words.
    given: what stands in braces in its help."""
    found = WORDS.get(key, {}) | ({"label": label} if label else {})
    return found | {
        name: words._(found[name], **given) for name in ("label", "help") if name in found
    }


def widget(
    key: str,
    label: str = "",
    opens: Any = None,
    given: Mapping[str, Any] = MappingProxyType({}),
    **more,
) -> Any:
    """Draw the widget of the row `key`, bound to the URL; return its value. `more`: what else Streamlit's widget takes.
    label, given: as for `said`. opens: the value that it opens with, where that is not the row's default.

    Among it may be `options`, fewer than those of the row, where the data at hand allow fewer.
    """
    row = TABLE[key]
    opens, values = row.opens(now) if opens is None else opens, row.values(now)
    arguments = {**values.arguments(), **said(key, label, **given), **more}
    if row.persist:
        arguments["persist_state"] = "session"
    if row.widget == "selectbox":
        options = list(arguments["options"])
        arguments["index"] = options.index(opens) if opens in options else 0
    elif row.widget == "pills":
        there = [option for option in opens if option in arguments["options"]]
        arguments |= {"selection_mode": "multi", "wrap": True, "default": there}
    elif row.widget == "segmented_control":
        arguments |= {"default": opens, "required": True}
    elif row.widget == "expander":
        arguments["expanded"] = opens
    else:
        arguments.setdefault("value", opens)
    value = st.session_state.get(key)
    if value is not None and (nearest := fitted(row, value, values)) != value:  # of other data
        is_choice = opens is None and "options" in arguments
        otherwise = arguments["options"][0] if is_choice else opens
        st.session_state[key] = otherwise if nearest is None else nearest
    return getattr(st, row.widget)(key=key, bind="query-params", **arguments)


def follow(key: str, opens: int) -> int:
    """The value of a row that follows `opens`, which depends on the view, until the reader chooses another one."""
    opened, opens = session.opens(key), domain(key).nearest(opens)
    if key in st.session_state and st.session_state[key] in (None, opened.get()):
        st.session_state[key] = opens
    opened.set(opens)
    choice = asked(key, partial(domain, key))
    return opens if choice is None else choice


def following(key: str, opens: int, label: str = "", width: int | str = 120, **more) -> int:
    """A field of a number that follows `opens` (`follow`). The URL has only the reader's choice. label, more: as for
    `widget`."""
    follow(key, opens)
    return int(widget(key, label, session.opens(key).get(), width=width, **more))
