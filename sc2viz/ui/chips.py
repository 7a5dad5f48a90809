"""How a reader chooses solvers: one chip a solver, which is the legend; one choice for all pages.

Chips stand for the paper's solvers and for those that the reader has chosen. All others are behind one button, in groups.
The choice is the URL's row `solvers`, in the order of choosing. Its widget is out of sight; the chips show and change it.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st
from cachetools import LRUCache, cached

from sc2viz import checkpoints, solvers
from sc2viz.browser import readings, wire_format
from sc2viz.draw import style
from sc2viz.ui import describe_models, models, network_files, session, sets, url
from sc2viz.ui.errors import heard
from sc2viz.ui.models import Model
from sc2viz.ui.untrusted import plain
from sc2viz.ui.widgets import component
from sc2viz.words import _, language

KEY = "solvers"
_HERE = Path(__file__).parent / "widgets"
_component = component(_HERE / "chips.js", _HERE / "chips.css")
_squeezed = cached(LRUCache(64), lock=Lock())(wire_format.squeezed)


def choose(
    known: dict[str, Model],
    most: int | None = None,
    help: str = "",
    opens: Sequence[str] = (),
    rows: int = 2,
    is_drawn: bool = True,
) -> list[Model]:
    """Draw the chips of `known`; return the models to show, in the order of `known`: the `most` that were chosen last.

    A model that is chosen and not shown stays chosen, and its chip is hollow. `opens`: the labels to show until the reader
    chooses, where a page opens with others than most. rows: how many rows of chips there may be before they move closer.
    is_drawn: whether the chips are in sight.
    """
    labels = _asked()
    if opens and tuple(labels) == url.default(KEY) and not session.HAS_CHOSEN.get():
        labels = opens
    chosen = [known[label] for label in labels if label in known]
    fitting = [model for model in chosen if not describe_models.problem(model)]
    some = fitting if most is None else fitting[-most:]
    shown = [model for model in known.values() if model in some]
    if is_drawn:
        _draw(known, labels, shown, help, rows=rows)
    return shown


def last(
    known: dict[str, Model], fits, help: str = "", compute: Callable[[Model], Any] = models.build
) -> Model:
    """Draw the chips; return the model that was chosen last of those that `fits`; without one, a network that does.

    One for which `compute` raises an exception is passed over, and named under the chips.
    """
    labels, failed = _asked(), []
    chosen = [known[label] for label in reversed(labels) if label in known]
    others = sorted(known.values(), key=lambda model: not model.traits.learned)
    for model in filter(fits, [*chosen, *others]):
        if describe_models.problem(model):
            continue
        try:
            compute(model)
        except Exception as error:  # a guest's, as a rule
            failed.append(describe_models.not_shown(model, error))
            continue
        _draw(known, labels, [model], help, failed)
        return model
    raise ValueError(
        "; ".join(failed) or "there is no solver that this page could show: choose other data"
    )


def _asked() -> list[str]:
    """The labels that the reader chose, in the order of choosing."""
    with st.container(key="solvers-state"):
        return url.widget(KEY)


def _draw(
    known: dict[str, Model],
    chosen: Sequence[str],
    shown: Sequence[Model],
    help: str,
    failed: Sequence[str] = (),
    rows: int = 2,
) -> None:
    data = {
        "most": rows,
        "title": help or _("Solvers"),
        "chosen": list(chosen),
        "shown": [model.label for model in shown],
        "rows": _rows(known, frozenset([*chosen, *(model.label for model in shown)])),
        "families": {family: _(title) for family, title in solvers.FAMILIES.items()},
        "seen": session.OTHERS_SEEN.get(),
        "train": session.TO_TRAIN.pop(),
        "hints": describe_models.hints(shown),
    }
    packed = {"packed": _squeezed(json.dumps(data, ensure_ascii=False))}
    _component(
        key="solver-chips",
        data=packed,
        on_chosen_change=heard(_take),
        on_train_change=heard(_train),
        on_seen_change=lambda: session.OTHERS_SEEN.set(True),
    )
    problems = {
        known[label]: describe_models.problem(known[label]) for label in chosen if label in known
    }
    failed = [
        *failed,
        *(describe_models.not_shown(model, why) for model, why in problems.items() if why),
    ]
    # What failed, and what kept a solver or a network of the reader's own from being here
    for said in (*failed, *map(plain, (*solvers.problems(), *checkpoints.own_networks()[1]))):
        st.caption(f":material/warning: {said}")
    name = next((model.data for model in known.values()), "")
    if name and network_files.there_are_others(name):
        url.widget("others")
    if data[
        "train"
    ]:  # the chips click this link, because `st.switch_page` would drop what widgets keep in the URL
        with st.container(key="to-train"):
            st.page_link(session.PAGES.get()["train"])


def _take() -> None:
    st.session_state[KEY] = st.session_state["solver-chips"]["chosen"]
    session.HAS_CHOSEN.set(True)


def _train() -> None:
    st.session_state["trainee"] = st.session_state["solver-chips"]["train"]
    session.TO_TRAIN.set(True)


def _rows(known: dict[str, Model], in_use: frozenset[str]) -> list[list[dict]]:
    """The chips: iterations and networks, and under a line those that F does not rank. in_use: the labels of the models that
    are chosen or shown."""
    all, d_x = (
        tuple(known.values()),
        len(sets.dictionary(next(iter(known.values())).data)) if known else 0,
    )
    kept = not any(
        model.mark or model.family == "guest" for model in all
    )  # these may change, or fail, at any time
    made = _kept_rows if kept else _kept_rows.__wrapped__
    return made(all, in_use, session.OTHERS_SEEN.get(), d_x, solvers.classes(), language())


@cached(LRUCache(64), lock=Lock())
def _kept_rows(known: tuple[Model, ...], in_use: frozenset[str], *_: Any) -> list[list[dict]]:
    """`_rows`, given all that they depend on."""
    own: dict[str, list[Model]] = {}
    for model in known:
        own.setdefault(model.solver, []).append(model)
    lower = [name for name, each in own.items() if _aside(each, in_use)]
    upper = sorted(
        (name for name in own if name not in lower), key=lambda name: own[name][0].traits.learned
    )
    return [[_chip(name, own[name], in_use) for name in row] for row in (upper, lower) if row]


def _aside(own: list[Model], in_use: frozenset[str]) -> bool:
    """Whether F does not rank a solver. Of one that is not built, this is what its class says."""
    return bool(models.aside(own[0]) if _is_told(own, in_use) else readings.aside(own[0].traits))


def _is_told(own: list[Model], in_use: frozenset[str]) -> bool:
    """Whether a solver may be built for its chip: it is the paper's or in use, or the reader has seen the list of the
    others."""
    return (
        own[0].family == "paper"
        or session.OTHERS_SEEN.get()
        or any(model.label in in_use for model in own)
    )


def _chip(name: str, own: list[Model], in_use: frozenset[str]) -> dict:
    """What a chip shows of all models of a solver. Of one that is neither the paper's nor in use nothing is built until the
    reader has seen the list of the others: neither its problem is known then, nor its variants."""
    first, told = own[0].family == "paper", _is_told(own, in_use)
    problem = describe_models.problem(own[0]) if told else ""
    noted = [model for model in own if model.label in in_use] or own[:1]
    silent = not told or problem or any(model.trained and not model.other_atoms for model in noted)
    return {
        "name": name,
        "label": _(own[0].name),
        "about": _(own[0].summary).replace("$", ""),
        "year": own[0].year,
        "family": own[0].family,
        "first": first,
        "problem": problem and _("Disabled here: {problem}.", problem=problem.removesuffix(".")),
        "note": "" if silent else noted[0].note,
        "train": own[0].traits.learned,
        "light": style.colour(name, False),
        "dark": style.colour(name, True),
        "dash": style.own_dash(name),
        "mark": style.MARKS[style.marker(name)],
        "models": [
            {
                "label": model.label,
                "short": _short(model, model.name),
                "dash": style.dash(model),
                "note": describe_models.problem(model) or _note(model),
                "problem": bool(describe_models.problem(model)),
            }
            for model in own
            if not problem
        ]
        if told
        else [{"label": own[0].label, "short": "", "dash": "", "note": "", "problem": False}],
    }


def _short(model: Model, label: str) -> str:
    """What is behind the chip: "trained on F" or "double tanh"."""
    which = model.label.removeprefix(label).strip(" ()")
    if which:
        return ", ".join(map(_, which.split(", ")))
    return (_("objective F") if model.file else _("untrained")) if model.traits.learned else label


def _note(model: Model) -> str:
    """What its line in the menu adds to `_short`."""
    told = {"", _(model.traits.variant(model.variant).label)}
    return (
        ""
        if model.trained_on or model.note in told
        else model.note.removeprefix(_("untrained: {does}", does=""))
    )
