"""What the numbers say, in sentences: whether the paper's claims hold under each protocol, by how much, and why."""

import math
from dataclasses import dataclass

from sc2viz.reproduction import printed, tables
from sc2viz.reproduction.protocols import METHODS, Run
from sc2viz.reproduction.tables import Cell, Records
from sc2viz.ui import phrases

TIE = 0.3  # percentage points of accuracy: a smaller lead, or one within two standard deviations, is a tie
NAMES = {"mnist": "MNIST", "cifar10": "CIFAR-10"}
LABELS = {"unsupervised": "without labels", "supervised": "with labels"}
PROTOCOLS = {"fair": "Fair", "as-printed": "As printed"}
COMPARISONS = [(data, setting) for data in printed.DATA for setting in printed.SETTINGS]


@dataclass(frozen=True)
class Lead:
    """How far SLSTM is ahead of the best of the other methods of Table 1, in percentage points; behind it is negative."""

    points: float
    margin: float  # a lead below it is a tie
    rival: str  # its method
    best: Cell  # the rival's cell
    mine: Cell
    missing: tuple[str, ...]  # methods that are not measured yet

    @property
    def verdict(self) -> str:
        """One of "holds", "a tie" and "reversed": by the means themselves, whatever rounding makes of them."""
        lead = self.mine.mean - self.best.mean
        return "holds" if lead > self.margin else "reversed" if lead < -self.margin else "a tie"


def subject(data: str, setting: str) -> str:
    return f"{NAMES[data]}, {LABELS[setting]}"


def lead(records: Records, data: str, protocol: str, setting: str) -> Lead | None:
    """SLSTM's lead in Table 1; None where it, or all others, are not measured."""
    cells = {method: tables.cell(records, "table1", data, protocol, setting, method) for method in printed.METHODS["table1"]}
    mine = cells.pop("slstm")
    measured = {method: cell for method, cell in cells.items() if cell.values}
    if not (mine.values and measured):
        return None
    rival = max(measured, key=lambda method: measured[method].mean)
    best = measured[rival]
    missing = tuple(method for method in cells if method not in measured)
    return Lead(ahead(mine, best), margin(mine, best), rival, best, mine, missing)


def ahead(one: Cell, other: Cell) -> float:
    """By how many percentage points one cell is ahead of the other: the difference of their numbers as they are shown."""
    return round(one.mean, 1) - round(other.mean, 1)


def margin(one: Cell, other: Cell) -> float:
    """The difference of two cells, in percentage points, up to which they tie: two standard deviations, at least `TIE`."""
    return max(TIE, 2 * math.hypot(one.spread or 0.0, other.spread or 0.0))


def printed_lead(data: str, setting: str) -> tuple[float, str]:
    """The same of the printed figures, and the rival."""
    others = printed.METHODS["table1"][:-1]
    values = {method: printed.accuracy("table1", data, setting, method) for method in others}
    rival = max(values, key=values.get)
    return printed.accuracy("table1", data, setting, "slstm") - values[rival], rival


def main_claim(records: Records) -> str:
    """Whether SLSTM outperforms all baselines "by a large margin on the both datasets", under the fair protocol."""
    leads = {key: found for key in COMPARISONS if (found := lead(records, key[0], "fair", key[1]))}
    if not leads:
        return "Whether the paper’s main claim survives is not measured yet."
    holds = [key for key, found in leads.items() if found.verdict == "holds"]
    answer = "Yes" if len(holds) == len(leads) else "In part" if holds else "No"
    if answer == "Yes" and any(found.points < 0.5 * printed_lead(*key)[0] for key, found in leads.items()):
        answer = "It leads, but not by the margins printed"
    said = f"Does SLSTM beat every other solver “by a large margin”? **{answer}.** "
    parts = []
    for verdict, how in (("holds", "it leads on"), ("a tie", "it ties on"), ("reversed", "it is behind on")):
        where = [
            f"{subject(*key)} (**{signed(found.points)}** points, in the paper {printed_lead(*key)[0]:+.1f})"
            for key, found in leads.items() if found.verdict == verdict
        ]  # fmt: skip
        if where:
            parts.append(f"{how} {phrases.listed(where)}")
    said += f"Every method trained alike, {'; '.join(parts)}."
    theirs = {key: found for key in leads if (found := lead(records, key[0], "as-printed", key[1]))}
    if len(theirs) == len(COMPARISONS) and all(theirs[key].points > found.points for key, found in leads.items()):
        points = phrases.listed([signed(found.points) for found in theirs.values()])
        said += f" Run as the authors’ code runs, the leads are {points}: what is more there is the protocol’s doing."
    waiting = [subject(*key) for key in COMPARISONS if key not in leads]
    return said + (f" Not measured yet: {' and '.join(waiting)}." if waiting else "")


