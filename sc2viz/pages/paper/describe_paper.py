"""The sentences of "The paper, checked": whether the paper's claims hold under each protocol, by how much, and why."""

import math
from dataclasses import dataclass

from sc2viz.reproduction import printed, tables
from sc2viz.reproduction.protocols import METHODS, Run
from sc2viz.reproduction.tables import Cell, Records
from sc2viz.ui import phrases

TIE = 0.3  # percentage points; a smaller lead, or one within two standard deviations, is a tie
NAMES = {"mnist": "MNIST", "cifar10": "CIFAR-10"}
LABELS = {"unsupervised": "without labels", "supervised": "with labels"}
PROTOCOLS = {"fair": "Fair", "as-printed": "As printed"}
COMPARISONS = [(data, setting) for data in printed.DATA for setting in printed.SETTINGS]


@dataclass(frozen=True)
class Lead:
    """SLSTM's lead over the best other method of Table 1 in percentage points, negative if SLSTM is behind."""

    points: float
    margin: float  # a smaller lead is a tie
    rival: str  # the best other method
    best: Cell  # its cell
    mine: Cell
    missing: tuple[str, ...]  # methods that are not measured yet

    @property
    def verdict(self) -> str:
        """One of "holds", "a tie" and "reversed"."""
        return "holds" if self.points > self.margin else "reversed" if self.points < -self.margin else "a tie"


def subject(data: str, setting: str) -> str:
    return f"{NAMES[data]}, {LABELS[setting]}"


def lead(records: Records, data: str, protocol: str, setting: str) -> Lead | None:
    """SLSTM's lead in Table 1; None if SLSTM or all other methods are not measured."""
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
    """The difference of two cells' means in percentage points, before rounding."""
    return one.mean - other.mean


def margin(one: Cell, other: Cell) -> float:
    """The difference in percentage points up to which two cells tie: two standard deviations, but at least `TIE`."""
    return max(TIE, 2 * math.hypot(one.spread or 0.0, other.spread or 0.0))


def printed_lead(data: str, setting: str) -> tuple[float, str]:
    """SLSTM's lead in the printed numbers, and the best other method."""
    others = printed.METHODS["table1"][:-1]
    values = {method: printed.accuracy("table1", data, setting, method) for method in others}
    rival = max(values, key=values.get)
    return printed.accuracy("table1", data, setting, "slstm") - values[rival], rival


def main_claim(records: Records) -> tuple[str, str]:
    """Whether SLSTM outperforms all baselines "by a large margin on the both datasets" under the fair protocol, and why."""
    leads = {key: found for key in COMPARISONS if (found := lead(records, key[0], "fair", key[1]))}
    if not leads:
        return "The paper’s main claim is not measured yet.", ""
    holds = [key for key, found in leads.items() if found.verdict == "holds"]
    answer = "Yes" if len(holds) == len(leads) else "In part" if holds else "No"
    if answer == "Yes" and any(found.points < 0.5 * printed_lead(*key)[0] for key, found in leads.items()):
        answer = "It leads, but not by the printed margins"
    sentence = f"Does SLSTM beat every other solver “by a large margin”? **{answer}.**"
    parts = []
    for verdict, how in (("holds", "leads on"), ("a tie", "ties on"), ("reversed", "is behind on")):
        where = [
            f"{subject(*key)} (**{signed(found.points)}** points; in the paper {printed_lead(*key)[0]:+.1f})"
            for key, found in leads.items() if found.verdict == verdict
        ]  # fmt: skip
        if where:
            parts.append(f"{how} {phrases.listed(where)}")
    why = f"If every method is trained in the same way, SLSTM {'; it '.join(parts)}."
    theirs = {key: found for key in leads if (found := lead(records, key[0], "as-printed", key[1]))}
    if len(theirs) == len(COMPARISONS) and all(theirs[key].points > found.points for key, found in leads.items()):
        points = phrases.listed([signed(found.points) for found in theirs.values()])
        why += f" Under the protocol of the authors’ code the leads are {points}; the difference is due to the protocol."
    waiting = [subject(*key) for key in COMPARISONS if key not in leads]
    return sentence, why + (f" Not measured yet: {' and '.join(waiting)}." if waiting else "")


