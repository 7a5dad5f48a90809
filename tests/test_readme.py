import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_in_the_readme_runs():
    names = {}
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(block, names)  # one session, as a reader would type it
    assert (names["exact"].gap <= 1e-4).all()
    assert 0 < names["excess"].mean() < 1


def test_what_the_readme_lays_out_is_there():
    layout = re.search(r"## How it is laid out\n\n```\n(.*?)```", README, re.DOTALL)[1]
    named = [line.split()[0] for line in layout.splitlines()]
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert len(named) > 5 and pictures
    assert [path for path in named + pictures if not (ROOT / path).exists()] == []
