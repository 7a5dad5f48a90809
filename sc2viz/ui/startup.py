"""What the server does once: heavy imports, thread counts, data sets and dictionaries. No reader waits for these twice."""

import gc

import streamlit as st


@st.cache_resource(show_spinner="Starting …")
def warm_up() -> None:
    """Import everything heavy, then take it out of the garbage collector's sight.

    Streamlit collects fully after each run: 200 ms with torch and the like in memory, a few once they are frozen.
    One thread computes what a click asks for: products this small are slower on many.
    """
    import pandas  # noqa: F401
    import plotly.graph_objects  # noqa: F401
    import torch

    import sc2viz.checkpoints
    import sc2viz.data
    import sc2viz.solvers  # noqa: F401

    torch.set_num_threads(1)
    out_of_sight()


def out_of_sight() -> None:
    """Freeze once more, where much has been imported since."""
    gc.collect()
    gc.freeze()


@st.cache_resource(max_entries=16, show_spinner="Loading pictures …")
def images(name: str, split: str = "test"):
    """A data set's split (`sc2viz.data.Images`), loaded once a server."""
    from sc2viz import data

    loaded = data.load(name, split=split)
    out_of_sight()  # some data sets come with scikit-learn
    return loaded


def weights(name: str) -> str:
    """The folder of pretrained/ that serves a data set: a subset of MNIST takes MNIST's."""
    return {"mnist-5k": "mnist"}.get(name, name)


@st.cache_resource(max_entries=16, show_spinner="Loading the dictionary …")
def dictionary(name: str):
    """The dictionary that ships for a data set: (d_x, d_s), atoms in the unit ball."""
    from sc2viz import checkpoints

    return checkpoints.load_dictionary(weights(name))
