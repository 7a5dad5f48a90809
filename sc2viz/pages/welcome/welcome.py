"""Welcome: sparse coding in one interactive picture, the paper's Figures 1 and 3, and links to the other pages."""

from collections.abc import Mapping
from functools import partial
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st
import torch

from sc2viz import defaults, evaluation
from sc2viz.draw import diagrams, mosaics, sheet, style
from sc2viz.pages.welcome import adder
from sc2viz.ui import (
    app,
    boards,
    exercises,
    page,
    pen,
    phrases,
    results,
    session,
    sets,
    sidebar,
    unfold,
    url,
)
from sc2viz.ui.errors import fragment
from sc2viz.ui.handed_out import python
from sc2viz.ui.phrases import share
from sc2viz.ui.tours import guide
from sc2viz.ui.widgets import linked_html
from sc2viz.words import N_, _, count, ngettext, of_noun

CSS = Path(__file__).with_name("welcome.css")
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
    x = view.pixels([view.picture])
    B = sets.atoms(view.data)
    best = results.exact(view.data, x, view.lam)
    codes = best.codes[0]
    order = evaluation.largest_first(codes, B)
    missing = evaluation.missing(x[0], codes, B, order)

    sweep = results.exact_sweep(view.data, x, view.lam, beyond=False)
    contrast = float(evaluation.contrast(torch.from_numpy(x)))
    in_use = evaluation.in_use(sweep.codes[:, 0])
    # The share that is missing at every stop of λ, as `evaluation.missing` has it at one
    left = (
        np.square(x - np.where(in_use, sweep.codes[:, 0], 0) @ B.T).sum(1) / (contrast or 1)
    ).tolist()
    tools = page.head(of_noun(view.noun, "A {noun} is a sum of atoms"), choices=True)
    guide.choose()
    pen.canvas(view, ())
    with page.caption(*_caption(view, order, missing, B.shape[1])):
        boards.sentence()
    asked, row = url.now("sum"), view.picture
    if asked is not None:
        _keep(len(order), asked)
    at_stops, this = (
        zip(sweep.stops.tolist(), in_use.sum(1).tolist(), left, strict=True),
        _this(view),
    )
    sentences = [_sentence(view, this, lam, many, part, B.shape[1]) for lam, many, part in at_stops]
    adder.sum_of_atoms(
        x[0],
        B,
        sweep.codes[:, 0],
        sweep.stops.tolist(),
        view.lam,
        sweep.objective[:, 0],
        _says(sweep, left),
        sentences,
        [phrases.missing(part, True) for part in left],
        contrast,
        view.shape,
        view.name(row) if view.images.labels is None else view.average([row]),
        view.noun,
        this,
        start=asked,
        on_rest=partial(_keep, len(order)),
    )
    noticed, formulas = st.columns([3, 2], gap="large")
    noticed.markdown(
        " ".join((_("**What to notice.**"), *_notice(view, x, B, sweep, codes, order, missing)))
    )
    formulas.latex(
        r"\begin{gathered} x \approx B s = \sum_j s_j\, b_j \\[1em] "
        r"F(s) = \tfrac12\lVert x - Bs\rVert^2 + \lambda\lVert s\rVert_1 \end{gathered}"
    )
    _beat_f(view, best.objective[0])
    _figure_1(view)
    there = linked_html.addresses()
    linked_html.linked_html(_figure_3(there) + _cards(there), CSS)
    with tools:
        pen.switch(view)
        name = f"sc2viz-{view.data}-{view.picture}-lambda-{view.lam:g}"
        page.explained(
            defaults.INTRODUCED,
            [
                page.png(name, lambda: _picture(view, x, B, codes, order, missing)),
                page.film(name, lambda: _film(view, x, B, codes, order, missing)),
                page.csv(name, lambda: _table(B, codes, order, missing)),
            ],
            python(__file__, view=view),
            charts=False,
        )


def _beat_f(view: sidebar.View, best: float) -> None:
    """Ask for the lowest F that a reader reaches by hand. best: F of the exact code."""

    if not best > 0:  # the code of zeros is the best, and nobody can come near by weighing atoms
        return
    told = phrases.objective(best)

    def judge(F: float) -> tuple[bool, str]:
        if best * (1 - FOUR_DIGITS) > F:
            return False, _(
                "No code has an F below {F}. Read F in the line above the atoms once more.", F=told
            )
        above = 100 * (F / best - 1)
        if above <= BY_HAND:
            return True, _(
                "The optimum has F = {F}, and you are within {percent} % of it. F is convex: a code that no small change "
                "improves is the best of all, so nobody beats it.",
                F=told,
                percent=BY_HAND,
            )
        return False, _(
            "You are {above:.3g} % above the best F. Add the atom that the page offers first, and give it a smaller weight "
            "than the one that explains most, because λ charges for the weight.",
            above=above,
        )

    exercises.ask(
        "beat-f",
        _("beat F by hand"),
        of_noun(
            view.noun,
            "Press “By hand”: you begin at the exact code. Remove, add and weigh atoms, and try to bring F below "
            "where it began. What is the lowest F that you reach on this {noun} at λ = {lam:g}?",
            lam=view.lam,
        ),
        judge,
        (view.data, view.average([view.picture]), view.lam, best),
        _("The exact code has F = {F}. “Play” shows its atoms, the largest first.", F=told),
    )


