"""The sentences of "The paper, checked": whether the paper's claims hold under each protocol, by how much, and why."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from sc2viz.experiments import printed, protocols
from sc2viz.experiments.protocols import METHODS, WIDTHS, Run
from sc2viz.experiments.records import stamp
from sc2viz.reports import leads, tables
from sc2viz.reports.leads import Key, Lead
from sc2viz.reports.readme import LABELS, NAMES, RIVALS, SAME_LOSS, signed
from sc2viz.reports.tables import Cell, Records
from sc2viz.ui import phrases

ALIKE = 0.3  # percentage points; two accuracies that differ by less are called about equal where nothing was tested
PROTOCOLS = {"fair": "Fair", "as-printed": "As printed"}
COMPARISONS = [(data, setting) for data in printed.DATA for setting in printed.SETTINGS]


@dataclass(frozen=True, eq=False)
class Claims:
    """The records, and the leads that were computed from them."""

    records: Records
    stamp: tuple = ()  # of the file of the records

    @cached_property
    def of_slstm(self) -> dict[str, dict[Key, Lead]]:
        """SLSTM's leads by contest."""
        return leads.by_contest(self.records)

    @cached_property
    def of_equation_10(self) -> dict[Key, Lead]:
        """Table 2's leads under the fair protocol."""
        return leads.of_equation_10(self.records, "fair")

    def lead(self, data: str, contest: str, setting: str) -> Lead | None:
        """SLSTM's lead over the best other method of Table 1; None if SLSTM or all others are not measured."""
        return leads.best(self.of_slstm[contest], data, setting, RIVALS)

    def cell(self, data: str, protocol: str, setting: str, method: str, table: str = "table1", clean: bool = False) -> Cell:
        return tables.cell(self.records, table, data, protocol, setting, method, clean=clean)

    def mean(self, data: str, protocol: str, setting: str, method: str, metric: str) -> float | None:
        """The mean of a metric over the seeds."""
        values = [self.records[run]["metrics"].get(metric) for run in self.cell(data, protocol, setting, method).runs]
        return sum(values) / len(values) if values and None not in values else None


def load() -> Claims:
    """The records as they are on disk, and what follows from them."""
    return _load(tables.RESULTS, stamp(Run, tables.RESULTS))


@lru_cache(maxsize=2)
def _load(folder: Path, changed: tuple) -> Claims:
    return Claims(tables.load(folder), (str(folder), *changed))


def subject(data: str, setting: str) -> str:
    return f"{NAMES[data]}, {LABELS[setting]}"


def main_claim(claims: Claims) -> tuple[str, str]:
    """Whether SLSTM outperforms all baselines "by a large margin on the both datasets" under the fair protocol, and why: a
    table of the leads."""
    fair = {key: found for key in COMPARISONS if (found := claims.lead(key[0], "fair", key[1]))}
    if not fair:
        return "The paper’s main claim is not measured yet.", ""
    holds = [key for key, found in fair.items() if found.verdict == "holds"]
    answer = "Yes" if len(holds) == len(fair) else "In part" if holds else "No"
    if answer == "Yes" and any(found.points < 0.5 * printed.lead(*key)[0] for key, found in fair.items()):
        answer = "It leads, but not by the printed margins"
    sentence = f"Does SLSTM beat every other solver “by a large margin”? **{answer}.** "
    sentence += f"Our cell leads on {len(holds) or 'none'} of {len(fair)}; {_own_cell(claims)}."
    return sentence, _leads(claims)


def _leads(claims: Claims) -> str:
    """SLSTM's leads as a table in Markdown: the paper's, then ours under each protocol, over all other methods and over
    those of its own loss. What is not measured has a dash."""
    columns = {"in the paper": {key: f"{printed.lead(*key)[0]:+.1f}" for key in COMPARISONS}}
    for protocol, head in (("fair", "our cell, fair"), ("as-printed", "as printed")):
        best = {key: claims.lead(key[0], protocol, key[1]) for key in COMPARISONS}
        same = {key: leads.best(claims.of_slstm[protocol], *key, SAME_LOSS) for key in COMPARISONS}
        columns[head] = {key: _told(one) for key, one in best.items()}
        columns[f"{head}, over its own loss"] = {key: _told(one) for key, one in same.items()}
    rows = [["SLSTM’s lead, in points", *columns], ["---"] * (len(columns) + 1)]
    rows += [[subject(*key), *(each[key] for each in columns.values())] for key in COMPARISONS]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{table}\n\nAs printed, with labels and on CIFAR-10, they are on the test split."


