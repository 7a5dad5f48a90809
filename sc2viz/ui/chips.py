"""How a reader chooses solvers: one chip a solver, which is the legend; one choice for all pages.

Chips stand for the paper's solvers and for those that the reader has chosen. All others are behind one button, in groups.
The choice is the URL's row `solvers`, in the order of choosing. Its widget is out of sight; the chips show and change it.
"""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import streamlit as st

from sc2viz import checkpoints, solvers
from sc2viz.browser import readings, wire_format
from sc2viz.draw import style
from sc2viz.ui import describe_models, models, network_files, results, session, url
from sc2viz.ui.models import Model
from sc2viz.ui.untrusted import plain
from sc2viz.ui.widgets import component
from sc2viz.words import _

KEY = "solvers"
_component = component("chips")
_squeezed = lru_cache(64)(wire_format.squeezed)


def choose(
    choices: dict[str, Model],
    limit: int | None = None,
    help: str = "",
    opening: Sequence[str] = (),
    rows: int = 2,
    is_drawn: bool = True,
) -> list[Model]:
    """Draw the chips of `choices`; return the models to show, in the order of `choices`: the `limit` that were chosen last.

    A model that is chosen and not shown stays chosen, and its chip is hollow. `opening`: the labels to show until the reader
    chooses, where a page opens with others than most. rows: how many rows of chips there may be before they move closer.
    is_drawn: whether the chips are in sight.
    """
    labels = _chosen_labels()
    if opening and tuple(labels) == url.default(KEY) and not session.has_chosen:
        labels = opening
    chosen = (choices[label] for label in labels if label in choices)
    fitting = [model for model in chosen if not describe_models.problem(model)]
    latest = fitting if limit is None else fitting[-limit:]
    visible = [model for model in choices.values() if model in latest]
    if is_drawn:
        _draw(choices, labels, visible, help, rows=rows)
    return visible


def last(
    choices: dict[str, Model],
    fits,
    help: str = "",
    compute: Callable[[Model], Any] = models.build,
    is_drawn: bool = True,
) -> Model:
    """Draw the chips; return the model that was chosen last of those for which `fits` is true, and without one a network for
    which it is. ValueError where there is none.

    One for which `compute` raises an exception is passed over, and named under the chips.
    """
    labels, failed = _chosen_labels(), []
    for model in filter(fits, models.by_choice(choices, labels)):
        if describe_models.problem(model):
            continue
        computed, problems = results.compute_each([model], compute)
        failed += problems
        if computed:
            if is_drawn:
                _draw(choices, labels, [model], help, failed)
            return model
    raise ValueError(
        "; ".join(failed) or "there is no solver that this page could show: choose other data"
    )


def _chosen_labels() -> list[str]:
    """Draw the widget of the choice out of sight; return the labels that the reader chose, in the order of choosing."""
    with st.container(key="solvers-state"):
        return url.widget(KEY)


def _draw(
    choices: dict[str, Model],
    chosen: Sequence[str],
    visible: Sequence[Model],
    help: str,
    failed: Sequence[str] = (),
    rows: int = 2,
) -> None:
    """Draw the chips of all models in `choices`, and under them a sentence for each model that could not be offered."""
    labels = [model.label for model in visible]
    trains = session.take("to_train")
    data = {
        "rowLimit": rows,
        "title": help or _("Solvers"),
        "chosen": list(chosen),
        "shown": labels,
        "rows": _rows(choices, {*chosen, *labels}),
        "families": {family: _(title) for family, title in solvers.FAMILIES.items()},
        "othersSeen": session.others_seen,
        "train": trains,
        "hints": describe_models.hints(visible),
    }
    _component(
        key="solver-chips",
        data={"packed": _squeezed(json.dumps(data, ensure_ascii=False))},
        on_chosen_change=_take,
        on_train_change=_request_training,
        on_seen_change=partial(setattr, session, "others_seen", True),
    )
    # What failed, and what kept a solver or a network of the reader's own from being offered
    problems = [
        describe_models.not_shown(choices[label], problem)
        for label in chosen
        if label in choices and (problem := describe_models.problem(choices[label]))
    ]
    missing = map(plain, (*solvers.problems(), *checkpoints.own_networks()[1]))
    for sentence in (*failed, *problems, *missing):
        st.caption(f":material/warning: {sentence}")
    if choices and network_files.has_networks_of_other_data(next(iter(choices.values())).data):
        url.widget("others")
    if trains:
        # The chips click this link, because `st.switch_page` would drop what widgets keep in the URL.
        with st.container(key="to-train"):
            st.page_link(session.pages["train"])


