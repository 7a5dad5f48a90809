"""What solvers and other methods make of a photograph: tasks that are done in the background, coarse ones first."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from time import thread_time
from typing import NamedTuple

import numpy as np
from torch import Tensor

from sc2viz import evaluation, photographs, solvers
from sc2viz.jobs.shared_jobs import Desk, Task
from sc2viz.pages.photograph.chosen_photo import LEARNED, SHIPPED, PatchDictionary, Photo
from sc2viz.photographs import coding, peers, whole
from sc2viz.photographs.channels import planes
from sc2viz.ui import cache, models, own, schedulers, session, sets
from sc2viz.ui.models import Model
from sc2viz.words import N_

COARSE = 4  # pixels between the patches of a coarse answer
ROUNDS = 8  # of imputation for a coarse answer
MARGIN = 16  # known pixels around what is missing that are worked on as well
APPROXIMATED_AT = 0.1  # λ at which atoms are learned for `photographs.approximate`
# Up to how many pixels other methods are computed, and up to which share of missing ones
MAX_MEANS, MAX_BIHARMONIC, MAX_MISSING = 1_100_000, 300_000, 0.6
BIHARMONIC = N_("Biharmonic")

Report = Callable[[float], None]


class MadePicture(NamedTuple):
    """A picture that was made, and its numbers; nan where there is no such number."""

    picture: np.ndarray  # (h, w) or (h, w, 3) uint8
    psnr: float = np.nan  # dB
    ssim: float = np.nan
    psnr_missing: float = np.nan  # dB over the pixels that were missing
    atoms: float = np.nan  # in use, the mean of a patch, or of each position of filters
    unit: str = "patch"  # what `atoms` is the mean of, as `photographs.Answer.each`
    non_zeros: float = np.nan  # numbers a pixel that the picture is made of
    gap: float = np.nan  # the mean relative duality gap of codes of known pixels
    seconds: float = np.nan  # of the processor, on one thread


class SolverCall(NamedTuple):
    """How `photographs` is called for a model. key: stands for it; is_private: whether something of it is the
    reader's alone."""

    solver: str | solvers.Solver
    dictionary: str | Tensor | None
    key: Hashable
    is_private: bool


def known_models(photo: Photo) -> dict[str, Model]:
    """The models for photographs by label: networks that were trained, on filters where noise is to be removed, the solvers
    that need no training, and exact codes. `photographs` takes networks for colour patches by itself."""
    choices = models.choices(sets.PHOTOGRAPHS)
    trained = {model.solver for model in choices.values() if model.trained}
    by_label = {
        label: model
        for label, model in choices.items()
        if (photo.task == "denoise" or not model.traits.filters)
        and (model.trained or model.solver not in trained)
    }
    return by_label | {models.EXACT.label: models.EXACT}


def is_built(model: Model) -> bool:
    """Whether a model is no network, but is built on the dictionary at hand."""
    return not (model.file or model.mark)


def call_for(photo: Photo, model: Model) -> SolverCall:
    if is_built(model):
        atoms = photo.dictionary
        # `photographs.inpaint` takes the best that ships by itself.
        ships = atoms.kind == SHIPPED and photo.task != "inpaint"
        B = coding.FOLDER if ships else atoms.B
        return SolverCall(model.solver, B, (model.solver, atoms.key), atoms.is_private)
    network = models.build(model)
    key = model.file, cache.weights(network)
    if model.mark:
        return SolverCall(network, None, key, True)
    ships = model.file == f"{coding.FOLDER}/{model.solver}"
    return SolverCall(model.solver if ships else model.file, None, key, False)


def coder_of(photo: Photo, model: Model) -> coding.PatchCoder:
    """What codes a noisy photograph or its patches, as `photographs.denoise` chooses it."""
    if model.traits.filters:
        return whole.coder(models.build(model))
    call, sigma = call_for(photo, model), photo.sigma / 255
    counts = not isinstance(model, models.ExactModel) and "k" in solvers.options_of(model.solver)
    sample = planes(photo.noisy() if counts else photo.floats(slice(0, 64)))
    lam = coding.LAM_PER_SIGMA * sigma
    return coding.coder(call.solver, call.dictionary, sample, lam, None, sigma)


