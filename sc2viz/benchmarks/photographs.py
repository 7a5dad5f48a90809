"""`bench photographs`: decibels and seconds of the solvers on three photographs, beside the usual methods.

scikit-image's camera, astronaut and coffee, on which nothing was trained or chosen, grey, with noise of seed 0. PSNR and
SSIM are of pictures clipped to [0, 1].
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from sc2viz import checkpoints, device, evaluation, photographs
from sc2viz.cli import limits
from sc2viz.photographs import coding
from sc2viz.photographs.make import dct
from sc2viz.photographs.peers import BM3D, PICTURES, SIGMAS, noisy, non_local_means, picture, quality

ALL_CORES = torch.get_num_threads()
DCTS = (64, 144, 256, 400)  # the numbers of atoms of overcomplete DCTs
NAMED = ("omp", "iht", "exact", "ista", "fista", "adaptive-ista")  # the solvers that are timed on the shipped dictionary
# What is written over camera: a sentence in Pillow's own font, in lines whose first letters were drawn with seed 0.
TEXT = Path(__file__).with_name("text.png")
clock = time.perf_counter


def add_command(which: argparse._SubParsersAction) -> None:
    command = which.add_parser("photographs", help="PSNR, SSIM and seconds on photographs, beside the usual methods")
    command.add_argument("what", nargs="*", type=table, metavar="TABLE", help=f"of {', '.join(TABLES)} (default: all)")
    command.add_argument("--solver", nargs="+", help="only these")
    command.add_argument("--network", nargs="+", default=[], metavar="FILE", help="rows for these networks of patches too")
    command.add_argument("--crop", type=limits.times, help="only the middle of each picture, so many pixels a side")
    command.add_argument("--processor-time", action="store_true", help="of one thread, for a machine that is not idle")
    command.set_defaults(run=run)


def table(name: str) -> str:
    if name not in TABLES:
        raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(TABLES)}")
    return name


def run(arguments: argparse.Namespace) -> None:
    global clock
    if arguments.processor_time:
        clock = time.process_time
    if arguments.solver:
        arguments.solver += [Path(file).stem for file in arguments.network]
    with device.threads(1 if arguments.processor_time else ALL_CORES):
        print(f"{'processor time, one thread' if arguments.processor_time else f'{ALL_CORES} threads'}, noise of seed 0")
        for what in arguments.what or TABLES:
            TABLES[what](arguments)


# The methods ----------------------------------------------------------------------------------------------------------

# (noisy, σ, clean) → the answer; only total variation looks at `clean`.
Method = Callable[[np.ndarray, float, np.ndarray], np.ndarray]


def peers() -> dict[str, Method]:
    from skimage import restoration

    def variation(y: np.ndarray, sigma: float, clean: np.ndarray) -> np.ndarray:
        """Total variation with the best of six weights, chosen on the clean picture."""
        tried = [restoration.denoise_tv_chambolle(y, share * sigma) for share in (0.6, 0.8, 1.0, 1.2, 1.5, 2.0)]
        return max(tried, key=lambda answer: quality(clean, answer)[0])

    found: dict[str, Method] = {"noisy": lambda y, *_: y, "total variation": variation,
                                "non-local means": lambda y, sigma, _: non_local_means(y, sigma)}  # fmt: skip
    if importlib.util.find_spec("bm3d"):
        import bm3d

        found["BM3D"] = lambda y, sigma, _: bm3d.bm3d(y, sigma)
    return found


def ours(files: Sequence[str] = ()) -> dict[str, Callable[..., photographs.Answer]]:
    """The solvers of a table by the names of their rows, as functions of (picture, σ). files: of other networks."""

    def by(solver: str, atoms: str | None = None, stride: int = 1) -> Callable[..., photographs.Answer]:
        return lambda y, sigma, **other: photographs.denoise(y, sigma, solver, atoms, **{"stride": stride, **other})

    found = {"omp, atoms of the picture": by("omp", coding.LEARNED, 2)}
    found |= {name: by(name, stride=2 if name == "omp" else 1) for name in NAMED}
    names = [name for name in checkpoints.available() if name.startswith(f"{coding.FOLDER}/")]
    found |= {name.partition("/")[2]: by(name) for name in names if not name.endswith(coding.COLOUR)}
    return found | {Path(file).stem: by(file) for file in files}


def _asked(rows: dict, arguments: argparse.Namespace) -> dict:
    return {name: row for name, row in rows.items() if not arguments.solver or name in arguments.solver}


# The tables -----------------------------------------------------------------------------------------------------------


def denoising(arguments: argparse.Namespace, known: bool = True) -> None:
    """PSNR / SSIM of each method, picture and σ; σ given, or estimated."""
    print(f"\nPSNR in dB / SSIM, sigma = {' / '.join(map(str, SIGMAS))}, {'given' if known else 'estimated'}")
    print(f"{'':28}" + "".join(f"{name:46}" for name in (*PICTURES, "mean")) + "seconds a picture")
    rows = {name: _peer(method) for name, method in peers().items()}
    rows |= {name: _own(method, known) for name, method in ours(arguments.network).items()}
    for name, method in _asked(rows, arguments).items():
        table, begin = [], clock()
        for each in PICTURES:
            clean = picture(each, arguments.crop)
            table.append([quality(clean, method(noisy(clean, sigma), sigma / 255, clean)) for sigma in SIGMAS])
        seconds = (clock() - begin) / len(PICTURES) / len(SIGMAS)
        table.append(np.mean(table, 0).tolist())
        print(f"{name:28}" + "".join(f"{_cell(row):46}" for row in table) + f"{seconds:.1f}", flush=True)
    if "BM3D" not in rows and known and not arguments.crop:
        means = [np.mean([BM3D[name][k] for name in PICTURES]) for k in range(len(SIGMAS))]
        cells = [" / ".join(f"{value:.2f}" for value in row) for row in (*BM3D.values(), means)]
        print(f"{'BM3D, measured before':28}" + "".join(f"{cell:46}" for cell in cells))


def _cell(row: list[tuple[float, float]]) -> str:
    return " / ".join(f"{psnr:.2f}" for psnr, _ in row) + "   " + " / ".join(f"{ssim:.3f}" for _, ssim in row)


def _peer(method: Method) -> Method:
    return method


def _own(method: Callable[..., photographs.Answer], known: bool) -> Method:
    return lambda y, sigma, _: method(y, sigma if known else None).picture


def unknown(arguments: argparse.Namespace) -> None:
    denoising(arguments, known=False)


def seconds(arguments: argparse.Namespace) -> None:
    """dB against seconds over stride and T, and over d_s on overcomplete DCTs, on camera at σ = 25."""
    clean = picture("camera", arguments.crop)
    y = noisy(clean, 25)
    high, wide = clean.shape
    print(f"\ncamera, {high}×{wide}, sigma = 25: PSNR in dB and seconds")
    for name, method in _asked(ours(), arguments).items():
        if name in NAMED and name != "exact" and name != "fista":
            continue
        for stride in (1, 2, 4):
            for steps in (None,) if name in NAMED or " " in name else (None, 8, 6, 4):
                begin = clock()
                answer = method(y, 25 / 255, stride=stride, steps=steps)
                took = clock() - begin
                told = f"{name}, stride {stride}" + ("" if steps is None else f", T = {steps}")
                _told(told, clean, answer, took)
    for name in ("exact", "fista", "omp"):
        for atoms in DCTS if not arguments.solver or name in arguments.solver else ():
            begin = clock()
            answer = photographs.denoise(y, 25 / 255, name, dct(coding.PATCH, atoms), stride=2)
            _told(f"{name}, stride 2, DCT", clean, answer, clock() - begin)


def _told(what: str, clean: np.ndarray, answer: photographs.Answer, took: float) -> None:
    decibels = quality(clean, answer.picture)[0]
    print(f"  {what:36} d_s = {len(answer.usage):4}  {decibels:.2f} dB  {took:6.2f} s", flush=True)


def inpainting(arguments: argparse.Namespace) -> None:
    """camera with random pixels missing, and with text over it: PSNR of the whole picture, and over the missing pixels."""
    from skimage.restoration import inpaint_biharmonic

    clean = picture("camera", arguments.crop)
    random = np.random.RandomState(0).random_sample(clean.shape)
    holes = {"50 % missing": random < 0.5, "75 % missing": random < 0.75, "text": written(clean.shape)}
    rows = {"biharmonic": lambda y, missing: (inpaint_biharmonic(y, missing, split_into_regions=True), "")}
    for name in ("exact", "fista", *ours()):
        if name not in NAMED and " " not in name:
            rows[name] = lambda y, missing, name=f"{coding.FOLDER}/{name}": _filled(y, missing, name)
        elif name in ("exact", "fista"):
            rows[name] = lambda y, missing, name=name: _filled(y, missing, name)
    print("\ncamera, filled in: PSNR in dB of the picture, and over the missing pixels; seconds")
    for what, missing in holes.items():
        for name, method in _asked(rows, arguments).items():
            begin = clock()
            answer, way = method(np.where(missing, 0, clean), missing)
            took, error = clock() - begin, np.mean((clean - answer.clip(0, 1))[missing] ** 2)
            decibels = f"{quality(clean, answer)[0]:.2f} dB, {evaluation.decibels(error):.2f} dB"
            print(f"  {what:14} {name:20} {decibels}  {took:6.1f} s  {way}", flush=True)


def _filled(y: np.ndarray, missing: np.ndarray, solver: str) -> tuple[np.ndarray, str]:
    answer = photographs.inpaint(y, missing, solver)
    return answer.picture, answer.way


def written(shape: tuple[int, int]) -> np.ndarray:
    """The middle (h, w) bool of a page of text, True on its letters."""
    from PIL import Image

    page = np.array(Image.open(TEXT))
    top, left = ((side - wanted) // 2 for side, wanted in zip(page.shape, shape, strict=True))
    return page[top : top + shape[0], left : left + shape[1]]


def colour(arguments: argparse.Namespace) -> None:
    """Colour pictures at σ = 25: colour patches together, and channel by channel."""
    print("\ncolour, sigma = 25: PSNR in dB / SSIM")
    names = [name for name in checkpoints.available() if name.startswith(f"{coding.FOLDER}/")]
    for name in _asked(dict.fromkeys(names), arguments):
        cells = []
        for each in ("astronaut", "coffee"):
            clean = picture(each, arguments.crop, colour=True)
            found = quality(clean, photographs.denoise(noisy(clean, 25), 25 / 255, name).picture)
            cells.append(f"{each} {found[0]:.2f} / {found[1]:.3f}")
        print(f"  {name:28} " + "   ".join(cells), flush=True)


def approximation(arguments: argparse.Namespace) -> None:
    """PSNR of camera against non-zeros a pixel; the mean of each patch counts as one."""
    clean = picture("camera", arguments.crop)
    counts = (0.05, 0.1, 0.2, 0.4, 0.8)
    print("\ncamera of few codes, PSNR in dB at non-zeros a pixel: " + "   ".join(map(str, counts)))
    trained = [f"{coding.FOLDER}/{name}" for name in ours() if name not in NAMED and " " not in name]
    for name in _asked(dict.fromkeys(("omp", "exact", "iht", *trained)), arguments):
        found = [quality(clean, photographs.approximate(clean, count, name).picture)[0] for count in counts]
        print(f"  {name:28} " + "  ".join(f"{value:.2f}" for value in found), flush=True)


def memory(arguments: argparse.Namespace) -> None:
    """Seconds, and the peak of memory above that after import, of pictures up to 12 megapixels; every fourth patch."""
    print(
        "\nmirrored camera, stride 4, a process each: megapixels, seconds, seconds a megapixel, MB above those after import"
    )
    for shape in ((512, 512), (1500, 2000), (3000, 4000)):
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            took, more = alone.apply(_large, (shape, clock is time.process_time))
        pixels = shape[0] * shape[1] / 1e6
        print(f"  {pixels:5.1f}  {took:6.1f}  {took / pixels:5.2f}  {more:5.0f}", flush=True)


def _large(shape: tuple[int, int], processor_time: bool) -> tuple[float, float]:
    tell = time.process_time if processor_time else time.perf_counter
    clean = picture("camera")
    y = noisy(np.pad(clean, [(0, side - 512) for side in shape], "symmetric"), 25)
    before, begin = peak(), tell()
    with device.threads(1 if processor_time else ALL_CORES):
        photographs.denoise(y, 25 / 255, stride=4)
    return tell() - begin, peak() - before


def peak() -> float:
    """The most memory that this process has had, in MB (10⁶ bytes)."""
    import resource  # imported here, because Windows has no such module

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


TABLES = {"denoising": denoising, "unknown": unknown, "seconds": seconds, "inpainting": inpainting, "colour": colour,
          "approximation": approximation, "memory": memory}  # fmt: skip
