"""λ trade-off: sparsity and fidelity of each solver and of the exact optimum, for every λ (Figure 7)."""

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
import torch

from sc2viz import evaluation
from sc2viz.analysis import convergence, refitting
from sc2viz.browser.comparison import EXACT
from sc2viz.draw import cards, gates, mosaics, sheet, spreads, style, tradeoff
from sc2viz.draw.cards import Reads
from sc2viz.ui import (
    boards,
    chips,
    describe_models,
    models,
    page,
    pen,
    phrases,
    results,
    session,
    sets,
    sidebar,
    url,
)
from sc2viz.ui.errors import fragment
from sc2viz.ui.handed_out import python
from sc2viz.words import _, count_rows, localized, of_noun, templates

said = partial(templates.said, __file__)
SPREAD_AT = (0.01, 0.03, 0.1, 0.3, 1.0)  # the λ at which the spread over test pictures is shown
READS = {"PSNR": "psnr", "F": "F"}  # of the cards
SHOWN = (0.01, 0.03, 0.1, 0.3, 1.0)  # the λ of pictures that hold still while the reader's λ moves


@fragment
def tradeoff_page() -> None:
    view = sidebar.current()
    known = models.choices(view.data)
    tools = page.head(_("λ trade-off"), choices=True)
    paper, sentence = st.container(), st.container()
    chosen = chips.choose(known, help=_("Solvers. The exact optimum is always shown."))
    with tools:
        pen.switch(view)
        about = of_noun(
            view.noun,
            "The curves are means over the {noun}s of the strip in the sidebar, or those of the selected {noun}.",
        )
        words = {
            "grid": count_rows(len(view.strip), view.noun),
            "one picture": _("one picture"),
        }
        layout = url.widget(
            "layout",
            _("Average over"),
            options=list(words),
            format_func=words.get,
            label_visibility="collapsed",
            help=about,
        )
    with paper:
        pen.canvas(view, chosen)
    rows = view.strip if layout == "grid" else (view.picture,)
    pixels, mine = view.pixels(view.strip), view.strip.index(view.picture)
    columns = list(range(len(pixels))) if layout == "grid" else [mine]
    with st.spinner(of_noun(view.noun, "Coding the {noun}s at every λ …"), show_time=True):
        best = results.exact_sweep(view.data, pixels, view.lam)
        means = [_mean(_(EXACT), "exact", best, columns)]
        with sentence:
            page.following(_why(view, best, columns))
        found, failed = results.each(
            chosen, lambda model: results.sweep(model, pixels, view.steps, view.lam)
        )
        chosen = [model for model in chosen if model.label in found]
    lam_max = float(results.lambda_max(view.data, pixels)[columns].max())
    for m in chosen:
        means.append(_mean(m.label, m.solver, found[m.label], columns, m.trained, m.drawn))
    x = pixels[mine : mine + 1]
    sweep = best.at(np.flatnonzero(np.isin(best.stops, url.stops("lam", view.lam)))).of(
        mine
    )  # where the slider stops
    fitted = results.refitted(view.data, x, sweep)
    board = replace(
        _board(view, x, sweep, fitted, best, mine, _dots(view, means)),
        sentence=_sentence(view, rows, means[0]),
    )
    with st.container(key="zeros"):
        _why_zeros(view, x[0], sweep)
        boards.board("tradeoff-board", board)
    below = (
        [_("All numbers and curves below are the {average}.", average=view.average(rows))]
        if len(rows) > 1
        else []
    )
    page.notes(
        [
            *below,
            results.told_of_blank(pixels[columns], view.noun),
            *describe_models.notes(chosen, view.steps),
            *failed,
        ]
    )
    _draw_curves(view, means, lam_max, _notice(view, rows, means, lam_max, chosen))
    test_rows = count_rows(min(evaluation.SPREAD, len(view.images)), view.noun, tests=True)
    about = _("Also shows the distance of each of {rows}.", rows=test_rows)
    if url.widget("spread", _("Spread"), help=about) and models.ranked(chosen):
        _draw_spread(view, models.ranked(chosen))
    with tools:
        title = _(
            "{data}, {subject}: exact codes at rising λ",
            data=view.data,
            subject=view.subject([view.picture]),
        )
        name = f"sc2viz-tradeoff-{view.data}-T-{view.steps}"
        page.explained(
            [model.solver for model in chosen],
            [
                page.png(name, lambda: cards.png(title, board.still())),
                page.film(f"{name}-{view.picture}", lambda: _film(view, x, sweep)),
                page.csv(name, lambda: _table(view, rows, means)),
                page.live(
                    name,
                    view,
                    view.pixels([view.picture]),
                    chosen,
                    _("λ and {picture}", picture=view.average([view.picture])),
                ),
            ],
            python(__file__, view=view, rows=rows, chosen=chosen),
        )


