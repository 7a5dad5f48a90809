"""The one table of the solvers that pages and commands open with. Nothing else outside `solvers` names a solver."""

OPENS = (
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
DRAWN = ("ista", "fista", "lista", "slstm")  # those beside which the cost of a drawing is measured
RECOVERS = ("fista", "slstm", "omp", "alista")  # the solvers that Known codes opens with
STEPPING = {
    "ista": {"positive": True},
    "fista": {"positive": True},
    "mp-sae": {},
}  # beside the networks on Autoencoders
PURSUIT = "omp"  # what encoders of fixed k are compared with there
INTRODUCED = ("ista", "slstm")  # the solvers whose equations Welcome shows

# What pages build a solver with. Adaptive ISTA with i + f = 1 keeps the optimum, f < 0 over-relaxes; (1, 0) is ISTA again.
OPTIONS = {BY_HAND: {"input_gate": 1.8, "forget_gate": -0.8}}
