"""The files of records: a line a run, which a diff shows, and which two processes may write at once."""

import json
import multiprocessing
import random
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.protocols import TABLE, Run


def gate(arm, seed):
    return Run(setting=7, method=arm, seed=seed, study="gates")


PHOTOGRAPH = Run(setting=25, method="bm3d", study="photographs")  # in the same file


class Tosses(records.Experiment):
    """Counts how often it measures; `sides` are a setting."""

    measured, sides = 0, 2

    def configuration(self, run):
        return {"arm": run.method, "sides": self.sides}

    def measure(self, run):
        self.measured += 1
        return {"heads": 0.123456789, "none": float("nan")}, {"seconds": 1.25}


def lines(folder):
    return (folder / "photographs.jsonl").read_text("utf-8").splitlines()


def test_a_run_is_one_line_in_the_order_of_names_and_writing_it_changes_no_other(tmp_path):
    tosses = Tosses(tmp_path)
    for run in (gate("lista", 2), gate("lista", 10), PHOTOGRAPH, gate("lista", 0)):
        tosses.perform(run)
    lines_before = lines(tmp_path)
    names = ["conv_lista_7_0", "conv_lista_7_10", "conv_lista_7_2", "photographs_bm3d_25_0"]
    assert [json.loads(line)["run"] for line in lines_before] == names
    first = json.loads(lines_before[0])
    assert first["metrics"] == {"heads": 0.1234568, "none": None}
    assert first["command"] == "python -m sc2viz reproduce conv_lista_7_0 --again"
    tosses.sides = 3
    tosses.perform(gate("lista", 10))
    assert set(lines_before) - set(lines(tmp_path)) == {lines_before[1]}
    assert records.load("photographs", tmp_path).keys() == {PHOTOGRAPH}


def test_what_is_there_is_read_and_what_was_asked_otherwise_is_measured_again(tmp_path):
    tosses, run = Tosses(tmp_path), gate("cnn", 0)
    first = tosses.perform(run)
    assert tosses.perform(run) == first == Tosses(tmp_path).perform(run) and tosses.measured == 1
    tosses.perform(run, afresh=True)
    tosses.sides = 3
    assert tosses.perform(run)["configuration"]["sides"] == 3 and tosses.measured == 3
    assert records.load("gates", tmp_path)[run]["configuration"]["sides"] == 3


def write_many(folder, arm):
    for seed in range(12):
        Tosses(folder).perform(gate(arm, seed))


def test_a_process_that_is_killed_loses_nothing_and_the_next_goes_on(tmp_path):
    write_many(tmp_path / "whole", "cnn")
    process = multiprocessing.get_context("fork").Process(
        target=write_many, args=(tmp_path / "killed", "cnn")
    )
    process.start()
    time.sleep(random.uniform(0, 0.1))
    process.kill()
    process.join()
    stopped = records.load("gates", tmp_path / "killed")
    tosses = Tosses(tmp_path / "killed")
    for seed in range(12):
        tosses.perform(gate("cnn", seed))
    assert tosses.measured == 12 - len(stopped)
    assert lines(tmp_path / "killed") == lines(tmp_path / "whole")


def test_two_processes_lose_no_line_of_each_other(tmp_path):
    fork = multiprocessing.get_context("fork")
    both = [fork.Process(target=write_many, args=(tmp_path, arm)) for arm in ("cnn", "lista")]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert len(records.load("gates", tmp_path)) == 24


def test_the_records_that_ship_are_a_few_sorted_files_as_they_are_written(tmp_path):
    """So that a run that is measured again changes its own line alone."""
    names = {row["file"] for row in TABLE.values()}
    file_names = {
        path.name for path in records.RESULTS.iterdir() if path.suffix in (".json", ".jsonl")
    }
    assert file_names == {"published.json", *names}
    for study in TABLE:
        records.save(study, records.load(study), tmp_path)
    for name in names:  # also of photographs, whose file two studies share
        assert (tmp_path / name).read_bytes() == (records.RESULTS / name).read_bytes()


@given(st.lists(st.booleans(), max_size=300))
def test_truth_values_survive_packing_and_numbers_keep_three_digits(values):
    right = np.array(values, bool)
    np.testing.assert_array_equal(records.unpacked(records.packed(right), len(right)), right)
    numbers = np.array([0.0, 1.234567, 812.3, -0.01])
    np.testing.assert_allclose(records.unpacked(records.packed(numbers)), numbers, rtol=1e-3)
