"""The sentences of "The paper, checked": whether the paper's claims hold under each protocol, by how much, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

from sc2viz.lab.experiments import printed, protocols
from sc2viz.lab.experiments.protocols import METHODS, WIDTHS, Run
from sc2viz.lab.experiments.records import stamp
from sc2viz.lab.reports import leads, tables
from sc2viz.lab.reports.leads import Key, Lead
from sc2viz.lab.reports.readme import LABELS, NAMES, RIVALS, SAME_LOSS, signed
from sc2viz.lab.reports.tables import Cell, Records
from sc2viz.words import N_, _, count, listed, localized, read, templates

said = partial(templates.said, __file__)
ALIKE = 0.3  # percentage points; two accuracies that differ by less are called about equal where nothing was tested
PROTOCOLS = {"fair": N_("Fair"), "as-printed": N_("As printed")}
TEXTS = read(Path(__file__).with_name("paper.toml"))
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

    def cell(
        self,
        data: str,
        protocol: str,
        setting: str,
        method: str,
        table: str = "table1",
        clean: bool = False,
    ) -> Cell:
        return tables.cell(self.records, table, data, protocol, setting, method, clean=clean)

    def mean(
        self, data: str, protocol: str, setting: str, method: str, metric: str
    ) -> float | None:
        """The mean of a metric over the seeds."""
        values = [
            self.records[run]["metrics"].get(metric)
            for run in self.cell(data, protocol, setting, method).runs
        ]
        return sum(values) / len(values) if values and None not in values else None


def load() -> Claims:
    """The records as they are on disk, and what follows from them."""
    return _load(tables.RESULTS, stamp(Run, tables.RESULTS))


@lru_cache(maxsize=2)
def _load(folder: Path, changed: tuple) -> Claims:
    return Claims(tables.load(folder), (str(folder), *changed))


def text(name: str, **given: object) -> str:
    """A text of paper.toml, whose lines are one message."""
    return _(" ".join(TEXTS[name].split()), **given)


def subject(data: str, setting: str) -> str:
    return _("{data}, {setting}", data=NAMES[data], setting=_(LABELS[setting]))


def main_claim(claims: Claims) -> tuple[str, str]:
    """Whether SLSTM outperforms all baselines "by a large margin on the both datasets" under the fair protocol, and why: a
    table of the leads."""
    fair = {key: found for key in COMPARISONS if (found := claims.lead(key[0], "fair", key[1]))}
    if not fair:
        return _("The paper’s main claim is not measured yet."), ""
    holds = [key for key, found in fair.items() if found.verdict == "holds"]
    answer = _("Yes") if len(holds) == len(fair) else _("In part") if holds else _("No")
    if len(holds) == len(fair) and any(
        found.points < 0.5 * printed.lead(*key)[0] for key, found in fair.items()
    ):
        answer = _("It leads, but not by the printed margins")
    sentence = _(
        "Does SLSTM beat every other solver “by a large margin”? **{answer}.** Our cell leads on {holds} of {all}; "
        "{own}.",
        answer=answer,
        holds=len(holds) or _("none"),
        all=len(fair),
        own=_own_cell(claims),
    )
    return sentence, _leads(claims)


def _leads(claims: Claims) -> str:
    """SLSTM's leads as a table in Markdown: the paper's, then ours under each protocol, over all other methods and over
    those of its own loss. What is not measured has a dash."""
    columns = {
        _("in the paper"): {key: localized(f"{printed.lead(*key)[0]:+.1f}") for key in COMPARISONS}
    }
    for protocol, head in (("fair", _("our cell, fair")), ("as-printed", _("as printed"))):
        best = {key: claims.lead(key[0], protocol, key[1]) for key in COMPARISONS}
        same = {key: leads.best(claims.of_slstm[protocol], *key, SAME_LOSS) for key in COMPARISONS}
        columns[head] = {key: _told(one) for key, one in best.items()}
        columns[_("{column}, over its own loss", column=head)] = {
            key: _told(one) for key, one in same.items()
        }
    rows = [[_("SLSTM’s lead, in points"), *columns], ["---"] * (len(columns) + 1)]
    rows += [[subject(*key), *(each[key] for each in columns.values())] for key in COMPARISONS]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{table}\n\n{_('As printed, with labels and on CIFAR-10, they are on the test split.')}"


def _told(lead: Lead | None) -> str:
    return _("**{points}** over {label}: {verdict}", **_parts(lead)) if lead else "–"


def _parts(lead: Lead) -> dict[str, str]:
    """What sentences say of a lead: its points, the accuracies, over whom it is, p, and whether it counts."""
    p = f"{lead.p_text}{lead.border}"
    return {
        "points": signed(lead.points),
        "apart": localized(f"{abs(lead.points):.1f}"),
        "label": lead.label,
        "p": p,
        "mine": lead.mine.text(),
        "best": lead.best.text(),
        "verdict": f"{_(_HOW[lead.verdict])}, {p}",
    }


def _own_cell(claims: Claims) -> str:
    """On how many comparisons the paper's own cell leads, where that is measured."""
    found = [one for key in COMPARISONS if (one := claims.lead(key[0], leads.EQUATION_8, key[1]))]
    if not found:
        return _("the paper’s own, Eq. (8), is not measured as fairly yet")
    holds, seeds = (
        sum(one.verdict == "holds" for one in found),
        min(len(one.mine.values) for one in found),
    )
    return said(
        "own_cell",
        holds=holds or _("none"),
        all=len(found),
        seeds=count(seeds, "seed"),
        few=seeds < 3,
    )


