"""`python -m sc2viz reproduce …`: carry out the runs behind a table or figure that are missing or out of date."""

import json
import sys
import time
from collections import namedtuple
from functools import partial

from sc2viz import checkpoints
from sc2viz.files import atomic
from sc2viz.lab.experiments import protocols, records
from sc2viz.lab.experiments.autoencoders import AutoencoderExperiment
from sc2viz.lab.experiments.paper import PaperExperiment
from sc2viz.lab.experiments.photographs import GateExperiment, PhotographExperiment
from sc2viz.lab.experiments.records import RESULTS
from sc2viz.lab.experiments.recovery import RecoveryExperiment
from sc2viz.lab.reports import photograph_tables, readme, recovery_tables, sae_tables, tables
from sc2viz.published.sentences import describe_gates

PAGE = checkpoints.PRETRAINED.parent / ".github/docs/pages/results.md"  # in a checkout alone


# What carries out the runs of a study, and what is published of their records and written into the page of results.
Study = namedtuple("Study", "experiment publish markdown")
STUDIES = {  # of published.json, as in protocols.toml
    "paper": Study(PaperExperiment, tables.publish, readme.markdown),
    "recovery": Study(RecoveryExperiment, recovery_tables.publish, recovery_tables.markdown),
    "autoencoders": Study(AutoencoderExperiment, sae_tables.publish, sae_tables.markdown),
    "photographs": Study(
        PhotographExperiment, photograph_tables.publish, photograph_tables.markdown
    ),
    "gates": Study(GateExperiment, photograph_tables.publish_gates, photograph_tables.write_gates),
}


def reproduce(arguments):
    out = arguments.out or RESULTS
    if arguments.what == "readme":
        return write_tables(out)
    options = arguments.data, arguments.protocol, arguments.seeds, arguments.batches
    runs = protocols.plan(arguments.what, *options)
    study, missing, start = runs[0].study, 0, time.perf_counter()
    experiment = STUDIES[study].experiment(out, partial(print, flush=True))
    for number, run in enumerate(runs, 1):
        label = f"[{number}/{len(runs)}] {run.name}"
        try:
            summary = summarize(experiment.perform(run, arguments.again))
            print(f"{label}: {summary}, {time.perf_counter() - start:.0f} s so far", flush=True)
        except ValueError as error:
            missing += 1
            print(f"{label} was not measured: {error}", flush=True)
    if study == "gates":
        print(describe_gates(photograph_tables.publish_gates(records.load(study, out))))
    if missing:
        sys.exit(f"error: {missing} of {len(runs)} runs were not measured")


def write_tables(out):
    """Write published.json anew beside the records in a folder, and the parts of the page of results."""
    if not PAGE.exists():
        raise ValueError(f"{PAGE} is not there: write the tables of results in a checkout")
    published = publish(out)
    if "paper" not in published:
        raise ValueError(f"{out} holds no results: the tables are left as they are")
    text = write_parts(PAGE.read_text(encoding="utf-8"), published)
    atomic.write_bytes(out / "published.json", f"{encode(published)}\n".encode())
    atomic.write_bytes(PAGE, text.encode())


def write_parts(text, published):
    """The text of the page of results with its parts, each between two marks, written anew."""
    for study, numbers in published.items():
        name = "results" if study == "paper" else study
        begin = f"<!-- {name}: python -m sc2viz reproduce readme -->\n"
        end = f"<!-- end of {name} -->"
        head, tail = text.split(begin)
        markdown = STUDIES[study].markdown(numbers)
        lines = markdown and f"{markdown}\n"
        text = f"{head}{begin}{lines}{end}{tail.split(end)[1]}"
    return text


def publish(folder):
    """What published.json has of the records in a folder, by study; the studies that have records."""
    measured = {name: records.load(name, folder) for name in STUDIES}
    published = {name: STUDIES[name].publish(runs) for name, runs in measured.items() if runs}
    return json.loads(encode(published))  # as it is read


def encode(value, depth=0):
    """As JSON, with a line for every entry of the tables."""
    if isinstance(value, dict):
        pairs = value.items()
        items = [f"{json.dumps(str(key))}: {encode(item, depth + 1)}" for key, item in pairs]
    elif isinstance(value, list | tuple):
        items = [encode(item, depth + 1) for item in value]
    else:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    begin, end = "{}" if isinstance(value, dict) else "[]"
    if depth < 3 and any("{" in item for item in items):
        return "\n".join((begin, ",\n".join(items), end))
    return begin + ", ".join(items) + end


def summarize(record):
    """The numbers of a record, those of the last iteration where it has them of each."""
    metrics = record["metrics"].items()
    ends = {
        key: value[-1] if isinstance(value, list) and value else value for key, value in metrics
    }
    return ", ".join(
        f"{key} {value:.4g}" for key, value in ends.items() if isinstance(value, float)
    )
