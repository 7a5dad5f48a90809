"""Lessons: training runs on built-in data, each of which shows one thing within a minute on two cores."""

from dataclasses import dataclass
from pathlib import Path

from sc2viz import defaults, words
from sc2viz.ui import sets

START_EPOCHS = 3  # of dictionary learning before a run, after which atoms resemble strokes and can still improve much
MEASURED_AT = (
    0.1  # the λ of the initial dictionary, and of the events of a run that trains for every λ
)


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


LESSONS = tuple(
    TrainingLesson(**held | ({"lam": None} if held.get("lam") == sets.EVERY else {}))
    for held in words.read(Path(__file__).with_suffix(".toml"))["lesson"]
)
