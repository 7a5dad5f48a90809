"""The part of the page of results on the paper, made from what is published: the accuracies, SLSTM's leads, and a note."""

from typing import Any

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


def markdown(published: dict[str, Any]) -> str:
    """The whole part."""
    claims = Claims(published)
    parts = accuracies(claims), claim(claims), cell(claims), describe_tests(published)
    return "\n\n".join(parts)


def accuracies(claims: Claims) -> str:
    """The printed and the measured numbers of both tables of the paper."""
    methods = [
        *dict.fromkeys(method for table in printed.TABLES for method in printed.PRINTED[table]),
        CELL,
    ]
    shown = ["raw", *methods]
    rows = []
    for data in printed.DATA:
        for setting in printed.SETTINGS:
            highest = [f"{printed.highest(data, setting, method):.2f}" for method in methods]
            rows.append([f"{NAMES[data]}, {LABELS[setting]}: in the paper", "", *highest])
            for protocol, clean, name in _rows(data, setting):
                cells = [_cell(claims, data, protocol, setting, method, clean) for method in shown]
                if any(one.values for one in cells):
                    rows.append([name, *(one.text() if one.values else "–" for one in cells)])
    return format_table(["", *(METHODS[method].label for method in shown)], rows, numbers=True)


def _rows(data: str, setting: str) -> list[tuple[str, bool, str]]:
    """The measured rows of a block: protocol, whether on the test split where the protocol does not, and name."""
    fair, theirs = ("fair", False, "ours, fair"), "ours, as printed"
    if not printed.labels_seen(data, setting):
        return [fair, ("as-printed", False, theirs)]
    theirs += f", on rows {'most of whose labels the networks' if setting == 'supervised' else 'whose labels the features'} saw"
    return [
        fair,
        ("as-printed", False, theirs),
        ("as-printed", True, "the same, on the test split"),
    ]


def _cell(claims: Claims, data: str, protocol: str, setting: str, method: str, clean: bool) -> Cell:
    table = next(
        (table for table in printed.TABLES if method in printed.PRINTED[table]), printed.TABLES[0]
    )
    return claims.cell(data, protocol, setting, method, table, clean)


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
    for data in printed.DATA:
        for setting in printed.SETTINGS:
            claimed, rival = printed.lead(data, setting)
            found = [
                claims.lead(contest, data, setting, *among) for contest, *among in columns.values()
            ]
            rows.append(
                [
                    f"{NAMES[data]}, {LABELS[setting]}",
                    f"{claimed:+.1f} over {METHODS[rival].label}",
                    *map(text, found),
                ]
            )
    head = ["SLSTM’s lead over the best of", "the others in the paper", *columns]
    return format_table(head, rows)


def cell(claims: Claims) -> str:
    """Which cell "fair" compares, how it differs from Eq. (8), and where Eq. (8) leads under the same conditions."""
    about = templates.said(__file__, "cell", column=METHODS[CELL].label, eighth=eighth(claims))
    return f"{about}\n\n{tabulate_differences()}"


def eighth(claims: Claims) -> str:
    """Where the cell of Eq. (8), trained fairly, leads over the best other solver of Table 1."""
    blocks = [(data, setting) for data in printed.DATA for setting in printed.SETTINGS]
    of = {block: lead for block in blocks if (lead := claims.lead("equation-8", *block))}
    if not of:
        return "It is not measured yet."
    holds = sum(lead.verdict == "holds" for lead in of.values())
    told = "; ".join(
        f"{NAMES[data]}, {LABELS[setting]}: {text(lead)}" for (data, setting), lead in of.items()
    )
    waiting = [
        f"{NAMES[data]}, {LABELS[setting]}" for data, setting in blocks if (data, setting) not in of
    ]
    seeds = count_seeds([len(lead.mine.values) for lead in of.values()])
    said = f"Over {seeds}, it leads on {holds or 'none'} of {len(of)} ({told})."
    return said + (f" Not measured yet: {'; '.join(waiting)}." if waiting else "")


def text(lead: Lead | None) -> str:
    """A lead in words, such as "+0.8 over LFISTA: leads, p = 0.003"."""
    if lead is None:
        return "–"
    return f"{format_signed(lead.points)} over {lead.label}: {VERDICTS[lead.verdict]}{lead.border}, {lead.p_text}"
