"""What the file of a solver imports, a built-in one or the reader's own: the names are offered by `sc2viz.solvers` too."""

# ruff: noqa: F401 (what is imported here is what the module offers)
from sc2viz.solvers.cell import Solver, State, shrunk
from sc2viz.solvers.registry import register
from sc2viz.solvers.traits import Traits, Variant
from sc2viz.solvers.weights import Corrected, Plain, Tied, step_size