def _says(sweep: results.Sweep, left: list[float]) -> list[str]:
    """The numbers of the exact code at every stop of λ, in a line."""
    used, F, psnr = (
        evaluation.in_use(sweep.codes[:, 0]).sum(1),
        sweep.objective[:, 0],
        sweep.psnr[:, 0],
    )
    return [
        _(
            "λ = {lam:g}: {atoms}, F = {F}, PSNR {psnr}, {missing}",
            lam=lam,
            atoms=count(int(used[k]), "atom"),
            F=phrases.objective(F[k]),
            psnr=phrases.decibels(psnr[k]),
            missing=phrases.missing(left[k]),
        )
        for k, lam in enumerate(sweep.stops.tolist())
    ]


def _sentence(
    view: sidebar.View, this: str, lam: float, count: int, missing: float, atoms: int
) -> str:
    if not count:
        return of_noun(view.noun, "At λ = {lam:g} every weight of this {noun} is zero.", lam=lam)
    given = {"this": this, "all": atoms, "share": share(missing)}
    if missing <= 1:
        return ngettext(
            "{this} is approximately the sum of **{n} atom** out of {all}; {share} of it is missing.",
            "{this} is approximately the sum of **{n} atoms** out of {all}; {share} of it is missing.",
            count,
            **given,
        )
    if view.noun == "row":
        return ngettext(
            "{this} is nearer to its mean than to the sum of **{n} atom** out of {all}.",
            "{this} is nearer to its mean than to the sum of **{n} atoms** out of {all}.",
            count,
            **given,
        )
    return ngettext(
        "{this} is nearer to its mean grey than to the sum of **{n} atom** out of {all}.",
        "{this} is nearer to its mean grey than to the sum of **{n} atoms** out of {all}.",
        count,
        **given,
    )


def _figure_1(view: sidebar.View) -> None:
    """The paper's Figure 1, which unfolds into its arithmetic."""
    st.header(_("How the weights are found"), anchor=False)
    st.markdown(
        _(
            "The code $s$ minimises $F(s)$, the sum of the reconstruction loss and the price of the code. ISTA minimises $F$ "
            "iteratively by the same formula in every step, Eq. (5)–(6). The iteration is a recurrent network, and its matrices "
            "can be learned (LISTA). **SLSTM**, Eq. (8), gives each atom a memory with gates, and **SC2Net** is a row of SLSTM "
            "units (Zhou et al., AAAI 2018). Click a part of Figure 1 for its numbers; point at a part of Figure 3 for an "
            "explanation, and click it to open a page that shows it."
        ),
        width=820,
    )
    with st.container(key="figure-1"):
        unfold.ista_to_lstm(view, folded=True)
        st.caption(
            _(
                "**Figure 1.** An SLSTM unit is one iteration of adaptive ISTA with learned gates, Eq. (8)."
            )
        )


def _figure_3(there: Mapping[str, str]) -> str:
    """The paper's Figure 3, whose parts lead to pages."""
    drawn = ""
    for supervised, (number, says) in enumerate(FIGURE_3):
        svg = diagrams.sc2net(there, bool(supervised))
        drawn += f'<figure>{svg}<figcaption><b>{_(number)}</b> <span class="says">{_(says)}</span></figcaption></figure>'
    return f'<div class="figures">{drawn}</div>'


def _keep(all: int, count: int) -> None:
    """Put the number of atoms shown in the URL, but not if all are shown, because their number changes with λ."""
    if count < all:
        st.query_params["sum"] = str(count)
    else:
        st.query_params.pop("sum", None)


def _this(view: sidebar.View) -> str:
    if view.images.labels is None:
        return of_noun(view.noun, "This {noun}")
    return _("This {label}", label=view.name(view.picture))


def _caption(view: sidebar.View, order, missing, atoms: int) -> tuple[str, str]:
    sentence = _sentence(view, _this(view), view.lam, len(order), missing[-1], atoms)
    if not len(order):
        return sentence, of_noun(
            view.noun,
            "Every atom costs more than it explains. A {noun} with larger values, or a smaller λ, needs atoms.",
        ) if missing[0] else of_noun(
            view.noun, "This {noun} has no contrast that an atom could explain."
        )
    some = min(5, len(order))
    why = [
        _("Missing is ‖x − sum‖² in % of the contrast, ‖x − mean‖². No other code has a smaller F.")
    ]
    if missing[-1] > 1:
        why += [
            _(
                "Here it is above 100 %, so the mean in the place of every entry has a smaller error."
            )
        ]
    if some < len(order) and missing[some] < 1:
        why += [
            of_noun(
                view.noun,
                "The {some} largest terms alone explain {share} of the {noun}.",
                some=some,
                share=share(1 - missing[some]),
            )
        ]
    return sentence, " ".join(why)


