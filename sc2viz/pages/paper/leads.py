"""By how many points SLSTM leads, printed and measured, and whether the leads hold."""

from sc2viz.pages.paper.texts import COMPARISONS, TEXTS, name_block
from sc2viz.published import printed
from sc2viz.published.accuracies import Claims, Lead
from sc2viz.published.printed import METHODS, SAME_LOSS
from sc2viz.published.sentences import count_seeds, format_signed
from sc2viz.words import N_, _, listed, templates

VERDICTS = {"holds": N_("it holds"), "a tie": N_("a tie"), "reversed": N_("behind")}
MARKS = {"holds": N_("✓ leads"), "a tie": N_("≈ a tie"), "reversed": N_("✗ behind")}


def describe_claim(claims: Claims) -> str:
    """Whether SLSTM outperforms all baselines "by a large margin on the both datasets" under the fair protocol."""
    fair, equation_8 = (
        {key: lead for key in COMPARISONS if (lead := claims.lead(contest, *key))}
        for contest in ("fair", "equation-8")
    )
    holds, own_holds = (
        sum(lead.verdict == "holds" for lead in leads.values()) for leads in (fair, equation_8)
    )
    answer = _("Yes") if holds == len(fair) else _("In part") if holds else _("No")
    halves = (lead.points < 0.5 * printed.lead(*key)[0] for key, lead in fair.items())
    if holds == len(fair) and any(halves):
        answer = _("It leads, but not by the printed margins")
    seeds = [len(lead.mine.values) for lead in [*fair.values(), *equation_8.values()]]
    return _(
        "Does SLSTM beat every other solver “by a large margin”? **{answer}.** Over {seeds}, our cell leads on {count} of "
        "{total}; the paper’s own, Eq. (8), trained as fairly, on {own_count}.",
        answer=answer,
        seeds=count_seeds(seeds),
        count=holds or _("none"),
        total=len(fair),
        own_count=own_holds or _("none"),
    )


def explain_claim(claims: Claims) -> str:
    """What the loss alone is worth: leads over networks that are trained with it."""
    leads = [
        _("{points} points on {block}", points=format_signed(lead.points), block=name_block(*key))
        for key in COMPARISONS
        if key[1] == "supervised" and (lead := claims.lead("fair", *key, SAME_LOSS))
    ]
    return _(
        "In the paper’s Table 1, SLSTM alone is trained with Eq. (10). Over networks of that loss, the lead of our cell is "
        "{leads}.",
        leads=listed(leads),
    )


def describe_lead(lead: Lead) -> dict[str, str]:
    """What sentences say of a lead: its points, the accuracies, over whom it is, p, and whether it counts."""
    p = f"{lead.p_text}{lead.border}"
    return {
        "points": format_signed(lead.points),
        "label": lead.label,
        "accuracy": lead.mine.text(),
        "rival_accuracy": lead.best.text(),
        "p": p,
        "verdict": f"{_(VERDICTS[lead.verdict])}, {p}",
    }


def draw_leads(claims: Claims) -> str:
    """The leads as HTML: a column for each data set without and with labels."""
    columns = [_list_cells(claims, *key) for key in COMPARISONS]
    rows = zip(*columns, strict=True)
    groups = [
        (group, [(name, about, next(rows)) for name, about in names.items()])
        for group, names in TEXTS["leads"].items()
    ]
    head = [name_block(*key) for key in COMPARISONS]
    return templates.filled(__file__, head=head, groups=groups)


def _list_cells(claims: Claims, data: str, setting: str) -> list[dict]:
    """The cells of a column, in the order of the rows of texts.toml."""

    def cell(contest: str, *among, **options) -> dict:
        lead = claims.lead(contest, data, setting, *among, **options)
        if lead is None:
            return {"verdict": "a-tie", "mark": "–"}
        facts = describe_lead(lead)
        hint = _("{accuracy} and {rival_accuracy} % ({label}), {p}", **facts)
        over = {} if among else {"over": facts["label"], "p": lead.p_text}
        mark, verdict = _(MARKS[lead.verdict]), lead.verdict.replace(" ", "-")
        return {"points": facts["points"], "hint": hint, "verdict": verdict, "mark": mark} | over

    on_codes, own_loss = ("lista-codes",), ("lista",)
    table = "table1", data, setting
    over_lista = printed.accuracy(*table, "slstm") - printed.accuracy(*table, "lista-codes")
    return [
        {"points": format_signed(printed.lead(data, setting)[0])},
        cell("fair"),
        cell("equation-8"),
        cell("as-printed"),
        {"points": format_signed(over_lista)},
        cell("fair", on_codes),
        cell("fair", own_loss),
        cell("fair", own_loss, larger=True),
    ]


def describe_block(claims: Claims, table: str, data: str, setting: str) -> str:
    """What a block of a table says of the paper's claim."""
    if table == "table1":
        fair, theirs = (claims.lead(contest, data, setting) for contest in ("fair", "as-printed"))
        claimed, rival = printed.lead(data, setting)
        ours = _(
            "Our cell has {accuracy} %, {points} over {label}, {rival_accuracy} % ({verdict}).",
            **describe_lead(fair),
        )
        paper = _(
            "The paper prints a lead of {points:.1f} over {label}.",
            points=claimed,
            label=METHODS[rival].label,
        )
        as_printed = N_(
            "As printed, it has {accuracy} %, {points} over {label}, {rival_accuracy} % ({verdict})."
        )
        if printed.labels_seen(data, setting):
            as_printed = N_(
                "As printed, on the test split, it has {accuracy} %, {points} over {label}, {rival_accuracy} % ({verdict})."
            )
        sentences = [ours, paper, _(as_printed, **describe_lead(theirs))]
        # Why SLSTM leads as printed where the atoms of ISTA and FISTA are noise
        noise, network, learned = (
            claims.cell(data, protocol, setting, method).objective
            for protocol, method in (
                ("as-printed", "ista"),
                ("as-printed", "slstm"),
                ("fair", "ista"),
            )
        )
        if setting == "unsupervised" and noise >= 1.5 * learned:
            reason = _(
                "There ISTA’s atoms are noise, and F = {noise:.1f}; SLSTM’s atoms are learned, and F = {network:.1f}.",
                noise=noise,
                network=network,
            )
            sentences.append(reason)
    else:
        sentences = [
            _(
                "{method} has {accuracy} %, {points} over {label}, {rival_accuracy} % ({verdict}; printed: {claim}).",
                method=METHODS[rival.removesuffix("-codes")].label,
                claim=format_signed(lead.mine.printed - lead.best.printed),
                **describe_lead(lead),
            )
            for (*block, rival, _atoms), lead in claims.leads["equation-10"].items()
            if block == [data, setting]
        ]
    return " ".join([f"**{name_block(data, setting)}.**", *sentences])
