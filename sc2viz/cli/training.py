"""`sc2viz train`: a run is written on the way and where it is stopped, so that a kill loses a minute at most."""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sc2viz import checkpoints, data, dictionary, solvers, training
from sc2viz.cli import dictionaries, signals, torchrun
from sc2viz.cli.options import SHARED
from sc2viz.cli.table import RUN
from sc2viz.files import atomic
from sc2viz.training import losses
from sc2viz.training.settings import STORED

SAVE_EVERY = 60.0  # seconds after which a run is saved
SAVE_EPOCHS = 5.0  # seconds since the last save after which it is saved at the end of an epoch


def run(arguments: argparse.Namespace) -> None:
    """Train a solver and write it, also on the way and where the run is stopped."""
    if arguments.out:
        atomic.keep([arguments.out], [arguments.data, arguments.dictionary, arguments.start])
        atomic.probe(
            arguments.out
        )  # a file that cannot be written is found before the work, not after it
    resumed = arguments.resume and checkpoints.locate(arguments.resume)
    before = checkpoints.notes(resumed) if resumed else {}
    asked = {key: value for key, value in vars(arguments).items() if value is not None}
    run = {key: asked.get(key, before.get(key, default)) for key, default in RUN.items()}
    with torchrun.processes() as (processes, device):
        chief = processes is None or processes.rank == 0
        # A run from before there was a note of its rows was on all that there are.
        rows = data.load if resumed and "rows" not in before else data.to_learn_from
        images = rows(asked.get("data", before.get("data", SHARED["--data"]["default"])))
        solver, start = _resumed(resumed, before) if resumed else _begun(arguments, run, images)
        path = Path(arguments.out or resumed or default_name(images, solver, run))
        if chief:
            atomic.probe(path)
        # A file does not note a setting that is newer than the file; the run then had the default of Settings.
        settings = (
            training.Settings() if resumed else training.recipe(solver, run["loss"], run["preset"])
        )
        for name in STORED:
            setattr(settings, name, asked.get(name, before.get(name, getattr(settings, name))))
        solver.to(device)
        all_rows = asked.get("all_rows", before.get("all_rows", False))
        made = {
            "data": images.name,
            "rows": len(images),
            "dictionary": start,
            **run,
            "all_rows": all_rows,
        }
        made |= {name: getattr(settings, name) for name in STORED}
        if arguments.start:
            made["start"] = str(arguments.start)

        def save(event: training.Event) -> None:
            measured = {
                key: value for key, value in vars(event).items() if key not in ("state", "stopped")
            }
            keep = not event.stopped or arguments.keep_state or path == resumed
            notes = {**made, "stopped": event.stopped or "unfinished", "validation": measured}
            checkpoints.save(solver, path, notes, event.state() if keep else None)

        resume = checkpoints.load_training(resumed) if resumed else None
        events = training.fit(
            solver,
            images,
            settings=settings,
            resume=resume,
            processes=processes,
            **run,
            validation=training.hold_out(images)[1] if all_rows else None,
        )
        stops = signals.Stops(settings, breaks=processes is None)
        last = _follow(events, stops, run["epochs"], save if chief else None)
        if chief:
            if last.stopped not in ("finished", "plateau"):
                print(f"stopped after {last.epoch:.2f} of {run['epochs']} epochs: {last.stopped}")
            print(path)


def _resumed(path: Path, noted: dict[str, Any]) -> tuple[solvers.Solver, str | None]:
    """The network of a run that is resumed, and the digest of the dictionary that its run began with."""
    if not checkpoints.load_training(path):
        raise ValueError(f"{path} holds no state to resume from: train with --keep-state")
    return checkpoints.load(path), noted.get("dictionary")


