"""The first table of the page: by how many points SLSTM leads, printed and measured, and whether the leads hold."""

from html import escape

from sc2viz.experiments import printed
from sc2viz.experiments.protocols import ATOMS
from sc2viz.pages.paper import describe_paper
from sc2viz.pages.paper.describe_paper import Claims
from sc2viz.reports import leads
from sc2viz.reports.leads import Lead

MARKS = {"holds": "✓ leads", "a tie": "≈ a tie", "reversed": "✗ behind"}
LISTA = "lista-codes", "lista"  # trained on exact codes, as in the paper's Table 1, and with SLSTM's own loss
ROWS = {  # by group: the names of the rows, and what each compares
    "SLSTM − the best other solver": {
        "in the paper": "",
        "our cell, fair": "full splits, atoms in the unit ball, one optimiser and the same number of epochs; it has parts "
        "that Eq. (8) has not",
        "Eq. (8), fair": "the paper’s own cell, with double tanh, trained in the same way with rates of its own",
        "Eq. (8), as printed": "after the released code or the paper’s text; with labels and on CIFAR-10 on the test split",
    },
    "SLSTM − LISTA": {
        "in the paper": "",
        "our cell, fair": "LISTA is trained on exact codes, as in the paper, and has about half of SLSTM’s parameters",
        "same loss": "fair, and LISTA is trained with SLSTM’s own loss, Eq. (10): LISTA-SC2Net",
        "same loss and size": "fair, LISTA-SC2Net with so many atoms that it has as many parameters as SLSTM",
    },
}


def html(claims: Claims) -> str:
    """The table as HTML: a column for each data set without and with labels."""
    head = "".join(f'<th scope="col">{escape(describe_paper.subject(*key))}</th>' for key in describe_paper.COMPARISONS)
    best, lista = ROWS
    drawn = _group(best, [_best(claims, *key) for key in describe_paper.COMPARISONS])
    drawn += _group(lista, [_lista(claims, *key) for key in describe_paper.COMPARISONS])
    caption = "<caption>SLSTM’s lead in points of accuracy, printed and measured</caption>"
    return f'<table class="sc-answer">{caption}<thead><tr><td></td>{head}</tr></thead>{drawn}</table>'


def _best(claims: Claims, data: str, setting: str) -> list[str]:
    """The cells of SLSTM's lead over the best other method of Table 1, in the order of `ROWS`."""
    fair, theirs, own = (claims.lead(data, contest, setting) for contest in leads.CONTESTS)
    measured = [_cell(one, "not measured yet") + _over(one) for one in (fair, own)]
    return [_printed(printed.lead(data, setting)[0]), *measured, _cell(theirs)]


def _over(lead: Lead | None) -> str:
    """Over which method a lead is, and its p."""
    return f"<small>over {escape(lead.label)}, <span>{escape(lead.p_text)}</span></small>" if lead else ""


def _lista(claims: Claims, data: str, setting: str) -> list[str]:
    """The cells of SLSTM's lead over LISTA, in the order of `ROWS`."""
    found = {(method, atoms == ATOMS): lead for (of, where, method, atoms), lead in claims.of_slstm["fair"].items()
             if (of, where) == (data, setting)}  # fmt: skip
    on_codes, own_loss = LISTA
    mine, other = (printed.accuracy("table1", data, setting, method) for method in ("slstm", on_codes))
    measured = (found.get(key) for key in ((on_codes, True), (own_loss, True), (own_loss, False)))
    return [_printed(mine - other), *map(_cell, measured)]


def _printed(points: float) -> str:
    return f"<b>{describe_paper.signed(points)}</b>"


def _cell(lead: Lead | None, missing: str = "–") -> str:
    """A lead in points and whether it holds."""
    if lead is None:
        return f'<i class="a-tie">{missing}</i>'
    hint = f"{lead.mine.text()} and {lead.best.text()} % ({lead.label}), {lead.p_text}{lead.border}"
    name = lead.verdict.replace(" ", "-")
    return f'<b title="{escape(hint)}">{describe_paper.signed(lead.points)}</b> <i class="{name}">{MARKS[lead.verdict]}</i>'


def _group(title: str, columns: list[list[str]]) -> str:
    """The rows of a group: a title, and a row for each entry of `ROWS`."""
    lines = ""
    for name, about, *cells in zip(ROWS[title], ROWS[title].values(), *columns, strict=True):
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        lines += f'<tr><th scope="row" title="{escape(about)}">{name}</th>{row}</tr>'
    return f'<tbody><tr class="group"><th scope="rowgroup" colspan="5">{title}, in points</th></tr>{lines}</tbody>'