def _told(lead: Lead | None) -> str:
    return f"**{signed(lead.points)}** over {lead.label}: {_HOW[lead.verdict]}, {lead.p_text}{lead.border}" if lead else "–"


def _own_cell(claims: Claims) -> str:
    """On how many comparisons the paper's own cell leads, where that is measured."""
    found = [one for key in COMPARISONS if (one := claims.lead(key[0], leads.EQUATION_8, key[1]))]
    if not found:
        return "the paper’s own, Eq. (8), is not measured as fairly yet"
    holds = sum(one.verdict == "holds" for one in found)
    seeds = {len(one.mine.values) for one in found}
    told = f" so far, by {phrases.count(min(seeds), 'seed')}" if min(seeds) < 3 else ""
    return f"the paper’s own, Eq. (8), trained as fairly, on {holds or 'none'} of {len(found)}{told}"


def our_cell(claims: Claims) -> str:
    """That "fair" compares another cell than Eq. (8), and in what they differ."""
    parts = phrases.listed([each.what for each in printed.DIFFERENCES])
    measured = any(
        claims.cell(*key, protocols.CELL).values for key in ((data, "fair", where) for data, where in COMPARISONS)
    )
    own = "stands beside it" if measured else "is not measured there yet"
    return f"**Our cell**, which “fair” compares, is not Eq. (8): they differ in {parts}. The paper’s own cell {own}."


_HOW = {"holds": "it holds", "a tie": "a tie", "reversed": "behind"}


def table1(claims: Claims, data: str, setting: str) -> str | None:
    """The paragraph on one block of Table 1."""
    found = claims.lead(data, "fair", setting)
    if found is None:
        return None
    claimed, claimed_rival = printed.lead(data, setting)
    said = f"**{subject(data, setting)}.** "
    if found.verdict == "a tie":
        said += f"Our cell, {found.mine.text(2)} %, and {found.label}, {found.best.text(2)} %, tie ({found.p_text}). "
    else:
        where = "ahead of" if found.points > 0 else "behind"
        said += f"Our cell, {found.mine.text()} %, is {abs(found.points):.1f} points {where} {found.label}, "
        said += f"{found.best.text()} % ({found.p_text}{found.border}). "
    said += _equation_8(claims, data, setting)
    said += f"The paper prints a lead of {claimed:.1f} over {METHODS[claimed_rival].label}. "
    plain = claims.cell(data, "fair", setting, "raw")
    if plain.values and setting == "unsupervised":
        gain = found.mine.mean - plain.mean
        said += f"Logistic regression on the inputs themselves has {plain.text()} %, "
        said += "about as much. " if abs(gain) < ALIKE else f"{abs(gain):.1f} points {'less' if gain > 0 else 'more'}. "
    own = claims.cell(data, "fair", setting, "head")
    if own.values:
        said += f"The network that computes the features was trained on labels, and its classifier has {own.text()} %. "
    said += _order(claims, data, setting)
    if setting == "supervised":
        said += " ".join(filter(None, (_same_loss(claims, data, setting), _as_large(claims, data, setting)))) + " "
    return " ".join((said + _as_printed(claims, data, setting) + _missing(claims, data, setting)).split())


def _equation_8(claims: Claims, data: str, setting: str) -> str:
    """What the paper's own cell reaches under the fair protocol, and its lead."""
    found = claims.lead(data, leads.EQUATION_8, setting)
    if found is None:
        return f"The paper’s own cell, Eq. (8), is not measured as fairly yet: `{command('cell', data, 'fair')}`. "
    said = f"The paper’s own cell, Eq. (8), trained as fairly, has {found.mine.text()} %: {signed(found.points)} over "
    said += f"{found.label} ({_HOW[found.verdict]}, {found.p_text}{found.border})"
    ours = claims.of_slstm[leads.EQUATION_8].get((data, setting, "slstm", protocols.ATOMS))
    return (
        f"{said}, and {signed(ours.points)} over our cell ({_HOW[ours.verdict]}, {ours.p_text}). " if ours else f"{said}. "
    )


def _same_loss(claims: Claims, data: str, setting: str, protocol: str = "fair") -> str:
    """SLSTM compared with Table 2's networks, which are trained with its own loss."""
    found = leads.best(claims.of_slstm[protocol], data, setting, SAME_LOSS)
    if found is None:
        return ""
    said = f"Over {found.label}, which is trained with SLSTM’s own loss and has {found.best.text()} %, "
    return f"{said}the lead is {signed(found.points)} ({_HOW[found.verdict]}, {found.p_text}{found.border})."