def _film(view: sidebar.View, x: np.ndarray, sweep: results.Sweep) -> list[np.ndarray]:
    """The picture x (1, d_x) and the sum of its exact code, at rising λ."""
    B, dark, made = sets.atoms(view.data), view.dark, []
    for lam, code, F, psnr in zip(
        sweep.stops, sweep.codes[:, 0], sweep.objective[:, 0], sweep.psnr[:, 0], strict=True
    ):
        used = _(
            "{n} of {all} atoms, F = {F}",
            n=int(evaluation.in_use(code).sum()),
            all=len(code),
            F=phrases.objective(F),
        )
        columns = [
            sheet.SheetColumn(
                _("Ground truth"),
                style.colour("truth", dark),
                [mosaics.mosaic(x, view.shape)],
                [view.subject([view.picture])],
            ),
            sheet.SheetColumn(
                _(EXACT),
                style.colour("exact", dark),
                [mosaics.mosaic((B @ code)[None], view.shape)],
                [used, f"PSNR {phrases.decibels(psnr)}"],
            ),
        ]
        made.append(sheet.sheet(localized(f"λ = {lam:.3g}"), columns, 240, dark=dark))
    return made


def _draw_curves(
    view: sidebar.View, means: list[tradeoff.MeanSweep], lam_max: float, notice: str
) -> None:
    """Three charts over all λ and, as the fourth of the square, what to notice in them."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header(_("Sparsity against error"), anchor=False)
        page.chart(
            tradeoff.sparsity_against_error(means, view.lam, view.dark), key="sparsity-error"
        )
    with right:
        st.header(_("Reconstruction loss against λ"), anchor=False)
        page.chart(tradeoff.loss_by_lambda(means, view.lam, lam_max, view.dark), key="loss-lambda")
    left, right = st.columns(2, gap="large")
    with left:
        st.header(_("Objective against λ"), anchor=False)
        page.chart(
            tradeoff.objective_by_lambda(means, view.lam, lam_max, view.dark),
            key="objective-lambda",
        )
    with right:
        st.header(_("What to notice"), anchor=False)
        st.markdown(notice)
        loss = _("reconstruction loss")
        st.latex(
            rf"F(s) = \underbrace{{\tfrac12\lVert x - Bs\rVert^2}}_{{\text{{{loss}}}}} + \lambda\lVert s\rVert_1"
        )
        st.latex(r"\lambda_{\text{max}} = \lVert B^\top x\rVert_\infty")


def _draw_spread(view: sidebar.View, chosen: list[models.Model]) -> None:
    """How far single pictures are from the optimum at each λ."""
    lams = sorted({*SPREAD_AT, view.lam})
    with st.spinner(of_noun(view.noun, "Coding the test {noun}s at every λ …"), show_time=True):
        found = [[results.spread(model, lam, view.steps) for lam in lams] for model in chosen]
    st.header(
        _(
            "Distance to the optimum :small[:gray[median and 5 to 95 % of {rows}, T = {steps}]]",
            rows=count_rows(len(found[0][0]), view.noun, tests=True),
            steps=view.steps,
        ),
        anchor=False,
    )
    drawn = [
        spreads.Band(
            m.label,
            m.solver,
            np.array(lams),
            np.array([spreads.quantiles(one) for one in each]),
            m.trained,
            m.drawn,
        )
        for m, each in zip(chosen, found, strict=True)
    ]
    page.chart(spreads.bands(drawn, view.lam, view.dark), key="spread-chart")


def _mean(
    label: str,
    solver: str,
    sweep: results.Sweep,
    columns: list[int],
    trained: bool = True,
    variant: str = "",
) -> tradeoff.MeanSweep:
    parts = (
        part[:, columns].mean(1, dtype=float)
        for part in (sweep.loss, sweep.objective, sweep.nonzero)
    )
    return tradeoff.MeanSweep(label, solver, sweep.stops, *parts, trained, variant)


def _sentence(view: sidebar.View, rows, optimum: tradeoff.MeanSweep) -> dict:
    """What the browser says of doubling λ (sentences.js)."""
    if len(rows) == 1:
        whose = of_noun(view.noun, "the non-zeros of the exact codes of this {noun}")
    else:
        whose = _("the non-zeros of the exact codes ({average})", average=view.average(rows))
    return {
        "kind": "doubling",
        "optimum": EXACT,
        "lams": optimum.lam.tolist(),
        "shares": optimum.nonzero.tolist(),
        "whose": whose,
        "drawn": _("the non-zeros of the exact code of your drawing"),
    }


def _why(view: sidebar.View, best: results.Sweep, columns: list[int]) -> str:
    """Why doubling λ removes atoms, and what it costs; "" where every code is zero already."""
    now, then = best.place(view.lam), best.place(2 * view.lam)
    if then == now:
        return ""
    psnr = evaluation.mean_decibels(best.psnr[:, columns])
    if not np.isfinite(psnr[[now, then]]).all():
        return of_noun(view.noun, "Every {noun} here is zero, so that no code has an error.")
    nonzero = best.nonzero[:, columns].mean(1)
    cost = psnr[now] - psnr[then]
    why = said(
        "why",
        sparser=nonzero[then] < nonzero[now],
        costs=cost >= 0,
        changes=phrases.decibels(abs(cost)) != phrases.decibels(0),
        far=phrases.decibels(abs(cost)),
        before=psnr[now],
        after=phrases.decibels(psnr[then]),
    )
    return f"{_threshold(view, best, columns, now, then)} {why}"


def _threshold(
    view: sidebar.View, best: results.Sweep, columns: list[int], now: int, then: int
) -> str:
    """The condition on which a weight of the optimum is zero, in numbers of a picture, and what doubling λ does by it."""
    row = view.strip[columns[0]]
    x, B = view.pixels([row])[0], sets.atoms(view.data)
    codes = best.codes[now, columns[0]]
    left, zero, lam = np.abs(B.T @ (x - B @ codes)), ~evaluation.in_use(codes), best.stops[now]
    if not zero.any():
        return _(
            "No weight is zero, because each atom still correlates with what is left, x − Bs, by λ = {lam:g}.",
            lam=lam,
        )
    kept, all = (int(evaluation.in_use(best.codes[k, columns[0]]).sum()) for k in (then, now))
    most = next(
        (text for digits in (2, 3, 4) if float(text := f"{left[zero].max():.{digits}g}") < lam), ""
    )
    return said(
        "threshold",
        zeros=int(zero.sum()),
        picture=view.average([row]),
        most=localized(most),
        lam=lam,
        all=all,
        kept=kept,
        high=best.stops[then],
        atoms=phrases.count(all, "atom"),
    )


def _notice(
    view: sidebar.View,
    rows,
    means: list[tradeoff.MeanSweep],
    lam_max: float,
    chosen: list[models.Model],
) -> str:
    """Points to notice in the three charts, in Markdown."""
    best, *others = means
    first, last = best.at(url.LAM.low), best.at(url.LAM.high)
    change = phrases.changes(
        best.nonzero[first], best.nonzero[last], _("the share of non-zeros of the optimum")
    )
    apart_at, below, sweeps = (
        [],
        False,
        dict(zip([model.label for model in chosen], others, strict=True)),
    )

    def above(model: models.Model, lam: float) -> float:
        """How far a model's F is from the optimum at λ, in %, as Compare shows it."""
        here, there = sweeps[model.label].at(lam), best.at(lam)
        F, least = (
            torch.as_tensor(one.objective[k : k + 1])
            for one, k in ((sweeps[model.label], here), (best, there))
        )
        return float(evaluation.excess(F, least))

    for model in models.ranked(chosen):
        apart = [above(model, lam) for lam in (url.LAM.low, url.LAM.high)]
        below = below or min(apart) < 0
        apart_at.append(
            _(
                "{solver} {one} and {other}",
                solver=model.label,
                one=_apart(apart[0]),
                other=_apart(apart[1]),
            )
        )
    here = best.at(view.lam)
    lower = [
        model.label
        for model, sweep in zip(chosen, others, strict=True)
        if sweep.loss[sweep.at(view.lam)] < best.loss[here] * (1 - 1e-3)
        and above(model, view.lam) > 0
    ]
    return said(
        "notice",
        low=url.LAM.low,
        high=url.LAM.high,
        lam=view.lam,
        change=change.rstrip(".。"),
        pictures=len(rows),
        before=phrases.objective(best.loss[first]),
        after=phrases.objective(best.loss[last]),
        below=below,
        lower=lower,
        most=phrases.objective(lam_max) if lam_max > 0 else "",
        told="; ".join(apart_at),
        iterations=phrases.count(view.steps, "iteration"),
    )


