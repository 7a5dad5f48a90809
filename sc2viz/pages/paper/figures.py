"""The paper's figures, measured: the dots of both tables, Figures 4 and 5 (pictures), 6 (loss against epochs), 7 (λ), and
accuracy against the dictionary size, which the paper claims without numbers."""

import re
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import streamlit as st
from PIL import Image

from sc2viz import published, words
from sc2viz.draw import cards, dots, mosaics, paper_curves, style, tradeoff
from sc2viz.draw.paper_curves import Level, LossCourse, Points
from sc2viz.pages.paper.texts import (
    COMPARISONS,
    PROTOCOLS,
    cached_as_published,
    describe_commands,
    name_block,
    text,
)
from sc2viz.published import printed
from sc2viz.published.accuracies import Claims
from sc2viz.published.printed import ATOMS, LAMBDA, METHODS, NAMES, SIZED, SIZES
from sc2viz.published.sentences import count_seeds, format_signed
from sc2viz.ui import page, phrases, url
from sc2viz.words import N_, _, count, listed, localized

SHAPES = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3)}
SOLVERS = {"exact": "exact", "raw": "truth"}  # of methods that are no solvers
TRAINED, UNTRAINED = ("lista", "lfista", "slstm"), ("ista", "fista")  # of Figure 6


def _solver(method: str) -> str:
    return SOLVERS.get(method) or METHODS[method].solver


def _draw_chart(chart, section: str, title: str, sentences: str = "") -> None:
    """Draw a chart under its title. When it is taken away it is called as the part and what is bold in the title."""
    st.markdown(title)
    name = f"{section}, {title.split('**')[1]}"
    page.chart(chart, key=re.sub(r"\W+", "-", name.lower()), name=name)
    st.markdown(phrases.bound(sentences))


# Tables 1 and 2 as dots -----------------------------------------------------------------------------------------------


@cached_as_published
def draw_dots(claims: Claims, language: str) -> str:
    """The accuracies of both tables as dots, as HTML; as printed, those on the test split where labels were seen."""
    tables = {method: table for table in printed.TABLES[::-1] for method in printed.PRINTED[table]}
    methods = [*printed.PRINTED["table1"], printed.CELL, *printed.PRINTED["table2"]]
    panels = []
    for data, setting in COMPARISONS:
        rows = []
        for method in dict.fromkeys(methods):
            table = tables.get(method, "table1")
            fair, as_printed = (
                claims.cell(data, protocol, setting, method, table, clean=True).mean
                for protocol in PROTOCOLS
            )
            values = {
                _("in the paper"): printed.highest(data, setting, method),
                _("ours, fair"): fair,
                _("ours, as printed"): as_printed,
            }
            rows.append(dots.MethodRow(METHODS[method].label, _solver(method), values))
        panels.append((name_block(data, setting), rows))
    return dots.draw_accuracies(panels)


# Figures 4 and 5 ------------------------------------------------------------------------------------------------------


def draw_hundreds(claims: Claims) -> None:
    """The reconstructions of the same hundred pictures by every method, or their errors on a common scale."""
    shows_errors = url.widget("hundred") == "errors"
    for data in printed.DATA:
        title = N_("**{data}**, training pictures 0–99, λ = {lam}, fair")
        if data == "cifar10":
            title = N_("**{data}**, training pictures 0–99, raw pixels, λ = {lam}, fair")
        st.markdown(_(title, data=NAMES[data], lam=LAMBDA))
        pictures, top = _draw_hundred(claims, data, shows_errors, words.language())
        files = {
            method: page.served(picture, f"hundred-{data}-{method}", alt, size, "webp")
            for method, (picture, alt, size) in pictures.items()
        }
        bar = cards.error_bar(top) if shows_errors else ""
        legend = f"{bar}<p>{text('hundred')}</p>"
        side_by_side = [
            cards.Card(style.label("truth"), "truth", pictures=[files["truth"]], extra=legend)
        ]
        for method, metrics in claims.published["pictures"][data].items():
            F, psnr = phrases.objective(metrics["objective"]), phrases.decibels(metrics["psnr"])
            headline = localized(f"{metrics['error']:.4f}"), _("mean error")
            side_by_side.append(
                cards.Card(
                    _(METHODS[method].label),
                    _solver(method),
                    "",
                    [files[method]],
                    headline,
                    {"F": F, "PSNR": psnr},
                )
            )
        with st.container(key=f"hundred-{data}"):
            page.cards(side_by_side)
    st.caption(
        _("Made by `python -m sc2viz reproduce figure4` and `python -m sc2viz reproduce figure5`.")
    )


