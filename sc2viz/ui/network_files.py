"""The files of trained networks that fit a data set: those that ship, and those in the reader's folder SC2VIZ_NETWORKS."""

import os
from functools import lru_cache
from pathlib import Path

from sc2viz import checkpoints, dictionary, solvers
from sc2viz.ui import known_codes, sets

OTHERS = (
    sets.BROUGHT,
    sets.LEARNED,
    sets.OWN,
)  # dictionaries that no shipped network was trained from


def networks(data: str) -> dict[tuple[str, str], list[str]]:
    """The files by solver and variant: first those of the dictionary in use, or of the shipped one where none was trained
    from that, then the reader's. Those of the reader's that were trained on other data are among them if the reader asks."""
    if data == sets.KNOWN:
        return _of_known_codes()
    folder = _folder(data)
    found: dict[tuple[str, str], list[str]] = {}
    headers = {name: checkpoints.header(name) for name in checkpoints.available(folder)}
    d_x, others = len(sets.dictionary(data)), sets.asks_for_others()
    headers |= {str(path): header for path, header in checkpoints.own_networks()[0].items()}
    for name, header in headers.items():
        whole = (
            data == sets.PHOTOGRAPHS and header.solver in solvers.ON_FILTERS
        )  # which code pictures of any size
        fits = whole or header.solver in solvers.NAMES and header.d_x == d_x
        if fits and (others or not elsewhere(name, data)):
            cleans = data in (sets.PATCH, sets.PHOTOGRAPHS) and name.startswith(
                f"{folder}/"
            )  # all remove noise there
            variant = "" if cleans else header.variant
            found.setdefault((header.solver, variant), []).append(name)
    return found


def _folder(data: str) -> str:
    """The folder of pretrained/ with the networks for a data set."""
    key = sets.chosen(data)
    return next(iter(sets.shipped(data)), key) if key in OTHERS else key


def stamp(data: str) -> int | None:
    """What changes with the files in that folder; None where a reader's folder may have files as well."""
    folder = checkpoints.PRETRAINED / (sets.RECOVERY if data == sets.KNOWN else _folder(data))
    return (
        None
        if os.environ.get(checkpoints.NETWORKS) or not folder.is_dir()
        else folder.stat().st_mtime_ns
    )


def _of_known_codes() -> dict[tuple[str, str], list[str]]:
    """The files by solver and variant that were trained on the very dictionary of Known codes that is at hand."""
    found: dict[tuple[str, str], list[str]] = {}
    own = [
        path
        for path, header in checkpoints.own_networks()[0].items()
        if checkpoints.notes(path).get("snr_db")
    ]
    files = [*checkpoints.available(sets.RECOVERY), *map(str, own)]
    problem = known_codes.at_hand()
    digest = _digest(problem.d_x, problem.d_s) if files else ""
    for name in files:
        header = checkpoints.header(name)
        if header.solver in solvers.NAMES and checkpoints.notes(name).get("dictionary") == digest:
            found.setdefault((header.solver, header.variant), []).append(name)
    return found


@lru_cache(64)
def _digest(d_x: int, d_s: int) -> str:
    """A digest of the dictionary of a problem of this size."""
    return dictionary.digest(
        known_codes.images(known_codes.RECIPE._replace(d_x=d_x, d_s=d_s)).dictionary
    )


def elsewhere(file: str, data: str) -> str:
    """The data set that a network of the reader's notes it was trained on, where that is another one than `data`."""
    noted = Path(file).suffix and checkpoints.notes(file).get("data")  # what ships has no suffix
    return noted if noted and noted not in sets.families(data) else ""


def there_are_others(data: str) -> bool:
    """Whether networks of the reader's fit a data set, and were trained on another one."""
    d_x = len(sets.dictionary(data))
    fitting = {
        path: header for path, header in checkpoints.own_networks()[0].items() if header.d_x == d_x
    }
    return any(
        elsewhere(str(path), data)
        for path, header in fitting.items()
        if header.solver in solvers.NAMES
    )