def _apart(above: float) -> str:
    """A distance in words: "12 % above"."""
    far = phrases.percent(abs(above))
    if abs(above) <= convergence.FLOOR:
        return far
    return _("{percent} below", percent=far) if above < 0 else _("{percent} above", percent=far)


def _dots(view: sidebar.View, means: list[tradeoff.MeanSweep]) -> list[boards.Dots]:
    """The markers of the three charts at every stop of λ."""
    where = {
        "sparsity-error": ("nonzero", "loss"),
        "loss-lambda": ("lam", "loss"),
        "objective-lambda": ("lam", "objective"),
    }
    stops = url.stops("lam", view.lam)
    return [
        boards.Dots(chart, *tradeoff.dots(means, *what, view.lam, stops))
        for chart, what in where.items()
    ]


def _board(
    view: sidebar.View,
    x: np.ndarray,
    sweep: results.Sweep,
    fitted: results.Sweep,
    best: results.Sweep,
    mine: int,
    dots: list[boards.Dots],
) -> boards.Board:
    """The selected picture (1, d_x), its reconstruction from the exact code at the reader's λ, the same without the
    shrinkage, and those at increasing λ; under them what the shrinkage costs.

    sweep, fitted: at the stops of the slider. best: of all pictures, of which this is number `mine`, also beyond them.
    """
    stops, atoms = url.stops("lam", view.lam), sets.atoms(view.data)
    exact = of_noun(view.noun, "The {noun} from its exact code")
    refitted = of_noun(view.noun, "The {noun} from least squares on the atoms of its exact code")

    def numbers(codes: results.Sweep) -> dict[str, np.ndarray]:
        active = evaluation.in_use(codes.codes[:, 0]).sum(1)
        return {"F": codes.objective[:, 0], "psnr": codes.psnr[:, 0], "active": active}

    def card(
        column: int, label: cards.Text, solver: str, note: str, about: str, rows: tuple[str, ...]
    ) -> cards.Card:
        return cards.Card(
            label,
            solver,
            note,
            [cards.Canvas(column, "picture", about)],
            (Reads(column, "active"), Reads(column, "atoms")),
            {name: Reads(column, READS[name]) for name in rows},
        )

    size = [np.abs(codes.codes[:, 0]).sum(1) for codes in (sweep, fitted)]
    shrunk = 1 - size[0] / np.maximum(size[1], 1e-12)
    columns = [
        boards.Column(),
        boards.Column(atoms, {"lam": sweep.codes}, by=EXACT, numbers={"lam": numbers(sweep)}),
        boards.Column(
            atoms,
            {"lam": fitted.codes},
            by="Refitted",
            numbers={"lam": numbers(fitted) | {"shrunk": shrunk}},
        ),
    ]
    shown = [
        cards.Card(
            _(view.noun.capitalize()),
            "truth",
            _which(view),
            pictures=[cards.Canvas(0, "picture", of_noun(view.noun, "The {noun}"))],
        ),
        card(1, Reads(1, "lam"), "exact", _("your λ"), exact, ("PSNR", "F")),
        card(2, _("Refitted"), "truth", "", refitted, ("PSNR", "F")),
    ]
    for k in sorted({best.place(lam) for lam in SHOWN} - {best.place(view.lam)}):
        still, lam = best.one(k).of(mine), float(f"{best.stops[k]:.2g}")
        label = localized(f"λ = {lam:g}")
        shown.append(card(len(columns), label, "truth", "", exact, ("PSNR",)))
        columns.append(
            boards.Column(
                atoms,
                {"lam": still.codes},
                by=EXACT,
                lam=best.stops[k],
                numbers={"lam": numbers(still)},
            )
        )
    return boards.Board(
        x,
        view.shape,
        {"lam": stops},
        {"lam": view.lam, "T": view.steps},
        columns,
        cards=shown,
        dots=dots,
        narrowest=84,
        at_most=4,
        below=f'<div class="sc-shrunk">{cards.said(Reads(2, "shrunk"), "p")}</div>',
    )


