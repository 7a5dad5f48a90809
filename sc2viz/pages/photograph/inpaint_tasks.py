"""What is made of a photograph with missing pixels: answers of solvers, coarse and fine, and biharmonic interpolation."""

from time import thread_time

import numpy as np

from sc2viz import photographs, solvers
from sc2viz.pages.photograph import denoise_tasks
from sc2viz.pages.photograph.background_tasks import MadePicture, Task, Told
from sc2viz.pages.photograph.denoise_tasks import measured
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.ui import cache, models
from sc2viz.ui.models import Model
from sc2viz.words import N_

PEER = N_("Biharmonic")
ABOUT = N_(
    "Every 8 × 8 patch is coded from the pixels of it that are known, which the mask $M$ keeps. Its code then says "
    "what the missing ones are, and the average of all patches is put there. Known pixels stay as they "
    "are."
)
FINE = 2  # pixels between the patches of a fine answer
ROUNDS = 8  # of imputation for a coarse answer
MARGIN = 16  # known pixels around what is missing that are worked on as well
# Pixels, and the share of missing ones, up to which biharmonic interpolation is quick.
MOST_COMPARED, MOST_MISSING = 300_000, 0.6
MOST_PAINTED = 4_000_000  # pixels of the reader's canvas


@cache.cached
def missing(subject: Photo, where: np.ndarray) -> MadePicture:
    """The photograph with what is missing in black."""
    shown = np.where(where if subject.values.ndim == 2 else where[..., None], 0, subject.floats())
    return measured(subject, shown, "", np.nan, where=where)


def task(subject: Photo, model: Model, where: np.ndarray, stride: int) -> Task:
    """The task of filling the photograph in by a model. `where` (h, w) bool: what is missing."""
    asked = denoise_tasks.way(subject, model)
    masked = isinstance(model, models.ExactModel) or solvers.takes_mask(models.build(model))
    rounds = {"rounds": ROUNDS} if stride == denoise_tasks.COARSE and not masked else {}

    def make(told: Told) -> MadePicture:
        rows, columns = _around(where) if masked else (slice(None), slice(None))
        picture, began = subject.floats(), thread_time()
        answer = photographs.inpaint(
            picture[rows, columns],
            where[rows, columns],
            asked.solver,
            asked.best,
            stride,
            told,
            **rounds,
        )
        picture = picture.copy()
        picture[rows, columns] = answer.picture
        return measured(subject, picture, answer.way, began, answer.non_zeros_a_pixel, where)

    key = "filled", subject.mark, cache.digest([where]), asked.key, stride
    return Task(key, make, subject.own or asked.own, stride == denoise_tasks.COARSE)


def _around(where: np.ndarray) -> tuple[slice, slice]:
    """The part of the photograph in which pixels are missing, and what is around it: patches lie there as in the whole."""
    parts = []
    for axis, side in zip((1, 0), where.shape, strict=True):
        at = np.flatnonzero(where.any(axis))
        first, last = max(0, at[0] - MARGIN) // MARGIN * MARGIN, min(side, at[-1] + 1 + MARGIN)
        parts.append(slice(first, min(side, first + -(-(last - first) // MARGIN) * MARGIN)))
    return tuple(parts)


def biharmonic(subject: Photo, where: np.ndarray) -> Task:
    """The task of filling the photograph in by scikit-image's biharmonic interpolation."""

    def make(told: Told) -> MadePicture:
        from skimage.restoration import inpaint_biharmonic

        told(0.0)
        began, axis = thread_time(), -1 if subject.values.ndim == 3 else None
        made = inpaint_biharmonic(
            subject.floats(), where, split_into_regions=True, channel_axis=axis
        )
        return measured(subject, made, "biharmonic, scikit-image", began, where=where)

    return Task(("biharmonic", subject.mark, cache.digest([where])), make, subject.own)
