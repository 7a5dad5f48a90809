"""Welcome: sparse coding in one interactive picture, the paper's Figures 1 and 3, and links to the other pages."""

from collections.abc import Mapping
from html import escape
from math import inf
from pathlib import Path

import numpy as np
import streamlit as st
import torch

from sc2viz import defaults, evaluation
from sc2viz.browser.comparison import EXACT
from sc2viz.classroom.question import Question, Truth
from sc2viz.draw import diagrams, mosaics, sheet, style
from sc2viz.ui import (
    app,
    boards,
    exercises,
    page,
    pen,
    phrases,
    results,
    session,
    sidebar,
    unfold,
    url,
)
from sc2viz.ui.errors import fragment
from sc2viz.ui.tours import guide
from sc2viz.ui.widgets import linked_html
from sc2viz.words import N_, _, count, of_noun

CSS = Path(__file__).with_name("welcome.css")
SUM = "adder"  # the key of the component that shows the sum
BY_HAND = 1  # % above the optimum at which a code that was made by hand counts as the best
FOUR_DIGITS = 5e-4  # the share by which a number that is shown with four digits may be off
FIGURE_3 = (  # what is said of each part of it
    (
        N_("Figure 3 (a)."),
        N_("SC2Net without labels is trained on pictures alone, with the loss of Eq. (10)."),
    ),
    (N_("Figure 3 (b)."), N_("SC2Net with labels has a softmax in addition, Eq. (11).")),
)


@fragment
def welcome() -> None:
    view = sidebar.current()
    x, B = view.x, view.B.numpy()
    optimum = results.exact(view.data, x, view.lam)
    code = optimum.codes[0]
    order = evaluation.largest_first(code, B)
    missing = evaluation.missing(x[0], code, B, order)

    with page.head(of_noun(view.noun, "A {noun} is a sum of atoms"), choices=True):
        pen.switch(view)
    guide.choose()
    pen.canvas(view, ())
    page.following(_explain(view, order, missing))
    _draw_sum(view, B, len(order))
    text, formulas = st.columns([3, 2], gap="large", vertical_alignment="center")
    text.markdown(
        _(
            "The weights are the code $s$. No other code has a smaller F, half the squared error plus λ times the size of the "
            "weights: λ is their price. How are they found? ISTA repeats one formula, and the paper’s network learns what it "
            "repeats. Click a part of Figure 1 for its numbers."
        )
    )
    formulas.latex(
        r"\begin{gathered} x \approx B s = \sum_j s_j\, b_j \\[1em] "
        r"F(s) = \tfrac12\lVert x - Bs\rVert^2 + \lambda\lVert s\rVert_1 \end{gathered}"
    )
    with st.container(key="figure-1"):
        unfold.ista_to_lstm(view, folded=True)
        st.caption(
            _(
                "**Figure 1.** An SLSTM unit is one iteration of adaptive ISTA with learned gates, Eq. (8)."
            )
        )
    addresses, figures = linked_html.addresses(), ""
    for supervised, (number, caption) in enumerate(FIGURE_3):
        svg = diagrams.sc2net(addresses, bool(supervised))  # its parts lead to pages
        figures += f'<figure>{svg}<figcaption><b>{_(number)}</b> <span class="says">{_(caption)}</span></figcaption></figure>'
    linked_html.linked_html(f'<div class="figures">{figures}</div>{_cards(addresses)}', CSS)
    # Where F is 0, the code of zeros is the best, and nobody can come near by weighing atoms.
    if optimum.objective[0] > 0 and (place := page.details()):
        with place:
            _beat_f(view, optimum.objective[0])

    name = f"sc2viz-{view.data}-{view.picture}-lambda-{view.lam:g}"
    page.explained(
        defaults.INTRODUCED,
        [
            page.png(name, lambda: _picture(view, B, code, order, missing)),
            page.film(name, lambda: _film(view, B, code, order, missing)),
            page.csv(name, lambda: _table(B, code, order, missing)),
        ],
        __file__,
        view=view,
        charts=False,
    )


