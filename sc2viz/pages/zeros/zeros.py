"""Why zeros: the price of a code makes weights exactly zero, and what that costs (Figure 7)."""

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from sc2viz import evaluation
from sc2viz.analysis import refitting
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
from sc2viz.ui.results import Sweep
from sc2viz.ui.sidebar import View
from sc2viz.words import _, count_rows, localized, ngettext, of_noun

FIXED_LAMS = (0.01, 0.03, 0.1, 0.3, 1.0)  # the λ of the pictures that stay, and of the spread
NUMBERS = {"PSNR": "psnr", "F": "F"}  # of a card, as a board reads them


@fragment
def why_zeros() -> None:
    view = sidebar.current()
    tools = page.head(_("Why zeros"), choices=True)
    with tools:
        pen.switch(view)
        labels = {"grid": count_rows(len(view.strip), view.noun), "one picture": _("one picture")}
        layout = url.widget(
            "layout",
            _("Average over"),
            options=list(labels),
            format_func=labels.get,
            help=of_noun(
                view.noun,
                "The curves are means over the {noun}s of the strip in the sidebar, or those of the selected {noun}.",
            ),
        )
    figure, curves = st.container(), st.container()
    with curves:
        st.markdown(
            _(
                "Fewer atoms, more error. Each curve below is one solver after T iterations, the dashed one the exact "
                "optimum. Beside it is the smallest case, one weight: drag c, what the loss alone would give it, and see "
                "where exactly zero begins."
            )
        )
        about = _("Solvers. The exact optimum is always shown.")
        chosen = chips.choose(models.choices(view.data), help=about)
    with figure:
        pen.canvas(view, chosen)
        sentence, idea = st.container(), st.container(key="zeros")
    idea.empty()  # so that the figure has its room before it is there

    pixels, selected = view.pixels(view.strip), view.strip.index(view.picture)
    rows, columns = (view.picture,), [selected]
    if layout == "grid":
        rows, columns = view.strip, list(range(len(pixels)))
    x = pixels[selected : selected + 1]
    with (
        sentence,
        st.spinner(of_noun(view.noun, "Coding the {noun}s at every λ …"), show_time=True),
    ):
        optimum = results.exact_sweep(view.data, pixels, view.lam)
        stops = np.flatnonzero(np.isin(optimum.stops, url.stops("lam", view.lam)))
        exact = optimum.select(stops).of_picture(
            selected
        )  # of the selected picture, where the slider stops
        page.following(_explain_zeros(view, optimum, columns[0]))
        sweeps, failed = results.compute_each(
            chosen, lambda model: results.sweep(model, pixels, view.steps, view.lam)
        )
    chosen = [model for model in chosen if model.label in sweeps]
    means = [_mean(_(EXACT), "exact", optimum, columns)]
    means += [
        _mean(
            model.label, model.solver, sweeps[model.label], columns, model.trained, model.dash_name
        )
        for model in chosen
    ]
    lam_max = float(results.lambda_max(view.data, pixels)[columns].max())

    charts = {"sparsity-error": ("nonzero", "loss")}
    if url.value("more") or url.value("spread"):
        charts |= {"loss-lambda": ("lam", "loss"), "objective-lambda": ("lam", "objective")}
    # The markers of the charts at every stop of λ
    mark = partial(tradeoff.dots, means, lam=view.lam, stops=url.stops("lam", view.lam))
    board = replace(
        _picture_board(view, x, exact, optimum, selected),
        sentence=_say_doubling(view, rows, means[0]),
        dots=[boards.Dots(chart, *mark(*axes)) for chart, axes in charts.items()],
    )
    with idea:
        _draw_two_weights(view, x[0], exact)
        boards.board("zeros-board", board)
    with curves:
        curves_column, weight_column = st.columns(2, gap="large")
        with curves_column:
            heading = f"{_('Sparsity against error')} :small[:gray[{view.average(rows)}]]"
            page.header(heading)
            page.chart(
                tradeoff.sparsity_against_error(means, view.lam, view.dark), key="sparsity-error"
            )
        with weight_column:
            page.idea("one_weight", {"lam": view.lam})
        cut_off = [mean.label for mean in tradeoff.cut_off(means)]
        page.notes(
            [
                results.describe_blanks(pixels[columns], view.noun),
                cut_off
                and _(
                    "{solvers}: the curve ends where F runs away.", solvers=phrases.listed(cut_off)
                ),
                *describe_models.notes(chosen, view.steps),
                *failed,
            ]
        )
        if place := page.details(is_asked=url.value("spread")):
            with place:
                _draw_more(view, x, exact, means, lam_max, models.ranked(chosen))

    name = f"sc2viz-tradeoff-{view.data}-T-{view.steps}"
    title = _("{data}, {subject}: exact codes at rising λ", data=view.data, subject=view.subject())
    live_title = _("λ and {picture}", picture=view.average())
    page.explained(
        chosen,
        [
            page.png(name, lambda: cards.draw_sheet(title, board.static_cards())),
            page.film(f"{name}-{view.picture}", lambda: _film(view, x, exact)),
            page.csv(name, lambda: _table(view, rows, means)),
            page.live(name, view, view.x, chosen, live_title),
        ],
        __file__,
        view=view,
        rows=rows,
        chosen=chosen,
    )


