"""`sc2viz denoise IN OUT`, `inpaint IN MASK OUT` and `approximate IN OUT`: files, or folders of files."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import Tensor
from tqdm import tqdm

from sc2viz.files import atomic, dictionaries
from sc2viz.photographs import Answer, approximate, denoise, files, inpaint


def denoised(asked: argparse.Namespace) -> None:
    sigma = None if asked.sigma is None else asked.sigma / 255
    _each(asked, lambda photograph, how: denoise(photograph.values, sigma, **how, lam=asked.lam))


def filled(asked: argparse.Namespace) -> None:
    _each(asked, lambda photograph, how, missing: inpaint(photograph.values, missing, **how))


def approximated(asked: argparse.Namespace) -> None:
    _each(
        asked,
        lambda photograph, how: approximate(
            photograph.values, asked.non_zeros, lam=asked.lam, **how
        ),
    )


def _each(asked: argparse.Namespace, work: Callable[..., Answer]) -> None:
    """Work on one file, or on every picture of a folder; what is wrong with one of them does not keep the others."""
    source, out, mask = vars(asked)["in"], asked.out, getattr(asked, "mask", None)
    folder = source.is_dir()
    paths = (
        sorted(path for path in source.iterdir() if path.suffix.lower() in files.SUFFIXES)
        if folder
        else [source]
    )
    if not paths:
        raise ValueError(
            f"there is no picture in {source}: files must end in {', '.join(files.SUFFIXES)}"
        )
    if folder and out.exists() and not out.is_dir():
        raise ValueError(f"{out} must be a folder, as {source} is")
    outs = [out / path.name if folder or out.is_dir() else out for path in paths]
    masks = [mask / path.name if mask is not None and mask.is_dir() else mask for path in paths]
    atomic.keep(outs, [*paths, *masks, asked.dictionary, asked.solver])
    if not folder:
        _one(asked, work, paths[0], outs[0], masks[0])
        return
    out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for each in zip(paths, outs, masks, strict=True):
        try:
            _one(asked, work, *each)
        except Exception as error:  # a solver of the user's own may raise any error
            failed += 1
            kind = "" if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: "
            print(f"error: {each[0].name}: {kind}{error}", file=sys.stderr)
    if failed:
        raise ValueError(f"{failed} of {len(paths)} pictures could not be done")


def _one(
    asked: argparse.Namespace,
    work: Callable[..., Answer],
    source: Path,
    out: Path,
    mask: Path | None,
) -> None:
    if out.suffix.lower() not in files.SUFFIXES:
        raise ValueError(f"{out.name} must end in {', '.join(files.SUFFIXES)}")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {out.parent} to write {out.name} to")
    photograph = files.read(source)
    missing = () if mask is None else (_missing(mask, source, photograph),)
    with tqdm(
        total=100, desc=source.name, unit="%", bar_format="{l_bar}{bar}| [{elapsed}<{remaining}]"
    ) as bar:
        told = lambda done: bar.update(round(100 * done) - bar.n)  # noqa: E731
        how = {
            "solver": asked.solver,
            "dictionary": _dictionary(asked.dictionary),
            "stride": asked.stride,
            "progress": told,
        }
        answer = work(photograph, how, *missing)
    files.write(out, answer.picture, photograph)
    noise = "" if answer.sigma is None else f", sigma {255 * answer.sigma:.1f} of 255"
    print(f"{out}: {answer.way}{noise}, {answer.non_zeros:.1f} non-zeros a {answer.each}")


def _missing(mask: Path, source: Path, photograph: files.Photograph) -> np.ndarray:
    """Which pixels of a photograph are missing, (h, w) bool: those where the picture in the file `mask` is white."""
    white = files.read(mask).values
    missing = (white if white.ndim == 2 else white.mean(2)) > 0.5
    if missing.shape != photograph.values.shape[:2]:
        sizes = (f"{high}×{wide}" for high, wide in (missing.shape, photograph.values.shape[:2]))
        told = " and the picture ".join(sizes)
        raise ValueError(
            f"{mask.name} does not fit {source.name}: the mask is {told} pixels, and both must be of one size"
        )
    return np.ascontiguousarray(missing)


def _dictionary(asked: str | None) -> str | Tensor | None:
    """What `photographs` takes for --dictionary: the numbers of a file, or a name."""
    if asked is None or not Path(asked).is_file():
        return asked
    B, notes = dictionaries.patch_dictionary(Path(asked).read_bytes(), asked)
    for note in notes:
        print(f"{asked}: {note}", file=sys.stderr)
    return B