def _notice(view: sidebar.View, x, B, sweep: results.Sweep, codes, order, missing) -> list[str]:
    """Points to notice in the picture and its sum of atoms."""
    said = []
    if len(order) > 3:
        half = len(order) // 2
        if missing[half] < 1:
            said.append(
                of_noun(
                    view.noun,
                    "The largest terms: the first {atoms} explain {share} of the {noun}, and with the other {others} "
                    "it is {all}.",
                    atoms=count(half, "atom"),
                    share=share(1 - missing[half]),
                    others=len(order) - half,
                    all=share(1 - missing[-1]),
                )
            )
        else:
            said.append(
                of_noun(
                    view.noun,
                    "The sum of the first {atoms} is farther off than the mean of the {noun}.",
                    atoms=count(half, "atom"),
                )
            )
        negative = int((codes[order] < 0).sum())
        if negative:
            said.append(
                ngettext(
                    "One of the weights is negative, so its atom is subtracted.",
                    "{n} of the weights are negative, so their atoms are subtracted.",
                    negative,
                )
            )
    counts = []
    for lam in (0.1, 1.0):
        other = sweep.codes[sweep.place(lam), 0]
        used = evaluation.largest_first(other, B)
        left = evaluation.missing(x[0], other, B, used)[-1]
        given = {"atoms": count(len(used), "atom"), "lam": lam, "share": share(left)}
        counts.append(
            _("{atoms} at λ = {lam:g} with a sum farther off than the mean", **given)
            if left > 1
            else _("{atoms} at λ = {lam:g} with {share} missing", **given)
        )
    told = _(
        "λ, set by its slider, is the price of the weights. The code has {one}, and {other}.",
        one=counts[0],
        other=counts[1],
    )
    return [*said, told]


def _cards(there: Mapping[str, str]) -> str:
    cards = "".join(
        f'<a data-page="{path}" href="{escape(there[path])}"><b>{escape(target.title)}</b>'
        f"<span>{_(app.TABLE[path]['question'])}</span></a>"
        for path, target in session.PAGES.get().items()
        if path not in ("", "welcome")
    )
    return f'<h2>{_("The pages")}</h2><nav class="cards" aria-label="{_("Pages")}">{cards}</nav>'


def _picture(view: sidebar.View, x, B, codes, order, missing) -> bytes:
    """One PNG of the picture and its sums of 1, 2, 4, … atoms."""
    counts = sorted({1, 2, 4, 8, 16, 32, len(order)} & set(range(len(order) + 1)))
    ink, subject = style.ink(False), view.subject([view.picture])
    columns = [
        sheet.SheetColumn(
            of_noun(view.noun, "The {noun}"), ink, [mosaics.mosaic(x, view.shape)], [subject]
        )
    ]
    for k in counts:
        total = (B[:, order[:k]] @ codes[order[:k]])[None]
        drawn, told = [mosaics.mosaic(total, view.shape)], [phrases.missing(missing[k])]
        columns.append(sheet.SheetColumn(count(k, "atom"), ink, drawn, told))
    return mosaics.png(sheet.sheet(_("A sum of atoms, λ = {lam:g}", lam=view.lam), columns))


def _film(view: sidebar.View, x, B, codes, order, missing) -> list[np.ndarray]:
    """The picture, the sum and what is missing, with one atom more in each sheet."""
    ink, title = style.ink(view.dark), _("A sum of atoms, λ = {lam:g}", lam=view.lam)
    about, whole = view.subject([view.picture]), mosaics.mosaic(x, view.shape)
    first = sheet.SheetColumn(of_noun(view.noun, "The {noun}"), ink, [whole], [about])
    top = mosaics.shared_top(
        [mosaics.error(x, np.zeros_like(x), view.shape)], most=mosaics.span(view.shape)
    )
    made = []
    for k in range(len(order) + 1):
        total = (B[:, order[:k]] @ codes[order[:k]])[None]
        rest = mosaics.error_mosaic(mosaics.error(x, total, view.shape), top)
        added = sheet.SheetColumn(
            _("The sum"), ink, [mosaics.mosaic(total, view.shape)], [count(k, "atom")]
        )
        left = sheet.SheetColumn(
            _("What is missing"), ink, [rest], [phrases.missing(missing[k], True)]
        )
        made.append(sheet.sheet(title, [first, added, left], 200, dark=view.dark))
    return made


def _table(B, codes, order, missing) -> str:
    """The atoms in use as CSV, in order of decreasing contribution."""
    head = ["atom", "weight", "atom_norm", "missing_share_after"]
    norms = np.linalg.norm(B, axis=0)
    return page.table(
        head, ([atom, codes[atom], norms[atom], missing[k + 1]] for k, atom in enumerate(order))
    )


welcome()
