"""Python that pages handed out before modules moved still runs."""

import importlib

from sc2viz import data
from sc2viz.lab.experiments import sae_runs
from sc2viz.lab.reports import tables


def test_python_that_was_handed_out_before_finds_its_modules():
    from sc2viz.reproduction.autoencoders import SAERunner

    from sc2viz.reproduction import tables as before

    assert (
        before is importlib.import_module("sc2viz.reproduction.tables") is tables
        and SAERunner is sae_runs.SAERunner
    )
    assert callable(data.load) and importlib.import_module("sc2viz.files.pictures").from_upload
