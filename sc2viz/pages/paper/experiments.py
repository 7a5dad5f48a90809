"""The paper's figures, measured: 4 and 5 (pictures), 6 (loss against epochs), 7 (λ), and dictionary sizes."""

from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from sc2viz.figures import cards, paper, pictures, style, tradeoff
from sc2viz.pages.paper import describe_paper, details
from sc2viz.reproduction import tables
from sc2viz.reproduction.protocols import ATOMS, FIGURE7, LAMBDA, METHODS, PICTURED, PROTOCOLS, SIZED, SIZES, Run
from sc2viz.reproduction.tables import Cell, Records
from sc2viz.ui import page, phrases

SHAPES = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3)}
SOLVERS = {"exact": "exact", "raw": "truth"}


def waiting(command: str) -> None:
    st.markdown(f"Not measured yet: `{command}`")


def solver(method: str) -> str:
    return SOLVERS.get(method) or METHODS[method].solver


# Figures 4 and 5 ------------------------------------------------------------------------------------------------------


def hundred(records: Records, data: str, folder: Path, errors: bool) -> None:
    """The reconstructions of the same hundred pictures by every method, or their errors on a common scale."""
    runs = {run.method: run for run in records if run.experiment == "pictures" and run.data == data}
    figure = "figure4" if data == "mnist" else "figure5"
    truth = folder / f"{data}_truth.png"
    if not runs or not truth.exists():
        return waiting(f"python -m sc2viz reproduce {figure} --data {data}")
    x = _tiles(truth, SHAPES[data])
    methods = [method for method in PICTURED if method in runs]
    shown = {method: _tiles(folder / f"{runs[method].name}.png", SHAPES[data]) for method in methods}
    wrong = {method: pictures.error(x, shown[method], SHAPES[data]) for method in methods}
    top = pictures.shared_top(list(wrong.values()), 0.99)
    ground = pictures.mosaic(x, SHAPES[data], columns=10, side=280)
    bar = cards.error_bar(top) if errors else ""
    drawn = [cards.Card("Ground truth", "truth", pictures=[(ground, f"A hundred pictures of {data}")], extra=bar)]
    for method in methods:
        label, metrics = METHODS[method].label, records[runs[method]]["metrics"]
        if errors:
            picture = pictures.error_mosaic(wrong[method], top, columns=10, side=280)
        else:
            picture = pictures.mosaic(shown[method], SHAPES[data], columns=10, side=280)
        alt = f"{label}: {'errors' if errors else 'reconstructions'} of the hundred pictures"
        headline = f"{metrics['error']:.4f}", "mean error"
        numbers = {"F": phrases.objective(metrics["objective"]), "PSNR": phrases.decibels(metrics["psnr"])}
        drawn.append(cards.Card(label, solver(method), "", [(picture, alt)], headline, numbers))
    page.cards(drawn, narrowest=170)
    st.markdown(_hundred_words(records, runs))


def _hundred_words(records: Records, runs: dict[str, Run]) -> str:
    errors = {method: records[run]["metrics"]["error"] for method, run in runs.items() if method != "exact"}
    ranked = sorted(errors, key=errors.get)
    best, last = ranked[0], ranked[-1]
    said = f"{METHODS[best].label} has the smallest mean error of the solvers ({errors[best]:.4f}), "
    said += f"and {METHODS[last].label} has the largest ({errors[last]:.4f}). "
    if "slstm" in errors and best != "slstm":
        percent = 100 * (errors["slstm"] / errors[best] - 1)
        said += f"SLSTM’s error is {percent:.1f} % larger than the smallest; the paper finds that it recovers most detail. "
    elif "slstm" in errors:
        percent = 100 * (errors[ranked[1]] / errors["slstm"] - 1)
        said += f"The paper finds the same. The error of the next, {METHODS[ranked[1]].label}, is {percent:.1f} % larger. "
    return said


@st.cache_data(max_entries=32, show_spinner=False)
def _tiles(path: Path, shape: tuple[int, int, int]) -> np.ndarray:
    from sc2viz.reproduction import runs

    return runs.tiles(np.asarray(Image.open(path)), shape)


# Figure 6 -------------------------------------------------------------------------------------------------------------


def convergence(records: Records, data: str, dark: bool) -> None:
    """Loss against epochs under both protocols: F as printed, and the honest F."""
    for column, (protocol, label) in zip(st.columns(2, gap="large"), describe_paper.PROTOCOLS.items(), strict=True):
        with column:
            st.markdown(f"**{describe_paper.NAMES[data]}, {label.lower()}**")
            courses, levels = _courses(records, data, protocol)
            if courses:
                page.chart(paper.loss_by_epoch(courses, levels, dark), key=f"figure6-{data}-{protocol}")
                st.markdown(_convergence_words(courses, levels))
            else:
                waiting(describe_paper.command("figure6", data, protocol))