def _which(view: sidebar.View) -> str:
    """What `View.subject` says of the picture after the word for it: "3, a 7"; nothing where that is another word."""
    start = f"{_(view.noun.capitalize())} "
    subject = view.subject([view.picture])
    return subject.removeprefix(start) if subject.startswith(start) else ""


def _why_zeros(view: sidebar.View, x: np.ndarray, sweep: results.Sweep) -> None:
    """Draw two weights of the exact code of x (d_x,), the contours of the loss and the ball of ℓ1 or ℓ2.

    The two atoms show a zero at the λ with which the view was opened, and stay while the reader moves λ."""
    B, codes = sets.atoms(view.data), sweep.codes[:, 0]
    mark = (view.data, view.picture, B.shape, session.VIEWS.get())
    was, atoms = session.PLANE.get()
    if was != mark:
        atoms = refitting.pair(x, codes[sweep.place(view.lam)], B) or refitting.pair(x, codes[0], B)
        session.PLANE.set((mark, atoms))
    if atoms is None:
        st.caption(
            of_noun(
                view.noun,
                "Why zeros: this {noun} has no atom in use at any λ here, so no two weights can be "
                "drawn.",
            )
        )
        return
    two = refitting.plane(x, codes, B, atoms)
    page.idea(
        "why_zeros",
        {
            "atoms": two.atoms,
            "gram": two.gram.tolist(),
            "centres": two.centres.tolist(),
            "stops": sweep.stops.tolist(),
            "lam": view.lam,
            "pictures": [
                mosaics.kept_uri(gates.atom_picture(B[:, j], view.shape, view.dark)) for j in atoms
            ],
        },
    )


def _table(view: sidebar.View, rows, means: list[tradeoff.MeanSweep]) -> str:
    """The curves as CSV."""
    head = (
        "data",
        "first_picture",
        "pictures",
        "T",
        "solver",
        "lambda",
        "reconstruction_loss",
        "objective",
        "nonzero_share",
    )
    return page.table(
        head,
        (
            [
                view.data,
                rows[0],
                len(rows),
                "" if sweep.solver == "exact" else view.steps,
                sweep.label,
                *numbers,
            ]
            for sweep in means
            for numbers in zip(sweep.lam, sweep.loss, sweep.objective, sweep.nonzero, strict=True)
        ),
    )


tradeoff_page()
