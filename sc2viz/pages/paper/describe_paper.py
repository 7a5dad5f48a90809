"""The sentences of "The paper, checked": whether the paper's claims hold under each protocol, by how much, and why."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sc2viz.published import printed
from sc2viz.published.accuracies import Claims, Lead
from sc2viz.published.printed import CELL, LABELS, METHODS, NAMES, RIVALS, SAME_LOSS
from sc2viz.published.sentences import count_seeds, format_signed
from sc2viz.words import N_, _, listed, localized, read, templates

said = partial(templates.said, __file__)
ALIKE = 0.3  # percentage points; two accuracies that differ by less are called about equal where nothing was tested
PROTOCOLS = {"fair": N_("Fair"), "as-printed": N_("As printed")}
TEXTS = read(Path(__file__).with_name("paper.toml"))
COMPARISONS = [(data, setting) for data in printed.DATA for setting in printed.SETTINGS]


def text(name: str, **given: object) -> str:
    """A text of paper.toml, whose lines are one message."""
    return _(" ".join(TEXTS[name].split()), **given)


def subject(data: str, setting: str) -> str:
    return _("{data}, {setting}", data=NAMES[data], setting=_(LABELS[setting]))


def main_claim(claims: Claims) -> tuple[str, str]:
    """Whether SLSTM outperforms all baselines "by a large margin on the both datasets" under the fair protocol, and why: a
    table of the leads."""
    fair = {key: found for key in COMPARISONS if (found := claims.lead("fair", *key))}
    if not fair:
        return _("The paper’s main claim is not measured yet."), ""
    holds = [key for key, found in fair.items() if found.verdict == "holds"]
    answer = _("Yes") if len(holds) == len(fair) else _("In part") if holds else _("No")
    if len(holds) == len(fair) and any(
        found.points < 0.5 * printed.lead(*key)[0] for key, found in fair.items()
    ):
        answer = _("It leads, but not by the printed margins")
    own = [lead for key in COMPARISONS if (lead := claims.lead("equation-8", *key))]
    sentence = _(
        "Does SLSTM beat every other solver “by a large margin”? **{answer}.** Over {seeds}, our cell leads on {holds} of "
        "{all}; {own}.",
        answer=answer,
        seeds=count_seeds([len(lead.mine.values) for lead in [*fair.values(), *own]]),
        holds=len(holds) or _("none"),
        all=len(fair),
        own=_own_cell(own),
    )
    return sentence, _leads(claims)


def _leads(claims: Claims) -> str:
    """SLSTM's leads as a table in Markdown: the paper's, then ours under each protocol, over all other methods and over
    those of its own loss. What is not measured has a dash."""
    columns = {
        _("in the paper"): {key: localized(f"{printed.lead(*key)[0]:+.1f}") for key in COMPARISONS}
    }
    for protocol, head in (("fair", _("our cell, fair")), ("as-printed", _("as printed"))):
        best = {key: claims.lead(protocol, *key) for key in COMPARISONS}
        same = {key: claims.lead(protocol, *key, SAME_LOSS) for key in COMPARISONS}
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
        "points": format_signed(lead.points),
        "apart": localized(f"{abs(lead.points):.1f}"),
        "label": lead.label,
        "p": p,
        "mine": lead.mine.text(),
        "best": lead.best.text(),
        "verdict": f"{_(_HOW[lead.verdict])}, {p}",
    }


def _own_cell(own: list[Lead]) -> str:
    """On how many comparisons the paper's own cell leads, where that is measured."""
    if not own:
        return _("the paper’s own, Eq. (8), is not measured as fairly yet")
    return _(
        "the paper’s own, Eq. (8), trained as fairly, on {holds} of {all}",
        holds=sum(lead.verdict == "holds" for lead in own) or _("none"),
        all=len(own),
    )


def our_cell(claims: Claims) -> str:
    """That "fair" compares another cell than Eq. (8), and in what they differ."""
    parts = listed([_(each.what) for each in printed.DIFFERENCES])
    measured = any(
        claims.cell(*key, CELL).values
        for key in ((data, "fair", where) for data, where in COMPARISONS)
    )
    return said("our_cell", parts=parts, measured=measured)


_HOW = {"holds": N_("it holds"), "a tie": N_("a tie"), "reversed": N_("behind")}


def table1(claims: Claims, data: str, setting: str) -> str | None:
    """The paragraph on one block of Table 1."""
    found = claims.lead("fair", data, setting)
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
    found = claims.lead("equation-8", data, setting)
    if found is None:
        return _(
            "The paper’s own cell, Eq. (8), is not measured as fairly yet: `{command}`.",
            command=command("cell", data, "fair"),
        )
    ours = claims.lead("equation-8", data, setting, ("slstm",))
    more = (
        {"more": format_signed(ours.points), "other": _(_HOW[ours.verdict]), "other_p": ours.p_text}
        if ours
        else {"more": ""}
    )
    return said("equation_8", **_parts(found), **more)


def _same_loss(claims: Claims, data: str, setting: str, protocol: str = "fair") -> str:
    """SLSTM compared with Table 2's networks, which are trained with its own loss."""
    found = claims.lead(protocol, data, setting, SAME_LOSS)
    if found is None:
        return ""
    return _(
        "Over {label}, which is trained with SLSTM’s own loss and has {best} %, the lead is {points} ({verdict}).",
        **_parts(found),
    )