def _as_large(claims: Claims, data: str, setting: str) -> str:
    """SLSTM compared with networks of the same loss and at least as many parameters."""
    d_x = WIDTHS[f"{data}-features" if data == "cifar10" else data]
    times = protocols.parameters("slstm", d_x) / protocols.parameters("lista", d_x)
    said = f"SLSTM has {times:.1f} times LISTA’s parameters. "
    found = leads.best(claims.of_slstm["fair"], data, setting, SAME_LOSS, larger=True)
    if found is None:
        return said + f"Networks as large as SLSTM are not measured yet: `python -m sc2viz reproduce equal --data {data}`."
    said += f"{found.label} has as many, and {found.best.text()} %: the lead over it is {signed(found.points)} "
    return f"{said}({_HOW[found.verdict]}, {found.p_text}{found.border})."


def _as_printed(claims: Claims, data: str, setting: str) -> str:
    """The lead as printed. Where labels of its rows were seen, it is told on the test split, and then on these rows."""
    theirs = claims.lead(data, "as-printed", setting)
    if theirs is None:
        return ""
    how = {
        "holds": f"SLSTM leads by {theirs.points:.1f} points",
        "a tie": f"SLSTM ties ({signed(theirs.points)} points)",
        "reversed": f"SLSTM is {-theirs.points:.1f} points behind",
    }
    seen = tables.labels_seen(data, setting)
    said = f"As printed{', on the test split' if seen else ''}, {how[theirs.verdict]}: "
    said += f"it has {theirs.mine.text()} % and {theirs.label} {theirs.best.text()} % ({theirs.p_text}). "
    said += _same_loss(claims, data, setting, protocol="as-printed") + " "
    if seen:
        mine, other = (claims.cell(data, "as-printed", setting, method) for method in ("slstm", theirs.rival))
        said += (
            "On rows of the training split, as in the released code, the same regressions have "
            f"{mine.text()} and {other.text()} %, but "
        )
        if setting == "supervised":
            return said + "the networks have seen most of the labels of these rows. "
        said += "the network of the features has seen the labels of these rows. "
    noise, learned = (claims.mean(data, protocol, setting, "ista", "objective") for protocol in ("as-printed", "fair"))
    network = claims.mean(data, "as-printed", setting, "slstm", "objective")
    if noise and learned and network and noise > 1.5 * learned:
        said += f"There ISTA’s atoms are noise, and F = {noise:.1f}; SLSTM’s atoms are learned, and F = {network:.1f}. "
        others = {method: claims.cell(data, "as-printed", setting, method, "table2", clean=True) for method in SAME_LOSS}
        if all(cell.values for cell in others.values()):
            labels, shares = ([METHODS[method].label for method in others], [f"{cell.text()}" for cell in others.values()])
            said += f"{phrases.listed(labels)}, whose atoms are learned as well, have {phrases.listed(shares)} %. "
    return said


def _order(claims: Claims, data: str, setting: str) -> str:
    """The order of the methods compared with the paper's, unless all are almost equal."""
    methods = printed.METHODS["table1"]
    cells = {method: claims.cell(data, "fair", setting, method) for method in methods}
    if not all(cell.values for cell in cells.values()):
        return ""
    mine = sorted(methods, key=lambda method: -cells[method].mean)
    theirs = sorted(methods, key=lambda method: -printed.accuracy("table1", data, setting, method))
    if cells[mine[0]].mean - cells[mine[-1]].mean < 2 * ALIKE:
        return f"All five solvers lie within {cells[mine[0]].mean - cells[mine[-1]].mean:.1f} points. "
    same = mine == theirs
    ranked, claimed = (" > ".join(METHODS[method].label for method in methods) for methods in (mine, theirs))
    return f"The order, {ranked}, is the paper’s. " if same else f"The order is {ranked}; in the paper it is {claimed}. "


def _missing(claims: Claims, data: str, setting: str) -> str:
    cells = {method: claims.cell(data, "fair", setting, method) for method in RIVALS}
    names = ", ".join(METHODS[method].label for method, cell in cells.items() if not cell.values)
    return f"Not measured yet: {names}. " if names else ""