@cached_as_published
def _draw_hundred(
    claims: Claims, data: str, shows_errors: bool, language: str
) -> tuple[dict[str, tuple], float]:
    """The mosaics of the truth and of every method by name, each a WebP, its alt text and its size; and the top of the error
    scale."""
    shape, look = SHAPES[data], {"columns": 10, "side": 280}
    x = _read_tiles(f"{data}_truth.png", shape)
    rows_by_method = {
        method: _read_tiles(f"{numbers['run']}.png", shape)
        for method, numbers in claims.published["pictures"][data].items()
    }
    errors = {method: mosaics.error(x, rows, shape) for method, rows in rows_by_method.items()}
    top = mosaics.shared_top(list(errors.values()), 0.99)
    alt = _("A hundred pictures of {data}", data=NAMES[data])
    pictures = {"truth": (mosaics.mosaic(x, shape, **look), alt)}
    for method, rows in rows_by_method.items():
        if shows_errors:
            alt = N_("{method}: errors of the hundred pictures")
            rgba = mosaics.error_mosaic(errors[method], top, **look)
        else:
            alt = N_("{method}: reconstructions of the hundred pictures")
            rgba = mosaics.mosaic(rows, shape, **look)
        pictures[method] = rgba, _(alt, method=_(METHODS[method].label))
    return {
        name: (mosaics.webp(rgba), alt, rgba.shape[1::-1]) for name, (rgba, alt) in pictures.items()
    }, top


