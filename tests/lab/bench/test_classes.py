"""`bench class` with three phones and a lecturer in Chromium."""

import pytest
from ui.test_served import in_a_thread

from sc2viz.cli import commands
from sc2viz.lab.bench import classes


@pytest.mark.release
@pytest.mark.browser
def test_no_answer_of_a_class_is_lost(capsys, monkeypatch):
    monkeypatch.setattr(classes, "COME", 1.0)
    in_a_thread(
        classes.run,
        commands.parser().parse_args(["bench", "class", "--phones", "3", "--seconds", "1"]),
    )
    said = capsys.readouterr().out
    assert "“Answers: 3 · Phones: 3”; 0 lost" in said and "3 phones show the answers" in said
