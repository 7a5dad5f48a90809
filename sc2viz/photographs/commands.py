"""`sc2viz denoise IN OUT`, `inpaint IN MASK OUT` and `approximate IN OUT`: files, or folders of files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import Tensor
from tqdm import tqdm

from sc2viz import defaults
from sc2viz.cli import limits
from sc2viz.files import dictionaries
from sc2viz.photographs import Answer, approximate, coding, denoise, files, inpaint

SOLVER = "a solver's name, 'exact', or a trained network: a shipped name or a path (default: %(default)s)"
DICTIONARY = "'learned', from the picture itself; or a shipped name; or a .npy, .npz or .safetensors"


def add_commands(commands: argparse._SubParsersAction) -> None:
    noise = commands.add_parser("denoise", help="remove noise from photographs")
    _files(noise, "IN", "OUT")
    noise.add_argument("--sigma", type=float, help="standard deviation of the noise, of 255 (default: estimated)")
    noise.add_argument("--lam", type=float, help="lambda (default: in proportion to sigma)")
    _how(noise, defaults.PHOTOGRAPHS, 1)
    noise.set_defaults(run=lambda asked: _each(asked, _denoised))

    holes = commands.add_parser("inpaint", help="fill in missing pixels of photographs")
    _files(holes, "IN", "MASK", "OUT")
    _how(holes, defaults.FILLS, 2)
    holes.set_defaults(run=lambda asked: _each(asked, _filled))

    few = commands.add_parser("approximate", help="write photographs with few codes")
    _files(few, "IN", "OUT")
    amount = few.add_mutually_exclusive_group(required=True)
    amount.add_argument("--non-zeros", type=float, help="mean number of codes a pixel, the means of patches included")
    amount.add_argument("--lam", type=float, help="lambda instead of that")
    _how(few, coding.EXACT, None)
    few.set_defaults(run=lambda asked: _each(asked, _approximated))


def _files(command: argparse.ArgumentParser, *names: str) -> None:
    told = {"IN": "a PNG, JPEG, WebP or TIFF, or a folder of them", "OUT": "a file, or a folder where IN is one",
            "MASK": "a picture of the same size, white where pixels are missing; or a folder of them"}  # fmt: skip
    for name in names:
        command.add_argument(name.lower(), metavar=name, type=Path, help=told[name])


def _how(command: argparse.ArgumentParser, solver: str, stride: int | None) -> None:
    command.add_argument("--solver", default=solver, help=SOLVER)
    command.add_argument("--dictionary", help=DICTIONARY)
    said = "a patch's side" if stride is None else "%(default)s"
    command.add_argument("--stride", type=limits.times, default=stride, help=f"pixels between patches (default: {said})")


def _each(asked: argparse.Namespace, work: Callable[..., Answer]) -> None:
    """Work on one file, or on every picture of a folder; what is wrong with one of them does not keep the others."""
    source, out = vars(asked)["in"], asked.out
    if not source.is_dir():
        _one(asked, work, source, out / source.name if out.is_dir() else out, getattr(asked, "mask", None))
        return
    paths = sorted(path for path in source.iterdir() if path.suffix.lower() in files.SUFFIXES)
    if not paths:
        raise ValueError(f"there is no picture in {source}: files must end in {', '.join(files.SUFFIXES)}")
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} must be a folder, as {source} is")
    out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for path in paths:
        mask = getattr(asked, "mask", None)
        try:
            _one(asked, work, path, out / path.name, mask / path.name if mask is not None and mask.is_dir() else mask)
        except (ValueError, OSError) as error:
            failed += 1
            print(f"error: {path.name}: {error}", file=sys.stderr)
    if failed:
        raise ValueError(f"{failed} of {len(paths)} pictures could not be done")


def _one(asked: argparse.Namespace, work: Callable[..., Answer], source: Path, out: Path, mask: Path | None) -> None:
    if out.suffix.lower() not in files.SUFFIXES:
        raise ValueError(f"{out.name} must end in {', '.join(files.SUFFIXES)}")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {out.parent} to write {out.name} to")
    photograph = files.read(source)
    with tqdm(total=100, desc=source.name, unit="%", bar_format="{l_bar}{bar}| [{elapsed}<{remaining}]") as bar:
        told = lambda done: bar.update(round(100 * done) - bar.n)  # noqa: E731
        how = {"solver": asked.solver, "dictionary": _dictionary(asked.dictionary), "stride": asked.stride, "progress": told}
        answer = work(photograph, asked, how, *(() if mask is None else (mask,)))
    files.write(out, answer.picture, photograph)
    noise = "" if answer.sigma is None else f", sigma {255 * answer.sigma:.1f} of 255"
    print(f"{out}: {answer.way}{noise}, {answer.non_zeros:.1f} non-zeros a patch")


def _dictionary(asked: str | None) -> str | Tensor | None:
    """What `photographs` takes for it: a file is read."""
    if asked is None or not Path(asked).is_file():
        return asked
    B, notes = dictionaries.patch_dictionary(Path(asked).read_bytes(), asked)
    for note in notes:
        print(f"{asked}: {note}", file=sys.stderr)
    return B


def _denoised(photograph: files.Photograph, asked: argparse.Namespace, how: dict) -> Answer:
    return denoise(photograph.values, None if asked.sigma is None else asked.sigma / 255, **how, lam=asked.lam)


def _filled(photograph: files.Photograph, asked: argparse.Namespace, how: dict, mask: Path) -> Answer:
    white = files.read(mask).values
    missing = (white if white.ndim == 2 else white.mean(2)) > 0.5
    if missing.shape != photograph.values.shape[:2]:
        sizes = (f"{high}×{wide}" for high, wide in (missing.shape, photograph.values.shape[:2]))
        raise ValueError(f"the mask is {' and the picture '.join(sizes)} pixels: they must be of one size")
    return inpaint(photograph.values, np.ascontiguousarray(missing), **how)


def _approximated(photograph: files.Photograph, asked: argparse.Namespace, how: dict) -> Answer:
    return approximate(photograph.values, asked.non_zeros, lam=asked.lam, **how)