def _begun(
    arguments: argparse.Namespace, run: dict[str, Any], images: data.Images
) -> tuple[solvers.Solver, str]:
    """The network that a new run begins with, and the digest of its dictionary."""
    if arguments.start:
        solver = _to_start_from(arguments.start, arguments.solver, images, run, arguments.norm)
        return solver, dictionary.digest(solver.dictionary)
    B, _ = dictionaries.for_data(images, arguments.atoms, run["seed"], arguments.dictionary)
    asked = {key: vars(arguments)[key] for key in ("activation", "kappa", "norm", "k", "positive")}
    options = {key: value for key, value in asked.items() if value is not None}
    seen = images if arguments.all_rows else training.hold_out(images)[0]
    options = (
        training.bounds(arguments.solver, seen, run["loss"], {**options, "preset": run["preset"]})
        | options
    )
    solver = solvers.build(
        arguments.solver,
        B,
        arguments.steps,
        seed=run["seed"],
        classes=_classes(images, run["loss"]),
        preset=run["preset"],
        **options,
    )
    solvers.finite(
        solver, solver(images.pixels[:2], training.Settings.measured_at)
    )  # before the work, not after it
    return solver, dictionary.digest(B)


def _follow(
    events: Iterator[training.Event],
    stops: signals.Stops,
    epochs: int,
    save: Callable[[training.Event], None] | None,
) -> training.Event:
    """Show and `save` what a run does until it ends, and return its last event. None: another process shows and saves."""
    with signals.handled(stops):
        saved, at = time.monotonic(), 0
        bar = tqdm(
            total=epochs,
            disable=save is None,
            bar_format="{l_bar}{bar}| {n:.1f}/{total} epochs [{elapsed}<{remaining}{postfix}]",
        )
        for event in events:
            bar.update(event.epoch - bar.n)
            bar.set_postfix_str(
                f"F {event.objective:.3f}, {event.excess:.2f} % above exact codes on its atoms"
            )
            waited = time.monotonic() - saved
            due = waited > SAVE_EVERY or (int(event.epoch) > at and waited > SAVE_EPOCHS)
            if save is not None and (event.stopped or due):
                with stops.held():
                    save(event)
                saved, at = time.monotonic(), int(event.epoch)
        bar.close()
    return event


def _classes(images: data.Images, loss: str) -> int | None:
    """The classes of a softmax head; None where the loss uses no labels."""
    if loss in losses.LABELLED and images.labels is None:
        raise ValueError(
            f"{images.name} has no labels, which the loss {loss} needs: add y_train, or take another loss"
        )
    classes = images.n_classes if loss in losses.LABELLED else None
    if classes is not None and classes > data.MOST_CLASSES:
        raise ValueError(
            f"labels of {images.name} must be below {data.MOST_CLASSES:,}: number the classes 0, 1, 2, …"
        )
    return classes


def _to_start_from(
    name: str, expected: str, images: data.Images, run: dict[str, Any], norm: float | None
) -> solvers.Solver:
    """The network of a file, ready to train on; ValueError where it is another one than the run is asked to train.

    A network of an earlier version of the recommended recipe becomes one of today's, its new parameters 0. With `norm` it is
    bounded by that, and has other codes than before.
    """
    solver = checkpoints.load(name).requires_grad_(True)
    old = run["preset"] == "recommended" and solver.config.get("preset") in solvers.EARLIER
    if old or norm is not None:
        earlier, options = (
            solver,
            {**solver.config, "preset": "recommended" if old else solver.config.get("preset")},
        )
        options |= {} if norm is None else {"norm": norm}
        solver = solvers.build(**options, B=earlier.dictionary)
        solver.load_state_dict(earlier.state_dict())
    preset = solver.config.get("preset", run["preset"])
    classes = _classes(images, run["loss"])
    for what, found, wanted in (
        ("solver", solver.name, expected),
        ("preset", preset, run["preset"]),
        ("classes", solver.config.get("classes"), classes),
    ):
        if found != wanted:
            raise ValueError(
                f"{name} has {what} {found}, and the run {wanted}: take another, or ask for the same"
            )
    return solver


def default_name(images: data.Images, solver: solvers.Solver, run: dict[str, Any]) -> str:
    """Where a run is written without --out: in the working directory, named as files under pretrained/ are."""
    loss = "" if run["loss"] == "sc2net" else run["loss"]
    built = type(solver).traits.variant_of(solver.config, "sc2net") or (
        "paper" if run["preset"] == "paper" else ""
    )
    return "-".join(filter(None, (images.name, solver.name, loss, built))) + ".safetensors"
