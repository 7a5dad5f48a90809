"""What the page steps through: the code of one signal after each layer, for each solver, and the means over all signals."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from sc2viz import evaluation
from sc2viz.analysis import recovery
from sc2viz.analysis.recovery import ExactCodes, LayerCourse
from sc2viz.draw import style
from sc2viz.draw.mosaics import Lines
from sc2viz.pages.codes import describe_codes, measured
from sc2viz.ui import boards, describe_models, known_codes, models, phrases, url
from sc2viz.ui.known_codes import LAYERS, Problem
from sc2viz.ui.models import Model
from sc2viz.ui.phrases import decibels
from sc2viz.words import _

AXES = ("k", "snr")  # the sliders that move the signal in the browser
AWAY = "–"  # a mean over all signals while a slider stands elsewhere


class LayerFrames:
    """The codes of signal `row` at every layer, and after one `layer` at the stops of k and of the noise; what is said."""

    def __init__(
        self,
        problem: Problem,
        row: int,
        layer: int,
        chosen: Sequence[Model],
        courses: Mapping[str, LayerCourse],
        best: ExactCodes,
        dark: bool,
    ):
        self.problem, self.row, self.layer = problem, row, layer
        self.ranked = [model.label for model in models.ranked(chosen)]
        self.chosen, self.courses, self.best, self.dark = chosen, courses, best, dark
        self.stops = {
            "t": list(range(LAYERS + 1)),
            **{axis: url.stops(axis, getattr(problem, axis)) for axis in AXES},
        }
        stops, own = tuple((axis, tuple(self.stops[axis])) for axis in AXES), url.now("own_lam")
        truth = measured.moved(problem, row, stops)[1]
        self.truth = self._by_axis(truth[:1], truth[1:])
        self.found = {
            model.label: self._by_axis(*measured.moving(model, problem, row, layer, own, stops))
            for model in chosen
        }
        # The NMSE of the signal at every stop in dB, by solver and axis.
        self.own = {
            label: {
                axis: recovery.each_nmse(*self._pair(label, axis)).tolist() for axis in self.stops
            }
            for label in self.found
        }
        reach = style.round_up(max(float(np.abs(each).max()) for each in self.truth.values()))
        self.groups = [self._group(model, k, reach) for k, model in enumerate(chosen, 1)]

    def _by_axis(self, layers: np.ndarray, moved: np.ndarray) -> dict[str, np.ndarray]:
        """What is known of the layers, and of all stops of the sliders one after the other, by axis."""
        ends = np.cumsum([len(self.stops[axis]) for axis in AXES])[:-1]
        return {"t": layers, **dict(zip(AXES, np.split(moved, ends), strict=True))}

    def after(self) -> dict[str, np.ndarray]:
        """The code (d_s,) of each solver after the layer at which the reader stands."""
        return {label: found["t"][self.layer, 0] for label, found in self.found.items()}

    def codes(self) -> boards.Codes:
        """What the browser draws: the true code, and that of each solver."""
        x = known_codes.images(self.problem).pixels[self.row : self.row + 1].numpy()
        shape = Lines(x.shape[1], float(x.min()), float(x.max()))
        truth = boards.Column(None, {axis: each[:, None] for axis, each in self.truth.items()})
        columns = [truth, *(boards.Column(None, self.found[model.label]) for model in self.chosen)]
        at = {
            "t": self.layer,
            "T": LAYERS,
            "dx": self.problem.d_x,
            **{axis: getattr(self.problem, axis) for axis in AXES},
        }
        stops = self.stops | {
            "dx": [self.problem.d_x]
        }  # at another d_x, on another dictionary, the view waits
        return boards.Codes(x, shape, stops, at, columns)

    def _pair(self, label: str, axis: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The code and the true code at every stop, (stops, d_s) each."""
        codes = torch.from_numpy(self.found[label][axis][:, 0])
        return codes, torch.from_numpy(self.truth[axis]).expand(len(codes), -1)

    def _group(self, model: Model, column: int, reach: float) -> boards.Group:
        """The card of a solver."""
        colour, label = style.colour(model.solver, self.dark), model.label
        alt = _(
            "Code of {solver} at layer {t} over the true code: hits are discs, misses squares, false alarms crosses",
            solver=label,
            t="{t}",
        )
        stems = boards.Stems(
            _("code s"),
            column,
            reach,
            colour,
            alt,
            reference=0,
            reference_label=_("true code"),
            marks=True,
        )
        note, readings = describe_models.card_note(model), self._readings(label)
        return boards.Group(
            label, colour, [stems], note, readings, solver=model.solver, dash=style.dash(model)
        )

    def _readings(self, label: str) -> dict[str, boards.Words]:
        course = self.courses[label]
        means = {
            "NMSE": map(decibels, course.nmse),
            _("F over F*"): map(phrases.above, course.excess),
        }
        found: dict[str, boards.Words] = {
            name: {"t": list(said), **{axis: [AWAY] * len(self.stops[axis]) for axis in AXES}}
            for name, said in means.items()
        }
        found[_("this code")] = {
            axis: list(map(decibels, all)) for axis, all in self.own[label].items()
        }
        counts = {
            axis: vars(evaluation.agreement(*self._pair(label, axis))).values()
            for axis in self.stops
        }
        found[_("● hit, □ missed, × false")] = {
            axis: [", ".join(map(str, each)) for each in torch.stack([*all], 1).tolist()]
            for axis, all in counts.items()
        }
        return found

    def curves(self) -> list[boards.Curves]:
        """Both rulers by layer, means over all signals."""
        given = {"t": "{t}", "names": ", ".join(model.label for model in self.chosen)}
        oracle = _("true support known: {error}", error=decibels(self.best.oracle))
        return [
            boards.Curves(
                _("NMSE, mean over {n} codes", n=self.problem.rows),
                [*self._lines("nmse"), *self._predicted()],
                _("NMSE in decibels by layer, with a marker at {t}: {names}", **given),
                axis=_("layer"),
                unit=" dB",
                log=False,
                optimum=oracle,
                optimum_at=self.best.oracle,
                top=5.0,
            ),
            boards.Curves(
                _("F over the optimum"),
                self._lines("excess"),
                _(
                    "Distance of F to the optimum in percent by layer, with a marker at {t}: {names}",
                    **given,
                ),
                axis=_("layer"),
                unit=" %",
                optimum=_("exact codes: 0 %, {error}", error=decibels(self.best.nmse)),
            ),
        ]

    def _lines(self, part: str) -> list[boards.Line]:
        return [
            self._line(
                model, model.label, getattr(self.courses[model.label], part), style.dash(model)
            )
            for model in self.chosen
        ]

    def _predicted(self) -> list[boards.Line]:
        """What state evolution predicts of the solvers that follow it."""
        found = [(model, measured.predicted(model, self.problem)) for model in self.chosen]
        return [
            self._line(model, _("predicted"), values, "dot")
            for model, values in found
            if values is not None
        ]

    def _line(self, model: Model, label: str, values: np.ndarray, dash: str) -> boards.Line:
        nowhere = {axis: np.full(len(self.stops[axis]), np.nan) for axis in AXES}
        return boards.Line(
            label, values, style.colour(model.solver, self.dark), style.lengths(dash), moved=nowhere
        )

    def captions(self) -> dict[str, list[str]]:
        """The sentence at every layer, and while a slider moves the signal."""
        said = {
            "t": [
                describe_codes.sentence(t, self.courses, self.best, self.ranked)
                for t in self.stops["t"]
            ]
        }
        for axis in AXES:
            counts, owns = (
                (self.truth[axis] != 0).sum(1),
                zip(*(own[axis] for own in self.own.values()), strict=True),
            )
            said[axis] = [
                describe_codes.moved(
                    axis, stop, self.layer, dict(zip(self.own, own, strict=True)), count
                )
                for stop, own, count in zip(self.stops[axis], owns, counts, strict=True)
            ]
        return said
