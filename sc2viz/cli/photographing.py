"""`sc2viz denoise IN OUT`, `inpaint IN MASK OUT` and `approximate IN OUT`: files, or folders of files."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from sc2viz.files import atomic, dictionaries
from sc2viz.photographs import Answer, approximate, denoise, files, inpaint


def denoised(arguments: argparse.Namespace) -> None:
    sigma = None if arguments.sigma is None else arguments.sigma / 255
    _work_on_all(
        arguments, lambda values, **options: denoise(values, sigma, **options, lam=arguments.lam)
    )


def filled(arguments: argparse.Namespace) -> None:
    _work_on_all(arguments, inpaint)


def approximated(arguments: argparse.Namespace) -> None:
    target = {"non_zeros": arguments.non_zeros, "lam": arguments.lam}
    _work_on_all(arguments, lambda values, **options: approximate(values, **target, **options))


def _work_on_all(arguments: argparse.Namespace, work: Callable[..., Answer]) -> None:
    """Work on one file, or on every picture of a folder; what is wrong with one of them does not keep the others."""
    options = vars(arguments)
    source, out, mask = options["in"], arguments.out, options.get("mask")
    is_folder = source.is_dir()
    paths = sorted(filter(_is_picture, source.iterdir())) if is_folder else [source]
    if not paths:
        raise ValueError(
            f"there is no picture in {source}: files must end in {', '.join(files.SUFFIXES)}"
        )
    if is_folder:
        out.mkdir(parents=True, exist_ok=True)
    outs = [out / path.name for path in paths] if out.is_dir() else [out]
    masks = [mask / path.name if mask is not None and mask.is_dir() else mask for path in paths]
    atomic.keep(outs, [*paths, *masks, arguments.dictionary, arguments.solver])
    failed = 0
    for paths_of_picture in zip(paths, outs, masks, strict=True):
        try:
            _work_on(arguments, work, *paths_of_picture)
        except Exception as error:  # a solver of the user's own may raise any error
            if not is_folder:
                raise
            failed += 1
            kind = "" if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: "
            print(f"error: {paths_of_picture[0].name}: {kind}{error}", file=sys.stderr)
    if failed:
        raise ValueError(f"{failed} of {len(paths)} pictures could not be done")


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in files.SUFFIXES


def _work_on(
    arguments: argparse.Namespace,
    work: Callable[..., Answer],
    source: Path,
    out: Path,
    mask: Path | None,
) -> None:
    if not _is_picture(out):
        raise ValueError(f"{out.name} must end in {', '.join(files.SUFFIXES)}")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {out.parent} to write {out.name} to")
    photograph = files.read(source)
    options = {}
    if mask is not None:  # pixels are missing where the mask is white
        white = files.read(mask).values
        options["missing"] = (white if white.ndim == 2 else white.mean(2)) > 0.5
    dictionary = arguments.dictionary
    if dictionary is not None and Path(dictionary).is_file():
        name = dictionary
        dictionary, notes = dictionaries.patch_dictionary(Path(name).read_bytes(), name)
        for note in notes:
            print(f"{name}: {note}", file=sys.stderr)
    bar_format = "{l_bar}{bar}| [{elapsed}<{remaining}]"
    with tqdm(total=100, desc=source.name, unit="%", bar_format=bar_format) as bar:
        answer = work(
            photograph.values,
            **options,
            solver=arguments.solver,
            dictionary=dictionary,
            stride=arguments.stride,
            progress=lambda done: bar.update(round(100 * done) - bar.n),
        )
    files.write(out, answer.picture, photograph)
    noise = "" if answer.sigma is None else f", sigma {255 * answer.sigma:.1f} of 255"
    print(f"{out}: {answer.way}{noise}, {answer.non_zeros:.1f} non-zeros a {answer.each}")
