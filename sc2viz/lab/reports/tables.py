"""What is published of the paper's runs: cells, leads, and what its figures show."""

import math
import statistics
from dataclasses import asdict, replace

from sc2viz.lab.experiments import protocols
from sc2viz.lab.experiments.protocols import PROTOCOLS, RATES, WIDTHS, Run
from sc2viz.lab.reports import grouping, leads
from sc2viz.published import printed
from sc2viz.published.accuracies import Cell, Claims
from sc2viz.published.printed import FIGURE7, FIGURE7_OWN, PICTURED


def publish(records):
    """All that pages and the documentation say of the paper's runs."""
    of_tables = make_cells(records)
    cells = {name: asdict(cell) for name, cell in of_tables.items()}
    for cell in cells.values():
        del cell["printed"]
    keys = "accuracy", "head", "objective", "excess"
    runs = {
        run.name: {key: metrics[key] for key in keys if metrics.get(key) is not None}
        | {"lam": record.get("configuration", {}).get("lam")}
        for run, record in records.items()
        if run.experiment == "accuracy" and (metrics := record["metrics"])
    }
    fair, features = PROTOCOLS["fair"], protocols.FEATURE_EPOCHS
    return {
        "cells": cells,
        "leads": leads.publish(records, Claims({"cells": cells})),
        "stored": {protocol: leads.count_stored(records, protocol) for protocol in leads.COMPARED},
        "runs": runs,
        "tuning": [
            _publish_tuning(*pair) for pair in records.items() if pair[0].experiment == "tuning"
        ],
        "pictures": _publish_pictures(records),
        "curves": _publish_curves(records, of_tables),
        "levels": _publish_levels(records, of_tables),
        "by_lambda": _publish_by_lambda(records),
        "epochs": {
            "sizes": PROTOCOLS["sizes"].unsupervised_epochs,
            "mnist": [fair.unsupervised_epochs, fair.supervised_epochs],
            "cifar10": [features["unsupervised"], features["supervised"]],
        },
        "parameters": {  # of SLSTM over those of LISTA
            _name_data(data): protocols.parameters("slstm", d_x)
            / protocols.parameters("lista", d_x)
            for data, d_x in WIDTHS.items()
        },
    }


def _name_data(data):
    return data.removesuffix("-features")


# Cells ----------------------------------------------------------------------------------------------------------------


def make_cells(records):
    """All cells by their names. Where most labels of the rows were seen that a cell as printed is measured on, there is
    another one on the test split, ".../unseen"."""
    groups = grouping.group(
        (run for run in records if run.experiment == "accuracy"),
        lambda run: (_name_data(run.data), run.protocol, run.setting, run.method, run.atoms),
    )
    cells = {}
    for group, runs in groups.items():
        data, protocol, setting, *_method = group
        name, is_drawn = "/".join(map(str, group)), PROTOCOLS[protocol].classified_rows is not None
        cells[name] = make_cell(records, runs, "accuracy", is_drawn)
        if is_drawn and printed.labels_seen(data, setting):
            cells[f"{name}/unseen"] = make_cell(records, runs, "unseen", is_drawn)
    return {name: cell for name, cell in cells.items() if cell.values}


def make_cell(records, runs, metric, is_drawn):
    """The cell of runs of several seeds. is_drawn: whether each seed drew the rows of "accuracy" itself."""
    measured = {run.name: m for run in runs if metric in (m := records[run]["metrics"])}
    if not measured:
        return Cell()
    metrics = list(measured.values())
    rows = metrics[0].get("rows") if is_drawn and metric == "accuracy" else None
    objectives = [row.get("objective") for row in metrics]
    return replace(
        average([100 * row[metric] for row in metrics], rows[1] if rows else 0),
        runs=tuple(measured),
        metric=metric,
        objective=None if None in objectives else statistics.fmean(objectives),
    )


def average(values, drawn_rows=0):
    """The cell of accuracies in %, one per seed."""
    mean, over_seeds = grouping.mean_and_spread(values)
    spread = over_seeds
    if len(values) == 1 and drawn_rows:
        spread = 100 * math.sqrt(mean / 100 * (1 - mean / 100) / drawn_rows)
    return Cell((), tuple(values), mean, over_seeds, spread, drawn=drawn_rows)


# Figures --------------------------------------------------------------------------------------------------------------


def _publish_tuning(run, record):
    """The λ and the rates that were tried, and those that were chosen."""
    metrics = record["metrics"]
    keys = [key for key in ("lam", *RATES) if key in metrics]
    return {
        "run": run.name,
        "data": _name_data(run.data),
        "setting": run.setting,
        "method": run.method,
        "chosen": {key: metrics[key] for key in keys},
        "tried": {key: sorted({trial[key] for trial in metrics["tried"]}) for key in keys},
    }


def _publish_pictures(records):
    """Of Figures 4 and 5, by data and method."""
    pictures = {}
    runs = [run for run in records if run.experiment == "pictures" and run.method in PICTURED]
    for run in sorted(runs, key=lambda run: PICTURED.index(run.method)):
        metrics = {key: records[run]["metrics"].get(key) for key in ("error", "objective", "psnr")}
        pictures.setdefault(run.data, {})[run.method] = {"run": run.name, **metrics}
    return pictures


def _publish_curves(records, cells):
    """The loss of training by epoch, by cell: the means over the seeds that stored it; without curves of interrupted runs."""
    curves = {}
    for name, cell in cells.items():
        stored = [records[Run.named(run)].get("curve") or [] for run in cell.runs]
        length = max(map(len, stored))
        complete = [curve for curve in stored if len(curve) == length]
        if length and cell.metric == "accuracy":
            means = {
                key: grouping.mean_columns([point[key] for point in curve] for curve in complete)
                for key in ("epoch", "printed", "objective")
            }
            curves[name] = {**means, "seeds": sum(map(bool, stored))}
    return curves


def _publish_levels(records, cells):
    """F on the validation rows, by cell: the mean over the seeds, where it was measured."""
    levels = {}
    for name, cell in cells.items():
        metrics = [records[Run.named(run)]["metrics"] for run in cell.runs]
        values = [row["validation"]["objective"] for row in metrics if "validation" in row]
        if len(values) == len(metrics):
            levels[name] = statistics.fmean(values)
    return levels


def _publish_by_lambda(records):
    """Of Figure 7: means over the seeds at every λ, on the dictionary of λ = 0.1, or on one that was learned at each λ."""
    groups = grouping.group(records, lambda run: (_name_data(run.data), run.experiment, run.method))
    sweeps = []
    for data in printed.DATA:
        for experiment, methods in (("lambda", FIGURE7), ("lambda-own", FIGURE7_OWN)):
            for method in methods:
                if runs := groups.get((data, experiment, method)):
                    about = {"data": data, "method": method, "own": experiment == "lambda-own"}
                    by_seed = [records[run]["metrics"]["by_lambda"] for run in runs]
                    names = {"runs": [run.name for run in runs]}
                    sweeps.append(about | _mean_sweep(by_seed) | names)
    return sweeps


def _mean_sweep(by_seed):
    rows = list(zip(*by_seed, strict=True))  # at every λ those of all seeds
    shares = [grouping.mean_and_spread([100 * seed["accuracy"] for seed in row]) for row in rows]
    means = {
        key: [statistics.fmean(seed[key] for seed in row) for row in rows]
        for key in ("loss", "objective", "nonzero")
    }
    return {
        "lam": [row[0]["lam"] for row in rows],
        **means,
        "accuracy": [mean for mean, _spread in shares],
        "spread": [spread or 0.0 for _mean, spread in shares],
    }