def signed(points: float) -> str:
    return f"{points:+.1f}".replace("-", "−") if abs(points) >= 0.05 else "0.0"


def table1(records: Records, data: str, setting: str) -> str | None:
    """The paragraph on one block of Table 1."""
    found = lead(records, data, "fair", setting)
    if found is None:
        return None
    claimed, claimed_rival = printed_lead(data, setting)
    said = f"**{subject(data, setting)}.** "
    rival = METHODS[found.rival].label
    if found.verdict == "a tie":
        said += f"SLSTM, {found.mine.text(2)} %, and {rival}, {found.best.text(2)} %, tie. "
    else:
        where = "ahead of" if found.points > 0 else "behind"
        said += f"SLSTM, {found.mine.text()} %, is {abs(found.points):.1f} points {where} {rival}, {found.best.text()} %. "
    said += f"The paper prints a lead of {claimed:.1f} over {METHODS[claimed_rival].label}. "
    plain = tables.cell(records, "table1", data, "fair", setting, "raw")
    if plain.values and setting == "unsupervised":
        gain = ahead(found.mine, plain)
        said += f"Logistic regression on the inputs themselves has {plain.text()} %, "
        said += "about as much. " if abs(gain) < TIE else f"{abs(gain):.1f} points {'less' if gain > 0 else 'more'}. "
    own = tables.cell(records, "table1", data, "fair", setting, "head")
    if own.values:
        said += f"The network that computes the features was trained on labels, and its classifier has {own.text()} %. "
    said += _order(records, data, setting) + _same_loss(records, data, setting, found)
    return said + _why(records, data, setting) + _missing(found)


def _same_loss(records: Records, data: str, setting: str, found: Lead) -> str:
    """SLSTM compared with Table 2's networks, which are trained with its own loss, unless Table 1 has the same."""
    cells = {method: tables.cell(records, "table2", data, "fair", setting, method) for method in ("lista", "lfista")}
    if not all(cell.values for cell in cells.values()) or setting == "unsupervised":
        return ""
    rival = max(cells, key=lambda method: cells[method].mean)
    lead = ahead(found.mine, cells[rival])
    tie = abs(found.mine.mean - cells[rival].mean) <= margin(found.mine, cells[rival])
    how = "a tie" if tie else f"{lead:.1f} points less" if lead > 0 else f"{-lead:.1f} points more"
    return f"Trained with SLSTM’s own loss, {METHODS[rival].label} (Table 2) has {cells[rival].text()} %, which is {how}. "


def _why(records: Records, data: str, setting: str) -> str:
    """How the lead depends on the protocol, if both protocols are measured."""
    theirs, ours = (lead(records, data, protocol, setting) for protocol in ("as-printed", "fair"))
    if theirs is None:
        return ""
    how = {
        "holds": f"SLSTM leads by {theirs.points:.1f} points",
        "a tie": f"SLSTM ties ({signed(theirs.points)} points, within a margin of {theirs.margin:.1f})",
        "reversed": f"SLSTM is {-theirs.points:.1f} points behind",
    }
    said = f"As printed, {how[theirs.verdict]}"
    if setting == "supervised":
        said += " on rows of the training split, most of whose labels the networks have seen"
    said += f": it has {theirs.mine.text()} % and {METHODS[theirs.rival].label} {theirs.best.text()} %. "
    unseen = [_mean(records, data, "as-printed", setting, method, "unseen") for method in ("slstm", theirs.rival)]
    if setting == "supervised" and all(unseen):
        said += f"On the test split the same regressions have {100 * unseen[0]:.1f} and {100 * unseen[1]:.1f} %. "
    noise, learned = (_mean(records, data, protocol, setting, "ista", "objective") for protocol in ("as-printed", "fair"))
    network = _mean(records, data, "as-printed", setting, "slstm", "objective")
    if setting == "unsupervised" and noise and learned and network and noise > 1.5 * learned:
        said += (
            f"The difference is due to the dictionary: there ISTA’s atoms are noise, and F = {noise:.1f}, while SLSTM’s "
            f"atoms are learned, and F = {network:.1f}. With learned atoms ISTA has F = {learned:.1f}. "
        )
    if setting == "supervised" and ours.points < theirs.points:
        said += "With one recipe and one budget for all methods, and on the test split, the lead is smaller. "
    return said


