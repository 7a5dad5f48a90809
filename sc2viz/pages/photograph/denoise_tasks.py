"""What is made of a photograph: the answers of solvers, coarse and fine, and that of non-local means."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from time import thread_time

import numpy as np
from torch import Tensor

from sc2viz import evaluation, patches, photographs, solvers
from sc2viz.dictionary import Batch
from sc2viz.pages.photograph.background_tasks import MadePicture, Task, Told, desk
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.pages.photograph.patch_dictionary import LEARNED, SHIPPED, Atoms
from sc2viz.pages.photograph.png_files import levels
from sc2viz.photographs import Stopped, coding, peers, whole
from sc2viz.photographs.channels import planes
from sc2viz.ui import cache, models, sets
from sc2viz.ui.models import Model
from sc2viz.ui.untrusted import literal, shell
from sc2viz.words import N_

LEARNING = N_(
    "The dictionary"
)  # labels the learning of a dictionary from the photograph, among what is being made
COARSE, FINE = 4, 1  # pixels between the patches of coarse and of fine answers
GREEDY = 2  # pixels between the patches of fine answers by solvers that count their atoms, which take much longer
MOST_COMPARED = 1_100_000  # pixels up to which non-local means are computed
MIDDLE = 128  # pixels a side of the part on which a network is compared with a solver that was not trained


@dataclass(frozen=True, eq=False)
class Way(cache.Keyed):
    """How `photographs` is called for a model."""

    solver: str | solvers.Solver
    key: Hashable = None  # stands for the solver and its dictionary
    atoms: Atoms | None = None  # the dictionary; None for a network, which has its own
    own: bool = False  # whether the solver's dictionary is the reader's alone

    @property
    def dictionary(self) -> str | Tensor | None:
        """The argument `dictionary` of `photographs`: a dictionary's numbers, or the name of one that ships."""
        if self.atoms is None:
            return None
        return coding.FOLDER if self.atoms.kind == SHIPPED else self.atoms.given

    @property
    def best(self) -> Tensor | None:
        """The argument `dictionary` of `photographs` where the best for the task is to be taken of those that ship."""
        return None if self.atoms is None else self.atoms.given

    def python(self, best: bool = False) -> str:
        """The arguments of `photographs` in Python; best: with the dictionary that `best` chooses."""
        if not isinstance(self.solver, str):
            return "solver=network"
        return f"solver={literal(self.solver)}" + (
            f", dictionary={self.atoms.python}" if self._says(best) else ""
        )

    def command(self, best: bool = False) -> str:
        """The solver and the dictionary as options on the command line."""
        return f"--solver {shell(self.solver)}" + (
            f" {self.atoms.command}" if self._says(best) else ""
        )

    def _says(self, best: bool) -> bool:
        """Whether the dictionary is to be named in Python and on the command line."""
        return self.atoms is not None and not (best and self.atoms.kind == SHIPPED)


def way(subject: Photo, model: Model) -> Way:
    if is_built(model):
        return Way(
            model.solver, (model.solver, subject.atoms.mark), subject.atoms, subject.atoms.private
        )
    network = models.build(model)
    if model.mark:
        return Way(network, cache.weights(network), own=True)
    name = model.solver if model.file == f"{coding.FOLDER}/{model.solver}" else model.file
    return Way(name, (model.file, cache.weights(network)))


def is_built(model: Model) -> bool:
    """Whether a model is no network, but is built on the dictionary at hand."""
    return not (model.file or model.mark)


def named(chosen: Sequence[Model]) -> list[str]:
    """The names of the solvers of `chosen`, which have equations; the exact one has none."""
    return [model.solver for model in chosen if not isinstance(model, models.ExactModel)]


def with_atoms(subject: Photo, lam: float, noisy: bool) -> Photo:
    """The subject with its dictionary, as far as it is there. lam: λ at which atoms are learned; noisy: whether they are
    learned from the picture with its noise."""
    if subject.atoms.kind != LEARNED:
        return subject
    key = "atoms", subject.key if noisy else subject.mark, lam

    def learn(told: Told) -> Tensor:
        def report(batch: Batch) -> None:
            if not told(1 - 0.85**batch.epochs):
                raise Stopped

        return coding.learned(
            planes(subject.noisy() if noisy else subject.floats()), lam, report=report
        )

    task = Task(key, learn, subject.own, dictionary=True)
    return replace(subject, atoms=Atoms(LEARNED, desk().there(task), key, subject.own, task))


def side(subject: Photo, model: Model | None) -> int:
    """The side of a model's patches or filters in pixels."""
    if model is not None and model.traits.filters:
        return models.build(model).dictionary.filters.shape[1]
    given = subject.atoms.given if model is not None and is_built(model) else None
    return coding.PATCH if given is None else patches.layout(len(given))[0]


def possible(subject: Photo, chosen: Sequence[Model]) -> list[Model]:
    """The models whose dictionary is there."""
    return [model for model in chosen if subject.atoms.there or not is_built(model)]


def known(noise: bool = False) -> dict[str, Model]:
    """The models for photographs by label: networks that were trained, the solvers that need no training, and exact codes;
    where they are to remove `noise`, networks on filters as well. Networks for colour patches have another d_x and are not
    among them: `photographs.denoise` takes those by itself."""
    found = {
        label: model
        for label, model in models.choices(sets.PHOTOGRAPHS).items()
        if noise or not model.traits.filters
    }
    trained = {model.solver for model in found.values() if model.trained}
    kept = {
        label: model
        for label, model in found.items()
        if model.trained or model.solver not in trained
    }
    return kept | {models.EXACT.label: models.EXACT}


