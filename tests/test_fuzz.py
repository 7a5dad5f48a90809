"""Some cases of each kind of `fuzz`, the same in every run."""

import os

import pytest

pytest.importorskip("resource", reason="limits a case by signals and measures memory as POSIX does")

import fuzz  # noqa: E402

CASES = {
    "networks": 400,
    "archives": 150,
}
TIMES = int(os.environ.get("SC2VIZ_FUZZ", "1"))


@pytest.mark.parametrize("kind", fuzz.KINDS)
def test_hostile_input_is_refused_or_makes_sense(kind):
    refused, wrong = fuzz.run(kind, TIMES * CASES[kind])
    assert not wrong
    assert refused
