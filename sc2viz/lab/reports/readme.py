"""The part of the page of results on the paper, made from the records: the accuracies, SLSTM's leads, and a note."""

from sc2viz.lab.experiments import printed
from sc2viz.lab.experiments.protocols import CELL, METHODS
from sc2viz.lab.reports import grouping, leads, tables
from sc2viz.lab.reports.leads import Lead
from sc2viz.lab.reports.tables import Cell, Records
from sc2viz.words import N_, _, listed, localized, templates

NAMES = {"mnist": "MNIST", "cifar10": "CIFAR-10"}
LABELS = {"unsupervised": N_("without labels"), "supervised": N_("with labels")}
VERDICTS = {"holds": "leads", "a tie": "a tie", "reversed": "is behind"}
RIVALS = printed.METHODS["table1"][:-1]  # Table 1's methods but SLSTM
SAME_LOSS = ("lista", "lfista")  # the networks of Table 2, which are trained with SLSTM's own loss


def markdown(records: Records) -> str:
    """The whole part."""
    return "\n\n".join((accuracies(records), claim(records), cell(records), note(records)))


def accuracies(records: Records) -> str:
    """The printed and the measured numbers of both tables of the paper."""
    methods = [
        *dict.fromkeys(method for table in printed.TABLES for method in printed.METHODS[table]),
        CELL,
    ]
    shown = ["raw", *methods]
    rows = []
    for data in printed.DATA:
        for setting in printed.SETTINGS:
            highest = [f"{printed.highest(data, setting, method):.2f}" for method in methods]
            rows.append([f"{NAMES[data]}, {LABELS[setting]}: in the paper", "", *highest])
            for protocol, clean, name in _rows(data, setting):
                cells = [_cell(records, data, protocol, setting, method, clean) for method in shown]
                if any(one.values for one in cells):
                    rows.append([name, *(one.text() if one.values else "–" for one in cells)])
    return grouping.table(["", *(METHODS[method].label for method in shown)], rows)


def _rows(data: str, setting: str) -> list[tuple[str, bool, str]]:
    """The measured rows of a block: protocol, whether on the test split where the protocol does not, and name."""
    fair, theirs = ("fair", False, "ours, fair"), "ours, as printed"
    if not tables.labels_seen(data, setting):
        return [fair, ("as-printed", False, theirs)]
    theirs += f", on rows {'most of whose labels the networks' if setting == 'supervised' else 'whose labels the features'} saw"
    return [
        fair,
        ("as-printed", False, theirs),
        ("as-printed", True, "the same, on the test split"),
    ]


def _cell(
    records: Records, data: str, protocol: str, setting: str, method: str, clean: bool
) -> Cell:
    table = next(
        (table for table in printed.TABLES if method in printed.METHODS[table]), printed.TABLES[0]
    )
    return tables.cell(records, table, data, protocol, setting, method, clean=clean)


def claim(records: Records) -> str:
    """SLSTM's leads in points, with the methods that it leads, verdicts and p-values."""
    fair, theirs, own = leads.by_contest(records).values()
    columns = {
        "the others, fair": (fair, RIVALS),
        "the same loss, fair": (fair, SAME_LOSS),
        "the same loss and as many parameters, fair": (fair, SAME_LOSS, True),
        "the others, Eq. (8), fair": (own, RIVALS),
        "the same loss, Eq. (8), fair": (own, SAME_LOSS),
        "the others, as printed": (theirs, RIVALS),
        "the same loss, as printed": (theirs, SAME_LOSS),
    }
    rows = []
    for data in printed.DATA:
        for setting in printed.SETTINGS:
            claimed, rival = printed.lead(data, setting)
            found = [leads.best(of, data, setting, *among) for of, *among in columns.values()]
            rows.append(
                [
                    f"{NAMES[data]}, {LABELS[setting]}",
                    f"{claimed:+.1f} over {METHODS[rival].label}",
                    *map(text, found),
                ]
            )
    head = ["SLSTM’s lead over the best of", "the others in the paper", *columns]
    return grouping.table(head, rows, numbers=False)


def cell(records: Records) -> str:
    """Which cell "fair" compares, how it differs from Eq. (8), and where Eq. (8) leads under the same conditions."""
    about = templates.said(__file__, "cell", column=METHODS[CELL].label, eighth=eighth(records))
    return f"{about}\n\n{differences()}"


def differences() -> str:
    """How the cell that "fair" compares differs from Eq. (8), as a table."""
    rows = [[_(text) for text in each] for each in printed.DIFFERENCES]
    return grouping.table([_("Part"), _("Our cell"), _("Eq. (8)")], rows, numbers=False)


def eighth(records: Records) -> str:
    """Where the cell of Eq. (8), trained fairly, leads over the best other solver of Table 1."""
    found = leads.by_contest(records)[leads.EQUATION_8]
    blocks = [(data, setting) for data in printed.DATA for setting in printed.SETTINGS]
    of = {block: lead for block in blocks if (lead := leads.best(found, *block, RIVALS))}
    if not of:
        return "It is not measured yet."
    holds = sum(lead.verdict == "holds" for lead in of.values())
    told = "; ".join(
        f"{NAMES[data]}, {LABELS[setting]}: {text(lead)}" for (data, setting), lead in of.items()
    )
    waiting = [
        f"{NAMES[data]}, {LABELS[setting]}" for data, setting in blocks if (data, setting) not in of
    ]
    few = min(len(lead.mine.values) for lead in of.values())
    said = f"It leads on {holds or 'none'} of {len(of)} ({told}{'; one seed so far' if few == 1 else ''})."
    return said + (f" Not measured yet: {'; '.join(waiting)}." if waiting else "")


def text(lead: Lead | None) -> str:
    """A lead in words, such as "+0.8 over LFISTA: leads, p = 0.003"."""
    if lead is None:
        return "–"
    return f"{signed(lead.points)} over {lead.label}: {VERDICTS[lead.verdict]}{lead.border}, {lead.p_text}"


def signed(points: float) -> str:
    """A difference in points with its sign: "+0.8", "−0.1", "0.0"."""
    return localized(f"{points:+.1f}".replace("-", "−") if abs(points) >= 0.05 else "0.0")


def note(records: Records) -> str:
    """The note under the table of leads: what the p-values are, and of which runs."""
    counts = [leads.stored(records, protocol) for protocol in leads.COMPARED]
    told = [
        _("all {runs} runs {protocol}", runs=runs, protocol=name)
        if rows == runs
        else _("{rows} of {runs} runs {protocol}", rows=rows, runs=runs, protocol=name)
        for (rows, runs), name in zip(counts, (_("fair"), _("as printed")), strict=True)
    ]
    others = any(rows < runs for rows, runs in counts)
    return templates.said(
        __file__, "note", criterion=criterion(records), runs=listed(told), others=others
    )


def criterion(records: Records) -> str:
    """When a lead counts, and for how many p-values they are corrected, in words."""
    family = sum(map(len, leads.by_contest(records).values()))
    return templates.said(
        __file__, "criterion", alpha=leads.ALPHA, family=family, border=100 * leads.BORDER
    )