def asked_lam(photo: Photo, model: Model) -> float | None:
    """The λ that the reader asks of a model; None where it is the usual one."""
    notes = {} if is_built(model) else getattr(models.build(model), "notes", {})
    usual = notes.get("lam_per_sigma", coding.LAM_PER_SIGMA) * (photo.sigma / 255)
    return None if photo.price == 1 else float(f"{photo.price * usual:.6g}")


def finest(photo: Photo, model: Model) -> int:
    """The pixels between the patches of a fine answer: two where it takes much longer."""
    return 2 if photo.task == "inpaint" or model.traits.counts == "atoms" else 1


# Tasks. What belongs to the session is taken outside `make`, which runs in a thread without one. ------------------------


def desk() -> Desk:
    """What the reader waits for. When their connection ends, that is nothing."""
    reader_desk = session.keep("desk", Desk())
    own.memory.present()
    return reader_desk


def _task(
    photo: Photo, call: SolverCall | None, key: Hashable, make: Callable, is_quick: bool = True
) -> Task:
    """A task of a method with a key of its own, or of a model that is called so."""
    is_private = photo.is_private or call is not None and call.is_private
    store = cache.of_session() if is_private else cache.SHARED
    scheduler = schedulers.scheduler("pictures" if is_quick else "long pictures")
    return Task((photo.key, call and call.key, key), make, store, scheduler)


def learn_dictionary(photo: Photo, chosen: Sequence[Model]) -> tuple[Photo, Task | None]:
    """The photograph with the dictionary that was learned from it, once it is there; the task that learns it, where one of
    the models is built on it."""
    if photo.dictionary.kind != LEARNED or not any(map(is_built, chosen)):
        return photo, None
    is_noisy, lam = photo.task == "denoise", APPROXIMATED_AT
    if is_noisy:
        lam = asked_lam(photo, models.EXACT) or coding.LAM_PER_SIGMA * (photo.sigma / 255)

    def make(report: Report) -> Tensor:
        values = planes(photo.noisy() if is_noisy else photo.floats())
        return coding.learned(values, lam, report=lambda batch: report(1 - 0.85**batch.epochs))

    store = cache.of_session() if photo.is_private else cache.DICTIONARIES
    key = "atoms", photo.key if is_noisy else photo.mark, lam
    task = Task(key, make, store, schedulers.scheduler("pictures"))
    atoms = PatchDictionary(LEARNED, desk().find(task), task.key, photo.is_private)
    return replace(photo, dictionary=atoms), task


def clean(photo: Photo, model: Model, stride: int) -> Task:
    call, lam = call_for(photo, model), asked_lam(photo, model)

    def make(report: Report) -> MadePicture:
        return _measure_bands(
            photo,
            lambda values, first, fraction: photographs.denoise(
                values,
                photo.sigma / 255,
                call.solver,
                call.dictionary,
                stride,
                lambda done: report(first + fraction * done),
                lam=lam,
            ),
        )

    return _task(photo, call, stride, make, stride == COARSE)


@cache.cached
def noisy(photo: Photo) -> MadePicture:
    """The noisy photograph that solvers are given, with its PSNR."""
    return _measure_bands(photo, lambda values, first, fraction: values)


def _measure_bands(photo: Photo, make: Callable) -> MadePicture:
    """What is made of the noisy photograph band by band. make(values, first, fraction): a picture, or an answer of
    `photographs.denoise`, of the `fraction` of the photograph after its share `first`. SSIM is of photographs that are one
    band."""
    pixels, quality, numbers = np.empty(photo.values.shape, np.uint8), (np.nan, np.nan), {}
    squares = atoms = non_zeros = seconds = 0.0
    for values, rows, inside in photo.bands():
        fraction, start = (rows.stop - rows.start) / photo.size[0], thread_time()
        answer = make(values, rows.start / photo.size[0], fraction)
        if isinstance(answer, photographs.Answer):
            seconds += thread_time() - start
            atoms += fraction * answer.non_zeros
            non_zeros += fraction * answer.non_zeros_a_pixel
            numbers = {"atoms": atoms, "non_zeros": non_zeros, "seconds": seconds}
            numbers["unit"], answer = answer.each, answer.picture
        pixels[rows] = levels(answer[inside])
        if photo.is_clean:
            squares += float(((photo.floats(rows) - answer[inside].clip(0, 1)) ** 2).sum())
            quality = evaluation.decibels(squares / pixels.size), np.nan
            if fraction == 1:
                quality = peers.quality(photo.floats(), answer)
    return MadePicture(pixels, *quality, **numbers)


