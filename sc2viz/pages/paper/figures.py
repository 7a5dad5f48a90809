"""The paper's figures, measured: 4 and 5 (pictures), 6 (loss against epochs) and 7 (λ).

What is drawn is made once a server from what is published (`made`), and then only sent.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from sc2viz import published, words
from sc2viz.draw import cards, dots, mosaics, paper_curves, style, tradeoff
from sc2viz.pages.paper import describe_paper, details
from sc2viz.published import printed, sentences
from sc2viz.published.accuracies import Claims
from sc2viz.published.printed import LAMBDA, METHODS
from sc2viz.ui import page, phrases
from sc2viz.words import _, count, templates

said = partial(templates.said, __file__)
SHAPES = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3)}
SOLVERS = {"exact": "exact", "raw": "truth"}
TRAINED = ("lista", "lfista", "slstm")  # the networks of Figure 6
UNTRAINED = ("ista", "fista")


@dataclass(frozen=True, eq=False)
class Drawn:
    """One chart with a title above it and what it shows below; without a chart, `words` say what is missing."""

    words: str
    title: str = ""
    chart: go.Figure | None = None


def made(function: Callable) -> Callable:
    """Keep what `function(claims, …)` returns, for all readers of a language, by the state of the files and the other
    arguments."""
    kept = st.cache_resource(max_entries=64, show_spinner=False)(
        lambda name, more, _claims: function(_claims, *more)
    )
    return wraps(function)(
        lambda claims, *more: kept(
            (function.__qualname__, words.language(), claims.stamp), more, claims
        )
    )


def show(drawn: Drawn, part: str) -> None:
    """Draw a chart of a part of the paper with its title and what it shows in words. When it is taken away it is called as
    the part and what is bold in the title."""
    if drawn.title:
        st.markdown(drawn.title)
    if drawn.chart is not None:
        name = f"{part}, {drawn.title.split('**')[1]}"
        page.chart(drawn.chart, key=re.sub(r"\W+", "-", name.lower()), name=name)
    if drawn.words:
        st.markdown(phrases.bound(drawn.words))


main_claim, our_cell, table1, table2 = map(
    made,
    (
        describe_paper.main_claim,
        describe_paper.our_cell,
        describe_paper.table1,
        describe_paper.table2,
    ),
)


@made
def criterion(claims: Claims) -> str:
    return sentences.describe_criterion(claims.published)


@made
def note(claims: Claims) -> str:
    return sentences.describe_tests(claims.published)


def waiting(command: str) -> str:
    return _("Not measured yet: `{command}`", command=command)


def solver(method: str) -> str:
    return SOLVERS.get(method) or METHODS[method].solver


# Tables 1 and 2 as dots -----------------------------------------------------------------------------------------------


@made
def dotted(claims: Claims) -> str:
    """The accuracies of both tables as dots, as HTML; as printed, those on the test split where labels were seen."""
    methods = list(
        dict.fromkeys([*printed.PRINTED["table1"], printed.CELL, *printed.PRINTED["table2"]])
    )
    panels = []
    for data, setting in describe_paper.COMPARISONS:
        rows = []
        for method in methods:
            table = next(
                (table for table in printed.TABLES if method in printed.PRINTED[table]), "table1"
            )
            cells = [
                claims.cell(data, protocol, setting, method, table, clean=True)
                for protocol in describe_paper.PROTOCOLS
            ]
            ours = [cell.mean if cell.values else None for cell in cells]
            names = _("in the paper"), _("ours, fair"), _("ours, as printed")
            values = dict(zip(names, (printed.highest(data, setting, method), *ours), strict=True))
            rows.append(dots.MethodRow(METHODS[method].label, solver(method), values))
        panels.append((describe_paper.subject(data, setting), rows))
    return dots.html(panels)


# Figures 4 and 5 ------------------------------------------------------------------------------------------------------


def hundred(claims: Claims, data: str, errors: bool) -> None:
    """The reconstructions of the same hundred pictures by every method, or their errors on a common scale."""
    numbers = claims.published.get("pictures", {}).get(data, {})
    if not numbers or not (published.FOLDER / f"{data}_truth.png").exists():
        figure = "figure4" if data == "mnist" else "figure5"
        st.markdown(waiting(f"python -m sc2viz reproduce {figure} --data {data}"))
        return
    mosaics, top = _hundred(claims, data, errors)
    served = {
        name: page.served(png, f"hundred-{data}-{name}", alt, size)
        for name, (png, alt, size) in mosaics.items()
    }
    below = (cards.error_bar(top) if errors else "") + f"<p>{_hundred_words(numbers)}</p>"
    drawn = [cards.Card(style.label("truth"), "truth", pictures=[served["truth"]], extra=below)]
    for method, metrics in numbers.items():
        headline = words.localized(f"{metrics['error']:.4f}"), _("mean error")
        shown = {
            "F": phrases.objective(metrics["objective"]),
            "PSNR": phrases.decibels(metrics["psnr"]),
        }
        drawn.append(
            cards.Card(
                _(METHODS[method].label), solver(method), "", [served[method]], headline, shown
            )
        )
    with st.container(key=f"hundred-{data}"):
        page.cards(drawn)


@made
def _hundred(claims: Claims, data: str, errors: bool) -> tuple[dict[str, tuple], float]:
    """The mosaics of the truth and of every method by name, each a PNG, its alt text and its size; and the top of the error
    scale."""
    shape = SHAPES[data]
    x = _tiles(f"{data}_truth.png", shape)
    pictures = claims.published["pictures"][data]
    shown = {method: _tiles(f"{numbers['run']}.png", shape) for method, numbers in pictures.items()}
    wrong = {method: mosaics.error(x, shown[method], shape) for method in pictures}
    top = mosaics.shared_top(list(wrong.values()), 0.99)
    alt = _("A hundred pictures of {data}", data=printed.NAMES[data])
    found = {"truth": (mosaics.mosaic(x, shape, columns=10, side=280), alt)}
    for method in pictures:
        label = _(METHODS[method].label)
        if errors:
            found[method] = (
                mosaics.error_mosaic(wrong[method], top, columns=10, side=280),
                _("{method}: errors of the hundred pictures", method=label),
            )
        else:
            found[method] = (
                mosaics.mosaic(shown[method], shape, columns=10, side=280),
                _("{method}: reconstructions of the hundred pictures", method=label),
            )
    drawn = {
        name: (mosaics.small_png(rgba), alt, rgba.shape[1::-1])
        for name, (rgba, alt) in found.items()
    }
    return drawn, top


def _hundred_words(numbers: Mapping[str, Mapping[str, float]]) -> str:
    errors = {method: numbers[method]["error"] for method in numbers if method != "exact"}
    ranked = sorted(errors, key=errors.get)
    best, last = ranked[0], ranked[-1]
    behind, ahead = "slstm" in errors and best != "slstm", best == "slstm"
    larger, than = ("slstm", best) if behind else (ranked[1], best) if ahead else (best, best)
    return said(
        "hundred",
        best=METHODS[best].label,
        least=errors[best],
        last=METHODS[last].label,
        most=errors[last],
        behind=behind,
        ahead=ahead,
        method=METHODS[larger].label,
        percent=100 * (errors[larger] / errors[than] - 1),
        more=describe_paper.text("hundred"),
    )


def _tiles(file: str, shape: tuple[int, int, int]) -> np.ndarray:
    """The pictures (n, d_x) in [0, 1] that stand side by side in a file of results."""
    picture, (high, wide, channels) = np.asarray(Image.open(published.FOLDER / file)), shape
    rows = picture.reshape(-1, high, picture.shape[1] // wide, wide, channels)
    return rows.transpose(0, 2, 1, 3, 4).reshape(-1, high * wide * channels) / np.float32(255)


# Figure 6 -------------------------------------------------------------------------------------------------------------


@made
def convergence(claims: Claims, data: str, dark: bool) -> list[Drawn]:
    """Loss against epochs under both protocols: F as printed, and the honest F."""
    found = []
    for protocol, label in describe_paper.PROTOCOLS.items():
        title = f"**{printed.NAMES[data]}, {_(label).lower()}**"
        courses, levels = _courses(claims, data, protocol)
        if courses:
            told = f"{_convergence_words(courses, levels, protocol)} {_seeds_words(claims, data, protocol)}"
            found.append(Drawn(told, title, paper_curves.loss_by_epoch(courses, levels, dark)))
        else:
            found.append(Drawn(waiting(describe_paper.command("figure6", data, protocol)), title))
    return found


def _courses(
    claims: Claims, data: str, protocol: str
) -> tuple[list[paper_curves.LossCourse], list[paper_curves.Level]]:
    networks = (
        details.course(claims, claims.name(data, protocol, "unsupervised", method))
        for method in TRAINED
    )
    published_levels = claims.published.get("levels", {})
    levels = {
        method: published_levels.get(claims.name(data, protocol, "unsupervised", method))
        for method in UNTRAINED
    }
    return list(filter(None, networks)), [
        paper_curves.Level(METHODS[method].label, method, level)
        for method, level in levels.items()
        if level is not None
    ]


def _seeds_words(claims: Claims, data: str, protocol: str) -> str:
    """How many seeds stored a curve."""
    names = (claims.name(data, protocol, "unsupervised", method) for method in TRAINED)
    curves = claims.published.get("curves", {})
    seeds = sentences.count_seeds([curves[name]["seeds"] for name in names if name in curves])
    return _("A curve is the mean of {seeds}.", seeds=seeds)


def _convergence_words(
    courses: list[paper_curves.LossCourse], levels: list[paper_curves.Level], protocol: str
) -> str:
    ranked = sorted(courses, key=lambda course: course.honest[-1])
    ends = ", ".join(
        f"{course.label} {words.localized(f'{course.honest[-1]:.2f}')}" for course in ranked
    )
    falls = ", ".join(
        f"{course.label} {words.localized(f'{course.printed[-1]:.2f}')}"
        for course in courses
        if paper_curves.cheats(course)
    )
    given: dict[str, object] = {"first": ""}
    if len(ranked) == 3:
        first, second = ranked[:2]
        gap = 100 * (second.honest[-1] / first.honest[-1] - 1)
        lowest = min(courses, key=lambda course: course.printed[-1]).label
        given = {"first": first.label, "second": second.label, "gap": gap, "lowest": lowest}
    below = [
        words.localized(f"{level.label} ({level.value:.2f})")
        for level in levels
        if ranked and level.value < ranked[0].honest[-1]
    ]
    wild = [course.label for course in ranked if paper_curves.runs_away(course, levels)]
    beyond = [
        level.label for level in levels if courses and level.value > 2 * ranked[-1].honest[-1]
    ]
    random = protocol == "as-printed"  # its atoms are Gaussian, and nothing learned them
    return said(
        "convergence",
        ends=ends,
        falls=falls,
        below=below,
        wild=wild,
        beyond=beyond,
        random=random,
        **given,
    )


# Figure 7 -------------------------------------------------------------------------------------------------------------


@made
def by_lambda(claims: Claims, data: str, dark: bool) -> tuple[str, list[Drawn], str]:
    """A legend, charts of reconstruction loss, F and accuracy against λ, and what they show.

    A network serves every λ. ISTA, FISTA and converged codes are drawn twice: on the dictionary of λ = 0.1 for every λ, and,
    dotted, on a dictionary that was learned at each λ.
    """
    sweeps, accuracies = [], []
    for numbers in _sweeps(claims, data):
        method, is_own = numbers["method"], numbers["own"]
        label = _(METHODS[method].label)
        label = _("{method} on B of each λ", method=label) if is_own else label
        named = label, solver(method), np.array(numbers["lam"])
        means = [np.array(numbers[key]) for key in ("loss", "objective", "nonzero")]
        shares = [np.array(numbers[key]) for key in ("accuracy", "spread")]
        sweeps.append(tradeoff.MeanSweep(*named, *means, not is_own))
        accuracies.append(paper_curves.Points(*named, *shares, not is_own))
    if not sweeps:
        return "", [], waiting(describe_paper.command("figure7", data, "fair"))
    lam = sweeps[0].lam
    accuracy = style.altered(
        paper_curves.accuracy(accuracies, "λ", [lam[0], LAMBDA, lam[-1]], dark), showlegend=False
    )
    loss, objective = (
        draw(sweeps, LAMBDA, 0.0, dark, labelled=False)
        for draw in (tradeoff.loss_by_lambda, tradeoff.objective_by_lambda)
    )
    drawn = [
        Drawn("", _("**Loss** ½‖x − Bs‖²"), loss),
        Drawn("", _("**Objective** F"), objective),
        Drawn("", _("**Accuracy**"), accuracy),
    ]
    return _legend(sweeps), drawn, _lambda_words(claims, data, sweeps, accuracies)


def _sweeps(claims: Claims, data: str) -> list[Mapping[str, Any]]:
    return [one for one in claims.published.get("by_lambda", []) if one["data"] == data]


def _legend(sweeps: list[tradeoff.MeanSweep]) -> str:
    """A common legend for charts side by side, as HTML."""
    rules = (
        (style.rule(style.dash(each), style.themed(each.solver)), each.label) for each in sweeps
    )
    items = "".join(
        f'<span><i style="background:{rule}"></i>{label}</span>' for rule, label in rules
    )
    return f'<div class="sc-lines">{items}</div>'


def _lambda_words(
    claims: Claims,
    data: str,
    sweeps: list[tradeoff.MeanSweep],
    accuracies: list[paper_curves.Points],
) -> str:
    """The methods with the smallest reconstruction loss, which the paper plots, the smallest F and the best accuracy."""
    least = []
    for name in ("loss", "objective"):
        table = np.array([getattr(sweep, name) for sweep in sweeps])
        winners = [sweeps[k].label for k in table.argmin(0)]
        counts = {label: winners.count(label) for label in winners}
        least.append(
            ", ".join(_("{method} at {n}", method=label, n=n) for label, n in counts.items())
        )
    published_sweeps = _sweeps(claims, data)
    seeds = max(len(one["runs"]) for one in published_sweeps if not one["own"])
    return said(
        "by_lambda",
        smallest=describe_paper.text(
            "smallest", loss=least[0], objective=least[1], all=len(sweeps[0].lam)
        ),
        best=_most_accurate(accuracies),
        lines=describe_paper.text("lines", lam=LAMBDA),
        dotted=any(one["own"] for one in published_sweeps),
        command=describe_paper.command("figure7", data, "fair"),
        seeds=count(seeds, "seed"),
    )


def _most_accurate(accuracies: list[paper_curves.Points]) -> str:
    """The method with the best accuracy and its λ, and SLSTM's best."""
    peaks = {
        one.label: (float(one.mean.max()), float(one.x[one.mean.argmax()])) for one in accuracies
    }
    first, mine = max(peaks, key=peaks.get), METHODS["slstm"].label
    given = {"first": first, "share": peaks[first][0], "lam": peaks[first][1]}
    if first == mine or mine not in peaks:
        return _("{first} with {share:.1f} % at λ = {lam:g}", **given)
    return _(
        "{first} with {share:.1f} % at λ = {lam:g}; SLSTM’s is {own:.1f} % at λ = {own_lam:g}",
        **given,
        own=peaks[mine][0],
        own_lam=peaks[mine][1],
    )
