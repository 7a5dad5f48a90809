"""The app's server: how `sc2viz app` runs it, and what it does once for all readers before the first page."""

import atexit
import contextlib
import gc
import logging
import os
import runpy
import signal
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from threading import Condition

import streamlit as st
from cachetools import cached
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route
from streamlit.runtime.app_session import AppSession

from sc2viz import words
from sc2viz.browser import join, modules
from sc2viz.classroom import phones

PAGE = Path(__file__).with_name("run.py")  # the script that Streamlit runs for each reader
MOST_UPLOADED = 256 * 2**20  # bytes; every uploader allows less
MAC_FILES = 10_240  # OPEN_MAX of macOS, which refuses more even where the hard limit is higher
PATIENCE = 10.0  # seconds that the compiler waits for the first page, which needs the processor
CLEARS = "_handle_clear_cache_request"  # Streamlit's method for the message that clears the caches of all readers
_log = logging.getLogger("sc2viz")


def serve(options: Sequence[str]) -> None:
    """Run the app until it is stopped. options: Streamlit's, such as --server.port 8600.

    The server listens at once. What the first page needs is imported while the browser loads what is its own.
    """
    keep_caches()
    threading.Thread(target=prepare, name="prepare", daemon=True).start()
    # The web server restores this handler, and raises the signal again once it has ended.
    signal.signal(signal.SIGTERM, lambda *_: None)
    sys.argv = ["streamlit", "run", str(script()), *options]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def script() -> Path:
    """Return the script that `streamlit run` takes, with the app's settings and theme beside it, where Streamlit looks for
    them.

    A wheel puts app.py and `.streamlit/` into the folder served/ of this one; in a checkout both are at its root.
    """
    script = Path(__file__).parent / "served" / "app.py"
    return script if script.is_file() else Path(__file__).parents[2] / "app.py"


def beside() -> list[BaseRoute]:
    """Return the routes that are served beside Streamlit's own: the app's pages, which are Streamlit's with the style sheet
    of their first frame; the page of the phones of a class, and what talks to them."""
    base = st.get_option("server.baseUrlPath").strip("/")
    html = Path(st.__file__).with_name("static").joinpath("index.html").read_text("utf-8")
    style = modules.style(PAGE.with_name("opening.css"))
    html = html.replace("</head>", f"<style>{style}</style></head>")

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    paths = [path for pages in words.read(PAGE.with_name("pages.toml")).values() for path in pages]
    pages = [Route(f"/{base}/{path}".replace("//", "/"), page) for path in ("", *paths)]
    return [*pages, *phones.routes(join.page, join.drawing, base=base)]


@contextlib.asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Prepare the server, and once it ends run what Python runs at its end, because a server that is told to end by SIGTERM
    ends in order, and then raises the signal again, which leaves Python no time."""
    allow_connections()
    yield
    atexit._run_exitfuncs()


def allow_connections() -> None:
    """Let this process have as many files open, and so connections, as the system allows. A Mac begins with 256."""
    if sys.platform == "win32":  # which has no such limit
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    soft = min(hard, MAC_FILES) if sys.platform == "darwin" else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def ready() -> bool:
    """Whether a page need not wait: what `prepare` loads is loaded."""
    return bool(prepare.cache)


def keep_caches() -> None:
    """Have Streamlit ignore the message `clear_cache`, which anybody may send over the websocket.

    It would clear the caches of all sessions, as if every reader had left, and so end their trainings and photographs.
    Raises RuntimeError where Streamlit has no such method to replace.
    """
    if not callable(getattr(AppSession, CLEARS, None)):
        raise RuntimeError(
            f"Streamlit {st.__version__} has no AppSession.{CLEARS}, so that any reader could end the work of all. "
            "Install a version that requirements.txt allows, or name the method as it is called now in sc2viz/ui/server.py"
        )
    setattr(
        AppSession,
        CLEARS,
        lambda session: _log.info("a reader asked to clear the caches of all, which is ignored"),
    )


@cached({}, condition=Condition())  # whoever asks for it while it is done waits
def prepare() -> threading.Thread:
    """Import what is large; compile the exact solver once a page is drawn, in a thread, which is returned.

    Python collects garbage now and then, which takes a fifth of the time of these imports and later 200 ms each time. So it
    does not collect meanwhile, and what was imported is frozen.
    A click computes on one thread, because products of this size are slower on several. What a reader uploads stays in
    memory: the web server would write it to a temporary file from 1 MB on.
    """
    keep_caches()
    gc.disable()
    # Each view is a thread of its own, which `set_num_threads` reaches late: its first tanh would start a second thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import pandas  # noqa: F401 (Streamlit needs it for whatever a component is given)
    import threadpoolctl
    import torch
    from starlette.formparsers import MultiPartParser

    from sc2viz import lasso, solvers
    from sc2viz.ui import results, sidebar  # noqa: F401 (with them nearly all that pages have in common)

    for problem in solvers.problems():
        print(f"warning: a solver could not be brought: {problem}", file=sys.stderr)
    torch.set_num_threads(1)
    threadpoolctl.threadpool_limits(1, user_api="blas")  # NumPy's
    MultiPartParser.spool_max_size = MOST_UPLOADED
    gc.freeze()
    gc.enable()
    return lasso.warm_up(elsewhere=True, patience=PATIENCE)
