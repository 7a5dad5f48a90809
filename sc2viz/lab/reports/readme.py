"""The part of the page of results on the paper, made from what is published: the accuracies, SLSTM's leads, and a note."""

import itertools

from sc2viz.lab.experiments.records import Numbers
from sc2viz.lab.reports import grouping, leads
from sc2viz.published import printed
from sc2viz.published.accuracies import Cell, Claims, Lead
from sc2viz.published.printed import CELL, LABELS, METHODS, NAMES, RIVALS, SAME_LOSS
from sc2viz.published.sentences import (
    count_seeds,
    describe_tests,
    format_signed,
    format_table,
    tabulate_differences,
)
from sc2viz.words import templates

VERDICTS = {"holds": "leads", "a tie": "a tie", "reversed": "is behind"}
BLOCKS = {  # the blocks of the paper's tables, by data and setting
    (data, setting): f"{NAMES[data]}, {LABELS[setting]}" for data, setting in leads.BLOCKS
}


def markdown(published: Numbers) -> str:
    """The whole part."""
    claims = Claims(published)
    note = templates.said(__file__, "cell", column=METHODS[CELL].label, eighth=eighth(claims))
    tables = accuracies(claims), claim(claims), note, tabulate_differences()
    return grouping.join(*tables, describe_tests(published))


def accuracies(claims: Claims) -> str:
    """The printed and the measured numbers of both tables of the paper."""
    methods = [*dict.fromkeys(itertools.chain(*printed.PRINTED.values())), CELL]
    columns = ["raw", *methods]
    rows = []
    for (data, setting), label in BLOCKS.items():
        highest = [f"{printed.highest(data, setting, method):.2f}" for method in methods]
        rows.append([f"{label}: in the paper", "", *highest])
        for protocol, clean, name in _list_rows(data, setting):
            cells = [
                claims.cell(data, protocol, setting, method, clean=clean) for method in columns
            ]
            if any(cell.values for cell in cells):
                rows.append([name, *map(_format_cell, cells)])
    return format_table(["", *(METHODS[method].label for method in columns)], rows, numbers=True)


def _format_cell(cell: Cell) -> str:
    return cell.text() if cell.values else "–"


def _list_rows(data: str, setting: str) -> list[tuple[str, bool, str]]:
    """The measured rows of a block: protocol, whether on the test split where the protocol does not, and name."""
    fair, theirs = ("fair", False, "ours, fair"), "ours, as printed"
    if not printed.labels_seen(data, setting):
        return [fair, ("as-printed", False, theirs)]
    labels = "whose labels the features"
    if setting == "supervised":
        labels = "most of whose labels the networks"
    clean = "as-printed", True, "the same, on the test split"
    return [fair, ("as-printed", False, f"{theirs}, on rows {labels} saw"), clean]


def claim(claims: Claims) -> str:
    """SLSTM's leads in points, with the methods that it leads, verdicts and p-values."""
    columns: dict[str, tuple] = {  # the contest, over whom, and whether over larger networks
        "the others, fair": ("fair", RIVALS),
        "the same loss, fair": ("fair", SAME_LOSS),
        "the same loss and as many parameters, fair": ("fair", SAME_LOSS, True),
        "the others, Eq. (8), fair": ("equation-8", RIVALS),
        "the same loss, Eq. (8), fair": ("equation-8", SAME_LOSS),
        "the others, as printed": ("as-printed", RIVALS),
        "the same loss, as printed": ("as-printed", SAME_LOSS),
    }
    rows = []
    for block, label in BLOCKS.items():
        points, rival = printed.lead(*block)
        best = [claims.lead(contest, *block, *among) for contest, *among in columns.values()]
        rows.append([label, f"{points:+.1f} over {METHODS[rival].label}", *map(text, best)])
    head = ["SLSTM’s lead over the best of", "the others in the paper", *columns]
    return format_table(head, rows)


def eighth(claims: Claims) -> str:
    """Where the cell of Eq. (8), trained fairly, leads over the best other solver of Table 1."""
    best = {label: claims.lead("equation-8", *block) for block, label in BLOCKS.items()}
    measured = {label: lead for label, lead in best.items() if lead}
    if not measured:
        return "It is not measured yet."
    holds = sum(lead.verdict == "holds" for lead in measured.values())
    results = "; ".join(f"{label}: {text(lead)}" for label, lead in measured.items())
    missing = "; ".join(label for label in best if label not in measured)
    seeds = count_seeds([len(lead.mine.values) for lead in measured.values()])
    sentence = f"Over {seeds}, it leads on {holds or 'none'} of {len(measured)} ({results})."
    return sentence + (f" Not measured yet: {missing}." if missing else "")


def text(lead: Lead | None) -> str:
    """A lead in words, such as "+0.8 over LFISTA: leads, p = 0.003"."""
    if lead is None:
        return "–"
    verdict = VERDICTS[lead.verdict]
    return f"{format_signed(lead.points)} over {lead.label}: {verdict}{lead.border}, {lead.p_text}"
