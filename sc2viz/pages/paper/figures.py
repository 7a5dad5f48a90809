"""The paper's figures, measured: 4 and 5 (pictures), 6 (loss against epochs) and 7 (λ).

What is drawn is made once a server from the records (`made`), and then only sent.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from sc2viz import words
from sc2viz.draw import cards, dots, mosaics, paper_curves, style, tradeoff
from sc2viz.lab.experiments import printed, protocols
from sc2viz.lab.experiments.protocols import LAMBDA, METHODS, Run
from sc2viz.lab.reports import readme, tables
from sc2viz.lab.reports.tables import Records
from sc2viz.pages.paper import describe_paper, details
from sc2viz.pages.paper.describe_paper import Claims
from sc2viz.ui import page, phrases
from sc2viz.words import _, count, listed, templates

said = partial(templates.said, __file__)
SHAPES = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3)}
SOLVERS = {"exact": "exact", "raw": "truth"}
TRAINED = ("lista", "lfista", "slstm")  # the networks of Figure 6


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


def _of_records(said: Callable) -> Callable:
    return made(wraps(said)(lambda claims: said(claims.records)))


criterion, note = map(_of_records, (readme.criterion, readme.note))


def waiting(command: str) -> str:
    return _("Not measured yet: `{command}`", command=command)


def solver(method: str) -> str:
    return SOLVERS.get(method) or METHODS[method].solver


# Tables 1 and 2 as dots -----------------------------------------------------------------------------------------------


@made
def dotted(claims: Claims) -> str:
    """The accuracies of both tables as dots, as HTML; as printed, those on the test split where labels were seen."""
    methods = list(
        dict.fromkeys([*printed.METHODS["table1"], protocols.CELL, *printed.METHODS["table2"]])
    )
    panels = []
    for data, setting in describe_paper.COMPARISONS:
        rows = []
        for method in methods:
            table = next(
                (table for table in printed.TABLES if method in printed.METHODS[table]), "table1"
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
    runs = {
        run.method: run
        for run in claims.records
        if run.experiment == "pictures" and run.data == data
    }
    if not runs or not (tables.RESULTS / f"{data}_truth.png").exists():
        figure = "figure4" if data == "mnist" else "figure5"
        st.markdown(waiting(f"python -m sc2viz reproduce {figure} --data {data}"))
        return
    methods = [method for method in protocols.PICTURED if method in runs]
    mosaics, top = _hundred(claims, data, errors, tuple(methods))
    served = {
        name: page.served(png, f"hundred-{data}-{name}", alt, size)
        for name, (png, alt, size) in mosaics.items()
    }
    below = (
        cards.error_bar(top) if errors else ""
    ) + f"<p>{_hundred_words(claims.records, runs)}</p>"
    drawn = [cards.Card(style.label("truth"), "truth", pictures=[served["truth"]], extra=below)]
    for method in methods:
        metrics = claims.records[runs[method]]["metrics"]
        headline = words.localized(f"{metrics['error']:.4f}"), _("mean error")
        numbers = {
            "F": phrases.objective(metrics["objective"]),
            "PSNR": phrases.decibels(metrics["psnr"]),
        }
        drawn.append(
            cards.Card(
                _(METHODS[method].label), solver(method), "", [served[method]], headline, numbers
            )
        )
    with st.container(key=f"hundred-{data}"):
        page.cards(drawn)


@made
def _hundred(
    claims: Claims, data: str, errors: bool, methods: tuple[str, ...]
) -> tuple[dict[str, tuple], float]:
    """The mosaics of the truth and of every method by name, each a PNG, its alt text and its size; and the top of the error
    scale."""
    folder, shape = tables.RESULTS, SHAPES[data]
    x = _tiles(folder / f"{data}_truth.png", shape)
    files = {
        method: f"{Run(data, 'fair', 'pictures', 'unsupervised', method).name}.png"
        for method in methods
    }
    shown = {method: _tiles(folder / file, shape) for method, file in files.items()}
    wrong = {method: mosaics.error(x, shown[method], shape) for method in methods}
    top = mosaics.shared_top(list(wrong.values()), 0.99)
    alt = _("A hundred pictures of {data}", data=describe_paper.NAMES[data])
    found = {"truth": (mosaics.mosaic(x, shape, columns=10, side=280), alt)}
    for method in methods:
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


def _hundred_words(records: Records, runs: dict[str, Run]) -> str:
    errors = {
        method: records[run]["metrics"]["error"]
        for method, run in runs.items()
        if method != "exact"
    }
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


def _tiles(path: Path, shape: tuple[int, int, int]) -> np.ndarray:
    from sc2viz.lab.experiments import runs

    return runs.tiles(np.asarray(Image.open(path)), shape)


# Figure 6 -------------------------------------------------------------------------------------------------------------


@made
def convergence(claims: Claims, data: str, dark: bool) -> list[Drawn]:
    """Loss against epochs under both protocols: F as printed, and the honest F."""
    found = []
    for protocol, label in describe_paper.PROTOCOLS.items():
        title = f"**{describe_paper.NAMES[data]}, {_(label).lower()}**"
        courses, levels = _courses(claims.records, data, protocol)
        if courses:
            told = f"{_convergence_words(courses, levels, protocol)} {_seeds_words(claims.records, data, protocol)}"
            found.append(Drawn(told, title, paper_curves.loss_by_epoch(courses, levels, dark)))
        else:
            found.append(Drawn(waiting(describe_paper.command("figure6", data, protocol)), title))
    return found


def _courses(
    records: Records, data: str, protocol: str
) -> tuple[list[paper_curves.LossCourse], list[paper_curves.Level]]:
    courses, levels = [], []
    for method in TRAINED:
        runs = tables.cell(records, "table1", data, protocol, "unsupervised", method).runs
        if found := details.course(records, runs):
            courses.append(found)
    for method in ("ista", "fista"):
        runs = tables.cell(records, "table1", data, protocol, "unsupervised", method).runs
        values = [records[run]["metrics"]["validation"]["objective"] for run in runs]
        if values:
            levels.append(
                paper_curves.Level(METHODS[method].label, method, sum(values) / len(values))
            )
    return courses, levels


def _seeds_words(records: Records, data: str, protocol: str) -> str:
    """How many seeds stored a curve."""
    cells = [
        tables.cell(records, "table1", data, protocol, "unsupervised", method) for method in TRAINED
    ]
    counts = sorted({sum(bool(records[run]["curve"]) for run in cell.runs) for cell in cells} - {0})
    return (
        _("A curve is the mean of {numbers} seeds.", numbers=listed(list(map(str, counts))))
        if counts != [1]
        else _("One seed.")
    )


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
    for experiment, methods in (
        ("lambda", protocols.FIGURE7),
        ("lambda-own", protocols.FIGURE7_OWN),
    ):
        for method in methods:
            seeds = [
                record["metrics"]["by_lambda"]
                for run, record in claims.records.items()
                if run.experiment == experiment
                and run.method == method
                and run.data.startswith(data)
            ]
            if seeds:
                own = experiment == "lambda-own"
                label = _(METHODS[method].label)
                label = _("{method} on B of each λ", method=label) if own else label
                sweep, points = _by_lambda(seeds, label, solver(method), not own)
                sweeps.append(sweep)
                accuracies.append(points)
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


def _by_lambda(
    seeds: list[list[dict]], label: str, name: str, one: bool
) -> tuple[tradeoff.MeanSweep, paper_curves.Points]:
    """The means over the seeds of a method's rows at every λ. one: whether one dictionary or network serves all λ."""
    lam = np.array([row["lam"] for row in seeds[0]])
    values = {
        key: np.array([[row[key] for row in seed] for seed in seeds])
        for key in ("loss", "objective", "nonzero", "accuracy")
    }
    means = [values[key].mean(0) for key in ("loss", "objective", "nonzero")]
    shares = 100 * values["accuracy"]
    spread = shares.std(0, ddof=1) if len(seeds) > 1 else np.zeros(len(lam))
    return tradeoff.MeanSweep(label, name, lam, *means, one), paper_curves.Points(
        label, name, lam, shares.mean(0), spread, one
    )


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
    own = any(
        run.experiment == "lambda-own" and run.data.startswith(data) for run in claims.records
    )
    seeds = {
        run.seed
        for run in claims.records
        if run.experiment == "lambda" and run.data.startswith(data)
    }
    return said(
        "by_lambda",
        smallest=describe_paper.text(
            "smallest", loss=least[0], objective=least[1], all=len(sweeps[0].lam)
        ),
        best=_most_accurate(accuracies),
        lines=describe_paper.text("lines", lam=LAMBDA),
        dotted=own,
        command=describe_paper.command("figure7", data, "fair"),
        seeds=count(len(seeds), "seed"),
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
