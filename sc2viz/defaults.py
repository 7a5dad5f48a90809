"""The one table of the solvers that pages and commands open with. Nothing else outside `solvers` names a solver."""

from typing import Any, NamedTuple

FIRST_SHOWN = (
    "ista",
    "fista",
    "slstm",
)  # the solvers that every page with several side by side opens with
TRAINED = "slstm"  # what Train live and `sc2viz train` train unless asked for another
BASELINE = "fista"  # what Train live compares a network with
UNTRAINED = ("ista", "fista")  # what `sc2viz evaluate` and adaptive ISTA by hand are compared with
BY_HAND = "adaptive-ista"  # the solver whose gates the reader sets by hand on Step through
PHOTOGRAPHS = "conv-lista"  # the network that denoises grey photographs: the best that takes no longer than BM3D
PATCHES = "lfista"  # the solver that denoises photographs in colour, or on a dictionary of patches
WRITES = "slstm"  # the solver that writes photographs with few numbers, beside the exact one
FILLS = "fista"  # the solver that fills in missing pixels of photographs
SITE = (
    "ista",
    "fista",
    "lista",
    "lfista",
    "slstm",
    "omp",
    "alista",
)  # the solvers of the site that `sc2viz live` writes
FOR_DRAWINGS = (
    "ista",
    "fista",
    "lista",
    "slstm",
)  # those beside which the cost of a drawing is measured
# The solvers that Known codes opens with, and of which variant
RECOVERS = {"fista": "", "slstm": "", "omp": "", "alista": "support selection"}
STEPPING = {
    "ista": {"positive": True},
    "fista": {"positive": True},
    "mp-sae": {},
}  # beside the networks on Autoencoders
PURSUIT = "omp"  # what encoders of fixed k are compared with there
INTRODUCED = ("ista", "slstm")  # the solvers whose equations Welcome shows

# What pages build a solver with. Adaptive ISTA with i + f = 1 keeps the optimum, f < 0 over-relaxes; (1, 0) is ISTA again.
OPTIONS = {BY_HAND: {"input_gate": 1.8, "forget_gate": -0.8}}

NON_ZEROS = 10  # of the codes of an autoencoder


class Kind(NamedTuple):
    """A kind of encoders of autoencoders: a solver with its options, and whether it has a λ of its own."""

    label: str
    solver: str
    options: dict[str, Any]
    steps: int = 1
    has_lambda: bool = False


KINDS = {
    "relu": Kind("ReLU", "relu-sae", {}, has_lambda=True),
    "topk": Kind("TopK", "topk-sae", {"k": NON_ZEROS}),
    "batch-topk": Kind("BatchTopK", "topk-sae", {"k": NON_ZEROS, "batch": True}),
    "jumprelu": Kind("JumpReLU", "jump-relu-sae", {}, has_lambda=True),
    "gated": Kind("Gated", "gated-sae", {}, has_lambda=True),
    "matryoshka": Kind("Matryoshka", "matryoshka-sae", {"k": NON_ZEROS}),
    "mp": Kind("MP", "mp-sae", {}, steps=NON_ZEROS),
    **{
        f"steps-{T}": Kind(f"{T} steps", "lista", {"positive": True}, T, True)
        for T in (2, 3, 5, 10)
    },
}
STEPPED = (
    "relu",
    *(kind for kind in KINDS if kind.startswith("steps-")),
)  # those that minimise F, by the steps
