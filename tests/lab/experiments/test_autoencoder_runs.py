"""The runs of `reproduce sae`: resumable, as their configuration says, and with tables that tell their numbers."""

import json
import re
import statistics
from dataclasses import replace

import numpy as np
import pytest
import torch

from sc2viz import data, lasso
from sc2viz.analysis import matching
from sc2viz.defaults import KINDS, STEPPED
from sc2viz.lab import reproducing
from sc2viz.lab.experiments import records, sae_runs
from sc2viz.lab.experiments.sae_runs import SAERun, SAERunner
from sc2viz.lab.reports import sae_tables as tables
from sc2viz.published import sentences
from sc2viz.training import autoencoders
from sc2viz.training.autoencoders import EncoderTrainer

KNOWN = {"epochs": 1, "batch": 64, "rate": 5e-4, "price": 1e-4, "lam": 0.1}


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """A runner of small runs: a fifth of the digits, 20 atoms, one epoch."""
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(autoencoders, "BAR_EPOCHS", 4)
    monkeypatch.setattr(autoencoders, "NON_ZEROS", 4)
    load = data.load
    monkeypatch.setattr(
        data, "load", lambda name, *more, **options: load(name, *more, **options)[:300]
    )
    return SAERunner(tmp_path / "results", epochs={"digits": 2}, known=KNOWN)


def run(mode="frozen", kind="relu", seed=0, name="digits", atoms=20):
    return SAERun(name, atoms, mode, kind, seed)


def test_all_runs_differ_and_are_those_of_the_issue():
    found = sae_runs.runs(3)
    assert len(set(found)) == len(found) == len({each.name for each in found})
    assert {(each.data, each.atoms) for each in found} == {*autoencoders.SETS, sae_runs.KNOWN}
    steps = {KINDS[each.kind].steps for each in found if each.kind in STEPPED}
    assert steps == {1, 2, 3, 5, 10} and {each.mode for each in found} == {
        "frozen",
        "joint",
        "fixed",
        "known",
    }
    assert {(each.data, each.kind) for each in found if each.mode == "fixed"} == {
        ("grey-patches", "relu")
    }
    assert {each.data for each in sae_runs.runs(1, "digits")} == {"digits"}


def test_a_record_is_read_again_and_measured_again_where_its_configuration_differs(
    runner, monkeypatch
):
    monkeypatch.setattr(runner, "_coded", lambda each: {"percent": 2.0, "training_seconds": 3.25})
    runner.perform(run())
    stored = json.loads((runner.folder / "sae.jsonl").read_text())
    assert stored["metrics"]["percent"] == 2 and stored["seconds"]["training"] == 3.2
    monkeypatch.setattr(runner, "_coded", lambda each: pytest.fail("it is there"))
    assert runner.perform(run()) == stored
    monkeypatch.setattr(runner, "_coded", lambda each: {"percent": 1.0})
    runner.trainer.epochs = {"digits": 3}
    assert runner.perform(run())["metrics"] == {"percent": 1.0}


def non_zeros(x, D, lam) -> float:
    return float(
        (lasso.solve(x, lasso.normalised(D), lam, tol=1e-6, positive=True).codes > 0)
        .sum(1)
        .double()
        .mean()
    )


def test_non_zeros_are_counted_on_rows_from_which_nothing_was_learned(runner, monkeypatch):
    """The last fifth of 300 rows. Codes of rows that atoms were learned from are sparser at the same λ."""
    bar, rows = runner.trainer.bar("digits", 20), runner.trainer.rows("digits").train.pixels
    assert non_zeros(rows[240:], bar.D, bar.lam) == pytest.approx(4, rel=0.06)
    solver = runner.trainer.network(run("joint", "topk"))
    lam, _ = runner.trainer.prices(run("joint", "topk"), solver)
    assert non_zeros(solver.centred(rows[240:]), solver.dictionary, lam) == pytest.approx(
        4, rel=0.06
    )
    other = EncoderTrainer(runner.trainer.epochs)
    train = runner.trainer.rows("digits")
    changed = replace(train, train=replace(train.train, pixels=rows.clone()))
    changed.train.pixels[240:] *= 1.01
    monkeypatch.setattr(other, "rows", lambda name: changed)
    assert torch.equal(other.bar("digits", 20).D, bar.D)


def test_exact_codes_have_about_ten_non_zeros_on_test_rows():
    """Of the records that ship, all of which are of runs as they are now."""
    found = records.load(SAERun)
    assert all(
        record["configuration"] == SAERunner().configuration(run) for run, record in found.items()
    )
    counts = {
        (run.data, run.atoms): record["metrics"]["exact_non_zeros"]
        for run, record in found.items()
        if run.mode == "frozen"
    }
    assert set(counts) == set(autoencoders.SETS) and all(
        7 < count < 13 for count in counts.values()
    ), counts
    readme, published = reproducing.PAGE.read_text("utf-8"), tables.publish(found)
    for (name, atoms), count in counts.items():
        table, _, rest = readme.partition(f"| {name}, {atoms:,} atoms |")[2].partition("On D★")
        measured = published["sets"].get(f"{name}-{atoms}")
        if measured:
            assert f"exact codes have {count:.1f} non-zeros on test rows" in rest.partition("\n")[0]
            own = [
                record["metrics"]["non_zeros"]
                for run, record in found.items()
                if (run.data, run.atoms, run.mode, run.kind) == (name, atoms, "frozen", "relu")
            ]
            assert f" {statistics.fmean(own):.1f} " in table.partition("| TopK |")[0]
        else:
            assert re.search(f"Not measured yet: .*{name} with {atoms:,} atoms", readme)


