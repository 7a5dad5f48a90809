"""The layers of solvers beside the true codes: means over all signals, and the code of one signal, which k and the noise move."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import streamlit as st
import torch

from sc2viz import evaluation
from sc2viz.analysis import recovery, state_evolution
from sc2viz.analysis.recovery import ExactCodes, LayerCourse
from sc2viz.draw import style
from sc2viz.draw.mosaics import Lines
from sc2viz.ui import boards, describe_models, known_codes, models, phrases, results, url
from sc2viz.ui.cache import cached
from sc2viz.ui.known_codes import LAYERS, RECIPE, Problem
from sc2viz.ui.models import Model
from sc2viz.ui.phrases import decibels
from sc2viz.words import _, count, listed

KEY = "codes-scrubber"
AXES = "k", "snr"  # the sliders that move the signal in the browser
SURPLUS = 1.25  # atoms, over k, that a solver takes whose layers count atoms
TIMED = {"multiplications": 0, "one": 1, "thousand": 1000}  # signals that are timed together

Laws = tuple[Problem, ...]  # the one at hand, and those where the sliders in `AXES` stop


def depth(model: Model, problem: Problem) -> tuple[int, int]:
    """How many layers are shown, and of how many iterations each: several where a solver counts atoms, of which a code has k,
    and as many as measurements explain every signal."""
    counts_atoms = model.traits.counts == "atoms"
    return LAYERS, -(-min(int(SURPLUS * problem.k), problem.d_x) // LAYERS) if counts_atoms else 1


@cached
def optimum(problem: Problem) -> ExactCodes:
    """The exact codes at the λ whose exact codes have the least NMSE on other signals."""
    return recovery.exact(known_codes.tuning(problem), known_codes.averaged(problem))


def price(model: Model, problem: Problem) -> float:
    """The λ that a solver is given: that of `optimum`, or, where it uses one and the reader asks for its own, that with the
    least NMSE of its last layer. A network that was trained at one λ keeps that."""
    if model.traits.uses_lambda and model.lam is not None:
        return model.lam
    is_tuned = model.traits.uses_lambda and not model.own_atoms and url.value("own_lam")
    return tuned_price(model, problem) if is_tuned else optimum(problem).lam


@cached
def tuned_price(model: Model, problem: Problem) -> float:
    signals = known_codes.tuning(problem)
    return recovery.own_lambda(models.build(model), signals, *depth(model, problem))


@cached
def course(model: Model, problem: Problem, lam: float) -> LayerCourse:
    """The means of a solver's layers at λ. F is that of the λ of `optimum`."""
    signals, best = known_codes.averaged(problem), optimum(problem)
    return recovery.course(models.build(model), signals, best, lam, *depth(model, problem))


