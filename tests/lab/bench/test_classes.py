"""`bench class` with three phones and a lecturer in Chromium."""

import pytest
from ui.test_served import in_a_thread

from sc2viz.cli import commands
from sc2viz.lab.bench import classes


@pytest.mark.release
@pytest.mark.browser
@pytest.mark.parametrize(
    ("options", "counted", "end"),
    [
        ([], "“Answers: 3 · Phones: 3”; 0 lost", "3 phones show the answers"),
        (["--draw"], "Phones: 3”; 0 lost", "the wall is whole"),
    ],
)
def test_nothing_that_a_class_sends_is_lost(capsys, monkeypatch, options, counted, end):
    monkeypatch.setattr(classes, "COME", 1.0)
    command = ["bench", "class", "--phones", "3", "--seconds", "1", *options]
    in_a_thread(classes.run, commands.parser().parse_args(command))
    report = capsys.readouterr().out
    assert counted in report and end in report