# What is said -----------------------------------------------------------------------------------------------------------


def _say_doubling(view: View, rows, optimum: tradeoff.MeanSweep) -> dict:
    """What the browser says of doubling λ (sentences.js)."""
    if len(rows) == 1:
        subject = of_noun(view.noun, "the non-zeros of the exact codes of this {noun}")
    else:
        subject = _("the non-zeros of the exact codes ({average})", average=view.average(rows))
    return {
        "kind": "doubling",
        "optimum": EXACT,
        "lams": optimum.lam.tolist(),
        "shares": optimum.nonzero.tolist(),
        "whose": subject,
        "drawn": _("the non-zeros of the exact code of your drawing"),
    }


def _explain_zeros(view: View, optimum: Sweep, column: int) -> str:
    """The condition on which a weight of the optimum is zero, in numbers of a picture of the strip."""
    x, B = view.pixels([view.strip[column]])[0], view.B.numpy()
    place = optimum.place(view.lam)
    lam, code = optimum.stops[place], optimum.codes[place, column]
    zero = ~evaluation.in_use(code)
    if not zero.any():
        return _(
            "No weight is zero, because each atom still correlates with what is left, x − Bs, by λ = {lam:g}.",
            lam=lam,
        )
    condition = _(
        "An atom is paid for only where $|b_j^\\top(x - Bs)|$, its correlation with what is left, is λ."
    )
    highest = np.abs(B.T @ (x - B @ code))[zero].max()
    return f"{condition} " + ngettext(
        "In {picture}, the {n} atom with weight zero correlates by {highest:.3g}.",
        "In {picture}, the {n} atoms with weight zero correlate by {highest:.3g} at most.",
        int(zero.sum()),
        picture=view.average([view.strip[column]]),
        highest=highest,
    )


# What is drawn ----------------------------------------------------------------------------------------------------------


def _draw_two_weights(view: View, x: np.ndarray, exact: Sweep) -> None:
    """Draw two weights of the exact code of x (d_x,), the contours of the loss and the ball of ℓ1 or ℓ2.

    The two atoms show a zero at the λ with which the view was opened, and stay while the reader moves λ."""
    B, codes = view.B.numpy(), exact.codes[:, 0]
    mark = (view.data, view.picture, B.shape, session.views)
    opened, atoms = session.plane
    if opened != mark:
        place = exact.place(view.lam)
        atoms = refitting.pair(x, codes[place], B) or refitting.pair(x, codes[0], B)
        session.plane = (mark, atoms)
    if atoms is None:
        st.caption(
            of_noun(
                view.noun,
                "Why zeros: this {noun} has no atom in use at any λ here, so no two weights can be drawn.",
            )
        )
        return
    plane = refitting.plane(x, codes, B, atoms)
    page.idea(
        "why_zeros",
        {
            "atoms": plane.atoms,
            "gram": plane.gram.tolist(),
            "centres": plane.centres.tolist(),
            "stops": exact.stops.tolist(),
            "lam": view.lam,
            "pictures": [
                mosaics.kept_uri(gates.atom_picture(B[:, j], view.shape, view.dark)) for j in atoms
            ],
        },
    )


