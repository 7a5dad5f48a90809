"""Accuracy against the dictionary size d_s, which the paper claims without numbers."""

import numpy as np

from sc2viz.draw import paper_curves
from sc2viz.pages.paper import describe_paper
from sc2viz.pages.paper.figures import Drawn, made, solver, waiting
from sc2viz.published import printed
from sc2viz.published.accuracies import Claims
from sc2viz.published.printed import ATOMS, LAMBDA, METHODS, SIZED, SIZES
from sc2viz.published.sentences import format_signed
from sc2viz.words import _, count, listed, localized

UNSTEADY = 1.0  # percentage points: where accuracies of the seeds deviate by more, each is told


@made
def by_size(claims: Claims, data: str, dark: bool) -> list[Drawn]:
    """Draw accuracy against the dictionary size d_s, without and with labels."""
    found = []
    for setting in printed.SETTINGS:
        points = []
        for method in SIZED:
            cells = {
                atoms: claims.cell(data, "sizes", setting, method, atoms=atoms) for atoms in SIZES
            }
            cells = {atoms: cell for atoms, cell in cells.items() if cell.values}
            if cells:
                means, spreads = (
                    [getattr(cell, name) or 0.0 for cell in cells.values()]
                    for name in ("mean", "spread")
                )
                numbers = map(np.array, (list(cells), means, spreads))
                points.append(paper_curves.Points(METHODS[method].label, solver(method), *numbers))
        title = f"**{describe_paper.subject(data, setting)}**"
        if points:
            said = _words(claims, data, setting)
            found.append(Drawn(said, title, paper_curves.accuracy(points, "d_s", SIZES, dark)))
        else:
            found.append(Drawn(waiting(f"python -m sc2viz reproduce sizes --data {data}"), title))
    return found


def about(claims: Claims) -> str:
    """How the runs of other sizes differ from those of the tables."""
    seeds = _count_seeds(claims)
    named: dict[int, list[str]] = {}  # the data sets that have each number of seeds
    for data in printed.DATA:
        named.setdefault(seeds[data], []).append(printed.NAMES[data])
    told = [
        _("{seeds} on {data}", seeds=count(number, "seed"), data=listed(names))
        for number, names in named.items()
        if number
    ]
    epochs = claims.published["epochs"]
    return describe_paper.text(
        "sizes",
        atoms=ATOMS,
        runs=listed(told or [_("no runs yet")]),
        epochs=epochs["sizes"],
        mnist=epochs["mnist"][0],
        labels=epochs["mnist"][1],
        cifar=epochs["cifar10"][0],
        cifar_labels=epochs["cifar10"][1],
        lam=LAMBDA,
    )


def _count_seeds(claims: Claims) -> dict[str, int]:
    """The seeds of the runs of other sizes, by data set."""
    seeds = dict.fromkeys(printed.DATA, 0)
    for name, cell in claims.cells.items():
        data, protocol = name.split("/")[:2]
        if protocol == "sizes":
            seeds[data] = max(seeds[data], len(cell.runs))
    return seeds


def _words(claims: Claims, data: str, setting: str) -> str:
    """SLSTM's leads, at how many sizes they hold or are reversed, and where its accuracy depends on the seed."""
    leads = claims.leads.get("sizes", {}).items()
    found = {atoms: lead for (*block, _rival, atoms), lead in leads if block == [data, setting]}
    if not found:
        return ""
    # With spaces at which a line does not break.
    p = {atoms: lead.p_text.replace(" ", "\u00a0") for atoms, lead in found.items()}
    told = ", ".join(
        _(
            "{points} at {atoms} ({p})",
            points=format_signed(lead.points),
            atoms=atoms,
            p=p[atoms],
        )
        for atoms, lead in found.items()
    )
    verdicts = [lead.verdict for lead in found.values()]
    given = {
        "holds": verdicts.count("holds"),
        "all": len(found),
        "behind": verdicts.count("reversed"),
    }
    said = [
        _("SLSTM’s lead over the best other method in points is {told}.", told=told),
        _("It holds at {holds} of {all} sizes, and is reversed at {behind} of them.", **given)
        if given["behind"]
        else _("It holds at {holds} of {all} sizes.", **given),
    ]
    for atoms, lead in found.items():
        if (lead.mine.over_seeds or 0.0) > UNSTEADY:
            values = listed([localized(f"{value:.1f}") for value in lead.mine.values])
            above = listed(
                [f"{claims.published['runs'][run]['excess']:.0f}" for run in lead.mine.runs]
            )
            said.append(
                _(
                    "With {atoms} atoms its accuracy depends on the seed: {values} %. F of these networks is {above} "
                    "% above that of exact codes on their atoms.",
                    atoms=atoms,
                    values=values,
                    above=above,
                )
            )
    return " ".join(said)
