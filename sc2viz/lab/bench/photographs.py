"""`bench photographs`: decibels and seconds of the solvers on three photographs, beside the usual methods.

scikit-image's camera, astronaut and coffee, on which nothing was trained or chosen, whole and grey, with noise of seed 0, or
of several. PSNR and SSIM are of pictures clipped to [0, 1].
"""

import argparse
import importlib.util
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import restoration

from sc2viz import checkpoints, evaluation, photographs, solvers
from sc2viz.lab.bench.stopwatch import Stopwatch
from sc2viz.lab.experiments import photograph_runs, records
from sc2viz.lab.experiments.photograph_runs import BM3D, PhotographRun
from sc2viz.patches import dct
from sc2viz.photographs import coding
from sc2viz.photographs.peers import (
    PICTURES,
    SIGMAS,
    bm3d,
    noisy,
    non_local_means,
    picture,
    quality,
)

DCTS = (64, 144, 256, 400)  # the numbers of atoms of overcomplete DCTs
NAMED = (
    "omp",
    "iht",
    "exact",
    "ista",
    "fista",
    "adaptive-ista",
)  # the solvers that are timed on the shipped dictionary
# What is written over camera: a sentence in Pillow's own font, in lines whose first letters were drawn with seed 0.
TEXT = Path(__file__).with_name("text.png")


def run(asked: argparse.Namespace) -> None:
    watch = Stopwatch(asked.processor_time)
    if asked.solver:
        asked.solver += [Path(file).stem for file in asked.network]
    with watch.on_its_cores():
        print(f"{watch.what}, noise of seed 0, where no others are named")
        for what in asked.what or TABLES:
            TABLES[what](watch, asked)


# The methods ----------------------------------------------------------------------------------------------------------

# (noisy, σ, clean) → the answer; only total variation looks at `clean`.
Method = Callable[[np.ndarray, float, np.ndarray], np.ndarray]


def peers() -> dict[str, Method]:
    def variation(y: np.ndarray, sigma: float, clean: np.ndarray) -> np.ndarray:
        """Total variation with the best of six weights, chosen on the clean picture."""
        tried = [
            restoration.denoise_tv_chambolle(y, share * sigma)
            for share in (0.6, 0.8, 1.0, 1.2, 1.5, 2.0)
        ]
        return max(tried, key=lambda answer: quality(clean, answer)[0])

    found: dict[str, Method] = {
        "noisy": lambda y, *_: y,
        "total variation": variation,
        "non-local means": lambda y, sigma, _: non_local_means(y, sigma),
    }
    if importlib.util.find_spec("bm3d"):
        found["BM3D"] = lambda y, sigma, _: bm3d(y, sigma)
    return found


def ours(files: Sequence[str] = ()) -> dict[str, Callable[..., photographs.Answer]]:
    """The solvers of a table by the names of their rows, as functions of (picture, σ). files: of other networks."""

    def by(
        solver: str, atoms: str | None = None, stride: int = 1
    ) -> Callable[..., photographs.Answer]:
        return partial(photographs.denoise, solver=solver, dictionary=atoms, stride=stride)

    found = {"omp, atoms of the picture": by("omp", coding.LEARNED, 2)}
    found |= {name: by(name, stride=2 if name == "omp" else 1) for name in NAMED}
    shipped = {name: f"{coding.FOLDER}/{name}" for name in photograph_runs.networks()}
    return found | {
        name: by(file)
        for name, file in (shipped | {Path(file).stem: file for file in files}).items()
    }


def of_patches() -> dict[str, str]:
    """The networks of grey patches that ship, by the names of their rows."""
    files = {name: f"{coding.FOLDER}/{name}" for name in photograph_runs.networks()}
    return {
        name: file
        for name, file in files.items()
        if checkpoints.header(file).solver in solvers.NAMES
    }


def _asked(rows: Iterable[str], asked: argparse.Namespace) -> list[str]:
    return [name for name in rows if not asked.solver or name in asked.solver]


# The tables -----------------------------------------------------------------------------------------------------------