def _courses(records: Records, data: str, protocol: str) -> tuple[list[paper.Course], list[paper.Level]]:
    courses, levels = [], []
    for method in ("lista", "lfista", "slstm"):
        runs = tables.cell(records, "table1", data, protocol, "unsupervised", method).runs
        if found := details.course(records, runs):
            courses.append(found)
    for method in ("ista", "fista"):
        runs = tables.cell(records, "table1", data, protocol, "unsupervised", method).runs
        values = [records[run]["metrics"]["validation"]["objective"] for run in runs]
        if values:
            levels.append(paper.Level(METHODS[method].label, method, sum(values) / len(values)))
    return courses, levels


def _convergence_words(courses: list[paper.Course], levels: list[paper.Level]) -> str:
    ranked = sorted(courses, key=lambda course: course.honest[-1])
    ends = ", ".join(f"{course.label} {course.honest[-1]:.2f}" for course in ranked)
    said = f"The honest F at the end is: {ends}. "
    cheating = [course for course in courses if paper.cheats(course)]
    if cheating:
        falls = ", ".join(f"{course.label} {course.printed[-1]:.2f}" for course in cheating)
        said += (
            f"F as printed (dotted) is {falls}. With free atoms this loss falls when atoms grow and codes shrink, so the "
            "difference is not an achievement of the solver. "
        )
    if len(ranked) == 3:
        first, second = ranked[:2]
        gap = 100 * (second.honest[-1] / first.honest[-1] - 1)
        tie = f"{first.label} and {second.label} tie" if gap < 0.2 else f"{first.label} leads by {gap:.1f} %"
        said += f"{tie}. "
    if below := [f"{level.label} ({level.value:.2f})" for level in levels if ranked and level.value < ranked[0].honest[-1]]:
        said += f"Lower than all of these: {phrases.listed(below)}, on atoms learned for this λ alone. "
    if wild := [course.label for course in ranked if paper.runs_away(course, levels)]:
        said += f"The curve of {phrases.listed(wild)} leaves the chart because training diverged there. "
    beyond = [level for level in levels if courses and level.value > 2 * ranked[-1].honest[-1]]
    if beyond:
        names = phrases.listed([level.label for level in beyond])
        said += f"F is high for {names}, because their atoms were not learned. "
    return said


# Figure 7 -------------------------------------------------------------------------------------------------------------


def by_lambda(records: Records, data: str, dark: bool) -> None:
    """Reconstruction loss, F and accuracy against λ, with one trained network per method for every λ."""
    found = {}
    for method in FIGURE7:
        runs = [run for run in records if run.experiment == "lambda" and run.method == method and run.data.startswith(data)]
        if runs:
            found[method] = [records[run]["metrics"]["by_lambda"] for run in runs]
    if not found:
        return waiting(describe_paper.command("figure7", data, "fair"))
    sweeps, accuracies = [], []
    for method, seeds in found.items():
        lam = np.array([row["lam"] for row in seeds[0]])
        values = {
            key: np.array([[row[key] for row in seed] for seed in seeds])
            for key in ("loss", "objective", "nonzero", "accuracy")
        }
        means = [values[key].mean(0) for key in ("loss", "objective", "nonzero")]
        sweeps.append(tradeoff.Sweep(METHODS[method].label, solver(method), lam, *means))
        shares = 100 * values["accuracy"]
        spread = shares.std(0, ddof=1) if len(seeds) > 1 else np.zeros(len(lam))
        accuracies.append(paper.Points(METHODS[method].label, solver(method), lam, shares.mean(0), spread))
    st.html(_legend(sweeps))
    lam = sweeps[0].lam
    charts = {
        "loss": ("**Reconstruction loss** ½‖x − Bs‖²", tradeoff.loss_by_lambda(sweeps, LAMBDA, 0.0, dark)),
        "F": ("**Objective** F", tradeoff.objective_by_lambda(sweeps, LAMBDA, 0.0, dark)),
        "accuracy": ("**Accuracy**", paper.accuracy(accuracies, "λ", [lam[0], LAMBDA, lam[-1]], dark)),
    }
    for column, (name, (title, chart)) in zip(st.columns(3, gap="large"), charts.items(), strict=True):
        with column:
            st.markdown(title)
            chart.layout.showlegend = False
            page.chart(chart, key=f"figure7-{name}-{data}")
    st.markdown(_lambda_words(sweeps, accuracies))