def signed(points: float) -> str:
    return f"{points:+.1f}".replace("-", "−") if abs(points) >= 0.05 else "0.0"


def table1(records: Records, data: str, setting: str) -> str | None:
    """A paragraph on one block of Table 1."""
    found = lead(records, data, "fair", setting)
    if found is None:
        return None
    claimed, claimed_rival = printed_lead(data, setting)
    said = f"**{subject(data, setting)}.** "
    rival = METHODS[found.rival].label
    if found.verdict == "a tie":
        said += f"A tie: SLSTM {found.mine.text(2)} %, {rival} {found.best.text(2)} %. "
    else:
        where = "ahead of" if found.points > 0 else "behind"
        said += f"SLSTM, {found.mine.text()} %, is {abs(found.points):.1f} points {where} {rival}, {found.best.text()} %. "
    said += f"The paper prints a lead of {claimed:.1f} over {METHODS[claimed_rival].label}. "
    plain = tables.cell(records, "table1", data, "fair", setting, "raw")
    if plain.values and setting == "unsupervised":
        gain = ahead(found.mine, plain)
        said += f"Logistic regression without any coding has {plain.text()} %, "
        said += "about as much. " if abs(gain) < TIE else f"{abs(gain):.1f} points {'less' if gain > 0 else 'more'}. "
    own = tables.cell(records, "table1", data, "fair", setting, "head")
    if own.values:
        said += f"The network whose features these are has itself {own.text()} %: it has seen the labels. "
    said += _order(records, data, setting) + _same_loss(records, data, setting, found)
    return said + _why(records, data, setting) + _missing(found)


def _same_loss(records: Records, data: str, setting: str, found: Lead) -> str:
    """How SLSTM stands beside Table 2's networks, which are trained by its own loss, where that differs from Table 1."""
    cells = {method: tables.cell(records, "table2", data, "fair", setting, method) for method in ("lista", "lfista")}
    if not all(cell.values for cell in cells.values()) or setting == "unsupervised":
        return ""
    rival = max(cells, key=lambda method: cells[method].mean)
    lead = ahead(found.mine, cells[rival])
    tie = abs(found.mine.mean - cells[rival].mean) <= margin(found.mine, cells[rival])
    how = "a tie" if tie else f"a lead of {lead:.1f}" if lead > 0 else f"{-lead:.1f} more"
    return f"Trained by SLSTM’s own loss, {METHODS[rival].label} (Table 2) has {cells[rival].text()} %: {how}. "


def _why(records: Records, data: str, setting: str) -> str:
    """What the printed lead owes to the protocol, where both are measured."""
    theirs, ours = (lead(records, data, protocol, setting) for protocol in ("as-printed", "fair"))
    if theirs is None:
        return ""
    told = {
        "holds": f"SLSTM leads by {theirs.points:.1f}",
        "a tie": f"{signed(theirs.points)} is a tie, within a margin of {theirs.margin:.1f},",
        "reversed": f"SLSTM is {-theirs.points:.1f} behind",
    }
    said = f"As printed, {told[theirs.verdict]}"
    if setting == "supervised":
        said += " on rows of the training split, most of whose labels the networks have seen"
    said += f": {theirs.mine.text()} % against {theirs.best.text()} % of {METHODS[theirs.rival].label}. "
    unseen = [_mean(records, data, "as-printed", setting, method, "unseen") for method in ("slstm", theirs.rival)]
    if setting == "supervised" and all(unseen):
        said += f"The same regressions have {100 * unseen[0]:.1f} and {100 * unseen[1]:.1f} % on the test split. "
    noise, learned = (_mean(records, data, protocol, setting, "ista", "objective") for protocol in ("as-printed", "fair"))
    network = _mean(records, data, "as-printed", setting, "slstm", "objective")
    if setting == "unsupervised" and noise and learned and network and noise > 1.5 * learned:
        said += (
            f"The difference is the dictionary: ISTA’s codes there are on atoms of noise and cost F = {noise:.1f}, "
            f"SLSTM’s on its own learned atoms {network:.1f}; on learned atoms ISTA’s cost {learned:.1f}. "
        )
    if setting == "supervised" and ours.points < theirs.points:
        said += "With one recipe and one budget for all, tested on the test split, the lead shrinks. "
    return said


