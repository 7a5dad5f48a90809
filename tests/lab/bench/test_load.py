"""`bench load` against a server of its own: two readers of a crowd, and one of a class."""

import contextlib
import re

import pytest
from ui.test_served import in_a_thread

from sc2viz.cli import commands
from sc2viz.lab.bench import browser, load


def run(arguments):
    in_a_thread(load.run, commands.parser().parse_args(["bench", "load", *arguments.split()]))


@pytest.mark.release
def test_readers_of_a_mixed_crowd_and_of_a_class_are_measured(capsys, monkeypatch):
    for name, value in {"PAUSE": (0.0, 0.1), "SESSION": 0.0, "SETTLES": 0.0}.items():
        monkeypatch.setattr(load, name, value)
    with browser.server(OMP_NUM_THREADS="1") as started:
        monkeypatch.setattr(load, "server", lambda **_: contextlib.nullcontext(started))
        run("--mixed --readers 2 --requests 2")
        output = capsys.readouterr().out
        run("--readers 1 --requests 1")
    assert "mixed crowd of 2: 6 views" in output and "errors        0" in output
    rows = re.findall(r"^(?:\w+)? +(?:first|later) +(.+)", output, re.MULTILINE)
    for median, percentile, worst, size in (map(float, row.split()) for row in rows):
        assert 0 < median <= percentile <= worst and size > 10
    assert len(rows) >= 3
    assert re.search("class of 1: 2 views.*errors +0", capsys.readouterr().out, re.DOTALL)