def our_cell(claims: Claims) -> str:
    """That "fair" compares another cell than Eq. (8), and in what they differ."""
    parts = listed([_(each.what) for each in printed.DIFFERENCES])
    measured = any(
        claims.cell(*key, protocols.CELL).values
        for key in ((data, "fair", where) for data, where in COMPARISONS)
    )
    return said("our_cell", parts=parts, measured=measured)


_HOW = {"holds": N_("it holds"), "a tie": N_("a tie"), "reversed": N_("behind")}


def table1(claims: Claims, data: str, setting: str) -> str | None:
    """The paragraph on one block of Table 1."""
    found = claims.lead(data, "fair", setting)
    if found is None:
        return None
    claimed, rival = printed.lead(data, setting)
    ties, given = found.verdict == "a tie", _parts(found)
    if ties:
        given |= {"mine": found.mine.text(2), "best": found.best.text(2), "p": found.p_text}
    told = [
        f"**{subject(data, setting)}.**",
        said("lead", ties=ties, ahead=found.points > 0, **given),
        _equation_8(claims, data, setting),
        _(
            "The paper prints a lead of {points:.1f} over {label}.",
            points=claimed,
            label=METHODS[rival].label,
        ),
    ]
    plain = claims.cell(data, "fair", setting, "raw")
    if plain.values and setting == "unsupervised":
        gain = found.mine.mean - plain.mean
        told.append(
            said(
                "inputs",
                share=plain.text(),
                points=abs(gain),
                alike=abs(gain) < ALIKE,
                less=gain > 0,
            )
        )
    own = claims.cell(data, "fair", setting, "head")
    if own.values:
        told.append(
            _(
                "The network that computes the features was trained on labels, and its classifier has {share} %.",
                share=own.text(),
            )
        )
    told.append(_order(claims, data, setting))
    if setting == "supervised":
        told += [_same_loss(claims, data, setting), _as_large(claims, data, setting)]
    return " ".join(
        filter(None, [*told, *_as_printed(claims, data, setting), _missing(claims, data, setting)])
    )


def _equation_8(claims: Claims, data: str, setting: str) -> str:
    """What the paper's own cell reaches under the fair protocol, and its lead."""
    found = claims.lead(data, leads.EQUATION_8, setting)
    if found is None:
        return _(
            "The paper’s own cell, Eq. (8), is not measured as fairly yet: `{command}`.",
            command=command("cell", data, "fair"),
        )
    ours = claims.of_slstm[leads.EQUATION_8].get((data, setting, "slstm", protocols.ATOMS))
    more = (
        {"more": signed(ours.points), "other": _(_HOW[ours.verdict]), "other_p": ours.p_text}
        if ours
        else {"more": ""}
    )
    return said("equation_8", **_parts(found), **more)


def _same_loss(claims: Claims, data: str, setting: str, protocol: str = "fair") -> str:
    """SLSTM compared with Table 2's networks, which are trained with its own loss."""
    found = leads.best(claims.of_slstm[protocol], data, setting, SAME_LOSS)
    if found is None:
        return ""
    return _(
        "Over {label}, which is trained with SLSTM’s own loss and has {best} %, the lead is {points} ({verdict}).",
        **_parts(found),
    )


