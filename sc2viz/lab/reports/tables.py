"""What is published of the paper's runs: cells, leads, and what its figures show."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sc2viz.lab.experiments import protocols, records
from sc2viz.lab.experiments.protocols import PROTOCOLS, WIDTHS, Run
from sc2viz.lab.experiments.records import RESULTS, Record
from sc2viz.lab.reports import grouping, leads
from sc2viz.published import printed
from sc2viz.published.accuracies import Cell, Claims
from sc2viz.published.printed import FIGURE7, FIGURE7_OWN, PICTURED

BY_LAMBDA = ("loss", "objective", "nonzero")  # of Figure 7, beside the accuracy

Records = dict[Run, Record]


def load(folder: Path = RESULTS) -> Records:
    """The records of all runs of the paper in `folder`."""
    return records.load(Run, folder)


def publish(records: Records) -> dict[str, Any]:
    """All that pages and the documentation say of the paper's runs."""
    of_tables = make_cells(records)
    cells = {name: asdict(cell) for name, cell in of_tables.items()}
    for cell in cells.values():
        del cell["printed"]
    runs = {
        run.name: {
            key: value
            for key in ("accuracy", "head", "objective", "excess")
            if (value := record["metrics"].get(key)) is not None
        }
        | {"lam": record.get("configuration", {}).get("lam")}
        for run, record in records.items()
        if run.experiment == "accuracy"
    }
    features = protocols.FEATURE_EPOCHS
    return {
        "cells": cells,
        "leads": leads.publish(records, Claims({"cells": cells})),
        "stored": {protocol: leads.count_stored(records, protocol) for protocol in leads.COMPARED},
        "runs": runs,
        "tuning": [_publish_tuning(*of) for of in records.items() if of[0].experiment == "tuning"],
        "pictures": _publish_pictures(records),
        "curves": _publish_curves(records, of_tables),
        "levels": _publish_levels(records, of_tables),
        "by_lambda": _publish_by_lambda(records),
        "epochs": {
            "sizes": PROTOCOLS["sizes"].unsupervised_epochs,
            "mnist": [PROTOCOLS["fair"].unsupervised_epochs, PROTOCOLS["fair"].supervised_epochs],
            "cifar10": [features["unsupervised"], features["supervised"]],
        },
        "parameters": {  # of SLSTM over those of LISTA
            data.removesuffix("-features"): protocols.parameters("slstm", d_x)
            / protocols.parameters("lista", d_x)
            for data, d_x in WIDTHS.items()
        },
    }


# Cells ----------------------------------------------------------------------------------------------------------------


def make_cells(records: Records) -> dict[str, Cell]:
    """All cells by their names. Where most labels of the rows were seen that a cell as printed is measured on, there is
    another one on the test split, ".../unseen"."""
    groups: dict[tuple, list[Run]] = {}
    for run in sorted(records, key=lambda run: run.seed):
        if run.experiment == "accuracy":
            data = run.data.removesuffix("-features")
            groups.setdefault((data, run.protocol, run.setting, run.method, run.atoms), []).append(
                run
            )
    cells = {}
    for group, runs in groups.items():
        data, protocol, setting, *_method = group
        name, drawn = "/".join(map(str, group)), PROTOCOLS[protocol].classified_rows is not None
        cells[name] = make_cell(records, runs, "accuracy", drawn)
        if drawn and printed.labels_seen(data, setting):
            cells[f"{name}/unseen"] = make_cell(records, runs, "unseen", drawn)
    return {name: cell for name, cell in cells.items() if cell.values}


def make_cell(records: Records, runs: Iterable[Run], metric: str, drawn: bool) -> Cell:
    """The cell of runs of several seeds. drawn: whether each seed drew the rows of "accuracy" itself."""
    measured = {run: m for run in runs if metric in (m := records[run]["metrics"])}
    if not measured:
        return Cell()
    metrics = list(measured.values())
    rows = metrics[0].get("rows") if drawn and metric == "accuracy" else None
    objectives = [each.get("objective") for each in metrics]
    return replace(
        average([100 * each[metric] for each in metrics], rows[1] if rows else 0),
        runs=tuple(run.name for run in measured),
        metric=metric,
        objective=None if None in objectives else statistics.fmean(objectives),
    )


