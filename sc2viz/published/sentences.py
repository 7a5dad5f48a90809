"""What both pages and the documentation say of the numbers in published.json."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sc2viz.defaults import KINDS
from sc2viz.published import printed
from sc2viz.words import N_, _, count, listed, localized, templates

render = partial(templates.render_sentence, __file__)
ALPHA = 0.05  # a difference is more than chance where p is below
BORDER = 0.05  # a verdict is borderline if a change of the lead by this share of the margin could change it
FAMILY = ("fair", "as-printed", "equation-8")  # the contests whose leads are corrected together

# The paper ------------------------------------------------------------------------------------------------------------


def format_signed(points: float) -> str:
    """A difference in points with its sign: "+0.8", "−0.1", "0.0"."""
    return localized(f"{points:+.1f}" if abs(points) >= 0.05 else "0.0")


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False) -> str:
    """A table in Markdown. numbers: every column but the first is aligned to the right."""
    ruled = ["---", *["---:" if numbers else "---"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruled, *rows))


def tabulate_differences() -> str:
    """How the cell that "fair" compares differs from Eq. (8)."""
    rows = [[_(text) for text in difference.values()] for difference in printed.DIFFERENCES]
    return format_table([_("Part"), _("Our cell"), _("Eq. (8)")], rows)


def describe_tests(published: Mapping[str, Any]) -> str:
    """What the p-values of leads are, and of which runs."""
    stored = published.get("stored", {})
    protocols = [
        _("all {runs} runs {protocol}", runs=runs, protocol=_(label))
        if rows == runs
        else _("{rows} of {runs} runs {protocol}", rows=rows, runs=runs, protocol=_(label))
        for label, (rows, runs) in zip(
            (N_("fair"), N_("as printed")), stored.values(), strict=False
        )
    ]
    others = any(rows < runs for rows, runs in stored.values())
    return render(
        "tests", criterion=describe_criterion(published), runs=listed(protocols), others=others
    )


def describe_criterion(published: Mapping[str, Any]) -> str:
    """When a lead counts, and for how many p-values they are corrected."""
    leads = published.get("leads", {})
    family = sum(len(leads.get(contest, ())) for contest in FAMILY)
    return render("criterion", alpha=ALPHA, family=family, border=100 * BORDER)


def count_seeds(counts: Sequence[int]) -> str:
    """How many seeds means are of: "3 seeds", or "1 to 3 seeds" where they are not of as many."""
    low, high = min(counts), max(counts)
    seeds = count(high, "seed")
    return seeds if low == high else _("{low} to {seeds}", low=low, seeds=seeds)


# Autoencoders ---------------------------------------------------------------------------------------------------------

OTHER_KINDS = {  # of known codes alone
    "true": N_("true atoms"),
    "fista": N_("atoms learned by least squares, as published"),
    "learned": N_("atoms that `dictionary.learn` learned"),
    "random": N_("random atoms"),
    "topk-random": N_("TopK on random atoms that stay"),
    "topk-twice": N_("TopK at twice the rate"),
    "mp-released": N_("MP with codes of any sign and no atom twice, as released"),
}
SHORT_KINDS = {  # for a chart, where they are shorter
    "fista": N_("least squares"),
    "learned": "dictionary.learn",
    "topk-random": N_("TopK, random atoms"),
    "topk-twice": N_("TopK, rate × 2"),
    "mp-released": N_("MP as released"),
}
# The columns of joint training, and their digits behind the point
DIGITS = {
    "percent": 1,
    "lam": 2,
    "dictionary_percent": 1,
    "r2": 3,
    "exact_r2": 3,
    "non_zeros": 1,
    "dead": 0,
}


def format_mean(mean: float, spread: float | None, digits: int = 1, finer: bool = False) -> str:
    """ "98.2 ± 0.1"; finer: with more decimals if the spread would otherwise be shown as 0, "98.31 ± 0.03"."""
    while finer and spread and not round(spread, digits):
        digits += 1
    number = f"{mean:z.{digits}f}"
    return localized(number + ("" if spread is None else f" ± {spread:.{digits}f}"))


def name_encoder(kind: str) -> str:
    """What a kind of encoders, or of atoms, is called."""
    if kind in OTHER_KINDS:
        return _(OTHER_KINDS[kind])
    steps, label = KINDS[kind].steps, KINDS[kind].label
    return count(steps, "step") if label.endswith("steps") else label


def list_gaps(measured: Mapping[str, Any]) -> list[list[str]]:
    """A row of the table of one set for each kind of encoders that was measured, in the order of its columns."""
    rows = []
    for kind, encoder in measured["kinds"].items():
        joint = _format_columns(encoder["joint"])
        on_best = ["–", "–"]
        if frozen := encoder.get("frozen"):
            on_best = [
                f"{format_mean(*frozen['percent'])} %",
                format_mean(*frozen["non_zeros"]),
            ]
        rows.append(
            [
                name_encoder(kind),
                f"{len(frozen['runs']) if frozen else 0}, {len(encoder['joint']['runs'])}",
                localized(f"{encoder['multiplications']:,}"),
                *on_best,
                f"{joint.pop('percent')} %",
                joint.pop("lam"),
                f"{joint.pop('dictionary_percent')} %",
                *joint.values(),
            ]
        )
    return rows


def _format_columns(numbers: Mapping[str, Any]) -> dict[str, str]:
    return {key: format_mean(*numbers[key], digits) for key, digits in DIGITS.items()}


def list_known(measured: Mapping[str, Any]) -> list[list[str]]:
    """A row of the table of known codes for each kind of codes: its name, MCC and the published one, that of exact codes on
    its atoms and the published one, R², non-zeros and seeds."""
    rows = []
    for kind, numbers in measured.items():
        mcc = format_mean(*numbers["mcc_out"], 3) if numbers["encoded"] else ""
        encoder, exact = (
            "" if value is None else localized(f"{value:.3f}") for value in numbers["published"]
        )
        exact_mcc = format_mean(*numbers["exact_mcc_out"], 3)
        r2, non_zeros = format_mean(*numbers["r2_out"], 3), format_mean(*numbers["non_zeros_out"])
        seeds = str(len(numbers["runs"]))
        rows.append([name_encoder(kind), mcc, encoder, exact_mcc, exact, r2, non_zeros, seeds])
    return rows


def describe_steps(measured: Mapping[str, Any]) -> str:
    """How many non-zeros exact codes on D★ have on test rows, at which T half of the encoder's gap is gone there, and
    whether more steps are better by more than chance; "" where that was not measured."""
    facts = measured.get("steps")
    if not facts:
        return ""
    beaten_rows = _(
        "{share:.0f} % of the rows (sign test over {seeds}, p {p})",
        share=100 * facts["smaller"],
        seeds=count(facts["seeds"], "seed"),
        p=localized("< 0.0001" if facts["p"] < 1e-4 else f"= {facts['p']:.4f}"),
    )
    epochs = ", ".join(map(str, facts["epochs"]))
    return render(
        "steps",
        **facts | {"epochs": epochs, "kind": name_encoder(facts["kind"]), "rows": beaten_rows},
    )


def describe_fixed(measured: Mapping[str, Any]) -> str:
    """What joint training of ReLU gives at the λ of D★ instead; "" where that was not measured."""
    numbers = measured.get("fixed")
    if not numbers:
        return ""
    seeds = count(len(numbers["runs"]), "seed")
    return render("fixed", kind=name_encoder("relu"), seeds=seeds, **_format_columns(numbers))


# Recovery of true codes -----------------------------------------------------------------------------------------------


def format_decibels(mean: float, spread: float | None = None) -> str:
    """ "−41.8 ± 0.1" of several seeds, "−41.8" of one."""
    return format_mean(mean, spread or None, finer=True)


def describe_noise(published: Mapping[str, Any]) -> str:
    """Why ALISTA stops where it does, and from which layer on; "" where that was not measured."""
    facts = published.get("noise")
    if not facts:
        return ""
    nmse = {name: format_decibels(*value) for name, value in facts["nmse"].items()}
    first = _(
        "ALISTA’s W passes noise on. Where the iteration with it rests on the true support, it is {w_20dB} dB with "
        "noise at 20 dB and {w_40dB} dB with noise at 40 dB, {gap_20dB:.1f} and {gap_40dB:.1f} dB above least squares, and "
        "more layers do not help. Of {seeds} at 20 dB and {n} at 40 dB.",
        **nmse,
        seeds=count(facts["seeds"][0], "seed"),
        n=facts["seeds"][1],
        gap_20dB=facts["nmse"]["w_20dB"][0] - facts["nmse"]["least_20dB"][0],
        gap_40dB=facts["nmse"]["w_40dB"][0] - facts["nmse"]["least_40dB"][0],
    )
    if facts["layer"] is None:
        return first
    ridge = _(
        "With a ridge, W = argmin ‖WᵀB‖² + ‖W‖², the same network is more than {gain:g} dB better "
        "at 20 dB from layer {layer} on. It ends at {ridge_20dB} instead of {plain_20dB} dB there, "
        "and with noise at 40 dB at {ridge_40dB} instead of {plain_40dB} dB.",
        **nmse,
        gain=facts["behind"],
        layer=facts["layer"],
    )
    return f"{first} {ridge}"


# Photographs ----------------------------------------------------------------------------------------------------------

RIVALS = {
    "lista": N_("Conv-LISTA with as many parameters"),
    "deeper": N_("Conv-LISTA with as many multiplications, in further layers"),
    "cnn": N_("a plain convolutional network with as many parameters"),
}


def describe_gates(published: Mapping[str, Any]) -> str:
    """Whether SC2Net's gates help a network on filters, by the longest runs; "" where there are none."""
    pairs = published.get("pairs", [])
    if not pairs:
        return ""
    batches = max(pair["batches"] for pair in pairs)
    longest = [pair for pair in pairs if pair["batches"] == batches]
    comparisons = []
    for pair in longest:
        values = {
            "difference": abs(pair["decibels"]),
            "rival": _(RIVALS[pair["arm"]]),
            "p": _("one seed") if pair["p"] is None else localized(f"p = {pair['p']:.2g}"),
        }
        comparisons.append(
            _("{difference:.3f} dB above {rival} ({p})", **values)
            if pair["decibels"] >= 0
            else _("{difference:.3f} dB below {rival} ({p})", **values)
        )
    first = longest[0]
    return render(
        "gates",
        p=first["p"],
        alpha=ALPHA,
        decibels=first["decibels"],
        batches=count(batches, "batch", "batches"),
        pictures=listed(published["pictures"]),
        sigma=published["sigma"],
        comparisons="; ".join(comparisons),
        seeds=count(len(first["runs"]) // 2, "seed"),
    )
