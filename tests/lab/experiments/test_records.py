"""The files of records: a line a run, which a diff shows, and which two processes may write at once."""

import json
import multiprocessing
from dataclasses import dataclass

import pytest

from sc2viz.lab import reproducing
from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.protocols import Run
from sc2viz.lab.experiments.records import BaseRun
from sc2viz.lab.experiments.sae_runs import SAERun


@dataclass(frozen=True)
class Coin(BaseRun):
    FILE, HEAD = "coins.jsonl", "coin_"
    metal: str
    seed: int

    def exists(self) -> bool:
        return self.metal in ("gold", "iron")


class Tosses(records.Experiment):
    """Counts how often it measures; `sides` are a setting."""

    measured, sides = 0, 2

    def configuration(self, run):
        return {"metal": run.metal, "sides": self.sides}

    def measure(self, run, again):
        self.measured += 1
        return {"heads": 0.123456789, "none": float("nan")}, {"seconds": 1.25}


def lines(folder):
    return (folder / "coins.jsonl").read_text("utf-8").splitlines()


def test_a_run_is_one_line_in_the_order_of_names_and_writing_it_changes_no_other(tmp_path):
    tosses = Tosses(tmp_path)
    for seed in (2, 10, 0):
        tosses.perform(Coin("iron", seed))
    before = lines(tmp_path)
    assert [json.loads(line)["run"] for line in before] == [
        "coin_iron_0",
        "coin_iron_10",
        "coin_iron_2",
    ]
    assert json.loads(before[0])["metrics"] == {"heads": 0.1234568, "none": None}
    tosses.perform(Coin("gold", 1))
    tosses.sides = 3
    tosses.perform(Coin("iron", 10))
    after = lines(tmp_path)
    assert (
        set(before) - set(after) == {before[1]} and len(after) == 4 and after[1:4:2] == before[0::2]
    )


def test_what_is_there_is_read_and_what_was_asked_otherwise_is_measured_again(tmp_path):
    tosses = Tosses(tmp_path)
    first = tosses.perform(Coin("gold", 0))
    assert (
        tosses.perform(Coin("gold", 0)) == first == Tosses(tmp_path).perform(Coin("gold", 0))
        and tosses.measured == 1
    )
    tosses.perform(Coin("gold", 0), again=True)
    tosses.sides = 3
    assert tosses.perform(Coin("gold", 0))["configuration"]["sides"] == 3 and tosses.measured == 3
    assert (
        records.load(Coin, tmp_path)[Coin("gold", 0)]["configuration"]["sides"] == 3
        and len(lines(tmp_path)) == 1
    )


def write_many(folder, metal):
    for seed in range(12):
        Tosses(folder).perform(Coin(metal, seed))


def test_two_processes_lose_no_line_of_each_other(tmp_path):
    fork = multiprocessing.get_context("fork")
    both = [fork.Process(target=write_many, args=(tmp_path, metal)) for metal in ("gold", "iron")]
    for each in both:
        each.start()
    for each in both:
        each.join(60)
    assert set(records.load(Coin, tmp_path)) == {
        Coin(metal, seed) for metal in ("gold", "iron") for seed in range(12)
    }


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda line: line[:-2], "not a readable result"),
        (lambda line: f"{line}\n{line}", "coin_gold_1 has two lines"),
        (
            lambda line: line.replace("gold", "tin"),
            "there is no run 'coin_tin_1': a name is coin_metal_seed",
        ),
        (lambda line: line.replace("metrics", "m"), "'metrics'"),
        (lambda line: "[]", "not a readable result"),
        (lambda line: "\udcff", "not a readable result"),
    ],
)
def test_a_broken_line_is_named_with_its_file(tmp_path, change, problem):
    for seed in range(3):
        Tosses(tmp_path).perform(Coin("gold", seed))
    kept = lines(tmp_path)
    text = "\n".join([kept[0], change(kept[1]), kept[2]])
    (tmp_path / "coins.jsonl").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=problem) as error:
        records.load(Coin, tmp_path)
    assert str(error.value).startswith(
        f"line {3 if 'two lines' in problem else 2} of {tmp_path / 'coins.jsonl'} "
    )
    with pytest.raises(ValueError, match="repeat its run"):
        Tosses(tmp_path).perform(Coin("gold", 7))


@pytest.mark.parametrize(
    "name", ["coin_gold", "gold_1", "coin_gold_x", "coin_gold_01", "coin_gold_٣", "coin_gold_-1"]
)
def test_a_name_that_no_run_has_is_refused(name):
    with pytest.raises(ValueError, match="there is no run"):
        Coin.named(name)


def test_the_records_that_ship_are_a_few_sorted_files_as_they_are_written(tmp_path):
    """So that a run that is measured again changes its own line alone."""
    files = sorted(
        path.name
        for path in records.RESULTS.iterdir()
        if path.suffix != ".png" and path.suffix != ".lock"
    )
    kinds = [kind.run for kind in reproducing.EXPERIMENTS.values()]
    assert files == sorted({"published.json", *(kind.FILE for kind in kinds)})
    for kind in kinds:
        records.save(kind, records.load(kind), tmp_path)
    for name in {kind.FILE for kind in kinds}:  # also of photographs, whose file two kinds share
        assert (tmp_path / name).read_bytes() == (records.RESULTS / name).read_bytes()


def test_a_name_finds_the_run_of_its_kind():
    for run in (
        Run("mnist", "fair", "accuracy", "supervised", "slstm"),
        SAERun("digits", 128, "joint", "relu", 1),
    ):
        assert reproducing.plan(run.name, None, "fair", 3) == [run]
    with pytest.raises(
        ValueError,
        match="'table9': a name is data_protocol_.*, or recovery_.*, or data_atoms_mode_kind_seed",
    ):
        reproducing.plan("table9", None, "fair", 3)
