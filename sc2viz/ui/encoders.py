"""The networks of Autoencoders: those that ship, and those that were trained on this server, by command or on request."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from torch import Tensor

from sc2viz import checkpoints, published
from sc2viz.defaults import KINDS
from sc2viz.draw import mosaics
from sc2viz.draw.mosaics import Shape
from sc2viz.published.sentences import name_encoder
from sc2viz.training.autoencoders import SETS, EncoderRun, EncoderTrainer
from sc2viz.ui import known_codes, sets, startup, url
from sc2viz.ui.domains import Lookup
from sc2viz.ui.models import Model
from sc2viz.words import _

SEED = 0  # of the networks that are shown


class EncoderSet(NamedTuple):
    """Rows of a data set, less the mean of its training rows, and how many atoms encoders of them have."""

    data: str
    atoms: int

    @property
    def name(self) -> str:
        """The set on the screen, such as "digits, 64 atoms"."""
        return _("{data}, {atoms:,} atoms", data=self.data, atoms=self.atoms)

    def run(self, mode: str, kind: str) -> EncoderRun:
        """Return which training makes the set's network of this mode and kind, whose numbers `reproduce sae` measures."""
        return EncoderRun(self.data, self.atoms, mode, kind, SEED)


class TrainedEncoder(NamedTuple):
    """A trained network. `lam`: the λ of F. `argument`: the λ that it is called with, another one where λ is no price of F."""

    kind: str  # a key of KINDS
    model: Model
    lam: float
    argument: float

    @property
    def label(self) -> str:
        """The name of its kind on the screen."""
        return name_encoder(self.kind)

    def at_prices(self, prices: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the λ of F at `prices` times its own, and the λ with which it is called there: one that is no λ of F, such
        as JumpReLU's, stays."""
        follows = self.model.traits.uses_lambda and self.model.traits.aims_at == "objective"
        arguments = (self.argument * (price if follows else 1.0) for price in prices)
        return tuple(self.lam * price for price in prices), tuple(arguments)


def chosen_set(value: Lookup = url.value) -> EncoderSet:
    """Return the set that the reader has chosen. value: gives the value of each row of the URL."""
    names = url.TABLE["coded"].domain.options
    return EncoderSet(*SETS[names.index(value("coded"))])


def trained(data_set: EncoderSet, mode: str = "joint") -> dict[str, TrainedEncoder]:
    """Return the networks of a set that have a file, by kind. mode: "joint", or "frozen" for those that were trained on
    D★."""
    encoders: dict[str, TrainedEncoder] = {}
    for kind, structure in KINDS.items():
        run = data_set.run(mode, kind)
        if not (file := stored(run)):
            continue
        lam, argument = _lams(run)
        model = Model(
            data_set.data,
            structure.solver,
            label=name_encoder(kind),
            file=file,
            lam=lam,
            number=sum(KINDS[previous].solver == structure.solver for previous in encoders),
        )
        encoders[kind] = TrainedEncoder(kind, model, lam, argument)
    return encoders


def measured(run: EncoderRun) -> dict[str, float]:
    """Return what `reproduce sae` has measured of a training by name, such as its λ ("lam") and its seconds."""
    return published.read("autoencoders")["networks"][run.name]


def stored(run: EncoderRun) -> str:
    """Return the file of a network: one that ships, or one that was trained on this server; "" where there is none."""
    name = f"sae/{run.data}-{run.atoms}-{run.mode}-{run.kind}"
    if (checkpoints.PRETRAINED / f"{name}.safetensors").exists():
        return name
    path = EncoderTrainer().path(run)
    return str(path) if path.exists() else ""


class BestDictionary(NamedTuple):
    """D★ (d_x, d_s), and the λ at which its exact codes have ten non-zeros."""

    D: Tensor
    lam: float


def best(data_set: EncoderSet) -> BestDictionary | None:
    """Return D★ of a set, which is in the file of untrained matching pursuit on it, and its λ; None where there is no such
    file."""
    run = data_set.run("frozen", "mp")
    return _load_best(run, file) if (file := stored(run)) else None


@lru_cache(maxsize=8)
def _load_best(run: EncoderRun, file: str) -> BestDictionary:
    """Return D★ and its λ from `file`, that of the network of `run`."""
    return BestDictionary(checkpoints.load(file).dictionary.detach(), _lams(run)[0])


def _lams(run: EncoderRun) -> tuple[float, float]:
    """Return the λ of F of a network, and the λ with which it is called."""
    numbers = measured(run)
    return numbers["lam"], numbers["trained_at"] or numbers["lam"]


class CentredRows(NamedTuple):
    """Test rows (n, d_x) less the mean (d_x,) of the training rows, and how a row is drawn."""

    x: Tensor
    mean: Tensor
    shape: Shape

    @property
    def first(self) -> Tensor:
        """The rows whose numbers the page gives, at most `known_codes.ROWS`."""
        return self.x[: known_codes.ROWS]


@lru_cache(maxsize=4)
def rows(name: str) -> CentredRows:
    """Return the test rows of a data set less the mean of its training rows, with that mean."""
    x = EncoderTrainer().rows(name).test.pixels
    if name not in sets.ABOUT:
        return CentredRows(x, x.new_zeros(x.shape[1]), mosaics.shape_of(x.numpy(), None))
    images = startup.images(name)
    return CentredRows(x, images.pixels[0] - x[0], sets.row_shape(images))


def original(data_set: EncoderSet, row: int) -> np.ndarray:
    """Return one test row of a set as it is drawn, with the mean, (1, d_x)."""
    centred = rows(data_set.data)
    return (centred.x[row : row + 1] + centred.mean).numpy()
