"""All solvers. A new one is one file with one class that `register` decorates, and it appears everywhere.

`cell` has the interface and the loop, `traits` what a solver says of itself, `weights` the matrices that solvers share,
`analytic` those that are computed from the dictionary, `selection` a threshold that large codes pass unchanged, and
`registry` which solvers there are. Every other file is one solver, with its equation on top; these files import
from `interface` what a reader's own file may import from here, and the rest from the modules above.
"""

# ruff: noqa: F401, F403 (what is imported here is what the package offers)
from sc2viz.solvers.cell import Trajectory, takes_mask, unroll
from sc2viz.solvers.contract import check_gates
from sc2viz.solvers.failing import Failed, finite
from sc2viz.solvers.interface import *
from sc2viz.solvers.registry import (
    EARLIER,
    PRESETS,
    build,
    classes,
    digest,
    family,
    how_to_bring,
    is_registered,
    load_guests,
    names,
    on_filters,
    options_of,
    problems,
    solver_class,
    year,
)
from sc2viz.solvers.traits import FAMILIES

# isort: off
# The built-in solvers, each of which registers itself. Their order is that of menus and of hues, which begin again after
# eight: the places of solvers with which a page opens differ by no multiple of eight. Guests come after them.
from sc2viz.solvers.ista import ISTA
from sc2viz.solvers.fista import FISTA
from sc2viz.solvers.adaptive_ista import AdaptiveISTA
from sc2viz.solvers.lista import LISTA
from sc2viz.solvers.lfista import LFISTA
from sc2viz.solvers.slstm import SLSTM
from sc2viz.solvers.omp import OMP
from sc2viz.solvers.iht import IHT
from sc2viz.solvers.relu_sae import ReLUSAE
from sc2viz.solvers.topk_sae import TopKSAE
from sc2viz.solvers.jump_relu_sae import JumpReLUSAE
from sc2viz.solvers.cd import CD
from sc2viz.solvers.mp_sae import MPSAE
from sc2viz.solvers.lca import LCA
from sc2viz.solvers.admm import ADMM
from sc2viz.solvers.step_lista import StepLISTA
from sc2viz.solvers.lista_cp import LISTACP
from sc2viz.solvers.glista import GLISTA
from sc2viz.solvers.alista import ALISTA
from sc2viz.solvers.na_alista import NAALISTA
from sc2viz.solvers.hyperlista import HyperLISTA
from sc2viz.solvers.gated_sae import GatedSAE
from sc2viz.solvers.matryoshka_sae import MatryoshkaSAE
from sc2viz.solvers.fista_restart import FISTARestart
from sc2viz.solvers.amp import AMP
from sc2viz.solvers.lamp import LAMP

# Solvers of whole pictures, on filters; menus of solvers of vectors do not have them.
from sc2viz.solvers.conv_lista import ConvLISTA
from sc2viz.solvers.conv_lfista import ConvLFISTA
from sc2viz.solvers.conv_slstm import ConvSLSTM
# isort: on

load_guests()


def __getattr__(attribute: str):
    """`NAMES`, and `ON_FILTERS` of the solvers on filters, computed when they are read: guests may be registered at any
    time."""
    if attribute in ("NAMES", "ON_FILTERS"):
        return names() if attribute == "NAMES" else on_filters()
    raise AttributeError(f"module {__name__!r} has no attribute {attribute!r}")
