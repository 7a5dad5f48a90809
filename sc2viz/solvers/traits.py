"""What a solver says of itself, for pages, commands and training: nothing outside asks for a solver by its name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # of solvers and of variants
_MARKS = re.compile(r"[\[\]<>`$\\*~@\n]|:\S")  # of links, pictures, mathematics and emphasis
LONGEST_NAME, LONGEST_LABEL = 60, 40  # characters; a label fits a chip on a phone
AIMS = ("objective", "code", "sparsity")
COUNTS = ("iterations", "atoms")
FAMILIES = {  # the groups in which pages list solvers, and the words for them; guests are a group of their own
    "paper": "The paper’s",
    "classic": "Classics",
    "greedy": "Greedy",
    "encoder": "Autoencoders",
    "later": "After the paper",
    "guest": "Yours",
}


def check_name(what: str, name: str) -> None:
    """ValueError unless `name` can be a part of a file's name and of a link, as "adaptive-ista" can."""
    if not (isinstance(name, str) and _NAME.fullmatch(name) and len(name) <= LONGEST_NAME):
        raise ValueError(
            f"{what} must be lower-case letters and digits, in words with one hyphen between them, such as "
            f"'adaptive-ista', and at most {LONGEST_NAME} characters, got {str(name)[:80]!r}"
        )


def check_label(what: str, label: str) -> None:
    """ValueError unless `label` is plain words, few enough for a chip, and without the brackets that pages put around the
    label of a variant."""
    check_words(what, label)
    if not 0 < len(label) <= LONGEST_LABEL:
        raise ValueError(
            f"{what} must be words of at most {LONGEST_LABEL} characters, got {label[:80]!r}"
        )
    if "(" in label or ")" in label:
        raise ValueError(
            f"{what} must have no brackets, in which pages put the label of a variant, got {label!r}"
        )


def check_words(what: str, words: str) -> None:
    """ValueError unless `words` are text that Markdown leaves as it is."""
    if not isinstance(words, str):
        raise ValueError(f"{what} must be text, got {words!r}")
    if marked := _MARKS.search(words):
        raise ValueError(
            f"{what} must be plain words, got {words!r}: leave out {marked[0]!r}, which Markdown reads"
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

    words: str
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Traits:
    """What a solver is. A class states its own; an instance may replace them, where options decide.

    learned      training changes more than its dictionary
    untrained    a phrase for its untrained state, such as "equals ISTA", which is checked (`contract.check`)
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
        for what, value, known in (
            ("aims_at", self.aims_at, AIMS),
            ("counts", self.counts, COUNTS),
            ("family", self.family or "paper", FAMILIES),
        ):
            if value not in known:
                raise ValueError(f"{what} must be one of {', '.join(known)}, got {value!r}")
        if not isinstance(self.gates, Mapping):
            raise ValueError(
                f"gates must map fields of the state to their words, got {type(self.gates).__name__}: write "
                "{'input_gate': 'input gate'}"
            )
        for name in self.gates:
            self._check_gate(name)
        for what, words in (("untrained", self.untrained), ("activation", self.activation or "")):
            check_words(what, words)
        names = [variant.name for variant in self.variants]
        for variant in self.variants:
            check_name("the name of a variant", variant.name)
            check_label(f"the label of the variant {variant.name!r}", variant.label)
        if len(set(names)) < len(names):
            raise ValueError(f"variants must have different names, got {names}")

    def _check_gate(self, name: str) -> None:
        try:
            words, low, high = self.gate(name)
            as_they_should_be = low < high
        except TypeError:
            as_they_should_be = False
        if not as_they_should_be:
            raise ValueError(
                f"the gate {name!r} must map to its words, or to (words, low, high), got {self.gates[name]!r}"
            )
        check_words(f"the words of the gate {name!r}", words)

    def of_codes_above_zero(self) -> "Traits":
        """The traits of a solver with shrinkage whose codes are kept ≥ 0."""
        return replace(self, positive=True, activation="non-negative shrinkage")

    def gate(self, name: str) -> Gate:
        """The gate in the state's field `name`."""
        said = self.gates[name]
        return Gate(said) if isinstance(said, str) else Gate(*said)

    def variant(self, name: str) -> Variant:
        """The variant of a name, "" being the solver itself; ValueError for a name that it has not."""
        if not name:
            return Variant("", "")
        for variant in self.variants:
            if variant.name == name:
                return variant
        known = ", ".join(variant.name for variant in self.variants) or "none"
        raise ValueError(f"variant must be one of those of the solver ({known}), got {name!r}")

    def variant_of(self, options: Mapping[str, Any], loss: str) -> str:
        """The name of the variant that `options` build and `loss` trains; "" where none fits."""
        built = [
            each
            for each in self.variants
            if all(options.get(key) == value for key, value in each.options.items())
        ]
        fitting = [each for each in built if each.loss == loss]
        return max(fitting, key=lambda each: len(each.options)).name if fitting else ""


# What the learned built-in solvers can be taught instead of F: exact codes, labels, or both; or to remove noise.
TAUGHT = (
    Variant("codes", "codes", loss="codes"),
    Variant("supervised", "labels", loss="supervised"),
    Variant("codes-supervised", "codes and labels", loss="codes-supervised"),
    Variant("denoising", "denoising", loss="denoising"),
)