def _explain(view: sidebar.View, order: np.ndarray, missing: np.ndarray) -> str:
    """Why these are the atoms of the exact code, and what the word missing means."""
    if not len(order):
        if not missing[0]:
            return of_noun(view.noun, "This {noun} has no contrast that an atom could explain.")
        return of_noun(
            view.noun,
            "Every atom costs more than it explains. A {noun} with larger values, or a smaller λ, needs atoms.",
        )
    sentences = [
        _("No other code has a smaller F than the whole one, with all of its atoms."),
        _("Missing is ‖x − sum‖² in % of the contrast, ‖x − mean‖²."),
    ]
    if missing[-1] > 1:
        sentences.append(
            _(
                "Here it is above 100 %, so the mean in the place of every entry has a smaller error."
            )
        )
    elif len(order) > 5 and missing[5] < 1:
        sentences.append(
            of_noun(
                view.noun,
                "The {count} largest terms alone explain {share} of the {noun}.",
                count=5,
                share=phrases.share(1 - missing[5]),
            )
        )
    return " ".join(sentences)


def _draw_sum(view: sidebar.View, B: np.ndarray, atoms: int) -> None:
    """Draw the picture at hand as a sum of the atoms in use at the λ under the finger, `atoms` at the one at hand.

    A slider adds them one by one, and behind More a reader weighs them by hand. The browser words all of it (sum.js)."""
    x = view.x
    sweep = results.exact_sweep(view.data, x, view.lam, beyond=False)
    codes = sweep.codes[:, 0]
    contrast = float(evaluation.contrast(torch.from_numpy(x)))
    residuals = x - np.where(evaluation.in_use(codes), codes, 0) @ B.T
    label = view.name(view.picture)
    title, subject = label, of_noun(view.noun, "This {noun}")
    if view.images.labels is not None:
        title, subject = view.average(), _("This {label}", label=label)
    columns = [boards.Column(), boards.Column(B, {"lam": sweep.codes}, solver=EXACT)]
    data, arrays = boards.Codes(
        x,
        view.shape,
        {"lam": sweep.stops.tolist()},
        {"lam": view.lam},
        columns,
        {"lam": [mosaics.span(view.shape)]},
    ).message(boards.pack)
    data |= {
        "named": {
            "title": title,
            "subject": subject,
            "every": of_noun(view.noun, "this {noun}"),
        },
        "noun": view.noun,
        "numbers": {
            "F": sweep.objective[:, 0].tolist(),
            "psnr": sweep.psnr[:, 0].tolist(),
            "missing": (np.square(residuals).sum(1) / (contrast or 1)).tolist(),
        },
        "contrast": contrast,
        "hand": bool(url.value("more")),
        "start": url.value("sum"),
        "turns": boards.turns(SUM),
    }
    message, resend = boards.pack_message(SUM, data, arrays)
    if url.value("sum") is not None:
        _keep(atoms, url.value("sum"))
    boards.sum_of_atoms(
        key=SUM,
        data=message,
        on_at_change=lambda: _keep(atoms, int(st.session_state[SUM]["at"]["atoms"])),
        on_wants_change=resend,
    )


def _keep(total: int, atoms: int) -> None:
    """Put the number of atoms shown in the URL, but not if all are shown, because their number changes with λ."""
    if atoms < total:
        st.query_params["sum"] = str(atoms)
    else:
        st.query_params.pop("sum", None)


def _cards(addresses: Mapping[str, str]) -> str:
    cards = "".join(
        f'<a data-page="{path}" href="{escape(addresses[path])}"><b>{escape(target.title)}</b>'
        f"<span>{_(app.TABLE[path]['question'])}</span></a>"
        for path, target in session.pages.items()
        if path not in ("", "welcome")
    )
    return f'<h2>{_("The pages")}</h2><nav class="cards" aria-label="{_("Pages")}">{cards}</nav>'