def non_local_means(photo: Photo) -> Task:
    def make(report: Report) -> MadePicture:
        report(0.0)
        values, start = photo.noisy(), thread_time()
        picture = peers.non_local_means(values, photo.sigma / 255)
        return _measure(photo, picture, seconds=thread_time() - start)

    return _task(photo, None, "means", make)


def fill_in(photo: Photo, model: Model, missing: np.ndarray, stride: int) -> Task:
    """missing: (h, w) bool"""
    call = call_for(photo, model)
    masks = isinstance(model, models.ExactModel) or solvers.takes_mask(models.build(model))
    options = {"rounds": ROUNDS} if stride == COARSE and not masks else {}

    def make(report: Report) -> MadePicture:
        region = surroundings(missing) if masks else (slice(None), slice(None))
        picture, start = photo.floats().copy(), thread_time()
        answer = photographs.inpaint(
            picture[region],
            missing[region],
            call.solver,
            call.dictionary,
            stride,
            report,
            **options,
        )
        picture[region] = answer.picture
        return _measure(
            photo,
            picture,
            missing,
            seconds=thread_time() - start,
            non_zeros=answer.non_zeros_a_pixel,
            gap=answer.gap,
        )

    return _task(photo, call, (cache.digest([missing]), stride), make, stride == COARSE)


def surroundings(missing: np.ndarray) -> tuple[slice, slice]:
    """The part of the photograph in which pixels are missing, and what is around it: patches lie there as in the whole."""
    slices = []
    for axis, side in zip((1, 0), missing.shape, strict=True):
        places = np.flatnonzero(missing.any(axis))
        first = max(0, places[0] - MARGIN) // MARGIN * MARGIN
        length = min(side, places[-1] + 1 + MARGIN) - first
        slices.append(slice(first, min(side, first + -(-length // MARGIN) * MARGIN)))
    return tuple(slices)


@cache.cached
def with_holes(photo: Photo, missing: np.ndarray) -> MadePicture:
    """The photograph with what is missing in black."""
    holes = missing[..., None] if photo.has_colour else missing
    return _measure(photo, np.where(holes, 0, photo.floats()), missing)


def biharmonic(photo: Photo, missing: np.ndarray) -> Task:
    def make(report: Report) -> MadePicture:
        from skimage.restoration import inpaint_biharmonic

        report(0.0)
        start, axis = thread_time(), -1 if photo.has_colour else None
        values = photo.floats()
        picture = inpaint_biharmonic(values, missing, split_into_regions=True, channel_axis=axis)
        return _measure(photo, picture, missing, seconds=thread_time() - start)

    return _task(photo, None, cache.digest([missing]), make)


def approximate(photo: Photo, model: Model, count: float, is_quick: bool) -> Task:
    """count: numbers a pixel"""
    call = call_for(photo, model)

    def make(report: Report) -> MadePicture:
        values, start = photo.floats(), thread_time()
        answer = photographs.approximate(values, count, call.solver, call.dictionary, None, report)
        seconds = thread_time() - start
        return _measure(photo, answer.picture, non_zeros=answer.non_zeros_a_pixel, seconds=seconds)

    return _task(photo, call, count, make, is_quick)


def _measure(
    photo: Photo, picture: np.ndarray, missing: np.ndarray | None = None, **numbers: float
) -> MadePicture:
    """A picture that was made of a clean photograph, with its quality. missing: (h, w) bool."""
    if photo.is_clean and (missing is None or missing.any()):
        numbers["psnr"], numbers["ssim"] = peers.quality(photo.floats(), picture)
        if missing is not None:
            error = np.mean((photo.floats() - picture.clip(0, 1))[missing] ** 2)
            numbers["psnr_missing"] = float(evaluation.decibels(error))
    return MadePicture(levels(picture), **numbers)


def levels(values: np.ndarray) -> np.ndarray:
    """Numbers in [0, 1], to which others are clipped, as uint8."""
    return (255 * values.clip(0, 1)).round().astype(np.uint8)