def usual_lam(subject: Photo, model: Model | None = None) -> float:
    """The usual λ of a model at the photograph's σ: that of a network, or of a solver that was not trained."""
    notes = {} if model is None or is_built(model) else getattr(models.build(model), "notes", {})
    return notes.get("lam_per_sigma", coding.LAM_PER_SIGMA) * (subject.sigma / 255)


def price(subject: Photo, model: Model | None = None) -> float | None:
    """The λ that the reader asks of a model; None where it is the usual one."""
    return None if subject.price == 1 else float(f"{subject.price * usual_lam(subject, model):.6g}")


def finest(model: Model) -> int:
    """The stride of a model's fine answer, in pixels."""
    return GREEDY if model.traits.counts == "atoms" else FINE


def cleaning(subject: Photo, model: Model, stride: int) -> Task:
    """The task of cleaning the photograph by a model."""
    asked = way(subject, model)  # computed here, because a thread of the scheduler has no session
    lam = price(subject, model)

    def make(told: Told) -> MadePicture:
        return _cleaned(subject, asked, stride, told, lam)

    return Task((subject.key, asked.key, stride), make, subject.own or asked.own, stride == COARSE)


def means(subject: Photo) -> Task:
    """The task of cleaning the photograph by non-local means."""

    def make(told: Told) -> MadePicture:
        told(0.0)
        noisy = subject.noisy()
        began = thread_time()
        made = peers.non_local_means(noisy, subject.sigma / 255)
        return measured(subject, made, "non-local means, scikit-image", began)

    return Task((subject.key, "means"), make, subject.own)


@cache.cached
def noisy(subject: Photo) -> MadePicture:
    """The noisy photograph that the solvers are given, with its PSNR."""
    return _by_bands(subject, lambda values, share: (values, np.nan, np.nan, "noisy", "patch"))


def _cleaned(
    subject: Photo, asked: Way, stride: int, told: Told, lam: float | None = None
) -> MadePicture:
    """`photographs.denoise` of each band."""

    def clean(
        values: np.ndarray, share: Callable[[float], float]
    ) -> tuple[np.ndarray, float, float, str, str]:
        answer = photographs.denoise(
            values,
            subject.sigma / 255,
            asked.solver,
            asked.dictionary,
            stride,
            lambda done: told(share(done)),
            lam=lam,
        )
        return answer.picture, answer.non_zeros_a_pixel, answer.non_zeros, answer.way, answer.each

    return _by_bands(subject, clean)


def _by_bands(subject: Photo, make: Callable) -> MadePicture:
    """The result of `make` on each band: make(values, share) → (picture, numbers a pixel, atoms a patch, words, what
    has atoms), where share(done) is the share of the whole that is done. SSIM is of photographs that are one band."""
    made, words, each = np.empty(subject.values.shape, np.uint8), "", "patch"
    squares = non_zeros = atoms = seconds = 0.0
    quality = np.nan, np.nan
    for values, rows, inside, before in subject.bands():
        part, began = (rows.stop - rows.start) / subject.size[0], thread_time()
        picture, count, used, words, each = make(
            values, lambda done, before=before, part=part: before + part * done
        )
        seconds += thread_time() - began
        kept = picture[inside].clip(0, 1)
        made[rows] = levels(kept)
        non_zeros += part * count
        atoms += part * used
        if subject.added:
            squares += float(((subject.floats(rows) - kept) ** 2).sum())
            quality = evaluation.decibels(squares / made.size), np.nan
            if part == 1:
                quality = peers.quality(subject.floats(), picture)
    return MadePicture(
        made,
        *quality,
        non_zeros,
        np.nan if np.isnan(atoms) else seconds,
        words,
        atoms=atoms,
        each=each,
    )


@cache.cached
def on_middle(subject: Photo, asked: Way, lam: float | None) -> float:
    """PSNR in dB of the middle of the photograph as a model cleans it, by every fourth patch: it takes a tenth of a
    second."""
    part = tuple(slice(max(0, (side - MIDDLE) // 2), (side + MIDDLE) // 2) for side in subject.size)
    noisy = subject.noisy()[part]
    made = photographs.denoise(
        noisy, subject.sigma / 255, asked.solver, asked.dictionary, COARSE, lam=lam
    ).picture
    return peers.quality(subject.floats(part), made)[0]


def measured(
    subject: Photo,
    made: np.ndarray,
    words: str,
    began: float,
    non_zeros: float = np.nan,
    where: np.ndarray | None = None,
) -> MadePicture:
    """What was made of the photograph, with its quality where that is known. began: `thread_time` when the work began.
    `where` (h, w) bool: the pixels that were missing."""
    took, quality, inner = thread_time() - began, (np.nan, np.nan), np.nan
    if subject.added and (where is None or where.any()):
        quality = peers.quality(subject.floats(), made)
        if where is not None:
            inner = float(
                evaluation.decibels(np.mean((subject.floats() - made.clip(0, 1))[where] ** 2))
            )
    return MadePicture(levels(made), *quality, non_zeros, took, words, inner)


def coder(subject: Photo, model: Model) -> coding.PatchCoder:
    """What codes a photograph or its patches, as `photographs.denoise` chooses it."""
    if model.traits.filters:
        return whole.coder(models.build(model))
    asked, sigma = way(subject, model), subject.sigma / 255
    counts = not isinstance(model, models.ExactModel) and "k" in solvers.options_of(model.solver)
    few = planes(subject.noisy()) if counts else planes(subject.floats(slice(0, 64)))
    return coding.coder(
        asked.solver, asked.dictionary, few, coding.LAM_PER_SIGMA * sigma, None, sigma
    )
