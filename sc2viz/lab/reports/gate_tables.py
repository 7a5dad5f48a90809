"""Do SC2Net's gates help a network on filters? What is published of `reproduce conv`, and its part of the page of results."""

from typing import Any

from sc2viz.lab.experiments import conv_runs
from sc2viz.lab.experiments.conv_runs import ConvRun
from sc2viz.lab.experiments.records import Record
from sc2viz.lab.weights import filter_networks
from sc2viz.published.sentences import BESIDE, describe_gates, format_table

ABOUT = f"""### Do SC2Net's gates help a network on filters?

Conv-SLSTM has Conv-LISTA's layers and SC2Net's gates. All networks are trained alike, on the same crops in the same
order with the same noise, σ = {conv_runs.SIGMA}, and are measured on {" and ".join(filter_networks.HELD)}, on which they
were not trained.
`sc2viz reproduce conv --batches N` makes the runs."""


def publish(records: dict[ConvRun, Record]) -> dict[str, Any]:
    """The gated network beside the others, for each length of runs."""
    return {
        "pictures": filter_networks.HELD,
        "sigma": conv_runs.SIGMA,
        "pairs": conv_runs.compare(records),
    }


def markdown(published: dict[str, Any]) -> str:
    """The whole part; "" where nothing can be compared."""
    if not published["pairs"]:
        return ""
    head = ["Conv-SLSTM beside", "batches", "seeds", "dB", "p"]
    rows = [
        [
            BESIDE[pair["arm"]],
            f"{pair['batches']:,}",
            str(len(pair["runs"]) // 2),
            f"{pair['decibels']:+.3f}".replace("-", "−"),
            "–" if pair["p"] is None else f"{pair['p']:.2g}",
        ]
        for pair in published["pairs"]
    ]
    return "\n\n".join([ABOUT, format_table(head, rows, numbers=True), describe_gates(published)])
