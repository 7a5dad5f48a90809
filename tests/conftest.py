from pathlib import Path

import pytest
import torch
from hypothesis import settings
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

ROOT = Path(__file__).parents[1]

torch.set_num_threads(1)  # the tests' products are small: more threads only get in each other's way
settings.register_profile("sc2viz", deadline=None)  # a shared machine may be slow for a moment
settings.load_profile("sc2viz")


@pytest.fixture
def open_page():
    """Open a page with a query, such as open_page("compare", lam="0.1", solvers=["ISTA", "FISTA"]); None: the bare
    address."""

    def visit(path: str | None, **query) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for key, value in query.items():
            app.query_params[key] = value
        if path:  # before the first run `switch_page` knows a page by its file name alone, and that of /lambda differs
            app._page_hash = calc_hash(path)
        app.run()
        assert not app.exception and not app.error
        return app

    return visit
