"""By how many points one method leads another, and whether the lead is more than chance.

A lead holds if its p-value is below `ALPHA` after Holm's correction, and if it exceeds two standard deviations over the
seeds. Everything else is a tie (`make_lead`). All leads of SLSTM under both protocols, and of the cell of Eq. (8) under the
fair one, are one family of that correction (`list_contests`). A lead whose size is within `BORDER` of these two standard
deviations is called borderline.

p comes from a paired test over the test rows where both methods' runs stored which rows they classified rightly
(`paired`). Runs from before that stored accuracies alone. Their p is that of independent samples (`unpaired`), which is an
upper bound, because two methods tend to be right on the same rows.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np

from sc2viz.lab.experiments.protocols import Run
from sc2viz.lab.experiments.records import unpacked
from sc2viz.published import printed
from sc2viz.published.accuracies import Lead
from sc2viz.published.printed import ATOMS, CELL
from sc2viz.published.sentences import ALPHA, BORDER

COMPARED = ("fair", "as-printed")  # the protocols whose leads are corrected together
# By the name of a contest: its protocol, and the method whose leads over all others it has. As printed, SLSTM is Eq. (8).
CONTESTS = {
    "fair": ("fair", "slstm"),
    "as-printed": ("as-printed", "slstm"),
    "equation-8": ("fair", CELL),
}
TEST_ROWS = 10_000  # rows of the test splits of MNIST and of CIFAR-10
BLOCKS = tuple(itertools.product(printed.DATA, printed.SETTINGS))


def paired(mine, rival):
    """The two-sided p-value of a paired test: mine, rival (seeds, n) bool, whether each of n rows was classified rightly.

    A row counts by the difference of the numbers of seeds in which each method is right. If the methods are equally good,
    its sign is as likely + as −. The distribution of the sum under random signs is exact. For one seed this is McNemar's
    exact test (the sign test on the discordant rows).
    """
    differences = (mine.astype(int) - rival.astype(int)).sum(0)
    chance = np.ones(1)  # the distribution of the sum, from its least to its greatest value
    for size, rows in enumerate(np.bincount(np.abs(differences))[1:], 1):
        signs = np.zeros(2 * size * rows + 1)
        signs[:: 2 * size] = _heads(rows)
        chance = np.convolve(chance, signs)
    sums = np.arange(len(chance)) - len(chance) // 2
    return min(1.0, float(chance[np.abs(sums) >= abs(differences.sum())].sum()))


def _heads(tosses):
    """The chance of 0, 1, … heads when a fair coin is tossed so often. (scipy.stats rounds otherwise.)"""
    factorial = np.log(np.arange(tosses + 1).clip(1)).cumsum()
    return np.exp(factorial[-1] - factorial - factorial[::-1] - tosses * math.log(2))


def unpaired(mine, rival, rows):
    """The two-sided p-value for two shares in [0, 1] of `rows` rows each, as if their rows were independent.

    It is the χ² test of two proportions without a correction for continuity.
    """
    pooled = (mine + rival) / 2
    deviation = math.sqrt(2 * pooled * (1 - pooled) / rows)
    return math.erfc(abs(mine - rival) / deviation / math.sqrt(2)) if deviation else 1.0


def holm(p):
    """p-values corrected for their number (Holm 1979): the k-th smallest of m is multiplied by m − k + 1, and no corrected
    value is below an earlier one or above 1."""
    corrected, highest = {}, 0.0
    for k, key in enumerate(sorted(p, key=p.get)):
        highest = max(highest, min(1.0, (len(p) - k) * p[key]))
        corrected[key] = highest
    return corrected


def make_lead(mine, best, rival, atoms, p, by_rows):
    """The lead of `mine` over `best`, of the method `rival` with so many atoms; `p` is corrected."""
    points = mine.mean - best.mean
    margin = 2 * math.hypot(mine.over_seeds or 0.0, best.over_seeds or 0.0)
    verdict = "holds" if points > 0 else "reversed"
    if p >= ALPHA or abs(points) <= margin:
        verdict = "a tie"
    border = p < ALPHA and abs(abs(points) - margin) <= BORDER * margin
    return Lead(mine, best, rival, atoms, p, by_rows, points, margin, verdict, border)


def test(records, mine, best):
    """The p-value of a pair of cells before correction, and whether it is that of the paired test."""
    pair = [right_rows(records, cell) for cell in (mine, best)]
    seeds = sorted(pair[0].keys() & pair[1].keys())
    if seeds and [len(mine.runs), len(best.runs)] == list(map(len, pair)):
        rows = [np.array([by_seed[seed] for seed in seeds]) for by_seed in pair]
        # Where `drawn`, each seed tests on rows of its own.
        return paired(*(right.reshape(1, -1) if mine.drawn else right for right in rows)), True
    count = mine.drawn * min(len(mine.runs), len(best.runs)) or TEST_ROWS
    return unpaired(mine.mean / 100, best.mean / 100, count), False


def right_rows(records, cell):
    """By seed, which rows were classified rightly, of the runs of a cell that stored it."""
    stored = {}
    for run in map(Run.named, cell.runs):
        if right := records[run]["metrics"].get("right", {}).get(cell.metric):
            stored[run.seed] = unpacked(right["bits"], right["rows"])
    return stored


# Whose leads ----------------------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    """Two cells that are compared, by their names, and where."""

    data: str
    setting: str
    rival: str
    mine: str
    best: str
    atoms: int = ATOMS
    contest: str = ""


def publish(records, claims):
    """The leads of every contest, as `Claims.leads` reads them."""
    contests = {contest: [] for contest in (*CONTESTS, "equation-10", "sizes")}
    leads = judge(records, claims, list_contests(claims))
    leads += judge(records, claims, list_equation_10(claims))
    for block in BLOCKS:
        of_sizes = judge(records, claims, list_sizes(claims, *block))
        of_sizes.sort(key=lambda lead: claims.cells[lead["best"]].mean)
        best = {lead["atoms"]: lead for lead in of_sizes}
        leads += [best[atoms] for atoms in sorted(best)]
    for lead in leads:
        contests[lead.pop("contest")].append(lead)
    return contests


def judge(records, claims, pairs):
    """The leads of pairs of cells, whose p-values are corrected for the number of pairs. Cells without runs are left out."""
    cells = {
        pair: (claims.cells[pair.mine], claims.cells[pair.best])
        for pair in pairs
        if {pair.mine, pair.best} <= claims.cells.keys()
    }
    tests = {pair: test(records, *both) for pair, both in cells.items()}
    corrected = holm({pair: p for pair, (p, _by_rows) in tests.items()})
    leads = []
    for pair, (_p, by_rows) in tests.items():
        lead = make_lead(*cells[pair], pair.rival, pair.atoms, corrected[pair], by_rows)
        leads.append(pair._asdict() | vars(lead) | pair._asdict())  # with the names of the cells
    return leads


def list_contests(claims):
    """By contest, its method beside every other method of both tables, and beside larger networks, in every block of
    Table 1. All of them are one family: p is corrected for their number.

    As printed, both methods are measured on the test split where labels of other rows were seen.
    """
    methods = dict.fromkeys(itertools.chain(*printed.PRINTED.values()))
    for (contest, (protocol, method)), block in itertools.product(CONTESTS.items(), BLOCKS):
        column = block[0], protocol, block[1]
        rivals = [(rival, ATOMS) for rival in methods if rival != method]
        mine = claims.name(*column, method, clean=True)
        for rival, atoms in rivals + claims.list_larger(*column):
            best = claims.name(*column, rival, clean=True, atoms=atoms)
            yield Pair(*block, rival, mine, best, atoms, contest)


def list_equation_10(claims):
    """Table 2 under the fair protocol: training with Eq. (10) beside training on exact codes."""
    for (data, setting), method in itertools.product(BLOCKS, printed.SAME_LOSS):
        names = [claims.name(data, "fair", setting, name) for name in (method, f"{method}-codes")]
        yield Pair(data, setting, f"{method}-codes", *names, contest="equation-10")


def list_sizes(claims, data, setting):
    """SLSTM beside the other methods by dictionary size; p is corrected for all methods and sizes of the block."""
    for atoms, rival in itertools.product(printed.SIZES, printed.SIZED):
        if rival != "slstm":
            names = [
                claims.name(data, "sizes", setting, method, atoms=atoms)
                for method in ("slstm", rival)
            ]
            yield Pair(data, setting, rival, *names, atoms, "sizes")


def count_stored(records, protocol):
    """How many of a protocol's measured runs stored which rows they classified rightly, and how many runs there are."""
    measured = [
        "right" in record["metrics"]
        for run, record in records.items()
        if (run.experiment, run.protocol) == ("accuracy", protocol) and run.method != "head"
    ]
    return sum(measured), len(measured)