def _as_large(claims: Claims, data: str, setting: str) -> str:
    """SLSTM compared with networks of the same loss and at least as many parameters."""
    d_x = WIDTHS[f"{data}-features" if data == "cifar10" else data]
    times = protocols.parameters("slstm", d_x) / protocols.parameters("lista", d_x)
    found = leads.best(claims.of_slstm["fair"], data, setting, SAME_LOSS, larger=True)
    what = f"python -m sc2viz reproduce equal --data {data}"
    return said(
        "as_large", times=times, measured=found, command=what, **(_parts(found) if found else {})
    )


def _as_printed(claims: Claims, data: str, setting: str) -> list[str]:
    """The lead as printed. Where labels of its rows were seen, it is told on the test split, and then on these rows."""
    theirs = claims.lead(data, "as-printed", setting)
    if theirs is None:
        return []
    seen, same_loss = (
        tables.labels_seen(data, setting),
        _same_loss(claims, data, setting, protocol="as-printed"),
    )
    its, other = (
        claims.cell(data, "as-printed", setting, method).text() if seen else ""
        for method in ("slstm", theirs.rival)
    )
    told = [
        said(
            "as_printed",
            how=theirs.verdict,
            seen=seen,
            labelled=setting == "supervised",
            its=its,
            other=other,
            same_loss=same_loss,
            **_parts(theirs) | {"p": theirs.p_text},
        )
    ]
    if seen and setting == "supervised":
        return told
    noise, learned = (
        claims.mean(data, protocol, setting, "ista", "objective")
        for protocol in ("as-printed", "fair")
    )
    network = claims.mean(data, "as-printed", setting, "slstm", "objective")
    if noise and learned and network and noise > 1.5 * learned:
        others = {
            method: claims.cell(data, "as-printed", setting, method, "table2", clean=True)
            for method in SAME_LOSS
        }
        shares = (
            listed([cell.text() for cell in others.values()])
            if all(cell.values for cell in others.values())
            else ""
        )
        labels = listed([METHODS[method].label for method in others])
        told.append(said("noise", noise=noise, network=network, labels=labels, shares=shares))
    return told


def _order(claims: Claims, data: str, setting: str) -> str:
    """The order of the methods compared with the paper's, unless all are almost equal."""
    methods = printed.METHODS["table1"]
    cells = {method: claims.cell(data, "fair", setting, method) for method in methods}
    if not all(cell.values for cell in cells.values()):
        return ""
    mine = sorted(methods, key=lambda method: -cells[method].mean)
    theirs = sorted(methods, key=lambda method: -printed.accuracy("table1", data, setting, method))
    apart = cells[mine[0]].mean - cells[mine[-1]].mean
    ranked, claimed = (
        " > ".join(METHODS[method].label for method in methods) for methods in (mine, theirs)
    )
    return said("order", points=apart, near=apart < 2 * ALIKE, ranked=ranked, claimed=claimed)


def _missing(claims: Claims, data: str, setting: str) -> str:
    cells = {method: claims.cell(data, "fair", setting, method) for method in RIVALS}
    names = ", ".join(METHODS[method].label for method, cell in cells.items() if not cell.values)
    return _("Not measured yet: {names}.", names=names) if names else ""


def table2(claims: Claims, data: str, setting: str) -> str | None:
    """The paragraph on one block of Table 2: the gain from training with Eq. (10) instead of on codes."""
    told = []
    for (of, where, plain, _atoms), found in claims.of_equation_10.items():
        if (of, where) == (data, setting):
            how = {"holds": _("beats"), "a tie": _("ties with"), "reversed": _("falls behind")}[
                found.verdict
            ]
            told.append(
                _(
                    "{ours} {how} {label}: {mine} % and {best} %, {points} points ({p}; printed: {claimed:+.1f}).",
                    ours=METHODS[plain.removesuffix("-codes")].label,
                    how=how,
                    **_parts(found),
                    claimed=found.mine.printed - found.best.printed,
                )
            )
    return f"**{subject(data, setting)}.** {' '.join(told)}" if told else None


def sources() -> str:
    """Which cells of the rows "as printed" follow the released code, which the paper's text, and which are ours."""
    told = []
    for setting in printed.SETTINGS:
        by_source: dict[str, list[str]] = {}
        for method in dict.fromkeys(
            method for table in printed.TABLES for method in printed.METHODS[table]
        ):
            by_source.setdefault(printed.source(setting, method), []).append(METHODS[method].label)
        parts = [
            _("{labels} ({source})", labels=listed(labels), source=_(source))
            for source, labels in by_source.items()
        ]
        head = _(LABELS[setting])
        told.append(
            _("{setting}: {parts}.", setting=head[:1].upper() + head[1:], parts="; ".join(parts))
        )
    return " ".join(told)