def _read_tiles(file: str, shape: tuple[int, int, int]) -> np.ndarray:
    """The pictures (n, d_x) in [0, 1] that stand side by side in a file of results."""
    picture, (high, wide, channels) = np.asarray(Image.open(published.FOLDER / file)), shape
    rows = picture.reshape(-1, high, picture.shape[1] // wide, wide, channels)
    return rows.transpose(0, 2, 1, 3, 4).reshape(-1, high * wide * channels) / np.float32(255)


# Figure 6 -------------------------------------------------------------------------------------------------------------


def draw_convergence(claims: Claims, dark: bool) -> None:
    """Loss against epochs under both protocols: F as printed, and the honest F."""
    st.caption(describe_commands("figure6"))
    for data in printed.DATA:
        for column, protocol in zip(st.columns(2, gap="large"), PROTOCOLS, strict=True):
            name = partial(claims.name, data, protocol, "unsupervised")
            courses = [read_course(claims, name(method)) for method in TRAINED]
            levels = [
                Level(METHODS[method].label, method, claims.published["levels"][name(method)])
                for method in UNTRAINED
            ]
            title = f"**{NAMES[data]}, {_(PROTOCOLS[protocol]).lower()}**"
            with column:
                chart = paper_curves.loss_by_epoch(courses, levels, dark)
                _draw_chart(chart, _("Figure 6"), title, describe_courses(courses, levels))


def read_course(claims: Claims, name: str) -> LossCourse:
    """The training curve of a cell, averaged over the seeds."""
    curve = claims.published["curves"][name]
    method = METHODS[name.split("/")[3]]
    numbers = (np.array(curve[key]) for key in ("epoch", "printed", "objective"))
    return LossCourse(method.label, method.solver, *numbers)


def describe_courses(courses: Sequence[LossCourse], levels: Sequence[Level]) -> str:
    def list_ends(ends: Mapping[str, float]) -> str:
        return ", ".join(f"{label} {localized(f'{F:.2f}')}" for label, F in ends.items())

    ranked = sorted(courses, key=lambda course: course.honest[-1])
    honest = {course.label: course.honest[-1] for course in ranked}
    sentences = [_("The honest F at the end is: {values}.", values=list_ends(honest))]
    falls = {course.label: course.printed[-1] for course in courses if paper_curves.cheats(course)}
    if falls:
        cheat = _(
            "F as printed (dotted) is {values}. With free atoms this loss falls when atoms grow and codes shrink, so the "
            "difference is not an achievement of the solver.",
            values=list_ends(falls),
        )
        sentences.append(cheat)
    wild = [course.label for course in courses if paper_curves.runs_away(course, levels)]
    if wild:
        sentences.append(_("The curve of {solvers} leaves the chart.", solvers=listed(wild)))
    return " ".join(sentences)


# Figure 7 -------------------------------------------------------------------------------------------------------------


def draw_by_lambda(claims: Claims, dark: bool) -> None:
    """Reconstruction loss, F and accuracy against λ.

    A network serves every λ. ISTA, FISTA and converged codes are drawn twice: on the dictionary of λ = 0.1 for every λ, and,
    dotted, on a dictionary that was learned at each λ.
    """
    st.caption(describe_commands("figure7"))
    for data in printed.DATA:
        st.markdown(_("**{data}**, fair", data=NAMES[data]))
        sweeps, accuracies, seeds = read_sweeps(claims, data)
        rules = ((style.rule(style.dash(k), style.themed(k.solver)), k.label) for k in sweeps)
        items = "".join(
            f'<span><i style="background:{rule}"></i>{label}</span>' for rule, label in rules
        )
        st.html(f'<div class="sc-lines">{items}</div>')
        lam = sweeps[0].lam
        ends = [lam[0], LAMBDA, lam[-1]]
        accuracy = paper_curves.accuracy(accuracies, "λ", ends, dark)
        titles = {_("**Loss** ½‖x − Bs‖²"): "loss", _("**Objective** F"): "objective"}
        charts = {
            title: tradeoff.by_lambda(sweeps, field, LAMBDA, 0.0, dark, labelled=False)
            for title, field in titles.items()
        }
        charts[_("**Accuracy**")] = style.altered(accuracy, showlegend=False)
        section = _("Figure 7, {data}", data=NAMES[data])
        for column, (title, chart) in zip(st.columns(3, gap="large"), charts.items(), strict=True):
            with column:
                _draw_chart(chart, section, title)
        st.markdown(phrases.bound(describe_sweeps(sweeps, seeds)))


def read_sweeps(claims: Claims, data: str) -> tuple[list[tradeoff.MeanSweep], list[Points], int]:
    """Means over λ, accuracies, and the number of seeds."""
    sweeps, accuracies, seeds = [], [], 0
    for numbers in claims.published["by_lambda"]:
        if numbers["data"] != data:
            continue
        method, is_own, label = numbers["method"], numbers["own"], METHODS[numbers["method"]].label
        label = _("{method} on B of each λ", method=_(label)) if is_own else _(label)
        line = label, _solver(method), np.array(numbers["lam"])
        means = [np.array(numbers[key]) for key in ("loss", "objective", "nonzero")]
        shares = [np.array(numbers[key]) for key in ("accuracy", "spread")]
        sweeps.append(tradeoff.MeanSweep(*line, *means, not is_own))
        accuracies.append(Points(*line, *shares, not is_own))
        seeds = max(seeds, len(numbers["runs"]))
    return sweeps, accuracies, seeds


def describe_sweeps(sweeps: Sequence[tradeoff.MeanSweep], seeds: int) -> str:
    """The methods with the smallest reconstruction loss, which the paper plots, and with the smallest F."""
    smallest = {}
    for name in ("loss", "objective"):
        rows = np.array([getattr(sweep, name) for sweep in sweeps])
        winners = [sweeps[k].label for k in rows.argmin(0)]
        smallest[name] = ", ".join(
            _("{method} at {n}", method=label, n=winners.count(label))
            for label in dict.fromkeys(winners)
        )
    sentence = text("smallest", **smallest, total=len(sweeps[0].lam))
    return f"{sentence} {text('lines', lam=LAMBDA, seeds=count(seeds, 'seed'))}"


# Dictionary size ------------------------------------------------------------------------------------------------------


def draw_by_size(claims: Claims, dark: bool) -> None:
    """Accuracy against the dictionary size d_s, without and with labels."""
    counts = [len(cell.runs) for name, cell in claims.cells.items() if "/sizes/" in name]
    epochs, seeds = claims.published["epochs"]["sizes"], count_seeds(counts)
    about = text("sizes", atoms=ATOMS, runs=seeds, epochs=epochs, lam=LAMBDA)
    st.markdown(phrases.bound(about))
    st.caption(describe_commands("sizes"))
    for data in printed.DATA:
        for column, setting in zip(st.columns(2, gap="large"), printed.SETTINGS, strict=True):
            points = []
            for method in SIZED:
                cells = [claims.cell(data, "sizes", setting, method, atoms=n) for n in SIZES]
                means, spreads = (
                    np.array([getattr(cell, name) for cell in cells]) for name in ("mean", "spread")
                )
                label = METHODS[method].label
                points.append(Points(label, _solver(method), np.array(SIZES), means, spreads))
            title = f"**{name_block(data, setting)}**"
            with column:
                chart = paper_curves.accuracy(points, "d_s", SIZES, dark)
                leads = describe_sizes(claims, data, setting)
                _draw_chart(chart, _("Dictionary size"), title, leads)


def describe_sizes(claims: Claims, data: str, setting: str) -> str:
    """SLSTM's leads, and at how many sizes they hold."""
    leads = {
        atoms: lead
        for (*block, _rival, atoms), lead in claims.leads["sizes"].items()
        if block == [data, setting]
    }
    points = ", ".join(f"{format_signed(lead.points)} ({atoms})" for atoms, lead in leads.items())
    verdicts = [lead.verdict for lead in leads.values()]
    return _(
        "SLSTM’s lead over the best other method is {points} points. It holds at {count} of {total} sizes, and is reversed at "
        "{reversals} of them.",
        points=points,
        count=verdicts.count("holds"),
        total=len(leads),
        reversals=verdicts.count("reversed"),
    )