def _take() -> None:
    """Take over, in a callback, the labels of the models that are chosen on the chips."""
    st.session_state[KEY] = st.session_state["solver-chips"]["chosen"]
    session.has_chosen = True


def _request_training() -> None:
    """Ask, in a callback, for Train live with the solver whose chip says so. The next run draws the link that leads there."""
    st.session_state["trainee"] = st.session_state["solver-chips"]["train"]
    session.to_train = True


def _rows(choices: dict[str, Model], in_use: set[str]) -> list[list[dict]]:
    """Return what the component draws, one or two rows of chips as dicts (`_chip`): the solvers that F ranks, and under a
    line the others. in_use: the labels of the models that are chosen or shown."""
    variants: dict[str, list[Model]] = {}
    for model in choices.values():
        variants.setdefault(model.solver, []).append(model)
    upper, lower, others_seen = [], [], session.others_seen
    for name, of_solver in variants.items():
        model = of_solver[0]
        # Nothing is built of a solver that is neither the paper's nor in use until the reader has seen the list of the
        # others. Its class then says whether F ranks it, and its problem and its variants are not known.
        is_built = (
            model.family == "paper"
            or others_seen
            or any(variant.label in in_use for variant in of_solver)
        )
        is_aside = models.why_unranked(model) if is_built else readings.why_unranked(model.traits)
        row = lower if is_aside else upper
        row.append((model.traits.learned, _chip(name, of_solver, in_use, is_built)))
    upper.sort(key=lambda chip: chip[0])
    return [[chip for _learned, chip in row] for row in (upper, lower) if row]


def _chip(name: str, variants: list[Model], in_use: set[str], is_built: bool) -> dict:
    """Return what the chip of a solver shows, as a dict. variants: all its models. is_built: whether they may be built to say
    more of them."""
    model = variants[0]
    problem = describe_models.problem(model) if is_built else ""
    noted = [variant for variant in variants if variant.label in in_use] or variants[:1]
    is_trained = any(variant.trained and not variant.other_atoms for variant in noted)
    items = [_item(variant) for variant in variants if is_built and not problem]
    return {
        "name": name,
        "label": _(model.name),
        "about": _(model.summary).replace("$", ""),
        "year": model.year,
        "family": model.family,
        "first": model.family == "paper",
        "problem": problem and _("Disabled here: {problem}.", problem=problem.removesuffix(".")),
        "note": "" if not is_built or problem or is_trained else noted[0].note,
        "train": model.traits.learned,
        "light": style.colour(name, False),
        "dark": style.colour(name, True),
        "dash": style.own_dash(name),
        "mark": style.MARKS[style.marker(name)],
        "models": items if is_built else [{"label": model.label}],
    }


def _item(model: Model) -> dict:
    """Return a line of the menu behind a chip, as a dict. Its note says what its short name does not."""
    problem, note = describe_models.problem(model), ""
    if not (model.trained_on or model.note == _(model.traits.variant(model.variant).label)):
        note = model.note.removeprefix(_("untrained: {predicate}", predicate=""))
    return {
        "label": model.label,
        "short": _short_name(model),
        "dash": style.dash(model),
        "note": problem or note,
        "problem": bool(problem),
    }


def _short_name(model: Model) -> str:
    """Return what a model is called in the menu behind its chip: "trained on F" or "double tanh"."""
    variant = model.label.removeprefix(model.name).strip(" ()")
    if variant:
        return ", ".join(map(_, variant.split(", ")))
    if not model.traits.learned:
        return model.name
    return _("objective F") if model.file else _("untrained")