def table2(claims: Claims, data: str, setting: str) -> str | None:
    """The paragraph on one block of Table 2: the gain from training with Eq. (10) instead of on codes."""
    said = []
    for (of, where, plain, _), found in claims.of_equation_10.items():
        if (of, where) == (data, setting):
            how = {"holds": "beats", "a tie": "ties with", "reversed": "falls behind"}[found.verdict]
            ours = METHODS[plain.removesuffix("-codes")].label
            claimed = found.mine.printed - found.best.printed
            said.append(
                f"{ours} {how} {found.label}: {found.mine.text()} % and {found.best.text()} %, "
                f"{signed(found.points)} points ({found.p_text}{found.border}; "
                f"printed: {claimed:+.1f})"
            )
    return f"**{subject(data, setting)}.** {'. '.join(said)}." if said else None


def sources() -> str:
    """Which cells of the rows "as printed" follow the released code, which the paper's text, and which are ours."""
    told = []
    for setting in printed.SETTINGS:
        by_source: dict[str, list[str]] = {}
        for method in dict.fromkeys(method for table in printed.TABLES for method in printed.METHODS[table]):
            by_source.setdefault(printed.source(setting, method), []).append(METHODS[method].label)
        parts = [f"{phrases.listed(labels)} ({source})" for source, labels in by_source.items()]
        told.append(f"{LABELS[setting].capitalize()}: {'; '.join(parts)}.")
    return " ".join(told)


def tuning(records: Records) -> str | None:
    """The λ that were tried and chosen for the supervised methods, the methods that were run at another λ, and the rates of
    Eq. (8)."""
    said = []
    for data in printed.DATA:
        mine = {run.method: record["metrics"] for run, record in records.items()
                if (run.experiment, run.setting) == ("tuning", "supervised") and run.data.startswith(data)}  # fmt: skip
        by_tried: dict[str, list[str]] = {}
        for method, metrics in mine.items():
            tried = ", ".join(f"{lam:g}" for lam in sorted({one["lam"] for one in metrics["tried"]}))
            by_tried.setdefault(tried, []).append(f"{METHODS[method].label} {metrics['lam']:g}")
        said += [f"{NAMES[data]}: of λ = {tried}, the best are {', '.join(chosen)}." for tried, chosen in by_tried.items()]
        said += _at_an_end(mine)
        said += [_not_as_chosen(records, data, method, metrics["lam"]) for method, metrics in mine.items()]
    return " ".join(filter(None, [*said, *_rates(records)])) or None


def _rates(records: Records) -> list[str]:
    """The rates that were tried and chosen for the cell of Eq. (8), in a sentence for each data set and setting."""
    said = []
    for run, record in records.items():
        tried = record["metrics"].get("tried", [])
        if run.experiment != "tuning" or run.method != protocols.CELL:
            continue
        parts = []
        for key, name in (("rate", "Adam’s rate"), ("dictionary_rate", "that of the atoms over it")):
            values, chosen = sorted({one[key] for one in tried}), record["metrics"][key]
            end = ", at the end of those tried" if chosen in (values[0], values[-1]) else ""
            parts.append(f"{name} {chosen:g} (of {', '.join(f'{value:g}' for value in values)}{end})")
        said.append(f"{METHODS[run.method].label}, {subject(run.data.removesuffix('-features'), run.setting)}: "
                    f"{phrases.listed(parts)}.")  # fmt: skip
    return said


def _at_an_end(tunings: dict[str, dict]) -> list[str]:
    """Sentences that name the methods for which the smallest or the largest λ tried was the best."""
    said = []
    for end, more, most in ((min, "smaller", "smallest"), (max, "larger", "largest")):
        labels = [
            METHODS[method].label for method, metrics in tunings.items()
            if len(metrics["tried"]) > 1 and metrics["lam"] == end(one["lam"] for one in metrics["tried"])
        ]  # fmt: skip
        if labels:
            said.append(f"The {most} λ was the best for {phrases.listed(labels)}, and a {more} one was not tried.")
    return said


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


def needed(data: str) -> str:
    """Where a run's data come from if they are not on the machine that repeats it."""
    stored = data.removesuffix("-features")
    fetch = f"""python -c "from sc2viz import data; data.load('{stored}', download=True)\""""
    return (
        f"They need {NAMES[stored]}, which is not part of sc2viz. `{fetch}` downloads it once; `SC2VIZ_DATA` may name a "
        "folder that has it."
    )


def title(run: Run) -> str:
    data = run.data.removesuffix("-features")
    return f"{METHODS[run.method].label}, {subject(data, run.setting)}, {PROTOCOLS.get(run.protocol, run.protocol).lower()}"
