"""`python -m sc2viz reproduce …`: carry out the runs behind a table or figure that are missing or out of date."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from sc2viz import checkpoints
from sc2viz.experiments import printed, protocols, recovery_protocols, recovery_runs, sae_runs
from sc2viz.experiments.protocols import Run
from sc2viz.experiments.records import RESULTS
from sc2viz.experiments.runs import Runner
from sc2viz.files import atomic
from sc2viz.reports import leads, readme, recovery_tables, sae_tables, tables

DATA = *printed.DATA, *sae_runs.DATA
PAGE = checkpoints.PRETRAINED.parent / ".github" / "docs" / "pages" / "results.md"  # an installed package has none


def reproduce(arguments: argparse.Namespace) -> None:
    arguments.out = arguments.out or RESULTS
    if arguments.what == "readme":
        if not PAGE.exists():
            raise ValueError(f"{PAGE} is not there: write the tables of results in a checkout")
        records = tables.load(arguments.out)
        if not records:
            raise ValueError(f"{arguments.out} holds no results: the tables are left as they are")
        leads.store(records, arguments.out / leads.PAIRED.parent.name / leads.PAIRED.name)
        text = readme.into(PAGE.read_text(encoding="utf-8"), records)
        recovered = recovery_tables.load(arguments.out / recovery_runs.FOLDER.name)
        text = recovery_tables.into(text, recovered) if recovered else text
        coded = sae_tables.load(arguments.out / sae_runs.FOLDER.name)
        text = sae_tables.into(text, coded) if coded else text
        atomic.write_bytes(PAGE, text.encode())
        return
    if arguments.seeds < 1:
        raise ValueError(f"seeds must be ≥ 1, got {arguments.seeds}")
    if arguments.what.startswith("recovery"):
        return recover(arguments)
    if arguments.what == "sae":
        return compare_autoencoders(arguments)
    arguments.data = arguments.data or "mnist"
    if arguments.what in protocols.WHAT:
        todo = protocols.runs(arguments.what, arguments.data, arguments.protocol, arguments.seeds)
    else:
        todo = [Run.named(arguments.what)]
    if not todo:
        raise ValueError(f"{arguments.what} is measured under the fair protocol only: leave out --protocol")
    with tqdm(todo, unit="run", disable=not sys.stderr.isatty()) as bar:
        runner = Runner(arguments.out, say=lambda line: bar.write(line, file=sys.stdout))
        perform(bar, lambda run: headline(runner.perform(run, arguments.again, arguments.rows)))


def recover(arguments: argparse.Namespace) -> None:
    """`reproduce recovery`, or the run of a name that begins so."""
    what, out = arguments.what, arguments.out / recovery_runs.FOLDER.name
    all_runs = [*recovery_protocols.runs(arguments.seeds), *recovery_protocols.fresh_runs()]
    todo = all_runs if what == "recovery" else [recovery_protocols.RecoveryRun.named(what)]
    with tqdm(todo, unit="run", disable=not sys.stderr.isatty()) as bar:
        runner = recovery_runs.RecoveryRunner(out, say=lambda line: bar.write(line, file=sys.stdout))
        perform(bar, lambda run: recovery_runs.headline(runner.perform(run, arguments.again)))


def compare_autoencoders(arguments: argparse.Namespace) -> None:
    """`reproduce sae`: the runs of sparse autoencoders, of all data or of one."""
    if arguments.data not in (None, *sae_runs.DATA):
        raise ValueError(f"sae takes --data {', '.join(sae_runs.DATA)}, got {arguments.data}")
    with tqdm(sae_runs.runs(arguments.seeds, arguments.data), unit="run", disable=not sys.stderr.isatty()) as bar:
        folder = arguments.out / sae_runs.FOLDER.name
        runner = sae_runs.SAERunner(folder, say=lambda line: bar.write(line, file=sys.stdout))
        perform(bar, lambda run: sae_tables.headline(runner.perform(run, arguments.again)))


def perform(bar: tqdm, measure: Callable[[Any], str]) -> None:
    """Measure the runs of a progress bar one after the other, and print the headline of each."""
    began, missing = time.perf_counter(), 0
    for number, run in enumerate(bar, 1):
        try:
            said = measure(run)
        except ValueError as error:
            missing += 1
            bar.write(f"[{number}/{bar.total}] {run.name} was not measured: {error}", file=sys.stdout)
            continue
        bar.write(f"[{number}/{bar.total}] {run.name}: {said}, {time.perf_counter() - began:.0f} s so far", file=sys.stdout)
    if missing:
        sys.exit(f"error: {missing} of {bar.total} runs were not measured")


def headline(record: dict) -> str:
    metrics = record["metrics"]
    if "accuracy" in metrics:
        return f"{100 * metrics['accuracy']:.2f} %"
    if "tried" in metrics:
        return f"λ = {metrics['lam']:g}"
    if "psnr" in metrics:
        return f"{metrics['psnr']:.2f} dB"
    return ", ".join(f"{100 * row['accuracy']:.2f} % at λ = {row['lam']:g}" for row in metrics["by_lambda"])
