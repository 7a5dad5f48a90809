"""What the server does once for all readers: imports, compiling, thread counts, data sets and dictionaries."""

import gc
from threading import Lock

import streamlit as st
from cachetools import LRUCache, cached

from sc2viz import allocator

MOST_UPLOADED = 256 * 2**20  # bytes; every uploader allows less


@st.cache_resource(show_spinner="Starting …")
def warm_up() -> None:
    """Import the large packages, compile the exact solver in the background, and freeze the garbage collector.

    Streamlit collects garbage after each run. That takes 200 ms with torch in memory, and a few once its objects are frozen.
    A click computes on one thread, because products of this size are slower on several. What a reader uploads stays in
    memory: the web server would write it to a temporary file from 1 MB on.
    """
    allocator.keep_little()
    import pandas  # noqa: F401
    import plotly.graph_objects  # noqa: F401
    import threadpoolctl
    import torch
    from starlette.formparsers import MultiPartParser

    import sc2viz.checkpoints
    import sc2viz.data
    import sc2viz.solvers  # noqa: F401
    from sc2viz import lasso

    torch.set_num_threads(1)
    threadpoolctl.threadpool_limits(1, user_api="blas")  # NumPy's
    MultiPartParser.spool_max_size = MOST_UPLOADED
    _lighten_charts()
    lasso.warm_up()
    freeze()


def _lighten_charts() -> None:
    """Leave the kinds of charts that we do not draw, and colour scales, which ours name themselves, out of Streamlit's
    template, which travels with every chart."""
    import plotly.io

    template = plotly.io.templates["streamlit"]
    template.data = {"scatter": template.data.scatter}
    template.layout.update(coloraxis=None, colorscale=None)


def freeze() -> None:
    """Exclude everything in memory from garbage collection; of use after large imports."""
    gc.collect()
    gc.freeze()


@cached(LRUCache(16), lock=Lock())  # Streamlit's own takes a fifth of a millisecond a call, and a page calls it often
@st.cache_resource(max_entries=16, show_spinner="Loading pictures …")
def images(name: str, split: str = "test"):
    """The split of a data set (`sc2viz.data.Images`), loaded once a server."""
    from sc2viz import data

    loaded = data.load(name, split=split)
    freeze()  # some data sets import scikit-learn
    return loaded


def weights(name: str) -> str:
    """The folder of pretrained/ for a data set; a subset of MNIST uses the folder of MNIST, a patch that of photographs."""
    return {"mnist-5k": "mnist", "patch": "photographs"}.get(name, name)


@cached(LRUCache(16), lock=Lock())
@st.cache_resource(max_entries=16, show_spinner="Loading the dictionary …")
def dictionary(name: str):
    """The dictionary that is shipped for a data set, (d_x, d_s), with atoms in the unit ball."""
    from sc2viz import checkpoints

    return checkpoints.load_dictionary(weights(name))