def _picture_board(
    view: View,
    x: np.ndarray,
    exact: Sweep,
    optimum: Sweep,
    selected: int,
) -> boards.Board:
    """The picture x (1, d_x), the sum of its exact code at the reader's λ, and the sums at five λ that stay."""
    about = of_noun(view.noun, "The {noun} from its exact code")
    columns = [boards.Column(), _column(view, exact)]
    picture = _(view.noun.capitalize())
    subject = view.subject()
    which = subject.removeprefix(f"{picture} ")  # "3, a 7"
    truth = cards.Canvas(0, "picture", of_noun(view.noun, "The {noun}"))
    board_cards = [
        cards.Card(picture, "truth", "" if which == subject else which, pictures=[truth]),
        _card(1, Reads(1, "lam"), "exact", about, ("PSNR", "F"), _("your λ")),
    ]
    for place in sorted({optimum.place(lam) for lam in FIXED_LAMS} - {optimum.place(view.lam)}):
        label = localized(f"λ = {float(f'{optimum.stops[place]:.2g}'):g}")
        board_cards.append(_card(len(columns), label, "truth", about, ("PSNR",)))
        sweep = optimum.select([place]).of_picture(selected)
        columns.append(replace(_column(view, sweep), lam=optimum.stops[place]))
    return _board(view, x, columns, board_cards)


def _refitted_board(view: View, x: np.ndarray, exact: Sweep) -> boards.Board:
    """The exact code at the reader's λ beside least squares on its atoms, and what the price takes off the weights."""
    lams, peak = tuple(exact.stops.tolist()), sets.peak(view.data)
    refitted = results.refitted(view.B, x, exact.codes, lams, peak)
    sizes = [np.abs(sweep.codes[:, 0]).sum(1) for sweep in (exact, refitted)]
    shrunk = {"shrunk": 1 - sizes[0] / np.maximum(sizes[1], 1e-12)}
    about = of_noun(view.noun, "The {noun} from its exact code")
    about_refitted = of_noun(
        view.noun, "The {noun} from least squares on the atoms of its exact code"
    )
    board_cards = [
        _card(1, _(EXACT), "exact", about, ("PSNR", "F")),
        _card(2, _("Refitted"), "truth", about_refitted, ("PSNR", "F")),
    ]
    columns = [
        boards.Column(),
        _column(view, exact),
        _column(view, refitted, "Refitted", shrunk),
    ]
    sentence = f'<div class="sc-shrunk">{cards.wrap_text(Reads(2, "shrunk"), "p")}</div>'
    return _board(view, x, columns, board_cards, footer=sentence)


def _board(view: View, x: np.ndarray, columns: list, board_cards: list, **options) -> boards.Board:
    return boards.Board(
        x,
        view.shape,
        {"lam": url.stops("lam", view.lam)},
        {"lam": view.lam, "T": view.steps},
        columns,
        cards=board_cards,
        narrowest=84,
        cards_in_row=4,
        **options,
    )


def _column(
    view: View, sweep: Sweep, label: str = EXACT, extra: dict | None = None
) -> boards.Column:
    """The codes of one picture at the stops of λ, with their numbers."""
    numbers = {
        "F": sweep.objective[:, 0],
        "psnr": sweep.psnr[:, 0],
        "active": evaluation.in_use(sweep.codes[:, 0]).sum(1),
    }
    codes = {"lam": sweep.codes}
    return boards.Column(
        view.B.numpy(), codes, solver=label, numbers={"lam": numbers | (extra or {})}
    )


def _card(
    column: int, label: cards.Text, solver: str, about: str, rows: tuple[str, ...], note: str = ""
) -> cards.Card:
    return cards.Card(
        label,
        solver,
        note,
        [cards.Canvas(column, "picture", about)],
        (Reads(column, "active"), Reads(column, "atoms")),
        {row: Reads(column, NUMBERS[row]) for row in rows},
    )


