"""What the chosen solvers and the other methods make of the photograph, as far as it is there, side by side."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from sc2viz.draw import cards, mosaics, style
from sc2viz.pages.photograph import background_tasks, denoise_tasks, describe_photograph, png_files
from sc2viz.pages.photograph.background_tasks import MadePicture, Making, Task
from sc2viz.pages.photograph.clicked_patch import Spot
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.pages.photograph.patch_dictionary import SHIPPED
from sc2viz.photographs import coding
from sc2viz.ui import chips, describe_models, errors, page, session, url
from sc2viz.ui.models import Model
from sc2viz.ui.phrases import listed
from sc2viz.ui.untrusted import plain
from sc2viz.ui.url import PEER
from sc2viz.words import N_, _, ngettext

WIDEST = 338  # px that a card takes together with the gap beside it
LOOK = 0.3  # seconds between two looks at the progress


@dataclass(eq=False)
class Found:
    """The answers by label: each solver's best so far, then that of another method."""

    subject: Photo
    chosen: Sequence[Model]
    view: Hashable
    noisy: MadePicture
    tasks: Callable[[Model], Sequence[Task]] = (
        lambda model: ()
    )  # what a model is asked for, coarse answers first
    coarse: dict[str, MadePicture] = field(default_factory=dict)
    fine: dict[str, MadePicture] = field(default_factory=dict)
    peer_name: str = PEER  # the label of the method that is no solver
    peer: MadePicture | None = None
    works: dict[Hashable, Making] = field(
        default_factory=dict
    )  # the making of answers that are not there yet, by label
    stopped: bool = False
    settled: str = ""  # the sentence that is shown when all answers are there
    # What is said when the reader has stopped the fine answers.
    paused: str = N_("The coarse answer, of patches four pixels apart.")
    finer: str = N_("patches at every pixel")  # how answers that come after the first ones are made

    @property
    def pending(self) -> list[Making]:
        return [each for each in self.works.values() if not each.problem]

    @property
    def refining(self) -> bool:
        """Whether all coarse answers are there, and finer ones are being made."""
        return bool(self.pending) and not any(each.task.quick for each in self.pending)

    @property
    def solved(self) -> dict[str, MadePicture]:
        """The solvers' best answers so far, by label."""
        return self.coarse | self.fine

    @property
    def results(self) -> dict[str, MadePicture]:
        return self.solved | ({self.peer_name: self.peer} if self.peer else {})

    def is_coarse(self, name: str) -> bool:
        return name in self.coarse and name not in self.fine

    def dash(self, name: str) -> str:
        """The dash pattern of an answer's rule."""
        return next((style.dash(model) for model in self.chosen if model.label == name), "")

    def solver(self, name: str) -> str:
        """The solver whose colour an answer has; "truth" for the answer of a method that is no solver."""
        return next((model.solver for model in self.chosen if model.label == name), "truth")

    def front(self, asked: str | None) -> str:
        """The answer that is on the right of the divider: the one asked for, or the first of a network, or the first; "" as
        long as none of the chosen solvers has one yet, so that another method's does not stand for theirs."""
        if asked in self.results:
            return asked
        if not self.solved and self.pending:
            return ""
        networks = [
            model.label
            for model in self.chosen
            if model.traits.learned and model.label in self.solved
        ]
        return next(iter([*networks, *self.results]), "")

    def patch(self, label: str, there: Spot) -> np.ndarray | None:
        """The patch of a place in the fine answer of a solver, (d_x,) in [0, 1]."""
        if label not in self.fine:
            return None
        part = self.fine[label].picture[there.inside]
        return (part if there.place.channel is None else part[..., there.place.channel]).reshape(
            -1
        ) / 255

    def notes(self) -> list[str]:
        """Sentences on answers that failed, on untrained solvers, and on those that keep their atoms or ignore λ."""
        problems = {
            (label if isinstance(label, str) else label[0]): each.problem
            for label, each in self.works.items()
        }
        failed = [
            f"{_(label)}: {plain(why.removeprefix(f'{label} '))}"
            for label, why in problems.items()
            if why
        ]
        without = [
            _("{solver} is untrained.", solver=model.label)
            for model in self.chosen
            if not model.trained
        ]
        fixed = [
            ngettext("{solvers} does not use λ.", "{solvers} do not use λ.", 1, solvers=model.label)
            for model in self.chosen
            if self.subject.price != 1 and not model.traits.uses_lambda
        ]
        networks = [model.label for model in self.chosen if not denoise_tasks.is_built(model)]
        kept = []
        if networks and self.subject.atoms.kind != SHIPPED:
            kept = [
                ngettext(
                    "{networks} keeps the atoms that it has learned.",
                    "{networks} keep the atoms that they have learned.",
                    len(networks),
                    networks=listed(networks),
                )
            ]
        return [*failed, *without, *fixed, *kept]

    @property
    def share(self) -> float:
        """The share of the pending work that is done, in [0, 1]."""
        pending = [self.works[denoise_tasks.LEARNING]] if self.learning else self.pending
        return sum(each.share for each in pending) / len(pending)

    @property
    def learning(self) -> bool:
        """Whether a dictionary is being learned, for which the others wait."""
        return (
            denoise_tasks.LEARNING in self.works and not self.works[denoise_tasks.LEARNING].problem
        )

    def doing(self) -> str:
        """Which answers are being made, and how far they are, in words."""
        share = 100 * self.share
        if self.learning:
            return _(
                "{n} atoms are learned from the photograph: {share:.0f} %",
                n=coding.ATOMS,
                share=share,
            )
        if not self.refining:
            return _("A first answer …")
        labels = dict.fromkeys(
            label if isinstance(label, str) else label[0] for label in self.works
        )
        return _(
            "{solvers}, {finer}: {share:.0f} %",
            solvers=listed(list(labels)),
            finer=_(self.finer),
            share=share,
        )