def tuning(records: Records) -> str | None:
    """The λ that were tried and chosen for the supervised methods, the methods that were run at another λ, and the rates of
    Eq. (8)."""
    told = []
    for data in printed.DATA:
        mine = {
            run.method: record["metrics"]
            for run, record in records.items()
            if (run.experiment, run.setting) == ("tuning", "supervised")
            and run.data.startswith(data)
        }
        by_tried: dict[str, list[str]] = {}
        for method, metrics in mine.items():
            tried = _several({one["lam"] for one in metrics["tried"]})
            by_tried.setdefault(tried, []).append(
                f"{METHODS[method].label} {_several([metrics['lam']])}"
            )
        told += [
            _(
                "{data}: of λ = {tried}, the best are {chosen}.",
                data=NAMES[data],
                tried=tried,
                chosen=", ".join(chosen),
            )
            for tried, chosen in by_tried.items()
        ]
        told += _at_an_end(mine)
        told += [
            _not_as_chosen(records, data, method, metrics["lam"])
            for method, metrics in mine.items()
        ]
    return " ".join(filter(None, [*told, *_rates(records)])) or None


def _several(numbers: Iterable[float]) -> str:
    return ", ".join(localized(f"{number:g}") for number in sorted(numbers))


def _rates(records: Records) -> list[str]:
    """The rates that were tried and chosen for the cell of Eq. (8), in a sentence for each data set and setting."""
    told = []
    for run, record in records.items():
        tried = record["metrics"].get("tried", [])
        if run.experiment != "tuning" or run.method != protocols.CELL:
            continue
        parts = []
        for key, name in (
            ("rate", _("Adam’s rate")),
            ("dictionary_rate", _("that of the atoms over it")),
        ):
            values, chosen = sorted({one[key] for one in tried}), record["metrics"][key]
            given = {"name": name, "chosen": chosen, "tried": _several(values)}
            parts.append(
                _("{name} {chosen:g} (of {tried}, at the end of those tried)", **given)
                if chosen in (values[0], values[-1])
                else _("{name} {chosen:g} (of {tried})", **given)
            )
        told.append(
            _(
                "{method}, {block}: {parts}.",
                method=METHODS[run.method].label,
                parts=listed(parts),
                block=subject(run.data.removesuffix("-features"), run.setting),
            )
        )
    return told


def _at_an_end(tunings: dict[str, dict]) -> list[str]:
    """Sentences that name the methods for which the smallest or the largest λ tried was the best."""
    told = []
    for end, which in (
        (min, N_("The smallest λ was the best for {labels}, and a smaller one was not tried.")),
        (max, N_("The largest λ was the best for {labels}, and a larger one was not tried.")),
    ):
        labels = [
            METHODS[method].label
            for method, metrics in tunings.items()
            if len(metrics["tried"]) > 1
            and metrics["lam"] == end(one["lam"] for one in metrics["tried"])
        ]
        if labels:
            told.append(_(which, labels=listed(labels)))
    return told


def _not_as_chosen(records: Records, data: str, method: str, chosen: float) -> str:
    """A sentence if the accuracy of a supervised method was measured at another λ than the chosen one, else ""."""
    runs = tables.cell(records, "table1", data, "fair", "supervised", method).runs
    others = sorted({records[run]["configuration"]["lam"] for run in runs} - {chosen})
    if not others:
        return ""
    at = listed([localized(f"{lam:g}") for lam in others])
    return _(
        "The accuracy of {method} there was measured at λ = {lam}.",
        method=METHODS[method].label,
        lam=at,
    )


def command(table: str, data: str, protocol: str) -> str:
    extra = "" if protocol == "fair" else f" --protocol {protocol}"
    return f"python -m sc2viz reproduce {table} --data {data}{extra}"


def needed(data: str) -> str:
    """Where a run's data come from if they are not on the machine that repeats it."""
    stored = data.removesuffix("-features")
    fetch = f"""python -c "from sc2viz import data; data.load('{stored}', download=True)\""""
    return _(
        "They need {data}, which is not part of sc2viz. `{fetch}` downloads it once; `SC2VIZ_DATA` may name a folder "
        "that has it.",
        data=NAMES[stored],
        fetch=fetch,
    )


def title(run: Run) -> str:
    data = run.data.removesuffix("-features")
    protocol = _(PROTOCOLS.get(run.protocol, run.protocol)).lower()
    return f"{_(METHODS[run.method].label)}, {subject(data, run.setting)}, {protocol}"
