"""What the server loads once for all readers: data sets and dictionaries."""

import gc
from threading import Condition

import streamlit as st
from cachetools import LRUCache, cached

from sc2viz.words import _


def freeze() -> None:
    """Exclude everything in memory from garbage collection; of use after large imports."""
    gc.collect()
    gc.freeze()


# Streamlit's own cache takes a fifth of a millisecond a call, and a page calls this often. Who asks meanwhile waits.
@cached(LRUCache(16), condition=Condition())
def images(name: str, split: str = "test"):
    """Return the split of a data set (`sc2viz.data.Images`), loaded once a server."""
    from sc2viz import data

    with st.spinner(_("Loading pictures …")):
        loaded = data.load(name, split=split)
    freeze()  # loading some data sets imports scikit-image
    return loaded


def forget_training() -> None:
    """Give the training splits up, which take most of the memory and are quickly loaded again."""
    with images.cache_condition:
        for key in [key for key in images.cache if "train" in key]:
            del images.cache[key]


def weights(name: str) -> str:
    """Return the folder of pretrained/ for a data set of the app: `data.weights`, and that of photographs for a patch of
    one."""
    from sc2viz import data

    return "photographs" if name == "patch" else data.weights(name)


@cached(LRUCache(16), condition=Condition())
def dictionary(name: str):
    """Return the dictionary that is shipped for a data set, (d_x, d_s), with atoms in the unit ball, loaded once a server."""
    from sc2viz import checkpoints

    with st.spinner(_("Loading the dictionary …")):
        return checkpoints.load_dictionary(weights(name))