def gather(
    found: Found, peer: Task | None = None, then: Mapping[Hashable, Task] | None = None
) -> Found:
    """Put into `found` the answers that are there, and the making of the others, by label: coarse answers and that of the
    other method, `peer`, first, then fine ones, unless the reader has stopped them. then: what is made in the place of fine
    answers; of it the numbers are enough."""
    tasks = {
        model.label: found.tasks(model)
        for model in denoise_tasks.possible(found.subject, found.chosen)
    }
    quick = {label: each[0] for label, each in tasks.items()} | (
        {found.peer_name: peer} if peer else {}
    )
    curves = then is not None
    then = then if curves else {label: each[-1] for label, each in tasks.items()}
    desk = background_tasks.desk()
    desk.view = found.view
    found.stopped = desk.stopped == found.view
    wanted = {} if found.stopped else then
    atoms = found.subject.atoms
    learning = [atoms.task] if atoms.task and any(map(denoise_tasks.is_built, found.chosen)) else []
    replaced = [
        quick[label]
        for label, task in wanted.items()
        if label in quick and desk.there(task) is not None
    ]
    enough = {task.key for task in (wanted.values() if curves else replaced)}
    first, second = desk.ask([*learning, *quick.values()], list(wanted.values()), enough)
    if learning:
        learned = first.pop(0)
        if isinstance(learned, Making):
            found.works[denoise_tasks.LEARNING] = learned
        elif not atoms.there:  # the dictionary was learned after the page had begun to run
            st.rerun()
    for label, answer in zip(quick, first, strict=True):
        if isinstance(answer, Making):
            found.works[label] = answer
        elif label == found.peer_name:
            found.peer = answer
        else:
            found.coarse[label] = answer
    for label, answer in zip(wanted, second, strict=True):
        if isinstance(answer, Making):
            found.works[label] = answer
        elif answer is not None:
            found.fine[label] = answer
    return found


def gave_way(found: Found, known: Mapping[str, Model], most: int) -> None:
    """Say which of the chosen solvers gave way to others."""
    labels = url.now(chips.KEY)
    if tuple(labels) == url.default(chips.KEY) and not session.HAS_CHOSEN.get():
        return  # the page opened with others
    asked = [
        label for label in labels if label in known and not describe_models.problem(known[label])
    ]
    shown = [model.label for model in found.chosen]
    away, there = (
        [known[label] for label in asked if label not in shown],
        background_tasks.desk().there,
    )
    before = {
        model.label: reversed(found.tasks(model))
        for model in denoise_tasks.possible(found.subject, away)
    }
    made = {
        label: next(filter(None, map(there, tasks)), None) for label, tasks in before.items()
    } | found.solved
    psnr = {label: each.psnr for label, each in made.items() if each and not np.isnan(each.psnr)}
    if said := describe_photograph.gave_way(asked, shown, most, psnr):
        st.caption(f":material/swap_horiz: {said}")


