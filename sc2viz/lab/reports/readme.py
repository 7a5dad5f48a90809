"""The part of the page of results on the paper, made from what is published: the accuracies, SLSTM's leads, and a note."""

import itertools

from sc2viz.lab.reports import grouping, leads
from sc2viz.published import printed
from sc2viz.published.accuracies import Claims
from sc2viz.published.printed import CELL, LABELS, METHODS, NAMES, RIVALS, SAME_LOSS
from sc2viz.published.sentences import count_seeds, format_signed, format_table

VERDICTS = {"holds": "leads", "a tie": "a tie", "reversed": "is behind"}
BLOCKS = {  # the blocks of the paper's tables, by data and setting
    (data, setting): f"{NAMES[data]}, {LABELS[setting]}" for data, setting in leads.BLOCKS
}


def markdown(published):
    """The whole part."""
    claims = Claims(published)
    eighth = {label: claims.lead("equation-8", *block) for block, label in BLOCKS.items()}
    measured = {label: lead for label, lead in eighth.items() if lead}
    return grouping.write(
        __file__,
        published,
        accuracies=accuracies(claims),
        leads=claim(claims),
        column=METHODS[CELL].label,
        measured=measured,
        missing=[label for label in eighth if label not in measured],
        holds=sum(lead.verdict == "holds" for lead in measured.values()),
        seeds=measured and count_seeds([len(lead.mine.values) for lead in measured.values()]),
        text=text,
    )


def accuracies(claims):
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
                rows.append([name, *(cell.text() if cell.values else "–" for cell in cells)])
    return format_table(["", *(METHODS[method].label for method in columns)], rows, numbers=True)


def _list_rows(data, setting):
    """The measured rows of a block: protocol, whether on the test split where the protocol does not, and name."""
    rows = [("fair", False, "ours, fair"), ("as-printed", False, "ours, as printed")]
    if printed.labels_seen(data, setting):
        labels = "most of whose labels the networks"
        if setting == "unsupervised":
            labels = "whose labels the features"
        rows[1:] = [
            ("as-printed", False, f"ours, as printed, on rows {labels} saw"),
            ("as-printed", True, "the same, on the test split"),
        ]
    return rows


def claim(claims):
    """SLSTM's leads in points, with the methods that it leads, verdicts and p-values."""
    columns = {  # the contest, over whom, and whether over larger networks
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


def text(lead):
    """A lead in words, such as "+0.8 over LFISTA: leads, p = 0.003"."""
    if lead is None:
        return "–"
    verdict = VERDICTS[lead.verdict]
    return f"{format_signed(lead.points)} over {lead.label}: {verdict}{lead.border}, {lead.p_text}"