def _beat_f(view: sidebar.View, best: float) -> None:
    """Ask for the lowest F that a reader reaches by hand. best: F of the exact code."""
    reading = phrases.objective(best)
    low, high = best * (1 - FOUR_DIGITS), best * (1 + BY_HAND / 100)

    def describe_mistake(F: float) -> str:
        if low > F:
            return _(
                "No code has an F below {F}. Read F in the line above the atoms once more.",
                F=reading,
            )
        return _(
            "You are {excess:.3g} % above the best F. Add the atom that the page offers first, and give it a smaller weight "
            "than the one that explains most, because λ charges for the weight.",
            excess=100 * (F / best - 1),
        )

    reason = _(
        "The optimum has F = {F}, and you are within {percent} % of it. F is convex: a code that no small change "
        "improves is the best of all, so nobody beats it.",
        F=reading,
        percent=BY_HAND,
    )
    exercises.ask(
        "beat-f",
        _("beat F by hand"),
        Question(
            of_noun(
                view.noun,
                "Press “By hand”: you begin at the exact code. Remove, add and weigh atoms, and try to bring F below "
                "where it began. What is the lowest F that you reach on this {noun} at λ = {lam:g}?",
                lam=view.lam,
            ),
            high=inf,
            step=0.001,
        ),
        Truth((low + high) / 2, reason, margin=(high - low) / 2),
        describe_mistake,
        (view.data, view.average(), view.lam, best),
        _("The exact code has F = {F}. “Play” shows its atoms, the largest first.", F=reading),
    )


# What is taken away -----------------------------------------------------------------------------------------------------


def _sum_of(B: np.ndarray, code: np.ndarray, order: np.ndarray, atoms: int) -> np.ndarray:
    """The sum of the largest terms of a code, (1, d_x)."""
    return (B[:, order[:atoms]] @ code[order[:atoms]])[None]


def _picture(view: sidebar.View, B, code, order, missing) -> np.ndarray:
    """The picture and its sums of 1, 2, 4, … atoms."""
    ink = style.ink(False)
    truth, title = mosaics.mosaic(view.x, view.shape), of_noun(view.noun, "The {noun}")
    columns = [sheet.SheetColumn(title, ink, [truth], [view.subject()])]
    for atoms in sorted({1, 2, 4, 8, 16, 32, len(order)} & set(range(len(order) + 1))):
        drawing = mosaics.mosaic(_sum_of(B, code, order, atoms), view.shape)
        line = phrases.missing(missing[atoms])
        columns.append(sheet.SheetColumn(count(atoms, "atom"), ink, [drawing], [line]))
    return sheet.sheet(_("A sum of atoms, λ = {lam:g}", lam=view.lam), columns)


def _film(view: sidebar.View, B, code, order, missing) -> list[np.ndarray]:
    """The picture, the sum and what is missing, with one atom more in each sheet."""
    x, title = view.x, _("A sum of atoms, λ = {lam:g}", lam=view.lam)

    def column(name: str, picture: np.ndarray, line: str) -> sheet.SheetColumn:
        return sheet.SheetColumn(name, style.ink(view.dark), [picture], [line])

    picture, span = mosaics.mosaic(x, view.shape), mosaics.span(view.shape)
    top = mosaics.shared_top([mosaics.error(x, np.zeros_like(x), view.shape)], limit=span)
    frames = []
    for atoms in range(len(order) + 1):
        total = _sum_of(B, code, order, atoms)
        residual = mosaics.error_mosaic(mosaics.error(x, total, view.shape), top)
        columns = [
            column(of_noun(view.noun, "The {noun}"), picture, view.subject()),
            column(_("The sum"), mosaics.mosaic(total, view.shape), count(atoms, "atom")),
            column(_("What is missing"), residual, phrases.missing(missing[atoms], True)),
        ]
        frames.append(sheet.sheet(title, columns, 200, dark=view.dark))
    return frames


def _table(B, code, order, missing) -> str:
    """The atoms in use as CSV, in order of decreasing contribution."""
    norms = np.linalg.norm(B, axis=0)
    rows = ([atom, code[atom], norms[atom], missing[k + 1]] for k, atom in enumerate(order))
    return page.table(["atom", "weight", "atom_norm", "missing_share_after"], rows)


welcome()
