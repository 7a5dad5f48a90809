"""Lessons ready to run: trainings on built-in data that show something within a minute on two cores."""

from __future__ import annotations

from dataclasses import dataclass

from sc2viz import defaults

START_EPOCHS = 3  # of learning the first dictionary: it has strokes by then, and much left to learn
MEASURED_AT = 0.1  # the λ of that dictionary, and of the events of a run that learns every λ


@dataclass(frozen=True)
class Lesson:
    """Everything that a run of training is asked for, named as `solvers.build`, `Settings` and `fit` name it."""

    title: str
    watch: str  # what to look at, to be read aloud while it runs
    data: str = "mnist-5k"
    solver: str = defaults.TRAINED
    preset: str = "recommended"
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
    Lesson(
        title="SLSTM from ISTA's start",
        watch="Untrained, SLSTM heads for the optimum as slowly as ISTA does, and after its few iterations it is far from "
        "there. Watch the distance fall to within 5 % in the first epochs, with no more iterations than before.",
        lam=None,
    ),
    Lesson(
        title="The loss that cheats",
        watch="Eq. (10) as printed leaves the atoms free, so they grow, the codes shrink, and the ℓ1 term weighs less and "
        "less. Watch the printed loss sink below what even the best codes cost, while the honest objective, on unit-norm "
        "atoms, stands still after the first epoch.",
        project=False,
    ),
    Lesson(
        title="Labels steer the codes",
        watch="Eq. (11) adds the labels to the loss. Watch the accuracy on digits not seen in training climb well above "
        "the dashed line, what a classifier makes of codes learned without labels; the objective pays for it.",
        loss="supervised",
        rate=1e-3,
        epochs=12,
    ),
)