def _order(records: Records, data: str, setting: str) -> str:
    """The ranking beside the paper's, where there is one to speak of."""
    methods = printed.METHODS["table1"]
    cells = {method: tables.cell(records, "table1", data, "fair", setting, method) for method in methods}
    if not all(cell.values for cell in cells.values()):
        return ""
    mine = sorted(methods, key=lambda method: -cells[method].mean)
    theirs = sorted(methods, key=lambda method: -printed.accuracy("table1", data, setting, method))
    if cells[mine[0]].mean - cells[mine[-1]].mean < 2 * TIE:
        return f"All five solvers lie within {cells[mine[0]].mean - cells[mine[-1]].mean:.1f} points. "
    same = mine == theirs
    ranked, claimed = (" > ".join(METHODS[method].label for method in methods) for methods in (mine, theirs))
    return f"The order, {ranked}, is the paper’s. " if same else f"The order is {ranked}; the paper’s is {claimed}. "


def _missing(found: Lead) -> str:
    names = ", ".join(METHODS[method].label for method in found.missing)
    return f"Not measured yet: {names}. " if names else ""


def table2(records: Records, data: str, setting: str) -> str | None:
    """A paragraph on one block of Table 2: what training by Eq. (10) instead of on codes is worth."""
    said = []
    for plain, ours in (("lista-codes", "lista"), ("lfista-codes", "lfista")):
        before, after = (tables.cell(records, "table2", data, "fair", setting, method) for method in (plain, ours))
        if before.values and after.values:
            gain, claimed = ahead(after, before), after.printed - before.printed
            tie = abs(after.mean - before.mean) <= margin(before, after)
            how = "ties with" if tie else "beats" if gain > 0 else "falls behind"
            said.append(
                f"{METHODS[ours].label} {how} {METHODS[plain].label}: {after.text()} against {before.text()} %, "
                f"{signed(gain)} points (printed {claimed:+.1f})"
            )
    return f"**{subject(data, setting)}.** {'. '.join(said)}." if said else None


def _mean(records: Records, data: str, protocol: str, setting: str, method: str, metric: str) -> float | None:
    """A metric's mean over seeds."""
    runs = tables.cell(records, "table1", data, protocol, setting, method).runs
    values = [records[run]["metrics"].get(metric) for run in runs]
    return sum(values) / len(values) if values and None not in values else None


def tuning(records: Records) -> str | None:
    """Which λ were tried for the supervised methods, which was chosen, and what was run at another all the same."""
    said = []
    for data in printed.DATA:
        mine = {run.method: record["metrics"] for run, record in records.items()
                if run.experiment == "tuning" and run.data.startswith(data)}  # fmt: skip
        by_tried: dict[str, list[str]] = {}
        for method, metrics in mine.items():
            tried = ", ".join(f"{one['lam']:g}" for one in metrics["tried"])
            by_tried.setdefault(tried, []).append(f"{METHODS[method].label} {metrics['lam']:g}")
        said += [f"{NAMES[data]}: tried λ = {tried}; chosen {', '.join(chosen)}." for tried, chosen in by_tried.items()]
        said += [_not_as_chosen(records, data, method, metrics["lam"]) for method, metrics in mine.items()]
    return " ".join(filter(None, said)) or None


def _not_as_chosen(records: Records, data: str, method: str, chosen: float) -> str:
    """That the accuracy of a supervised method is of another λ than the chosen one, where it is."""
    runs = tables.cell(records, "table1", data, "fair", "supervised", method).runs
    others = sorted({records[run]["configuration"]["lam"] for run in runs} - {chosen})
    if not others:
        return ""
    at = " and ".join(f"{lam:g}" for lam in others)
    return f"The accuracy of {METHODS[method].label} there is still that at λ = {at}."


def command(table: str, data: str, protocol: str) -> str:
    extra = "" if protocol == "fair" else f" --protocol {protocol}"
    return f"python -m sc2viz reproduce {table} --data {data}{extra}"


def title(run: Run) -> str:
    data = run.data.removesuffix("-features")
    return f"{METHODS[run.method].label}, {subject(data, run.setting)}, {PROTOCOLS.get(run.protocol, run.protocol).lower()}"