def progress(found: Found) -> None:
    """Draw how far the answers are, with a way to stop the fine ones; or say which answers there are."""
    with st.container(key="photo-progress"):
        if found.pending:
            errors.fragment(_look, LOOK)(found)
        elif found.stopped:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f":material/pause_circle: {_(found.paused)}", width="stretch")
                st.button(
                    _("Refine"),
                    icon=":material/play_arrow:",
                    on_click=background_tasks.desk().go_on,
                )
        else:
            st.caption(found.settled)


def _look(found: Found) -> None:
    if any(each.done for each in found.pending) or background_tasks.desk().stopped == found.view:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(found.share, found.doing(), width="stretch")
        if found.refining:
            st.button(
                _("Stop"),
                icon=":material/stop:",
                on_click=background_tasks.desk().stop,
                help=_("Keep what there is."),
            )


def cards_of_answers(
    subject: Photo,
    found: Found,
    before: str = "",
    extra: Sequence[cards.Card] = (),
    known: bool = True,
) -> None:
    """The answers side by side, with their errors on one scale: how far they are from the photograph, or where that is not
    `known` without its noise, what was removed. `before`: what the solvers were given is called, where it is shown. extra:
    cards after the others."""
    few = slice(
        None, None, png_files.reduced(subject.size)
    )  # as many rows and columns of pixels as a screen shows
    ruler = subject.floats((few, few))
    apart = {
        name: _apart(ruler, result.picture[few, few]) for name, result in found.results.items()
    }
    top = mosaics.shared_top([part[::2, ::2] for part in apart.values()]) if apart else 0.1
    scale = (
        _("Error, on the same scale for all")
        if known
        else _("What was removed, on the same scale for all")
    )
    bar = cards.error_bar(top) + f"<small>{scale}</small>"
    shown = []
    if before:
        wrong = (
            _apart(ruler, found.noisy.picture[few, few])
            if known and not np.isnan(found.noisy.psnr)
            else None
        )
        shown.append(_card(subject, before, "truth", found.noisy, wrong, top, bar))
    for name, result in found.results.items():
        note, under = _("coarse") if found.is_coarse(name) else "", "" if shown else bar
        shown.append(
            _card(
                subject,
                name,
                found.solver(name),
                result,
                apart[name],
                top,
                under,
                note,
                known,
                found.dash(name),
            )
        )
    shown.extend(extra)
    if not shown:
        return
    with st.container(
        key="photo-cards", width=WIDEST * len(shown)
    ):  # the page may be narrower than all cards
        page.cards(shown, narrowest=150)


def _apart(one: np.ndarray, made: np.ndarray) -> np.ndarray:
    """|one − made| of each pixel, averaged over the channels, (h, w)."""
    wrong = np.abs(one - made / 255)
    return wrong if wrong.ndim == 2 else wrong.mean(2)


def _card(
    subject: Photo,
    name: str,
    solver: str,
    result: MadePicture,
    apart: np.ndarray | None,
    top: float,
    extra: str = "",
    note: str = "",
    known: bool = True,
    dash: str = "",
) -> cards.Card:
    said = _(name)
    drawn = [png_files.served(subject, f"card-{name}", result.picture, f"{subject.label}, {said}")]
    if apart is not None:
        alt = (
            _("error of {name}", name=said) if known else _("what was removed of {name}", name=said)
        )
        drawn.append(png_files.errors(subject, name, png_files.levels(apart / top), alt))
    headline = (
        None if np.isnan(result.psnr) else (describe_photograph.decibels(result.psnr), "PSNR")
    )
    return cards.Card(
        said, solver, note, drawn, headline, describe_photograph.numbers(result), extra, dash=dash
    )