def average(values: Sequence[float], drawn: int = 0) -> Cell:
    """The cell of accuracies in %, one per seed."""
    mean, over_seeds = grouping.mean_and_spread(values)
    spread = over_seeds
    if len(values) == 1 and drawn:
        spread = 100 * math.sqrt(mean / 100 * (1 - mean / 100) / drawn)
    return Cell((), tuple(values), mean, over_seeds, spread, drawn=drawn)


# Figures --------------------------------------------------------------------------------------------------------------


def _publish_tuning(run: Run, record: Record) -> dict[str, Any]:
    """The λ and the rates that were tried, and those that were chosen."""
    metrics = record["metrics"]
    keys = [key for key in ("lam", "rate", "dictionary_rate") if key in metrics]
    return {
        "run": run.name,
        "data": run.data.removesuffix("-features"),
        "setting": run.setting,
        "method": run.method,
        "chosen": {key: metrics[key] for key in keys},
        "tried": {key: sorted({trial[key] for trial in metrics["tried"]}) for key in keys},
    }


def _publish_pictures(records: Records) -> dict[str, Any]:
    """Of Figures 4 and 5, by data and method."""
    pictures: dict[str, Any] = {}
    for method in PICTURED:
        for run, record in records.items():
            if run.experiment == "pictures" and run.method == method:
                metrics = {
                    key: record["metrics"].get(key) for key in ("error", "objective", "psnr")
                }
                pictures.setdefault(run.data, {})[method] = {"run": run.name, **metrics}
    return pictures


def _publish_curves(records: Records, cells: dict[str, Cell]) -> dict[str, Any]:
    """The loss of training by epoch, by cell: the means over the seeds that stored it."""
    curves = {
        name: mean_curve([records[Run.named(run)].get("curve") for run in cell.runs])
        for name, cell in cells.items()
        if cell.metric == "accuracy"
    }
    return {name: curve for name, curve in curves.items() if curve}


def _publish_levels(records: Records, cells: dict[str, Cell]) -> dict[str, float]:
    """F on the validation rows, by cell: the mean over the seeds, where it was measured."""
    levels = {}
    for name, cell in cells.items():
        metrics = [records[Run.named(run)]["metrics"] for run in cell.runs]
        values = [each["validation"]["objective"] for each in metrics if "validation" in each]
        if values and len(values) == len(metrics):
            levels[name] = statistics.fmean(values)
    return levels


def mean_curve(curves: list[list[dict[str, float]] | None]) -> dict[str, Any]:
    """A training curve averaged over seeds; empty if none was stored. Curves of interrupted runs are left out."""
    stored = [curve for curve in curves if curve]
    if not stored:
        return {}
    longest = max(map(len, stored))
    whole = [curve for curve in stored if len(curve) == longest]
    means = {
        key: [
            statistics.fmean(point[key] for point in points) for points in zip(*whole, strict=True)
        ]
        for key in ("epoch", "printed", "objective")
    }
    return {**means, "seeds": len(stored)}


def _publish_by_lambda(records: Records) -> list[dict[str, Any]]:
    """Of Figure 7: means over the seeds at every λ, on the dictionary of λ = 0.1, or on one that was learned at each λ."""
    sweeps = []
    for data in printed.DATA:
        for experiment, methods in (("lambda", FIGURE7), ("lambda-own", FIGURE7_OWN)):
            for method in methods:
                runs = [
                    run
                    for run in records
                    if run.data.startswith(data)
                    and (run.experiment, run.method) == (experiment, method)
                ]
                if runs:
                    by_seed = [records[run]["metrics"]["by_lambda"] for run in runs]
                    sweeps.append(
                        {
                            "data": data,
                            "method": method,
                            "own": experiment == "lambda-own",
                            **_mean_sweep(by_seed),
                            "runs": [run.name for run in runs],
                        }
                    )
    return sweeps


def _mean_sweep(by_seed: list[list[dict[str, float]]]) -> dict[str, list[float]]:
    rows = list(zip(*by_seed, strict=True))
    shares = [[100 * row["accuracy"] for row in row_of_seeds] for row_of_seeds in rows]
    return {
        "lam": [row["lam"] for row in by_seed[0]],
        **{
            key: [statistics.fmean(row[key] for row in seeds) for seeds in rows]
            for key in BY_LAMBDA
        },
        "accuracy": [statistics.fmean(values) for values in shares],
        "spread": [grouping.spread(values) or 0.0 for values in shares],
    }
