"""What more steps buy: networks on D★ that were trained for T steps, beside solvers that were not; T under the finger."""

import numpy as np
import streamlit as st

from sc2viz import defaults
from sc2viz.analysis.encoder_gap import StepCourse
from sc2viz.defaults import KINDS, STEPPED
from sc2viz.draw import style
from sc2viz.pages.autoencoders import bench, describe_autoencoders
from sc2viz.ui import boards, encoder_costs, encoders, page, phrases, results, url
from sc2viz.ui.encoders import BestDictionary, EncoderSet, TrainedEncoder
from sc2viz.words import _

SCRUBBER = "more-steps"


def draw(of: EncoderSet, row: int, best: BestDictionary, dark: bool) -> None:
    bench.heading("more-steps")
    frozen = encoders.trained(of, "frozen")
    shown = StepFrames(
        of, row, best, {kind: frozen[kind] for kind in STEPPED if kind in frozen}, dark
    )
    st.markdown(
        f"{_('All on D★, at its λ = {lam:g}.', lam=best.lam)} {describe_autoencoders.half(shown.excess())}"
    )
    boards.scrubber(
        SCRUBBER,
        len(url.STEPPED),
        shown.groups(),
        [shown.curve()],
        shown.captions(),
        unit="T",
        start=_place(),
        on_rest=_rest,
        names=[f"T = {T}" for T in url.STEPPED],
        codes=shown.codes(),
        layout="stepping",
        fixed=True,
    )
    page.notes(
        [
            _(
                "Multiplications in matrix products, a row. ReLU is T = 1. Each T has a network of its own, of one seed, "
                "trained on D★."
            )
        ]
    )


def _place() -> int:
    return url.STEPPED.index(url.now("after"))


def _rest() -> None:
    st.query_params["after"] = str(url.STEPPED[boards.at(SCRUBBER, _place())])


class StepFrames:
    """The code of a row after T steps, T by T: of the networks `trained` on D★ by kind, and of solvers that are not."""

    def __init__(
        self,
        of: EncoderSet,
        row: int,
        best: BestDictionary,
        trained: dict[str, TrainedEncoder],
        dark: bool,
    ):
        self.of, self.row, self.best, self.dark = of, row, best, dark
        at = of, best.D, best.lam
        self.trained: dict[int, StepCourse] = {
            KINDS[kind].steps: encoder_costs.reached(one.model, *at, row)
            for kind, one in trained.items()
        }
        self.built: dict[str, StepCourse] = {
            name: encoder_costs.stepping(name, *at, url.STEPPED[-1], row)
            for name in defaults.STEPPING
        }
        self.looks = next(reversed(trained.values())).model if trained else None
        self.complete = set(url.STEPPED) <= set(self.trained)
        # The exact code on D★, and that of each solver at every T, (1 or T, 1, d_s) each
        self.columns = [encoder_costs.on_best(of, row, best.D, (best.lam,)).exact]
        if self.complete:
            self.columns.append(np.stack([self.trained[T].codes[-1] for T in url.STEPPED]))
        self.columns += [one.codes[list(url.STEPPED)] for one in self.built.values()]
        self.top = style.round_up(max(float(each.max()) for each in self.columns))

    def excess(self) -> dict[int, float]:
        """How far the trained networks are above F*(D★), in %, by T."""
        return {T: float(one.excess[-1]) for T, one in sorted(self.trained.items())}

    def codes(self) -> boards.Codes:
        """What the browser draws."""
        rows = encoders.rows(self.of.data)
        x, D, mean = encoders.original(self.of, self.row), self.best.D.numpy(), rows.mean.numpy()
        columns = [boards.Column(D, {"t": codes}, mean) for codes in self.columns]
        top = results.brightest(
            x, rows.shape, tuple((codes, D, mean) for codes in self.columns)
        ).max()
        stops = {"t": list(range(len(url.STEPPED)))}
        return boards.Codes(x, rows.shape, stops, {"t": _place()}, columns, {"t": [top]})

    def groups(self) -> list[boards.Group]:
        groups = [self._group("exact", _("Exact on D★"), 0, [], _("certified"))]
        if self.complete:
            excess, name = [phrases.above(self.excess()[T]) for T in url.STEPPED], self.looks.solver
            groups.append(self._group(name, style.label(name), 1, excess, _("trained for T")))
        for k, name in enumerate(self.built, 1 + self.complete):
            excess = [phrases.above(float(self.built[name].excess[T])) for T in url.STEPPED]
            groups.append(self._group(name, style.label(name), k, excess, _("not trained")))
        return groups

    def _group(
        self, solver: str, label: str, column: int, excess: list[str], note: str
    ) -> boards.Group:
        colour = style.colour(solver, self.dark)
        panels = [
            boards.Made(
                _("picture"), column, "picture", _("The row as {label} makes it", label=label)
            ),
            boards.Made(_("error"), column, "error", _("The error of {label}", label=label)),
            boards.Stems(
                _("code s"),
                column,
                self.top,
                colour,
                _("Code of {label}; circles are the exact code on D★", label=label),
                bottom=0.0,
                reference=0,
                reference_label=_("exact"),
            ),
        ]
        words = {_("above F*(D★)"): excess or ["0 %"]}
        dash = "" if solver == "exact" else style.own_dash(solver)
        return boards.Group(
            label, colour, panels, note, words, solver=solver, dash=dash, dashed=solver == "exact"
        )

    def curve(self) -> boards.Curves:
        """The distance to F*(D★) against multiplications, with a marker at each T; what others reach for as many."""
        found = []
        if self.trained:
            T = sorted(self.trained)
            ends = (
                [getattr(self.trained[t], part)[-1] for t in T]
                for part in ("excess", "multiplications")
            )
            found.append((self.looks.solver, *map(np.array, ends)))
        found += [(name, one.excess, one.multiplications) for name, one in self.built.items()]
        lines = []
        for name, excess, costs in found:
            dash = style.lengths(style.own_dash(name))
            lines.append(
                boards.Line(
                    style.label(name), excess, style.colour(name, self.dark), dash, costs / 1e3
                )
            )
        told = ", ".join(line.label for line in lines)
        return boards.Curves(
            _("Above F*(D★)"),
            lines,
            _(
                "Distance to F*(D★) in percent against multiplications, with a marker at {place}: {told}",
                place="{t}",
                told=told,
            ),
            axis=_("thousand multiplications a row"),
            unit=" %",
            optimum=_("F*(D★), certified"),
            places=np.array([self.cost(T) for T in url.STEPPED]) / 1e3,
        )

    def cost(self, T: int) -> float:
        """What T trained steps cost a row; where no network says so, what T steps of the first solver cost."""
        if T in self.trained:
            return float(self.trained[T].multiplications[-1])
        return float(next(iter(self.built.values())).multiplications[T])

    def captions(self) -> list[str]:
        built = {style.label(name): one for name, one in self.built.items()}
        return [
            describe_autoencoders.steps(T, self.excess(), built, int(self.cost(T)))
            for T in url.STEPPED
        ]
