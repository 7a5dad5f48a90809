"""Everything that stands in the URL: each key, what it may be, and where it opens. Widgets and `links` both read it."""

from collections.abc import Mapping

import streamlit as st

from sc2viz import data, defaults, losses, solvers
from sc2viz.figures import style
from sc2viz.ui import links, models, startup

ABOUT = {  # the data sets of the bench
    "digits": "scikit-learn's handwritten digits, 8 × 8",
    "mnist-5k": "5,000 of MNIST's handwritten digits, 28 × 28",
    "patches": "patches of two colour photographs, 16 × 16",
    "mnist": "MNIST in full, 28 × 28",
    "cifar10": "CIFAR-10, colour pictures, 32 × 32",
}
DATA = "mnist-5k"

_DECADE = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.3, 2.6, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9)
LAMBDAS = (*(round(m * 10.0**k, 4) for k in (-2, -1) for m in _DECADE), 1.0)
LAM = 0.5  # codes look sparse here; the paper's is 0.1

STEPS = (*range(1, 21), 25, 30, 35, 40, 50, 60, 70, 80, 90, 100)
T = 10

SOLVERS = tuple(map(style.label, defaults.OPENS))  # where Compare opens
LAYOUTS = ("grid", "one picture")
AGAINST = ("iterations", "milliseconds")

STEPPED = SOLVERS  # where Step through opens
GATES = (1.8, -0.8)  # i and f where adaptive ISTA by hand opens

ORDERS = ("by number", "by final |s|")  # of the atoms on Gates & cells

# Activations
THETAS = (*(round(m * 10.0**k, 6) for k in (-4, -3, -2, -1) for m in _DECADE), 1.0, 1.5, 2.0)
DS, US, RS = (0.05, 6.0), (0.01, 3.0), (0.05, 4.0)  # from, to, in hundredths
RADIUS = 1.0  # of pictures in [0, 1], about one cell state in a hundred leaves [−1, 1]

HUNDRED = ("errors", "reconstructions")  # of the hundred pictures on the paper's page

# Train live
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0)
ATOMS, BATCHES = (16, 25, 36, 49, 64, 100, 144, 196, 256), (16, 32, 64, 128, 256, 512)
EPOCHS = (1, 5, 10, 12, 20, 50, 100, 500)
WEIGHTS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
STARTS = ("strokes", "pictures", "noise")
ACTIVATIONS = ("shrinkage", "double-tanh")
OPTIMISERS = {"Adam": "recommended", "Adadelta": "paper"}  # the preset of `training.fit` that takes it
_SWITCH = ("true", "false")


def data_names() -> list[str]:
    """The data sets that are on this machine now."""
    return [name for name in data.available() if name in ABOUT]


def rules() -> Mapping[str, links.Mend]:
    """How `links.mend` sets each key right. What depends on the data, or on T, goes by those that the URL names."""
    names = data_names()
    asked = links.one_of(names)(st.query_params.get("data", ""))
    name = st.session_state.get("data") or asked or DATA
    steps = st.session_state.get("T") or int(links.nearest(STEPS)(st.query_params.get("T", "")) or T)
    return {
        "data": links.one_of(names),
        "picture": links.nearest(range(len(startup.images(name)))),
        "lam": links.nearest(LAMBDAS),
        "T": links.nearest(STEPS),
        "solvers": links.one_of(list(models.choices(name))),
        "layout": links.one_of(LAYOUTS),
        "against": links.one_of(AGAINST),
        "stepped": links.one_of(list(models.choices(name))),
        "t": links.nearest(range(STEPS[-1] + 1)),
        "sum": links.nearest(range(startup.dictionary(name).shape[1] + 1)),
        "i": links.nearest([k / 100 for k in range(201)]),
        "f": links.nearest([k / 100 for k in range(-100, 101)]),
        "gated": links.one_of(list(models.gated(name))),
        "atom": links.nearest(range(startup.dictionary(name).shape[1])),
        "at": links.nearest(range(1, steps + 1)),
        "order": links.one_of(ORDERS),
        "under": links.one_of(list(models.activated(name))),
        "theta": links.nearest(THETAS),
        **{key: links.nearest(_hundredths(limits)) for key, limits in (("D", DS), ("u", US), ("R", RS))},
        "hundred": links.one_of(HUNDRED),
        "trainee": links.one_of([style.label(name) for name in solvers.NAMES]),
        "loss": links.one_of(losses.NAMES),
        "start": links.one_of(STARTS),
        "preset": links.one_of(solvers.PRESETS),
        "atoms": links.nearest(ATOMS),
        "batch": links.nearest(BATCHES),
        "epochs": links.nearest(EPOCHS),
        "rate": links.nearest(RATES),
        "weight": links.nearest(WEIGHTS),
        "activation": links.one_of(ACTIVATIONS),
        "optimiser": links.one_of(list(OPTIMISERS)),
        **{key: links.one_of(_SWITCH) for key in ("lock", "fit", "every", "project", "plateau")},
        "beside": links.one_of(list(models.public(name))),
    }


def _hundredths(limits: tuple[float, float]) -> list[float]:
    first, last = (round(100 * limit) for limit in limits)
    return [k / 100 for k in range(first, last + 1)]
