"""What is made of a photograph: the answers of solvers, coarse and fine, and that of non-local means."""

from collections.abc import Callable
from dataclasses import dataclass
from time import thread_time

import numpy as np

from sc2viz import photographs, solvers
from sc2viz.pages.photograph.subject import Subject
from sc2viz.pages.photograph.work import Result, Task, Told
from sc2viz.photographs import coding, peers
from sc2viz.photographs.pictures import planes
from sc2viz.ui import cache, models, sets
from sc2viz.ui.models import Model

COARSE, FINE = 4, 1  # pixels between patches
GREEDY = 2  # of a solver that counts its atoms, which takes much longer
MOST_COMPARED = 1_100_000  # pixels up to which non-local means are computed


@dataclass(frozen=True)
class Way:
    """How `photographs.denoise` is called for a model."""

    solver: object
    dictionary: object = None

    def python(self) -> str:
        """The arguments in Python."""
        if not isinstance(self.solver, str):
            return "solver=network"
        return f'solver="{self.solver}"' + ("" if self.dictionary is None else f', dictionary="{coding.FOLDER}"')

    def command(self) -> str:
        """The options on the command line."""
        return f"--solver {self.solver}" + ("" if self.dictionary is None else f" --dictionary {coding.FOLDER}")


def way(model: Model) -> Way:
    if model.mark:
        return Way(models.build(model))
    if model.file:
        return Way(model.solver if model.file == f"{coding.FOLDER}/{model.solver}" else model.file)
    own = sets.chosen(sets.PATCH) == sets.OWN
    return Way(model.solver, sets.dictionary(sets.PATCH) if own else coding.FOLDER)


def known() -> dict[str, Model]:
    """The models for photographs by label: networks that were trained, and the solvers that need no training. Networks for
    colour patches have another d_x and are not among them: `photographs.denoise` takes those by itself."""
    found = models.choices(sets.PATCH)
    trained = {model.solver for model in found.values() if model.trained}
    return {label: model for label, model in found.items()
            if model.trained or model.solver not in trained}  # fmt: skip


def price(subject: Subject, model: Model) -> float | None:
    """λ, or None where it is the usual one."""
    if subject.price == 1:
        return None
    usual = getattr(models.build(model), "notes", {}).get("lam_per_sigma", coding.LAM_PER_SIGMA)
    return float(f"{subject.price * usual * subject.sigma / 255:.6g}")


def finest(model: Model) -> int:
    """The stride of the fine answer."""
    return GREEDY if model.traits.counts == "atoms" else FINE


def cleaning(subject: Subject, model: Model, stride: int) -> Task:
    """The photograph cleaned by a model."""
    asked = way(model)  # here, where the session is at hand
    weights, lam = cache.weights(models.build(model)), price(subject, model)
    private = subject.own or bool(model.mark) or not isinstance(asked.dictionary, str | None)

    def make(told: Told) -> Result:
        return _cleaned(subject, asked, stride, told, lam)

    return Task((subject.key, model.file, weights, stride), make, private, stride == COARSE)


def means(subject: Subject) -> Task:
    """The photograph cleaned by non-local means."""

    def make(told: Told) -> Result:
        told(0.0)
        noisy = subject.noisy()
        began = thread_time()
        made = peers.non_local_means(noisy, subject.sigma / 255)
        return _measured(subject, made, thread_time() - began, "non-local means, scikit-image")

    return Task((subject.key, "means"), make, subject.own)


def noisy(subject: Subject) -> Result:
    """What the solvers are given."""
    return _noisy(cache.Named(subject.key, subject), private=subject.own)


@cache.cached
def _noisy(subject: cache.Named) -> Result:
    return _by_bands(subject.value, lambda values, share: (values, np.nan, np.nan, "noisy"))


def _cleaned(subject: Subject, asked: Way, stride: int, told: Told, lam: float | None = None) -> Result:
    """`photographs.denoise` of each band."""

    def clean(values: np.ndarray, share: Callable[[float], float]) -> tuple[np.ndarray, float, float, str]:
        answer = photographs.denoise(values, subject.sigma / 255, asked.solver, asked.dictionary, stride,
                                     lambda done: told(share(done)), lam=lam)  # fmt: skip
        return answer.picture, answer.non_zeros_a_pixel, answer.non_zeros, answer.way

    return _by_bands(subject, clean)


def _by_bands(subject: Subject, make: Callable) -> Result:
    """The result of `make` on each band: make(values, share) → (picture, numbers a pixel, atoms a patch, words), where
    share(done) is the share of the whole that is done. SSIM is of photographs that are one band."""
    made, words = np.empty(subject.values.shape, np.uint8), ""
    squares = non_zeros = atoms = seconds = 0.0
    quality = np.nan, np.nan
    for values, rows, inside, before in subject.bands():
        part, began = (rows.stop - rows.start) / subject.size[0], thread_time()
        picture, count, used, words = make(values, lambda done, before=before, part=part: before + part * done)
        seconds += thread_time() - began
        kept = picture[inside].clip(0, 1)
        made[rows] = (255 * kept).round()
        non_zeros += part * count
        atoms += part * used
        if subject.added:
            squares += float(((subject.floats(rows) - kept) ** 2).sum())
            quality = -10 * np.log10(squares / made.size), np.nan
            if part == 1:
                quality = peers.quality(subject.floats(), picture)
    return Result(made, *quality, non_zeros, np.nan if np.isnan(atoms) else seconds, words, atoms=atoms)


def _measured(subject: Subject, made: np.ndarray, seconds: float, words: str) -> Result:
    quality = peers.quality(subject.floats(), made) if subject.added else (np.nan, np.nan)
    return Result((255 * made.clip(0, 1)).round().astype(np.uint8), *quality, np.nan, seconds, words)


def coder(subject: Subject, model: Model) -> coding.Coder:
    """What codes the patches of a photograph, as `photographs.denoise` chooses it."""
    asked, sigma = way(model), subject.sigma / 255
    few = planes(subject.noisy()) if "k" in solvers.options_of(model.solver) else planes(subject.floats(slice(0, 64)))
    return coding.coder(asked.solver, asked.dictionary, few, coding.LAM_PER_SIGMA * sigma, None, sigma)