def test_on_the_bar_the_dictionarys_gap_is_nothing_and_the_objective_is_that_of_the_codes(runner):
    metrics = runner.perform(run("frozen", "topk"))["metrics"]
    bar, x = runner.trainer.bar("digits", 20), runner.trainer.rows("digits").test.pixels
    best = lasso.objective(x, lasso.solve(x, bar.D, bar.lam, positive=True).codes, bar.D, bar.lam)
    assert metrics["dictionary_percent"] == pytest.approx(0, abs=1e-3) and metrics["lam"] == bar.lam
    assert (
        metrics["optimum"] == pytest.approx(best.mean().item(), rel=1e-4)
        and metrics["certificate"] <= 1e-4
    )
    assert metrics["percent"] == pytest.approx(
        100 * (metrics["F"] / metrics["optimum"] - 1), rel=1e-4
    )
    each = records.unpacked(metrics["rows"])
    assert len(each) == len(x) and (each * best.numpy()).mean() / best.mean() == pytest.approx(
        metrics["percent"], rel=0.01
    )
    assert metrics["non_zeros"] <= 10 and metrics["multiplications"] == 64 * 20


def test_a_network_is_trained_once_and_notes_how(runner, monkeypatch):
    first = runner.trainer.network(run("joint", "jumprelu"))
    assert len(first.notes["held_out"]) >= 2 and first.notes["lam"] == first.notes["trained_at"] > 0
    monkeypatch.setattr(EncoderTrainer, "_train", lambda *_: pytest.fail("it is in the cache"))
    again = EncoderTrainer(runner.trainer.epochs).network(run("joint", "jumprelu"))
    assert again.notes == first.notes
    torch.testing.assert_close(again.state_dict(), first.state_dict(), rtol=0, atol=0)


def test_rows_lose_the_mean_of_the_training_rows(runner):
    rows = runner.trainer.rows("digits")
    assert rows.train.pixels.mean(0).abs().max() < 1e-6
    torch.testing.assert_close(
        rows.test.pixels + data.load("digits").pixels.mean(0), data.load("digits", "test").pixels
    )


def test_lambda_follows_the_non_zeros(runner):
    runner.trainer.epochs = {"digits": 40}
    metrics = runner.perform(run("joint", "relu"))["metrics"]
    assert (
        metrics["non_zeros"] == pytest.approx(4, rel=0.3)
        and metrics["trained_at"] == metrics["lam"]
    )


def test_at_the_price_of_the_bar_lambda_stays_and_atoms_learn(runner):
    metrics, bar = runner.perform(run("fixed"))["metrics"], runner.trainer.bar("digits", 20)
    assert (
        metrics["trained_at"] == metrics["lam"] == bar.lam
        and abs(metrics["dictionary_percent"]) > 1e-3
    )
    said = fixed_of({run("fixed", atoms=128): {"metrics": metrics}})
    assert f"ReLU has {metrics['non_zeros']:.1f} non-zeros and R² {metrics['r2']:.3f};" in said
    assert fixed_of({}) == ""


def fixed_of(records) -> str:
    return sentences.describe_fixed(tables._publish_set(records, "digits", 128))


def test_known_codes_are_matched_with_those_of_the_atoms(runner):
    metrics = runner.perform(run("known", "true", 0, *sae_runs.KNOWN))["metrics"]
    images = data.load("compositional", "test")
    codes = lasso.solve(images.pixels, images.dictionary, 0.1, positive=True).codes
    found = matching.mean_correlation(images.codes, codes)
    assert found > 0.9 and metrics["mcc_out"] == pytest.approx(found, rel=1e-4)
    random = runner.perform(run("known", "random", 0, *sae_runs.KNOWN))["metrics"]
    trained = runner.perform(run("known", "topk-random", 0, *sae_runs.KNOWN))["metrics"]
    assert random["mcc_out"] < 0.6 and trained["exact_mcc_out"] == pytest.approx(
        random["mcc_out"], rel=1e-4
    )


def test_the_released_pursuit_takes_atoms_of_any_sign_and_none_twice():
    rng = np.random.default_rng(0)
    D = rng.standard_normal((8, 14))
    D /= np.linalg.norm(D, axis=0)
    x, expected = rng.standard_normal((5, 8)), np.zeros((5, 14))
    for row, left in zip(expected, x.copy(), strict=True):
        for _ in range(6):
            j = np.argmax(np.abs(D.T @ left) * (row == 0))
            row[j] = D[:, j] @ left
            left = left - row[j] * D[:, j]
    solver = sae_runs.ReleasedPursuit(torch.from_numpy(D), 6)
    np.testing.assert_allclose(
        solver(torch.from_numpy(x), 0.1).detach(), expected, rtol=1e-9, atol=1e-12
    )
    assert (expected < 0).any() and ((expected != 0).sum(1) == 6).all()