def _draw_more(
    view: View,
    x: np.ndarray,
    exact: Sweep,
    means: list[tradeoff.MeanSweep],
    lam_max: float,
    ranked: list[models.Model],
) -> None:
    """Draw loss and objective against λ, what the price takes off the weights that stay, and how far single pictures are from
    the optimum at each λ."""
    loss_column, objective_column = st.columns(2, gap="large")
    with loss_column:
        page.header(_("Reconstruction loss against λ"))
        chart = tradeoff.by_lambda(means, "loss", view.lam, lam_max, view.dark)
        page.chart(chart, key="loss-lambda")
        optimum, *others = means
        place, labels = optimum.find_lambda(view.lam), [model.label for model in ranked]
        lower = [
            mean.label
            for mean in others
            if mean.label in labels
            and (k := mean.find_lambda(view.lam)) is not None
            and mean.loss[k] < optimum.loss[place] * (1 - 1e-3)
            and mean.objective[k] > optimum.objective[place]
        ]
        if lower:
            warning = _(
                "At λ = {lam:g} the reconstruction loss of {solvers} is below that of the optimum. This is not better: the "
                "optimum minimises F, which also charges for the code.",
                lam=view.lam,
                solvers=phrases.listed(lower),
            )
            page.notes([warning])
    with objective_column:
        page.header(_("Objective against λ"))
        chart = tradeoff.by_lambda(means, "objective", view.lam, lam_max, view.dark)
        page.chart(chart, key="objective-lambda")
    page.header(_("The weights that stay"))
    boards.board("refitted-board", _refitted_board(view, x, exact))
    rows = count_rows(min(evaluation.SPREAD, len(sets.images(view.data))), view.noun, tests=True)
    if not (url.widget("spread", help_values={"rows": rows}) and ranked):
        return
    lams = sorted({*FIXED_LAMS, view.lam})
    with st.spinner(of_noun(view.noun, "Coding the test {noun}s at every λ …"), show_time=True):
        distances = [[results.spread(model, lam, view.steps) for lam in lams] for model in ranked]
    heading = _(
        "Distance to the optimum :small[:gray[median and 5 to 95 % of {rows}, T = {steps}]]",
        rows=rows,
        steps=view.steps,
    )
    page.header(heading)
    bands = [
        spreads.Band(
            model.label,
            model.solver,
            np.array(lams),
            np.array([spreads.quantiles(rows) for rows in by_lam]),
            model.trained,
            model.dash_name,
        )
        for model, by_lam in zip(ranked, distances, strict=True)
    ]
    page.chart(spreads.bands(bands, view.lam, view.dark), key="spread-chart")


# What is taken away -----------------------------------------------------------------------------------------------------


def _mean(
    label: str,
    solver: str,
    sweep: Sweep,
    columns: list[int],
    trained: bool = True,
    variant: str = "",
) -> tradeoff.MeanSweep:
    """The means of a sweep over the pictures `columns`."""
    numbers = sweep.loss, sweep.objective, sweep.nonzero
    means = (values[:, columns].mean(1, dtype=float) for values in numbers)
    return tradeoff.MeanSweep(label, solver, sweep.stops, *means, trained, variant)


def _film(view: View, x: np.ndarray, exact: Sweep) -> list[np.ndarray]:
    """The picture x (1, d_x) and the sum of its exact code, at rising λ."""
    B, frames = view.B.numpy(), []
    truth = sheet.SheetColumn(
        _("Ground truth"),
        style.colour("truth", view.dark),
        [mosaics.mosaic(x, view.shape)],
        [view.subject()],
    )
    for lam, code, F, psnr in zip(
        exact.stops, exact.codes[:, 0], exact.objective[:, 0], exact.psnr[:, 0], strict=True
    ):
        used = _(
            "{n} of {total} atoms, F = {F}",
            n=int(evaluation.in_use(code).sum()),
            total=len(code),
            F=phrases.objective(F),
        )
        coded = sheet.SheetColumn(
            _(EXACT),
            style.colour("exact", view.dark),
            [mosaics.mosaic((B @ code)[None], view.shape)],
            [used, f"PSNR {phrases.decibels(psnr)}"],
        )
        title = localized(f"λ = {lam:.3g}")
        frames.append(sheet.sheet(title, [truth, coded], 240, dark=view.dark))
    return frames


def _table(view: View, rows, means: list[tradeoff.MeanSweep]) -> str:
    """The curves as CSV."""
    head = "data first_picture pictures T solver lambda reconstruction_loss objective nonzero_share"
    lines = []
    for mean in means:
        steps = "" if mean.solver == "exact" else view.steps
        for numbers in zip(mean.lam, mean.loss, mean.objective, mean.nonzero, strict=True):
            lines.append([view.data, rows[0], len(rows), steps, mean.label, *numbers])
    return page.table(head.split(), lines)


why_zeros()
