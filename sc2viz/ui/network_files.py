"""The files of trained networks that fit a data set: those that ship, and those in the reader's folder SC2VIZ_NETWORKS."""

import os
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from sc2viz import checkpoints, dictionary, solvers
from sc2viz.ui import known_codes, sets

RECOVERY = "recovery"  # the folder of pretrained/ with the networks for Known codes
# Dictionaries that no shipped network was trained from
OTHERS = (sets.BROUGHT, sets.LEARNED, sets.FROM_FILE)


def networks(data: str) -> dict[tuple[str, str], list[str]]:
    """Return the files of networks that fit a data set, by solver and variant: first those of the dictionary in use, or of
    the shipped one where none was trained from that, then the reader's. Those of the reader's that were trained on other data
    are among them if the reader asks."""
    folder, d_x, takes_others = _folder(data), len(sets.dictionary(data)), sets.asks_for_others()
    headers = {name: checkpoints.header(name) for name in checkpoints.available(folder)}
    headers |= {str(path): header for path, header in checkpoints.own_networks()[0].items()}
    problem, files = known_codes.current_problem(), defaultdict(list)
    for name, header in headers.items():
        if data == sets.KNOWN_CODES:  # a network must be trained on the very dictionary
            fits = checkpoints.notes(name).get("dictionary") == _digest(problem.d_x, problem.d_s)
        else:
            fits = header.d_x == d_x and (takes_others or not find_other_data(name, data))
        # Solvers on filters code pictures of any size.
        on_filters = data == sets.PHOTOGRAPHS and header.solver in solvers.ON_FILTERS
        if on_filters or fits and header.solver in solvers.NAMES:
            # All that ship for photographs remove noise.
            ships = data in (sets.PATCH, sets.PHOTOGRAPHS) and name.startswith(f"{folder}/")
            files[header.solver, "" if ships else header.variant].append(name)
    return files


def _folder(data: str) -> str:
    """Return the name of the folder of pretrained/ with the networks for a data set."""
    if data == sets.KNOWN_CODES:
        return RECOVERY
    key = sets.chosen(data)
    return next(iter(sets.shipped(data)), key) if key in OTHERS else key


def stamp(data: str) -> int | None:
    """Return a number that changes with the files that ship for a data set; None where there are none, or where a reader's
    folder may have files as well."""
    folder = checkpoints.PRETRAINED / _folder(data)
    if os.environ.get(checkpoints.NETWORKS) or not folder.is_dir():
        return None
    return folder.stat().st_mtime_ns


@lru_cache(64)
def _digest(d_x: int, d_s: int) -> str:
    """Return a digest of the dictionary of a problem of this size."""
    problem = known_codes.RECIPE._replace(d_x=d_x, d_s=d_s)
    return dictionary.digest(known_codes.images(problem).dictionary)


def find_other_data(file: str, data: str) -> str:
    """Return the data set that a network of the reader's notes it was trained on, where that is another one than `data`; else
    "", as for what ships."""
    noted = Path(file).suffix and checkpoints.notes(file).get("data")  # what ships has no suffix
    return noted if noted and noted not in sets.families(data) else ""


def has_networks_of_other_data(data: str) -> bool:
    """Whether networks of the reader's fit a data set, and were trained on another one."""
    d_x = len(sets.dictionary(data))
    return any(
        header.d_x == d_x and header.solver in solvers.NAMES and find_other_data(str(path), data)
        for path, header in checkpoints.own_networks()[0].items()
    )