def test_every_stored_count_of_multiplications_is_that_by_hand():
    """The first step multiplies x alone, because s⁽⁰⁾ is zero. MP adds an atom by two products, the first by one."""
    wide = {"digits": 64, "mnist-5k": 784, "grey-patches": 64, "photograph-features": 2304}
    stored = {
        run: record["metrics"] for run, record in records.load(SAERun).items() if run.data in wide
    }
    assert stored
    for run, metrics in stored.items():
        d_x, d_s, T = wide[run.data], run.atoms, KINDS[run.kind].steps
        by_hand = (2 * T - 1) * d_x * d_s if run.kind == "mp" else d_x * d_s + (T - 1) * d_s**2
        assert metrics["multiplications"] == by_hand, run.name


def stored(percent, rows, **more):
    metrics = {
        "percent": percent,
        "dictionary_percent": 1.0,
        "r2": 0.8,
        "exact_r2": 0.9,
        "non_zeros": 10.0,
        "exact_non_zeros": 9.9,
        "dead": 3,
        "multiplications": 1234,
        "lam": 0.3,
        "bar_lam": 0.2,
        "trained_at": 0.3,
        "training_seconds": 1.0,
        "bar_epochs": [5, 6, 7],
        "rows": records.packed(np.array(rows, float)),
        **more,
    }
    return {"metrics": metrics}


def test_the_tables_tell_means_over_seeds_and_the_half():
    rng = np.random.default_rng(0)
    made = {}
    for mode in ("frozen", "joint"):
        for seed in range(3):
            one = rng.random(200) + 2
            made[run(mode, "relu", seed, atoms=128)] = stored(20.0 + seed, one)
            made[run(mode, "steps-2", seed, atoms=128)] = stored(12.0, one)
            made[run(mode, "steps-5", seed, atoms=128)] = stored(
                9.0, one - 0.5 * (rng.random(200) < 0.9)
            )
    text = tables.markdown(tables.publish(made))
    spread = statistics.stdev([20, 21, 22])
    assert (
        f"| ReLU | 3, 3 | 1,234 | 21.0 ± {spread:.1f} % | 10.0 ± 0.0 | 21.0 ± 1.0 % | 0.30 ± 0.00 | 1.0 ± 0.0 % |"
        in text
    )
    assert (
        "exact codes have 9.9 non-zeros on test rows, and half of the encoder’s gap is gone at T = 5; 5 steps beat"
        in text
    )
    assert "p < 0.0001" in text
    assert "D★ (λ = 0.2; 5, 6, 7 epochs" in text
    assert "(sign test over 3 seeds, p" in text
    made |= {run("frozen", "gated", 0, atoms=128): stored(1.0, one)}
    made |= {run("joint", "gated", seed, atoms=128): stored(1.0, one) for seed in range(2)}
    gaps = sentences.list_gaps(tables.publish(made)["sets"]["digits-128"])
    rows = {row[0]: row[1] for row in gaps}
    assert rows["Gated"] == "1, 2"


def test_what_is_missing_is_said():
    planned = sae_runs.runs(tables.SEEDS)
    known = {"sets": {}, "known": {}, "missing": [["mnist-5k", 1000, 2]]}
    assert tables.markdown(known).startswith(
        "Not measured yet: mnist-5k with 1,000 atoms (2 runs)."
    )
    missing = tables.publish({})["missing"]
    assert sum(count for *_, count in missing) == len(planned)


def test_what_ties_is_no_lead():
    same = {
        run(kind=kind, seed=seed, atoms=128): stored(5.0, np.ones(50))
        for seed in range(3)
        for kind in ("relu", "steps-5")
    }
    assert tables._publish_set(same, "digits", 128)["steps"]["p"] == 1


def test_numbers_of_rows_keep_three_digits():
    values = np.array([0.0, 1.234567, 812.3, -0.01])
    np.testing.assert_allclose(records.unpacked(records.packed(values)), values, rtol=1e-3)


def test_published_numbers_stand_beside_measured_ones():
    found = {
        run("known", kind, 0, *sae_runs.KNOWN): {
            "metrics": {
                "mcc_out": 0.71,
                "exact_mcc_out": 0.86,
                "r2_out": 0.9,
                "non_zeros_out": 10.0,
            }
        }
        for kind in ("topk", "true")
    }
    text = tables.markdown(tables.publish(found) | {"missing": []})
    assert (
        "| TopK | 0.710 | 0.705 | 0.860 | 0.865 |" in text
        and "| true atoms |  |  | 0.860 | 0.986 |" in text
    )
    assert text.endswith(
        "Within 0.05 of the published MCC: TopK. Further away: true atoms (0.860, published 0.986)."
    )
