"""What the chosen solvers and the other methods make of the photograph, as far as it is there, side by side."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sc2viz.figures import cards, pictures
from sc2viz.pages.photograph import describe, drawing, making, work
from sc2viz.pages.photograph.making import known  # noqa: F401, the page asks here
from sc2viz.pages.photograph.place import Spot
from sc2viz.pages.photograph.subject import Subject
from sc2viz.pages.photograph.work import Result, Work
from sc2viz.ui import page
from sc2viz.ui.models import Model
from sc2viz.ui.url import PEER


@dataclass(eq=False)
class Found:
    """The answers by label: each solver's best so far, then that of non-local means."""

    subject: Subject
    chosen: Sequence[Model]
    view: Hashable
    noisy: Result
    coarse: dict[str, Result] = field(default_factory=dict)
    fine: dict[str, Result] = field(default_factory=dict)
    peer: Result | None = None
    works: dict[str, Work] = field(default_factory=dict)  # what is being made, by label
    stopped: bool = False

    @property
    def pending(self) -> list[Work]:
        return [each for each in self.works.values() if not each.problem]

    @property
    def refining(self) -> bool:
        """Whether all coarse answers are there, and finer ones are being made."""
        return bool(self.pending) and not any(each.task.quick for each in self.pending)

    @property
    def solved(self) -> dict[str, Result]:
        """The solvers' answers."""
        return self.coarse | self.fine

    @property
    def results(self) -> dict[str, Result]:
        return self.solved | ({PEER: self.peer} if self.peer else {})

    def is_coarse(self, name: str) -> bool:
        return name in self.coarse and name not in self.fine

    def solver(self, name: str) -> str:
        """Whose colour an answer has."""
        return next((model.solver for model in self.chosen if model.label == name), "truth")

    def front(self, asked: str | None) -> str:
        """The answer that is on the right of the divider: the one asked for, or the first."""
        return asked if asked in self.results else next(iter(self.results), "")

    def patch(self, label: str, there: Spot) -> np.ndarray | None:
        """The patch of a place in the fine answer of a solver, (d_x,) in [0, 1]."""
        if (
            label not in self.fine
            or there.place.shape[2] == 1
            and there.place.channel is None
            and self.subject.values.ndim == 3
        ):
            return None
        (top, left), p = there.corner, there.place.shape[0]
        part = self.fine[label].picture[top : top + p, left : left + p]
        return (part if there.place.channel is None else part[..., there.place.channel]).reshape(-1) / 255

    def caption(self) -> tuple[str, str]:
        others = {"non-local means": self.peer.psnr} if self.peer else {}
        if (stored := describe.bm3d(self.subject)) is not None:
            others[describe.BM3D] = stored
        strides = making.COARSE, making.FINE
        return (describe.caption(self.subject, self.noisy, self.solved, others),
                describe.why(self.subject, self.coarse, self.fine, strides) if self.solved else "")  # fmt: skip

    def notes(self, chosen: Sequence[Model]) -> list[str]:
        """What failed, and which solvers are untrained."""
        failed = [f"{label}: {each.problem}" for label, each in self.works.items() if each.problem]
        without = [f"{model.label} is untrained." for model in chosen if not model.trained]
        few = [f"{model.label} is given every second patch, because it takes long." for model in chosen
               if making.finest(model) != making.FINE]  # fmt: skip
        return [*failed, *without, *few]

    def doing(self, share: float) -> str:
        labels = [label for label, each in self.works.items() if not each.problem]
        return describe.progress(labels, share) if self.refining else "A coarse answer first …"

    def settled(self) -> str:
        high, wide = self.subject.size
        return f"{wide} × {high} pixels. Drag the divider, or click a place to see its patch."


def ask(subject: Subject, chosen: Sequence[Model]) -> Found:
    """What is there, and works on what is not: coarse answers first, then fine ones unless the reader has stopped them."""
    desk = work.desk()
    view = subject.key, tuple(model.label for model in chosen)
    found = Found(subject, chosen, view, making.noisy(subject), stopped=desk.stopped == view)
    quick = {model.label: making.cleaning(subject, model, making.COARSE) for model in chosen}
    then = {} if found.stopped else {m.label: making.cleaning(subject, m, making.finest(m)) for m in chosen}
    if subject.size[0] * subject.size[1] <= making.MOST_COMPARED:
        quick[PEER] = making.means(subject)
    first, second = desk.ask(list(quick.values()), list(then.values()))
    for label, answer in zip(quick, first, strict=True):
        if isinstance(answer, Work):
            found.works[label] = answer
        elif label == PEER:
            found.peer = answer
        else:
            found.coarse[label] = answer
    for label, answer in zip(then, second, strict=False):
        if isinstance(answer, Work):
            found.works[label] = answer
        else:
            found.fine[label] = answer
    return found


def draw(subject: Subject, found: Found) -> None:
    """The answers side by side, with their errors on one scale."""
    clean = subject.floats() if subject.added else subject.noisy()
    apart = {name: _apart(clean, result.picture) for name, result in found.results.items()}
    top = pictures.shared_top([part[::2, ::2] for part in apart.values()]) if apart else 0.1
    what = "error" if subject.added else "what was removed"
    bar = cards.error_bar(top) + f"<small>{what.capitalize()}, on the same scale for all</small>"
    wrong = _apart(clean, found.noisy.picture) if subject.added else None
    shown = [_card(subject, "Noisy", "truth", found.noisy, wrong, top, bar)]
    for name, result in found.results.items():
        note = "coarse" if found.is_coarse(name) else ""
        shown.append(_card(subject, name, found.solver(name), result, apart[name], top, note=note, what=what))
    if (stored := describe.bm3d(subject)) is not None:
        shown.append(cards.Card(describe.BM3D, "truth", "stored", (), (describe.decibels(stored), "PSNR"),
                                {"source": "bm3d 4.0", "licence": "non-commercial"}))  # fmt: skip
    page.cards(shown, narrowest=150)


def _apart(one: np.ndarray, made: np.ndarray) -> np.ndarray:
    """|one − made| of each pixel, averaged over the channels, (h, w)."""
    wrong = np.abs(one - made / 255)
    return wrong if wrong.ndim == 2 else wrong.mean(2)


def _card(subject: Subject, name: str, solver: str, result: Result, apart: np.ndarray | None, top: float, extra: str = "",
          note: str = "", what: str = "error") -> cards.Card:  # fmt: skip
    drawn = [drawing.served(subject, f"card-{name}", result.picture, f"{subject.label}, {name}")]
    if apart is not None:
        levels = (255 * (apart / top).clip(0, 1)).round().astype(np.uint8)
        drawn.append(drawing.errors(subject, name, levels, f"{what} of {name}"))
    headline = (describe.decibels(result.psnr), "PSNR") if subject.added else None
    return cards.Card(name, solver, note, drawn, headline, describe.numbers(result), extra)