def denoising(watch: Stopwatch, asked: argparse.Namespace, known: bool = True) -> None:
    """PSNR / SSIM of each method, picture and σ, means over the seeds of the noise; σ given, or estimated."""
    seeds = range(asked.seeds)
    print(
        f"\nPSNR in dB / SSIM, sigma = {' / '.join(map(str, SIGMAS))}, {'given' if known else 'estimated'}, noise of "
        f"seeds {', '.join(map(str, seeds))}"
    )
    print(f"{'':28}" + "".join(f"{name:46}" for name in (*PICTURES, "mean")) + "seconds a picture")
    rows = peers()
    for name, method in ours(asked.network).items():
        rows[name] = lambda y, sigma, _, method=method: method(y, sigma if known else None).picture
    for name in _asked(rows, asked):
        table, spent = [], 0.0
        for clean in (picture(each, asked.crop) for each in PICTURES):
            took, answers = watch.time(
                lambda clean=clean, method=rows[name]: [
                    [method(noisy(clean, sigma, seed), sigma / 255, clean) for sigma in SIGMAS]
                    for seed in seeds
                ]
            )
            table.append(
                np.mean(
                    [[quality(clean, answer) for answer in each] for each in answers], 0
                ).tolist()
            )
            spent += took / len(PICTURES) / len(SIGMAS) / len(seeds)
        table.append(np.mean(table, 0).tolist())
        print(
            f"{name:28}" + "".join(f"{_cell(row):46}" for row in table) + f"{spent:.1f}", flush=True
        )
    if "BM3D" not in rows and known and not asked.crop:
        _tell_stored_bm3d(seeds)


def _tell_stored_bm3d(seeds: Sequence[int]) -> None:
    """The row of BM3D from the records of `reproduce photographs`, which has no similarity of each picture."""
    stored = records.load(PhotographRun)
    levels = [
        [stored[run]["metrics"] for run in runs if run in stored]
        for runs in ([PhotographRun(BM3D, sigma, seed) for seed in seeds] for sigma in SIGMAS)
    ]
    if all(levels):
        cells = (
            " / ".join(f"{np.mean([metrics[key] for metrics in level]):.2f}" for level in levels)
            for key in (*PICTURES, "psnr")
        )
        print(f"{'BM3D, measured before':28}" + "".join(f"{cell:46}" for cell in cells))


def _cell(row: list[tuple[float, float]]) -> str:
    return (
        " / ".join(f"{psnr:.2f}" for psnr, _ in row)
        + "   "
        + " / ".join(f"{ssim:.3f}" for _, ssim in row)
    )


def seconds(watch: Stopwatch, asked: argparse.Namespace) -> None:
    """dB against seconds over stride and T, and over d_s on overcomplete DCTs, on camera at σ = 25."""
    clean = picture("camera", asked.crop)
    y, methods = noisy(clean, 25), ours()
    print(f"\ncamera, {'×'.join(map(str, clean.shape))}, sigma = 25: PSNR in dB and seconds")

    def tell(what: str, work: Callable[[], photographs.Answer]) -> None:
        took, answer = watch.time(work)
        decibels = quality(clean, answer.picture)[0]
        print(
            f"  {what:36} d_s = {len(answer.usage):4}  {decibels:.2f} dB  {took:6.2f} s", flush=True
        )

    for name in _asked(methods, asked):
        if name in NAMED and name not in ("exact", "fista"):
            continue
        for stride in (1, 2, 4):
            for steps in (None,) if name in NAMED or " " in name else (None, 8, 6, 4):
                what = f"{name}, stride {stride}" + ("" if steps is None else f", T = {steps}")
                tell(what, partial(methods[name], y, 25 / 255, stride=stride, steps=steps))
    for name in _asked(("exact", "fista", "omp"), asked):
        for atoms in DCTS:
            B = dct(coding.PATCH, atoms)
            tell(
                f"{name}, stride 2, DCT",
                partial(photographs.denoise, y, 25 / 255, name, B, stride=2),
            )


