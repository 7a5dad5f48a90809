"""Lessons: training runs on built-in data, each of which shows one thing within a minute on two cores."""

from __future__ import annotations

from dataclasses import dataclass

from sc2viz import defaults

START_EPOCHS = 3  # of dictionary learning before a run, after which atoms resemble strokes and can still improve much
MEASURED_AT = 0.1  # the λ of the initial dictionary, and of the events of a run that trains for every λ


@dataclass(frozen=True)
class TrainingLesson:
    """All settings of a training run, named as in `solvers.build`, `Settings` and `fit`."""

    title: str
    watch: str  # what to look at while the lesson's training runs
    data: str = "mnist-5k"
    solver: str = defaults.TRAINED
    preset: str = "recommended"
    start: str = "strokes"  # "yours": the atoms of the network at hand, which stay
    before: str = ""  # what must have been done before
    atoms: int = 100
    steps: int = 10
    loss: str = "sc2net"
    lam: float | None = 0.1
    cross_entropy: float = 10.0
    project: bool = True
    rate: float = 3e-4
    batch_size: int = 64
    epochs: int = 20
    seed: int = 0


LESSONS = (
    TrainingLesson(
        title="SLSTM from ISTA's start",
        watch="Untrained SLSTM is about as slow as ISTA, and after its ten iterations it is far from the optimum. Watch the "
        "distance fall below 5 % in the first epochs, with the same number of iterations.",
        lam=None,
    ),
    TrainingLesson(
        title="The loss that cheats",
        watch="Eq. (10) as printed does not constrain the atoms, so they grow, the codes shrink, and the ℓ1 term counts "
        "less and less. Watch the printed loss fall below the minimum for unit-norm atoms, while the honest objective, "
        "which is measured on unit-norm atoms, stays the same after the first epoch.",
        project=False,
    ),
    TrainingLesson(
        title="Labels steer the codes",
        watch="Eq. (11) adds the labels to the loss. Watch the accuracy on test digits rise well above the dashed line, "
        "which is the accuracy of a classifier on codes that were learned without labels. The objective F is larger in "
        "return.",
        loss="supervised",
        rate=1e-3,
        epochs=12,
    ),
    TrainingLesson(
        title="A sparse autoencoder",
        watch="Its encoder is one matrix product and a threshold, trained together with its atoms. Watch its gap to exact "
        "codes on these very atoms: it falls in the first epochs, and then it stays.",
        solver="relu-sae",
        start="pictures",
        steps=1,
        loss="autoencoder",
        rate=1e-3,
        epochs=20,
    ),
    TrainingLesson(
        title="Ten steps on its atoms",
        watch="The autoencoder’s atoms are frozen, and ten steps of LISTA with codes ≥ 0 are trained on them. Watch how "
        "much of the encoder’s gap goes, while the atoms stay as they are: so much of it was the encoder’s alone.",
        before="After “A sparse autoencoder”, whose atoms it takes.",
        solver="lista",
        start="yours",
        rate=1e-3,
        epochs=10,
    ),
)
