"""What the page shows first: a row an encoder: its two gaps as bars, its pictures beside the exact ones, and its code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sc2viz.analysis.encoder_gap import GapCourse
from sc2viz.defaults import STEPPED
from sc2viz.draw import encoder_gaps, style
from sc2viz.draw.encoder_gaps import GapBar
from sc2viz.ui import boards, encoder_costs, encoders, results
from sc2viz.ui.encoders import BestDictionary, EncoderSet, TrainedEncoder
from sc2viz.ui.phrases import tenths
from sc2viz.words import _, count

AXIS = "price"  # the slider that moves all of it


def _legend() -> str:
    """Which bar is whose, as HTML."""
    bars = (
        ("encoder", _("encoder’s gap, F(s, D) − F*(D)")),
        ("dictionary", _("dictionary’s gap, F*(D) − F*(D★)")),
    )
    items = "".join(f'<span><i class="{name}"></i>{said}</span>' for name, said in bars)
    return f'<div class="gaps-of legend">{items}<span>{_("in % of F*(D★)")}</span></div>'


def ends(found: Mapping[str, TrainedEncoder]) -> dict[str, TrainedEncoder]:
    """Two of the encoders, which minimise F: that of the fewest steps and that of the most. Empty where there is one."""
    kinds = [kind for kind in STEPPED if kind in found]
    return {kind: found[kind] for kind in (kinds[0], kinds[-1])} if len(kinds) > 1 else {}


class GapFrames:
    """The encoders `found` of a set, where λ is `price` times their own, and one row's codes; all at every stop of λ."""

    def __init__(
        self,
        of: EncoderSet,
        row: int,
        price: float,
        stops: tuple[float, ...],
        found: Mapping[str, TrainedEncoder],
        best: BestDictionary,
        dark: bool,
    ):
        self.of, self.row, self.stops, self.best, self.dark = of, row, stops, best, dark
        self.here = stops.index(price)
        self.found = {one.label: one for one in found.values()}
        self.courses = encoder_costs.courses(of, self.found, best, stops)
        self.rows = {
            label: encoder_costs.of_row(one.model, of, row, *one.called(stops))
            for label, one in self.found.items()
        }
        self.bars = {
            label: GapBar(one.encoder, one.dictionary) for label, one in self.courses.items()
        }
        self.span = encoder_gaps.reach(list(self.bars.values()), self.here)
        self.on_best = encoder_costs.on_best(
            of, row, best.D, tuple(best.lam * times for times in stops)
        )

    def codes(self) -> boards.Codes:
        """What the browser draws."""
        x, shape = encoders.original(self.of, self.row), encoders.rows(self.of.data).shape
        made = [(self.on_best.exact, self.on_best.unit, self.on_best.offset)]
        made += [
            (codes, one.unit, one.offset)
            for one in self.rows.values()
            for codes in (one.codes, one.exact)
        ]
        columns = [
            boards.Column(),
            *(boards.Column(atoms, {AXIS: codes}, offset) for codes, atoms, offset in made),
        ]
        stops: dict[str, list[float]] = {AXIS: list(self.stops), "t": [0]}
        at = {AXIS: self.stops[self.here], "t": 0}
        return boards.Codes(
            x, shape, stops, at, columns, {AXIS: results.brightest(x, shape, tuple(made))}
        )

    def groups(self) -> list[boards.Group]:
        """The row of D★, and a row an encoder."""
        everything = [
            codes for one in (self.on_best, *self.rows.values()) for codes in (one.codes, one.exact)
        ]
        top = style.round_up(max(float(codes[self.here].max()) for codes in everything))
        return [
            self._of_best(top),
            *(self._group(label, k, top) for k, label in enumerate(self.found)),
        ]

    def _of_best(self, top: float) -> boards.Group:
        ink = style.ink(self.dark)
        panels: list[boards.Made | boards.Stems] = [
            boards.Made(_("the row"), 0, "picture", _("The row that is coded")),
            boards.Made(_("exact"), 1, "picture", _("The row as exact codes on D★ make it")),
            boards.Made(_("error"), 1, "error", _("The error of exact codes on D★")),
            boards.Stems(_("exact code on D★"), 1, top, ink, _("Exact code on D★"), bottom=0.0),
        ]
        counts = [int((codes > 0).sum()) for codes in self.on_best.codes]
        words = {
            "λ": {
                AXIS: [
                    _(
                        "{lam:.3g}, {count}",
                        lam=self.best.lam * times,
                        count=count(many, "non-zero"),
                    )
                    for times, many in zip(self.stops, counts, strict=True)
                ]
            }
        }
        return boards.Group(
            "D★", ink, panels, _("exact codes"), words, dashed=True, drawn=_legend()
        )

    def _group(self, label: str, k: int, top: float) -> boards.Group:
        one, course, bar = self.found[label], self.courses[label], self.bars[label]
        colour, columns = style.colour(one.model.solver, self.dark), (2 + 2 * k, 3 + 2 * k)
        panels: list[boards.Made | boards.Stems] = []
        for column, name, made, error in (
            (
                columns[0],
                _("encoder"),
                _("The row as {label} makes it", label=label),
                _("The error of {label}", label=label),
            ),
            (
                columns[1],
                _("exact"),
                _("The row as exact codes on the atoms of {label} make it", label=label),
                _("The error of exact codes on the atoms of {label}", label=label),
            ),
        ):
            panels += [
                boards.Made(name, column, "picture", made),
                boards.Made(_("error"), column, "error", error),
            ]
        alt = _(
            "Code of {label} over the exact code on its atoms, which is drawn as circles",
            label=label,
        )
        panels.append(
            boards.Stems(
                _("code s"),
                columns[0],
                top,
                colour,
                alt,
                reference=columns[1],
                reference_label=_("exact"),
                bottom=0.0,
            )
        )
        told = [
            [tenths(value) for value in part]
            for part in (bar.encoder, bar.dictionary, bar.encoder + bar.dictionary)
        ]
        drawn = encoder_gaps.gap_bars(bar, self.span, self.here, AXIS, told)
        pairs = zip(course.lam, course.count, strict=True)
        words = {
            "λ": {
                AXIS: [
                    _("{lam:.3g}, {count:.1f} non-zeros", lam=lam, count=many)
                    for lam, many in pairs
                ]
            }
        }
        return boards.Group(
            label,
            colour,
            panels,
            "",
            words,
            solver=one.model.solver,
            dash=style.dash(one.model),
            drawn=drawn,
        )

    def captions(self, say: Callable[[Mapping[str, GapCourse], int], str]) -> dict[str, list[str]]:
        """What `say` says of the gaps at every stop."""
        return {AXIS: [say(self.courses, k) for k in range(len(self.stops))]}