def _order(records: Records, data: str, setting: str) -> str:
    """The order of the methods compared with the paper's, unless all are almost equal."""
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
    return f"The order, {ranked}, is the paper’s. " if same else f"The order is {ranked}; in the paper it is {claimed}. "


def _missing(found: Lead) -> str:
    names = ", ".join(METHODS[method].label for method in found.missing)
    return f"Not measured yet: {names}. " if names else ""


def table2(records: Records, data: str, setting: str) -> str | None:
    """The paragraph on one block of Table 2: the gain from training with Eq. (10) instead of on codes."""
    said = []
    for plain, ours in (("lista-codes", "lista"), ("lfista-codes", "lfista")):
        before, after = (tables.cell(records, "table2", data, "fair", setting, method) for method in (plain, ours))
        if before.values and after.values:
            gain, claimed = ahead(after, before), after.printed - before.printed
            tie = abs(after.mean - before.mean) <= margin(before, after)
            how = "ties with" if tie else "beats" if gain > 0 else "falls behind"
            said.append(
                f"{METHODS[ours].label} {how} {METHODS[plain].label}: {after.text()} % and {before.text()} %, "
                f"{signed(gain)} points (printed: {claimed:+.1f})"
            )
    return f"**{subject(data, setting)}.** {'. '.join(said)}." if said else None


def _mean(records: Records, data: str, protocol: str, setting: str, method: str, metric: str) -> float | None:
    """The mean of a metric over the seeds."""
    runs = tables.cell(records, "table1", data, protocol, setting, method).runs
    values = [records[run]["metrics"].get(metric) for run in runs]
    return sum(values) / len(values) if values and None not in values else None


def tuning(records: Records) -> str | None:
    """The λ that were tried and chosen for the supervised methods, and the methods that were run at another λ."""
    said = []
    for data in printed.DATA:
        mine = {run.method: record["metrics"] for run, record in records.items()
                if run.experiment == "tuning" and run.data.startswith(data)}  # fmt: skip
        by_tried: dict[str, list[str]] = {}
        for method, metrics in mine.items():
            tried = ", ".join(f"{one['lam']:g}" for one in metrics["tried"])
            by_tried.setdefault(tried, []).append(f"{METHODS[method].label} {metrics['lam']:g}")
        said += [f"{NAMES[data]}: of λ = {tried}, the best are {', '.join(chosen)}." for tried, chosen in by_tried.items()]
        said += [_not_as_chosen(records, data, method, metrics["lam"]) for method, metrics in mine.items()]
    return " ".join(filter(None, said)) or None


def _not_as_chosen(records: Records, data: str, method: str, chosen: float) -> str:
    """A sentence if the accuracy of a supervised method was measured at another λ than the chosen one, else ""."""
    runs = tables.cell(records, "table1", data, "fair", "supervised", method).runs
    others = sorted({records[run]["configuration"]["lam"] for run in runs} - {chosen})
    if not others:
        return ""
    at = " and ".join(f"{lam:g}" for lam in others)
    return f"The accuracy of {METHODS[method].label} there was measured at λ = {at}."


def command(table: str, data: str, protocol: str) -> str:
    extra = "" if protocol == "fair" else f" --protocol {protocol}"
    return f"python -m sc2viz reproduce {table} --data {data}{extra}"


def title(run: Run) -> str:
    data = run.data.removesuffix("-features")
    return f"{METHODS[run.method].label}, {subject(data, run.setting)}, {PROTOCOLS.get(run.protocol, run.protocol).lower()}"