def _legend(sweeps: list[tradeoff.Sweep]) -> str:
    """A common legend for charts side by side, as HTML."""
    patterns = {"solid": (1, 0), "dash": (9, 4), "dot": (3, 4)}
    items = ""
    for sweep in sweeps:
        dash = style.dash(sweep)
        on, off = patterns.get(dash) or [int(part.removesuffix("px")) for part in dash.split(",")[:2]]
        colour = "currentColor" if sweep.solver in ("exact", "truth") else style.colour(sweep.solver)
        line = f"repeating-linear-gradient(to right, {colour} 0 {on}px, transparent {on}px {on + off}px)"
        items += f'<span><i style="background:{line}"></i>{sweep.label}</span>'
    return f'<div class="sc-lines">{items}</div>'


def _lambda_words(sweeps: list[tradeoff.Sweep], accuracies: list[paper.Points]) -> str:
    """The methods with the smallest reconstruction loss, which the paper plots, the smallest F and the best accuracy."""
    said = []
    for name, what in (("loss", "reconstruction loss"), ("objective", "F")):
        table = np.array([getattr(sweep, name) for sweep in sweeps])
        labels = [sweep.label for sweep in sweeps]
        winners = [labels[k] for k in table.argmin(0)]
        counts = ", ".join(f"{label} at {winners.count(label)}" for label in dict.fromkeys(winners))
        said.append(f"smallest {what}: {counts} of {table.shape[1]} λ")
    return (
        f"The {'; the '.join(said)}. The paper says that SLSTM has the smallest loss “in all tests”. The reconstruction "
        "loss alone favours codes that are less sparse, so F is the fairer measure. The highest accuracy is that of "
        f"{_most_accurate(accuracies)}."
    )


def _most_accurate(accuracies: list[paper.Points]) -> str:
    """The method with the best accuracy and its λ, followed by SLSTM's best."""
    peaks = {one.label: (float(one.mean.max()), float(one.x[one.mean.argmax()])) for one in accuracies}
    first = max(peaks, key=peaks.get)
    mine = METHODS["slstm"].label
    told = [f"{label} with {peaks[label][0]:.1f} % at λ = {peaks[label][1]:g}" for label in dict.fromkeys((first, mine))
            if label in peaks]  # fmt: skip
    return "; ".join(told) if len(told) == 1 else f"{told[0]}; SLSTM’s is {told[1].removeprefix(f'{mine} with ')}"


# Dictionary size ------------------------------------------------------------------------------------------------------


def sizes(records: Records, dark: bool) -> None:
    """Accuracy against d_s, without and with labels."""
    short, fair = PROTOCOLS["sizes"], PROTOCOLS["fair"]
    st.markdown(
        f"These runs are shorter than those of Table 1, so the leads at {ATOMS} atoms differ: they have one seed, "
        f"{short.unsupervised_epochs} epochs (Table 1: {fair.unsupervised_epochs} without labels, {fair.supervised_epochs} "
        f"with labels), and λ = {LAMBDA:g} for all methods (Table 1 with labels: a tuned λ for each method)."
    )
    for column, setting in zip(st.columns(2, gap="large"), ("unsupervised", "supervised"), strict=True):
        with column:
            st.markdown(f"**{describe_paper.subject('mnist', setting)}**")
            points = []
            for method in SIZED:
                cells = {atoms: tables.cell(records, "table1", "mnist", "sizes", setting, method, atoms) for atoms in SIZES}
                cells = {atoms: cell for atoms, cell in cells.items() if cell.values}
                if cells:
                    points.append(_sized(method, cells))
            if points:
                page.chart(paper.accuracy(points, "d_s", SIZES, dark), key=f"sizes-{setting}")
                st.markdown(_sizes_words(points))
            else:
                waiting("python -m sc2viz reproduce sizes")


def _sized(method: str, cells: dict[int, Cell]) -> paper.Points:
    means, spreads = ([getattr(cell, name) or 0.0 for cell in cells.values()] for name in ("mean", "spread"))
    return paper.Points(METHODS[method].label, solver(method), *map(np.array, (list(cells), means, spreads)))


def _sizes_words(points: list[paper.Points]) -> str:
    mine = next((one for one in points if one.solver == "slstm"), None)
    others = [one for one in points if one.solver != "slstm"]
    if mine is None or not others:
        return ""
    leads = {}
    for atoms, mean in zip(mine.x, mine.mean, strict=True):
        rivals = [one.mean[list(one.x).index(atoms)] for one in others if atoms in one.x]
        if rivals:
            leads[int(atoms)] = mean - max(rivals)
    told = ", ".join(f"{describe_paper.signed(lead)} at {atoms}" for atoms, lead in leads.items())
    ahead = sum(lead > describe_paper.TIE for lead in leads.values())
    return f"SLSTM’s lead over the best other method in points is {told}. It leads clearly at {ahead} of {len(leads)} sizes."
