"""What a solver says of itself, for pages, commands and training: nothing outside asks for a solver by its name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # of solvers and of variants
LONGEST_NAME = 60  # characters
FAMILIES = {  # the groups in which pages list solvers, and the words for them; guests are a group of their own
    "paper": "The paper’s",
    "classic": "Classics",
    "greedy": "Greedy",
    "encoder": "Autoencoders",
    "later": "After the paper",
    "guest": "Yours",
}


def check_name(owner: str, name: str) -> None:
    """Raise ValueError unless `name` can be a part of a file's name and of a link, as "adaptive-ista" can."""
    if not (_NAME.fullmatch(name) and len(name) <= LONGEST_NAME):
        raise ValueError(
            f"{owner} must be lower-case letters and digits, in words with one hyphen between them, such as "
            f"'adaptive-ista', and at most {LONGEST_NAME} characters, got {str(name)[:80]!r}"
        )


@dataclass(frozen=True)
class Variant:
    """A solver built or trained in another way, with a checkpoint of its own.

    name: in headers, file names and links, such as "double-tanh"; label: the words in brackets behind the solver's on the
    screen, such as "double tanh" in "SLSTM (double tanh)";
    options: what `solvers.build` takes for it; loss: what it is trained by.
    """

    name: str
    label: str
    options: Mapping[str, Any] = field(default_factory=dict)
    loss: str = "sc2net"


class Gate(NamedTuple):
    """A gate's words on the screen, and the range of its values."""

    label: str
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Traits:
    """What a solver is. A class states its own; an instance may replace them, where options decide.

    learned      training changes more than its dictionary
    untrained    a phrase for its untrained state, such as "equals ISTA"
    uses_lambda  False: it is passed λ and ignores it
    aims_at      which ruler ranks it: "objective" F, the true "code", or "sparsity"
    counts       what T counts: "iterations", or "atoms"
    gates        fields of its state that are gates → their words, or (words, low, high) where they leave [0, 1]. Each is
                 (n, d_s), or (n, 1) or (n,) where all atoms of a sample share it
    activation   the name of its elementwise activation; the solver then has `h(c, drive)`
    takes_mask   whether it minimises the masked problem; None: whether its `drive` takes a mask. False for a class that
                 inherits such a `drive` and whose own `step` does not serve that problem
    variants     other ways to build or train it
    positive     its codes are ≥ 0, so that its optimum is that of such codes
    filters      it codes whole pictures and is built on a `convolution.Dictionary` in the place of a matrix
    evolution    state evolution predicts its error on Gaussian atoms, from its `alpha` (`analysis.state_evolution`)
    family       its group among FAMILIES; "": "later" for a learned one, else "classic" (`registry.family`)
    """

    learned: bool = False
    untrained: str = ""
    uses_lambda: bool = True
    aims_at: str = "objective"
    counts: str = "iterations"
    gates: Mapping[str, str | tuple[str, float, float]] = field(default_factory=dict)
    activation: str | None = None
    takes_mask: bool | None = None
    variants: tuple[Variant, ...] = ()
    positive: bool = False
    filters: bool = False
    evolution: bool = False
    family: str = ""

    def __post_init__(self) -> None:
        for name, value, options in (
            ("aims_at", self.aims_at, ("objective", "code", "sparsity")),
            ("counts", self.counts, ("iterations", "atoms")),
            ("family", self.family or "paper", FAMILIES),
        ):
            if value not in options:
                raise ValueError(f"{name} must be one of {', '.join(options)}, got {value!r}")
        for variant in self.variants:
            check_name("the name of a variant", variant.name)

    def of_codes_above_zero(self) -> "Traits":
        """Return the traits of a solver with shrinkage whose codes are kept ≥ 0."""
        return replace(self, positive=True, activation="non-negative shrinkage")

    def gate(self, name: str) -> Gate:
        """Return the label and the range of the gate in the state's field `name`."""
        gate = self.gates[name]
        return Gate(gate) if isinstance(gate, str) else Gate(*gate)

    def variant(self, name: str) -> Variant:
        """Return the variant of a name, "" being the solver itself; ValueError for a name that it has not."""
        for variant in (Variant("", ""), *self.variants):
            if variant.name == name:
                return variant
        names = ", ".join(variant.name for variant in self.variants) or "none"
        raise ValueError(f"variant must be one of those of the solver ({names}), got {name!r}")

    def variant_of(self, options: Mapping[str, Any], loss: str) -> str:
        """Return the name of the variant that `options` build and `loss` trains; "" where none fits."""
        fitting = [
            variant
            for variant in self.variants
            if variant.loss == loss
            and all(options.get(key) == value for key, value in variant.options.items())
        ]
        return max(fitting, key=lambda variant: len(variant.options)).name if fitting else ""


# What the learned built-in solvers can be taught instead of F: exact codes, labels, or both; or to remove noise.
TAUGHT = (
    Variant("codes", "codes", loss="codes"),
    Variant("supervised", "labels", loss="supervised"),
    Variant("codes-supervised", "codes and labels", loss="codes-supervised"),
    Variant("denoising", "denoising", loss="denoising"),
)