def inpainting(watch: Stopwatch, asked: argparse.Namespace) -> None:
    """camera with random pixels missing, and with text over it: PSNR of the whole picture, and over the missing pixels."""
    clean = picture("camera", asked.crop)
    random = np.random.RandomState(0).random_sample(clean.shape)
    holes = {
        "50 % missing": random < 0.5,
        "75 % missing": random < 0.75,
        "text": written(clean.shape),
    }
    rows = {
        "biharmonic": lambda y, missing: (
            restoration.inpaint_biharmonic(y, missing, split_into_regions=True),
            "",
        )
    }
    rows |= {
        name: partial(_filled, solver=solver)
        for name, solver in ({"exact": "exact", "fista": "fista"} | of_patches()).items()
    }
    print("\ncamera, filled in: PSNR in dB of the picture, and over the missing pixels; seconds")
    for what, missing in holes.items():
        for name in _asked(rows, asked):
            took, (answer, way) = watch.time(
                partial(rows[name], np.where(missing, 0, clean), missing)
            )
            error = np.mean((clean - answer.clip(0, 1))[missing] ** 2)
            decibels = f"{quality(clean, answer)[0]:.2f} dB, {evaluation.decibels(error):.2f} dB"
            print(f"  {what:14} {name:20} {decibels}  {took:6.1f} s  {way}", flush=True)


def _filled(y: np.ndarray, missing: np.ndarray, solver: str) -> tuple[np.ndarray, str]:
    answer = photographs.inpaint(y, missing, solver)
    return answer.picture, answer.way


def written(shape: tuple[int, int]) -> np.ndarray:
    """The middle (h, w) bool of a page of text, True on its letters."""
    page = np.array(Image.open(TEXT))
    top, left = ((side - wanted) // 2 for side, wanted in zip(page.shape, shape, strict=True))
    return page[top : top + shape[0], left : left + shape[1]]


def colour(watch: Stopwatch, asked: argparse.Namespace) -> None:
    """Colour pictures at σ = 25: colour patches together, and channel by channel."""
    print("\ncolour, sigma = 25: PSNR in dB / SSIM")
    for name in _asked(checkpoints.available(coding.FOLDER), asked):
        cells = []
        for each in ("astronaut", "coffee"):
            clean = picture(each, asked.crop, colour=True)
            found = quality(clean, photographs.denoise(noisy(clean, 25), 25 / 255, name).picture)
            cells.append(f"{each} {found[0]:.2f} / {found[1]:.3f}")
        print(f"  {name:28} " + "   ".join(cells), flush=True)


def approximation(watch: Stopwatch, asked: argparse.Namespace) -> None:
    """PSNR of camera against non-zeros a pixel; the mean of each patch counts as one."""
    clean = picture("camera", asked.crop)
    counts = (0.05, 0.1, 0.2, 0.4, 0.8)
    print("\ncamera of few codes, PSNR in dB at non-zeros a pixel: " + "   ".join(map(str, counts)))
    for name in _asked(("omp", "exact", "iht", *of_patches().values()), asked):
        found = [
            quality(clean, photographs.approximate(clean, count, name).picture)[0]
            for count in counts
        ]
        print(f"  {name:28} " + "  ".join(f"{value:.2f}" for value in found), flush=True)


def memory(watch: Stopwatch, asked: argparse.Namespace) -> None:
    """Seconds, and the peak of memory above that after import, of pictures up to 12 megapixels; every fourth patch."""
    print(
        "\nmirrored camera, stride 4, a process each: megapixels, seconds, seconds a megapixel, MB above those after import"
    )
    for shape in ((512, 512), (1500, 2000), (3000, 4000)):
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            took, more = alone.apply(_large, (shape, asked.processor_time))
        pixels = shape[0] * shape[1] / 1e6
        print(f"  {pixels:5.1f}  {took:6.1f}  {took / pixels:5.2f}  {more:5.0f}", flush=True)


def _large(shape: tuple[int, int], processor_time: bool) -> tuple[float, float]:
    """The seconds of a picture, and by how many MB the most memory of this process grows."""
    y = noisy(np.pad(picture("camera"), [(0, side - 512) for side in shape], "symmetric"), 25)
    before, watch = peak(), Stopwatch(processor_time)
    with watch.on_its_cores():
        took, _ = watch.time(partial(photographs.denoise, y, 25 / 255, stride=4))
    return took, peak() - before


def peak() -> float:
    """The most memory that this process has had, in MB (10⁶ bytes)."""
    import resource  # imported here, because Windows has no such module

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


TABLES = {
    "denoising": denoising,
    "unknown": partial(denoising, known=False),
    "seconds": seconds,
    "inpainting": inpainting,
    "colour": colour,
    "approximation": approximation,
    "memory": memory,
}
