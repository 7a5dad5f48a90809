"""Do SC2Net's gates help a network on filters? A table and a sentence, made from the records of `reproduce conv`."""

from sc2viz.lab.experiments import conv_runs
from sc2viz.lab.experiments.conv_runs import ConvRun
from sc2viz.lab.experiments.records import Record
from sc2viz.lab.reports import grouping
from sc2viz.lab.weights import filter_networks
from sc2viz.words import N_, _, count, listed, localized, templates

ALPHA = 0.05
ABOUT = f"""### Do SC2Net's gates help a network on filters?

Conv-SLSTM has Conv-LISTA's layers and SC2Net's gates. All networks are trained alike, on the same crops in the same
order with the same noise, σ = {conv_runs.SIGMA}, and are measured on {" and ".join(filter_networks.HELD)}, on which they
were not trained.
`sc2viz reproduce conv --batches N` makes the runs."""
BESIDE = {
    "lista": N_("Conv-LISTA with as many parameters"),
    "deeper": N_("Conv-LISTA with as many multiplications, in further layers"),
    conv_runs.CNN: N_("a plain convolutional network with as many parameters"),
}


def markdown(records: dict[ConvRun, Record]) -> str:
    """The whole part; "" where nothing can be compared."""
    if not (said := sentence(records)):
        return ""
    head = ["Conv-SLSTM beside", "batches", "seeds", "dB", "p"]
    rows = [
        [
            BESIDE[each.arm],
            f"{each.batches:,}",
            str(each.seeds),
            f"{each.decibels:+.3f}".replace("-", "−"),
            "–" if each.p is None else f"{each.p:.2g}",
        ]
        for each in conv_runs.answer(records)
    ]
    return "\n\n".join([ABOUT, grouping.table(head, rows), said])


def sentence(records: dict[ConvRun, Record]) -> str:
    """The answer of the longest runs; "" where there are none that could be compared."""
    found = conv_runs.answer(records)
    found = [each for each in found if each.batches == max(other.batches for other in found)]
    if not found:
        return ""
    told = []
    for each in found:
        given = {
            "apart": abs(each.decibels),
            "other": _(BESIDE[each.arm]),
            "p": _("one seed") if each.p is None else localized(f"p = {each.p:.2g}"),
        }
        told.append(
            _("{apart:.3f} dB above {other} ({p})", **given)
            if each.decibels >= 0
            else _("{apart:.3f} dB below {other} ({p})", **given)
        )
    first = found[0]
    return templates.said(
        __file__,
        "sentence",
        first=first,
        alpha=ALPHA,
        batches=count(first.batches, "batch", "batches"),
        pictures=listed(filter_networks.HELD),
        sigma=conv_runs.SIGMA,
        told="; ".join(told),
        seeds=count(first.seeds, "seed"),
    )