@cached
def cost(model: Model, iterations: int, rows: int) -> np.ndarray:
    """What layers 0 … `LAYERS` of so many iterations take until then: the milliseconds of some rows, or the multiplications
    of a row where there are none."""
    solver, last = models.build(model), LAYERS * iterations
    if not rows:
        return np.array(recovery.multiplications(solver, last)[::iterations], float)
    x = torch.randn(rows, len(solver.dictionary), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        # The first call in a thread takes longer.
        calls = [(lambda steps=steps: solver(x, 0.5, steps)) for steps in (1, 1, last)]
        _first, *times = [results.timed(call)[1] for call in calls]
    return np.interp(np.arange(LAYERS + 1) * iterations, (1, last), times, left=np.nan)


@cached
def draw_signals(problem: Problem, row: int, laws: Laws) -> tuple[np.ndarray, np.ndarray]:
    """Signal `row` by each law on the atoms of a problem: x (laws, d_x), and codes (laws, d_s)."""
    pairs = (known_codes.redraw(problem, row, **law.law()) for law in laws)
    x, codes = map(np.stack, zip(*pairs, strict=True))
    return x, codes


@cached
def layer_codes(
    model: Model, problem: Problem, row: int, layer: int, lam: float, laws: Laws
) -> tuple[np.ndarray, np.ndarray]:
    """The codes at λ of signal `row` by the first law after each layer, (LAYERS + 1, 1, d_s), and by the others after one
    `layer`, (laws − 1, 1, d_s)."""
    x = torch.from_numpy(draw_signals(problem, row, laws)[0])
    codes = recovery.layer_codes(models.build(model), x, lam, *depth(model, problem)).numpy()
    return codes[:, :1].copy(), codes[layer, 1:, None].copy()


class Solved(NamedTuple):
    """A model at its λ: the means of its layers, and its codes of one signal at the stops of each axis, (stops, 1, d_s)."""

    model: Model
    lam: float
    means: LayerCourse
    codes: Mapping[str, np.ndarray]

    @property
    def label(self) -> str:
        return self.model.label


class LayerView:
    """Models that were `solved`, the one nearest to the true codes first, beside the true code of signal `row`: layer by
    layer, and after one `layer` at the stops of k and of the noise."""

    def __init__(self, problem: Problem, row: int, chosen: Sequence[Model]):
        self.problem, self.row, self.layer = problem, row, url.value("layer")
        self.optimum = optimum(problem)
        self.stops = {axis: url.stops(axis, getattr(problem, axis)) for axis in AXES}
        laws = [problem._replace(**{axis: stop}) for axis in AXES for stop in self.stops[axis]]
        self.laws = problem, *laws
        truth = draw_signals(problem, row, self.laws)[1][:, None]
        self.truth = self._by_axis(truth[[0] * (LAYERS + 1)], truth[1:])
        solved, self.failed = results.compute_each(chosen, self._solve)
        self.solved = sorted(solved.values(), key=lambda solver: solver.means.nmse[-1])

    def _by_axis(self, layers: np.ndarray, at_stops: np.ndarray) -> dict[str, np.ndarray]:
        stops = len(self.stops["k"])
        return {"t": layers, "k": at_stops[:stops], "snr": at_stops[stops:]}

    def _solve(self, model: Model) -> Solved:
        lam = price(model, self.problem)
        codes = layer_codes(model, self.problem, self.row, self.layer, lam, self.laws)
        return Solved(model, lam, course(model, self.problem, lam), self._by_axis(*codes))

    def compare(self, solver: Solved, axis: str) -> tuple[list[float], list[list[int]]]:
        """The NMSE of a code in dB at every stop, and its hits, missed atoms and false alarms."""
        codes, truth = (
            torch.from_numpy(values[axis][:, 0]) for values in (solver.codes, self.truth)
        )
        counts = evaluation.agreement(codes, truth)
        return recovery.nmse_of_samples(codes, truth).tolist(), torch.stack([*counts], 1).tolist()

    def codes_of_layer(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The true code (d_s,), and those of the solvers by label after the layer at hand."""
        codes = {solver.label: solver.codes["t"][self.layer, 0] for solver in self.solved}
        return self.truth["t"][0, 0], codes

    def cost(self, solver: Solved, unit: str) -> np.ndarray:
        """What its layers take until then, in a unit of `known_codes.COSTS`."""
        return cost(solver.model, depth(solver.model, self.problem)[1], TIMED[unit])

    def draw(self) -> None:
        """The board: a card a solver, with its code over the true one, and both rulers by layer."""
        dark, problem = st.context.theme.type == "dark", self.problem
        x = known_codes.images(problem).pixels[[self.row]].numpy()
        # At another d_x, on another dictionary, the view waits.
        stops = {"t": range(LAYERS + 1), **self.stops, "dx": [problem.d_x]}
        current = {"t": self.layer, "T": LAYERS, "dx": problem.d_x}
        current |= {axis: getattr(problem, axis) for axis in AXES}
        every_code = self.truth, *(solver.codes for solver in self.solved)
        boards.scrubber(
            KEY,
            LAYERS + 1,
            [self._card(solver, column, dark) for column, solver in enumerate(self.solved, 1)],
            self._rulers(dark),
            self.captions(),
            unit=_("layer"),
            start=self.layer,
            on_stop=lambda: st.query_params.update(layer=str(boards.resting_frame(KEY, LAYERS))),
            codes=boards.Codes(
                x,
                Lines(x.shape[1], float(x.min()), float(x.max())),
                stops,
                current,
                [boards.Column(None, codes) for codes in every_code],
            ),
            layout="known",
            fixed=True,
            sentence={"why": self.explain()},
        )

    def _card(self, solver: Solved, column: int, dark: bool) -> boards.Group:
        model, means, colour = solver.model, solver.means, style.colour(solver.model.solver, dark)
        unknown = {axis: ["–"] * len(stops) for axis, stops in self.stops.items()}
        errors, counts = {}, {}
        for axis in solver.codes:
            values, agreements = self.compare(solver, axis)
            errors[axis] = list(map(decibels, values))
            counts[axis] = [", ".join(map(str, agreement)) for agreement in agreements]
        readings = {
            "NMSE": {"t": list(map(decibels, means.nmse)), **unknown},
            _("F over F*"): {"t": list(map(phrases.format_excess, means.excess)), **unknown},
            _("this code"): errors,
            _("● hit, □ missed, × false"): counts,
        }
        alt = _(
            "Code of {solver} at layer {t} over the true code: hits are discs, misses squares, false alarms crosses",
            solver=solver.label,
            t="{t}",
        )
        reach = style.round_up(max(float(np.abs(codes).max()) for codes in self.truth.values()))
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
        note, dash = describe_models.card_note(model), style.dash(model)
        return boards.Group(
            solver.label, colour, [stems], note, readings, solver=model.solver, dash=dash
        )

    def _rulers(self, dark: bool) -> list[boards.Curves]:
        """NMSE and F by layer, means over all signals; and where state evolution predicts the NMSE, its prediction."""
        unknown = {axis: np.full(len(stops), np.nan) for axis, stops in self.stops.items()}
        errors, distances = [], []
        for solver in self.solved:
            model = solver.model
            look = style.stroke(model, dark)
            distances.append(boards.Line(model.label, solver.means.excess, *look, by_axis=unknown))
            errors.append(replace(distances[-1], values=solver.means.nmse))
            if model.traits.evolution:
                d_x, d_s, k, snr, _exactly = self.problem
                alpha = float(models.build(model).alpha)  # type: ignore[arg-type]
                predicted = state_evolution.nmse(d_x / d_s, k / d_s, snr, alpha, LAYERS)
                values, dots = np.array([0.0, *predicted]), style.lengths("dot")
                errors.append(replace(errors[-1], label=_("predicted"), values=values, dash=dots))
        support = _("true support known: {error}", error=decibels(self.optimum.oracle))
        lowest = _("exact codes: 0 %, {error}", error=decibels(self.optimum.nmse))
        names = ", ".join(solver.label for solver in self.solved)

        def draw(title: str, lines: list[boards.Line], unit: str, **options) -> boards.Curves:
            about = _(
                "{ruler} by layer, with a marker at {t}: {names}", ruler=title, t="{t}", names=names
            )
            return boards.Curves(title, lines, about, axis=_("layer"), unit=f" {unit}", **options)

        title = _("NMSE, mean over {n} codes", n=self.problem.rows)
        return [
            draw(
                title,
                errors,
                "dB",
                optimum=support,
                optimum_at=self.optimum.oracle,
                log=False,
                top=5.0,
            ),
            draw(_("F over the optimum"), distances, "%", optimum=lowest),
        ]

    def captions(self) -> dict[str, list[str]]:
        """Who is nearest to the true codes at every layer, and to this signal's while a slider moves it."""
        exact = decibels(self.optimum.nmse)
        captions = {
            "t": [
                _(
                    "Nearest to the true codes after {layers}: {nearest}. Exact codes, the minimum of F, have **{exact}**.",
                    layers=count(layer, "layer"),
                    nearest=self._name_nearest(errors),
                    exact=exact,
                )
                for layer, errors in enumerate(np.transpose([s.means.nmse for s in self.solved]))
            ]
        }
        for axis in AXES:
            errors = np.transpose([self.compare(solver, axis)[0] for solver in self.solved])
            captions[axis] = [
                _(
                    "This code has {true}. Nearest to it after {layers}: {nearest}.",
                    true=count(int(np.count_nonzero(truth)), "non-zero"),
                    layers=count(self.layer, "layer"),
                    nearest=self._name_nearest(values),
                )
                for truth, values in zip(self.truth[axis], errors, strict=True)
            ]
        return captions

    def _name_nearest(self, errors: np.ndarray) -> str:
        """The solvers with the least NMSE, all whose NMSE reads alike, and how it reads."""
        lowest, texts = decibels(min(errors)), map(decibels, errors)
        pairs = zip(self.solved, texts, strict=True)
        names = [f"**{solver.label}**" for solver, text in pairs if text == lowest]
        return f"{listed(names)}, **{lowest}**"

    def explain(self) -> str:
        """Why the minimum of F is not the true code, and which iterations are far from that minimum where most of their error is
        from this, so that it is twice that of the minimum."""
        best, sentences = self.optimum, []
        doubled = best.nmse + 10 * np.log10(2)
        ends_early = [
            solver
            for solver in self.solved
            for traits in [solver.model.traits]
            if traits.aims_at == "objective" and not traits.learned
            if solver.means.nmse[-1] > doubled
        ]
        if best.cheaper:
            sentences.append(
                _(
                    "For {share} of the signals, which have most of the error, another code makes the same signal at a "
                    "smaller ℓ1 norm: F prefers it at every λ, so that no solver that reaches its minimum finds the true code.",
                    share=phrases.share(best.cheaper),
                )
            )
        elif ends_early:
            sentences.append(
                _(
                    "{solver} ends before the minimum of F, {excess}: most of its error is from this.",
                    solver=ends_early[0].label,
                    excess=phrases.describe_excess(ends_early[0].means.excess[-1]),
                )
            )
        if best.shrunk > 0 and not best.cheaper:
            sentences.append(
                _(
                    "F charges λ for each unit of a weight, so that the hits of its minimum are {shrunk} too small.",
                    shrunk=phrases.share(best.shrunk),
                )
            )
        oracle = _(
            "Least squares on the true support, which pays no price but which nobody knows, has {oracle}.",
            oracle=decibels(best.oracle),
        )
        return " ".join([*sentences, oracle])

    def notes(self) -> list[str]:
        """Which networks were not trained for these signals."""
        chosen = [solver.model for solver in self.solved]
        untrained = ", ".join(model.label for model in chosen if not model.trained)
        others = ", ".join(model.label for model in chosen if model.own_atoms and not model.mark)
        elsewhere = _(
            "Trained for other signals, {k} non-zeros on average and {snr} dB: {solvers}.",
            k=RECIPE.k,
            snr=RECIPE.snr,
            solvers=others,
        )
        return [
            elsewhere if others and self.problem != RECIPE else "",
            _("Untrained: {solvers}.", solvers=untrained) if untrained else "",
        ]