def _as_large(claims: Claims, data: str, setting: str) -> str:
    """SLSTM compared with networks of the same loss and at least as many parameters."""
    times = claims.published["parameters"][data]
    found = claims.lead("fair", data, setting, SAME_LOSS, larger=True)
    what = f"python -m sc2viz reproduce equal --data {data}"
    return said(
        "as_large", times=times, measured=found, command=what, **(_parts(found) if found else {})
    )


def _as_printed(claims: Claims, data: str, setting: str) -> list[str]:
    """The lead as printed. Where labels of its rows were seen, it is told on the test split, and then on these rows."""
    theirs = claims.lead("as-printed", data, setting)
    if theirs is None:
        return []
    seen, same_loss = (
        printed.labels_seen(data, setting),
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
        claims.cell(data, protocol, setting, "ista").objective
        for protocol in ("as-printed", "fair")
    )
    network = claims.cell(data, "as-printed", setting, "slstm").objective
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
    methods = printed.PRINTED["table1"]
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
    for (of, where, plain, _atoms), found in claims.leads.get("equation-10", {}).items():
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
            method for table in printed.TABLES for method in printed.PRINTED[table]
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


def tuning(published: Mapping[str, Any]) -> str | None:
    """The λ that were tried and chosen for the supervised methods, the methods that were run at another λ, and the rates of
    Eq. (8)."""
    tunings, sentences = published.get("tuning", []), []
    for data in printed.DATA:
        supervised = [
            tuning
            for tuning in tunings
            if (tuning["data"], tuning["setting"]) == (data, "supervised")
        ]
        by_tried: dict[str, list[str]] = {}
        for tuning in supervised:
            chosen = f"{METHODS[tuning['method']].label} {_several([tuning['chosen']['lam']])}"
            by_tried.setdefault(_several(tuning["tried"]["lam"]), []).append(chosen)
        sentences += [
            _(
                "{data}: of λ = {tried}, the best are {chosen}.",
                data=NAMES[data],
                tried=tried,
                chosen=", ".join(chosen),
            )
            for tried, chosen in by_tried.items()
        ]
        sentences += _at_an_end(supervised)
        sentences += [_not_as_chosen(published, tuning) for tuning in supervised]
    return " ".join(filter(None, [*sentences, *_rates(tunings)])) or None


def _several(numbers: Iterable[float]) -> str:
    return ", ".join(localized(f"{number:g}") for number in sorted(numbers))


def _rates(tunings: Iterable[Mapping[str, Any]]) -> list[str]:
    """The rates that were tried and chosen for the cell of Eq. (8), in a sentence for each data set and setting."""
    sentences = []
    for tuning in tunings:
        if tuning["method"] != CELL:
            continue
        parts = []
        for key, name in (
            ("rate", _("Adam’s rate")),
            ("dictionary_rate", _("that of the atoms over it")),
        ):
            values, chosen = tuning["tried"][key], tuning["chosen"][key]
            given = {"name": name, "chosen": chosen, "tried": _several(values)}
            parts.append(
                _("{name} {chosen:g} (of {tried}, at the end of those tried)", **given)
                if chosen in (values[0], values[-1])
                else _("{name} {chosen:g} (of {tried})", **given)
            )
        sentences.append(
            _(
                "{method}, {block}: {parts}.",
                method=METHODS[CELL].label,
                parts=listed(parts),
                block=subject(tuning["data"], tuning["setting"]),
            )
        )
    return sentences


def _at_an_end(tunings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Sentences that name the methods for which the smallest or the largest λ tried was the best."""
    sentences = []
    for end, which in (
        (0, N_("The smallest λ was the best for {labels}, and a smaller one was not tried.")),
        (-1, N_("The largest λ was the best for {labels}, and a larger one was not tried.")),
    ):
        labels = [
            METHODS[tuning["method"]].label
            for tuning in tunings
            if len(tuning["tried"]["lam"]) > 1
            and tuning["chosen"]["lam"] == tuning["tried"]["lam"][end]
        ]
        if labels:
            sentences.append(_(which, labels=listed(labels)))
    return sentences


def _not_as_chosen(published: Mapping[str, Any], tuning: Mapping[str, Any]) -> str:
    """A sentence if the accuracy of a supervised method was measured at another λ than the chosen one, else ""."""
    data, method = tuning["data"], tuning["method"]
    runs = Claims(published).cell(data, "fair", "supervised", method).runs
    others = {published["runs"][run]["lam"] for run in runs} - {tuning["chosen"]["lam"]}
    if not others:
        return ""
    return _(
        "The accuracy of {method} there was measured at λ = {lam}.",
        method=METHODS[method].label,
        lam=listed([localized(f"{lam:g}") for lam in sorted(others)]),
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


def title(run: str) -> str:
    """What a run is called, of which the name has all fields."""
    data, protocol, _experiment, setting, method, *_atoms = run.split("_")
    named = subject(data.removesuffix("-features"), setting)
    return f"{_(METHODS[method].label)}, {named}, {_(PROTOCOLS.get(protocol, protocol)).lower()}"
