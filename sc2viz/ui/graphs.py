"""Graphs of solvers for readers who draw (browser/export.py). They are made in one thread, one after the other, when the
first reader asks, so that no page waits; and kept by the weights, a reader's own in their session."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from cachetools import LRUCache

from sc2viz.browser.export import KEPT, Graph, export
from sc2viz.ui import models, session, sets

_OWN = 8  # graphs of a reader's own networks and dictionaries
_shared: LRUCache[str, Future[Graph]] = LRUCache(KEPT)
_lock = Lock()
_thread = ThreadPoolExecutor(1, "graphs")


def of(model: models.Model) -> Future[Graph]:
    """The graph of a model, now or later; its exception is `Unexportable`, or what building the model raises."""
    own = bool(model.mark) or sets.private(model.data)
    kept = session.GRAPHS.kept(lambda: LRUCache(_OWN)) if own else _shared
    with _lock:
        if model.id not in kept:
            kept[model.id] = _thread.submit(export, models.build(model), not own)
        return kept[model.id]
