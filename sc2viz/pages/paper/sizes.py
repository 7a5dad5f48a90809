"""Accuracy against the dictionary size d_s, which the paper claims without numbers."""

import numpy as np

from sc2viz.draw import paper_curves
from sc2viz.experiments import printed, protocols
from sc2viz.experiments.protocols import ATOMS, LAMBDA, METHODS, PROTOCOLS, SIZED, SIZES
from sc2viz.pages.paper import describe_paper
from sc2viz.pages.paper.describe_paper import Claims
from sc2viz.pages.paper.figures import Drawn, made, solver, waiting
from sc2viz.reports import leads, tables
from sc2viz.reports.tables import Cell, Records
from sc2viz.ui import phrases

UNSTEADY = 1.0  # percentage points: where accuracies of the seeds deviate by more, each is told


@made
def by_size(claims: Claims, data: str, dark: bool) -> list[Drawn]:
    """Draw accuracy against the dictionary size d_s, without and with labels."""
    found = []
    for setting in printed.SETTINGS:
        points = []
        for method in SIZED:
            cells = {atoms: tables.cell(claims.records, "table1", data, "sizes", setting, method, atoms) for atoms in SIZES}
            cells = {atoms: cell for atoms, cell in cells.items() if cell.values}
            if cells:
                points.append(_sized(method, cells))
        title = f"**{describe_paper.subject(data, setting)}**"
        if points:
            words = _words(claims.records, leads.of_sizes(claims.records, data, setting))
            found.append(Drawn(words, title, paper_curves.accuracy(points, "d_s", SIZES, dark)))
        else:
            found.append(Drawn(waiting(f"python -m sc2viz reproduce sizes --data {data}"), title))
    return found


def about(claims: Claims) -> str:
    """How the runs of other sizes differ from those of the tables."""
    short, fair = PROTOCOLS["sizes"], PROTOCOLS["fair"]
    named: dict[int, list[str]] = {}  # the data sets that have each number of seeds
    for data in printed.DATA:
        seeds = {run.seed for run in claims.records if run.protocol == "sizes" and run.data.startswith(data)}
        named.setdefault(len(seeds), []).append(describe_paper.NAMES[data])
    told = [f"{phrases.count(count, 'seed')} on {phrases.listed(names)}" for count, names in named.items() if count]
    runs = phrases.listed(told or ["no runs yet"])
    return (
        "The paper says that SLSTM “consistently outperforms the baselines” at other sizes, without numbers. These runs are "
        f"shorter than those of Table 1, so the leads at {ATOMS} atoms differ: they have {runs}, "
        f"{short.unsupervised_epochs} epochs (Table 1, MNIST: {fair.unsupervised_epochs} without labels, "
        f"{fair.supervised_epochs} with labels; CIFAR-10: {protocols.FEATURE_EPOCHS['unsupervised']} and "
        f"{protocols.FEATURE_EPOCHS['supervised']}), and λ = {LAMBDA:g} for all methods (Table 1 with labels: a tuned λ for "
        "each method). As in Table 1, LISTA and LFISTA are trained on exact codes, and SLSTM has more parameters than they."
    )


def _sized(method: str, cells: dict[int, Cell]) -> paper_curves.Points:
    means, spreads = ([getattr(cell, name) or 0.0 for cell in cells.values()] for name in ("mean", "spread"))
    return paper_curves.Points(METHODS[method].label, solver(method), *map(np.array, (list(cells), means, spreads)))


def _words(records: Records, found: dict[int, leads.Lead]) -> str:
    """SLSTM's leads, at how many sizes they hold or are reversed, and where its accuracy depends on the seed."""
    if not found:
        return ""
    # With spaces at which a line does not break.
    p = {atoms: lead.p_text.replace(" ", "\u00a0") for atoms, lead in found.items()}
    told = ", ".join(f"{describe_paper.signed(lead.points)} at {atoms} ({p[atoms]})" for atoms, lead in found.items())
    verdicts = [lead.verdict for lead in found.values()]
    behind = f", and is reversed at {verdicts.count('reversed')} of them" * ("reversed" in verdicts)
    said = [f"SLSTM’s lead over the best other method in points is {told}.",
            f"It holds at {verdicts.count('holds')} of {len(found)} sizes{behind}."]  # fmt: skip
    for atoms, lead in found.items():
        if (lead.mine.over_seeds or 0.0) > UNSTEADY:
            values = phrases.listed([f"{value:.1f}" for value in lead.mine.values])
            above = phrases.listed([f"{records[run]['metrics']['excess']:.0f}" for run in lead.mine.runs])
            said.append(f"With {atoms} atoms its accuracy depends on the seed: {values} %. F of these networks is {above} % "
                        "above that of exact codes on their atoms.")  # fmt: skip
    return " ".join(said)
