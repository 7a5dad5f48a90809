"""`python -m sc2viz reproduce …`: carry out the runs behind a table or figure that are missing or out of date."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from sc2viz import checkpoints
from sc2viz.files import atomic
from sc2viz.lab.experiments import (
    conv_runs,
    photograph_runs,
    protocols,
    records,
    recovery_protocols,
    sae_runs,
)
from sc2viz.lab.experiments.conv_runs import ConvRun, ConvRunner
from sc2viz.lab.experiments.photograph_runs import PhotographRun, PhotographRunner
from sc2viz.lab.experiments.protocols import Run
from sc2viz.lab.experiments.records import RESULTS, BaseRun, Experiment, Record
from sc2viz.lab.experiments.recovery_protocols import RecoveryRun
from sc2viz.lab.experiments.recovery_runs import RecoveryRunner
from sc2viz.lab.experiments.runs import Runner
from sc2viz.lab.experiments.sae_runs import SAERun, SAERunner
from sc2viz.lab.reports import (
    gate_tables,
    grouping,
    photograph_tables,
    readme,
    recovery_tables,
    sae_tables,
    tables,
)
from sc2viz.published import printed
from sc2viz.published.sentences import describe_gates

DATA = *printed.DATA, *sae_runs.DATA
PAGE = (
    checkpoints.PRETRAINED.parent / ".github" / "docs" / "pages" / "results.md"
)  # an installed package has none


class Experiments(NamedTuple):
    """A kind of runs, what carries them out, and what is published of their records and written into the page of results."""

    run: type[BaseRun]
    runner: type[Experiment]
    publish: Callable[[Any], dict[str, Any]]
    markdown: Callable[[dict[str, Any]], str]


EXPERIMENTS = {  # by the part of published.json
    "paper": Experiments(Run, Runner, tables.publish, readme.markdown),
    "recovery": Experiments(
        RecoveryRun, RecoveryRunner, recovery_tables.publish, recovery_tables.markdown
    ),
    "autoencoders": Experiments(SAERun, SAERunner, sae_tables.publish, sae_tables.markdown),
    "photographs": Experiments(
        PhotographRun, PhotographRunner, photograph_tables.publish, photograph_tables.markdown
    ),
    "gates": Experiments(ConvRun, ConvRunner, gate_tables.publish, gate_tables.markdown),
}


def reproduce(arguments: argparse.Namespace) -> None:
    out = arguments.out or RESULTS
    if arguments.what == "readme":
        return write_tables(out)
    runs = plan(
        arguments.what, arguments.data, arguments.protocol, arguments.seeds, arguments.batches
    )
    (runner_class,) = (kind.runner for kind in EXPERIMENTS.values() if kind.run is type(runs[0]))
    began, missing = time.perf_counter(), 0
    with tqdm(runs, unit="run", disable=not sys.stderr.isatty()) as bar:
        runner = runner_class(out, say=lambda line: bar.write(line, file=sys.stdout))
        for number, run in enumerate(bar, 1):
            start = f"[{number}/{bar.total}] {run.name}"
            try:
                summary = summarize(runner.perform(run, arguments.again))
            except ValueError as error:
                missing += 1
                bar.write(f"{start} was not measured: {error}", file=sys.stdout)
                continue
            bar.write(
                f"{start}: {summary}, {time.perf_counter() - began:.0f} s so far", file=sys.stdout
            )
    if isinstance(runs[0], ConvRun):
        print(describe_gates(gate_tables.publish(records.load(ConvRun, out))))
    if missing:
        sys.exit(f"error: {missing} of {len(runs)} runs were not measured")


def plan(
    what: str, data: str | None, protocol: str, seeds: int, batches: int = conv_runs.BATCHES
) -> list[Any]:
    """The runs that a word of the command asks for: all of a kind, those of a table, or the one of that name."""
    if what == "recovery":
        return [*recovery_protocols.runs(seeds), *recovery_protocols.fresh_runs()]
    if what == "sae":
        if data not in (None, *sae_runs.DATA):
            raise ValueError(f"sae takes --data {', '.join(sae_runs.DATA)}, got {data}")
        return sae_runs.runs(seeds, data)
    if what == "conv":
        return conv_runs.runs(seeds, batches)
    if what == "photographs":
        return photograph_runs.runs(seeds)
    if what not in protocols.WHAT:
        return [find_run(what)]
    runs = protocols.runs(what, data or "mnist", protocol, seeds)
    if not runs:
        raise ValueError(f"{what} is measured under the fair protocol only: leave out --protocol")
    return runs


def find_run(name: str) -> BaseRun:
    """The run of a name, of whichever kind."""
    problems = []
    for kind in EXPERIMENTS.values():
        try:
            return kind.run.named(name)
        except ValueError as error:
            problems.append(str(error))
    others = (problem.rpartition("a name is")[2] for problem in problems[1:])
    raise ValueError(problems[0] + "".join(f", or{other}" for other in others))


def write_tables(out: Path) -> None:
    """Write published.json anew beside the records in a folder, and the parts of the page of results."""
    if not PAGE.exists():
        raise ValueError(f"{PAGE} is not there: write the tables of results in a checkout")
    if not tables.load(out):
        raise ValueError(f"{out} holds no results: the tables are left as they are")
    published = publish(out)
    text = write_parts(PAGE.read_text(encoding="utf-8"), published)
    atomic.write_bytes(out / "published.json", f"{encode(published)}\n".encode())
    atomic.write_bytes(PAGE, text.encode())


def write_parts(text: str, published: dict[str, Any]) -> str:
    """The text of the page of results with its parts written anew."""
    for part, numbers in published.items():
        name = "results" if part == "paper" else part
        text = grouping.into(text, name, EXPERIMENTS[part].markdown(numbers))
    return text


def publish(folder: Path) -> dict[str, Any]:
    """What published.json has of the records in a folder, by part; the parts that have records."""
    published = {}
    for part, kind in EXPERIMENTS.items():
        if of_kind := records.load(kind.run, folder):
            published[part] = kind.publish(of_kind)
    return json.loads(encode(published))  # as it is read


def encode(value: Any, depth: int = 0) -> str:
    """As JSON, with a line for every entry of the tables."""
    if isinstance(value, dict):
        begin, end = "{}"
        items = [
            f"{json.dumps(str(key))}: {encode(item, depth + 1)}" for key, item in value.items()
        ]
    elif isinstance(value, list | tuple):
        begin, end = "[]"
        items = [encode(item, depth + 1) for item in value]
    else:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if depth < 3 and "{" in "".join(items):
        return begin + "\n" + ",\n".join(items) + "\n" + end
    return begin + ", ".join(items) + end


def summarize(record: Record) -> str:
    """The numbers of a record, those of the last iteration where it has them of each."""
    numbers = {
        key: value[-1] if isinstance(value, list) and value else value
        for key, value in record["metrics"].items()
    }
    return ", ".join(
        f"{key} {value:.4g}" for key, value in numbers.items() if isinstance(value, float)
    )
