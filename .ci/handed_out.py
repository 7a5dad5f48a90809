"""Write the Python that the app's pages hand out into a folder, one file a page: `python .ci/handed_out.py FOLDER`.

It is that of the pages as they open. The Python of Photograph, of Train live and of dictionaries that are learned runs for
long and is left out, as in tests/pages/test_python.py.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PAGES = ["welcome", "compare", "step", "gates", "activations", "lambda", "dictionary", "paper"]


def main(folder: Path) -> None:
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    from sc2viz.ui import handed_out, page

    def explained(solvers, files, module, charts=True, command="", **values):
        taken.append(handed_out.python(module, **values))

    taken = []
    page.explained = explained
    for path in PAGES:
        taken.clear()
        app = AppTest.from_file(str(ROOT / "sc2viz/ui/run.py"), default_timeout=120)
        app.query_params["data"] = "digits"
        app._page_hash = calc_hash(path)
        app.run()
        assert not app.exception and taken, f"{path} hands out no Python"
        (folder / f"{path}.py").write_text(taken[-1], encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
