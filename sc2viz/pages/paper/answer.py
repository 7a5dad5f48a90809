"""The first table of the page: by how many points SLSTM leads, printed and measured, and whether the leads hold."""

from sc2viz.pages.paper import describe_paper
from sc2viz.published import printed
from sc2viz.published.accuracies import Claims, Lead
from sc2viz.published.sentences import format_signed
from sc2viz.words import N_, _, templates

MARKS = {"holds": N_("✓ leads"), "a tie": N_("≈ a tie"), "reversed": N_("✗ behind")}
LISTA = (
    "lista-codes",
    "lista",
)  # trained on exact codes, as in the paper's Table 1, and with SLSTM's own loss
ROWS = describe_paper.TEXTS["leads"]  # by group: the names of the rows, what each compares


def html(claims: Claims) -> str:
    """The table as HTML: a column for each data set without and with labels."""
    columns = {
        of: [found(claims, *key) for key in describe_paper.COMPARISONS]
        for of, found in zip(ROWS, (_best, _lista), strict=True)
    }
    groups = [
        (of, zip(ROWS[of].items(), zip(*cells, strict=True), strict=True))
        for of, cells in columns.items()
    ]
    return templates.filled(
        __file__,
        head=[describe_paper.subject(*key) for key in describe_paper.COMPARISONS],
        groups=groups,
    )


def _best(claims: Claims, data: str, setting: str) -> list[dict]:
    """The cells of SLSTM's lead over the best other method of Table 1, in the order of `ROWS`."""
    fair, theirs, own = (
        claims.lead(contest, data, setting) for contest in ("fair", "as-printed", "equation-8")
    )
    measured = [
        _cell(one, _("not measured yet")) | ({"over": one} if one else {}) for one in (fair, own)
    ]
    return [_printed(printed.lead(data, setting)[0]), *measured, _cell(theirs)]


def _lista(claims: Claims, data: str, setting: str) -> list[dict]:
    """The cells of SLSTM's lead over LISTA, in the order of `ROWS`."""
    on_codes, own_loss = LISTA
    mine, other = (
        printed.accuracy("table1", data, setting, method) for method in ("slstm", on_codes)
    )
    measured = (
        claims.lead("fair", data, setting, (method,), larger)
        for method, larger in ((on_codes, False), (own_loss, False), (own_loss, True))
    )
    return [_printed(mine - other), *map(_cell, measured)]


def _printed(points: float) -> dict:
    return {"points": format_signed(points)}


def _cell(lead: Lead | None, missing: str = "–") -> dict:
    """A lead in points and whether it holds."""
    if lead is None:
        return {"verdict": "a-tie", "mark": missing}
    hint = _(
        "{mine} and {best} % ({label}), {p}",
        mine=lead.mine.text(),
        best=lead.best.text(),
        label=lead.label,
        p=f"{lead.p_text}{lead.border}",
    )
    mark = _(MARKS[lead.verdict])
    return _printed(lead.points) | {
        "hint": hint,
        "verdict": lead.verdict.replace(" ", "-"),
        "mark": mark,
    }
