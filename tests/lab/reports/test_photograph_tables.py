"""The tables of photographs and of gates, from made-up records, against numpy and SciPy."""

import numpy as np
import pytest
from scipy import stats

from sc2viz.lab.experiments import photograph_runs, records
from sc2viz.lab.experiments.conv_runs import ConvRun
from sc2viz.lab.experiments.photograph_runs import PhotographRun, PhotographRunner
from sc2viz.lab.reports import gate_tables, photograph_tables
from sc2viz.photographs import peers
from sc2viz.published import sentences


def made(psnr, **more):
    return {"metrics": {"psnr": psnr, **more}}


def test_the_best_network_stands_beside_bm3d():
    found = {
        PhotographRun("lfista", sigma, seed): made(30.0 + seed - sigma / 100, ssim=0.8, seconds=3.6)
        for sigma in peers.SIGMAS
        for seed in range(3)
    }
    found |= {PhotographRun("bm3d", 25, 0): made(30.5)}  # of one seed and one σ
    text = photograph_tables.markdown(photograph_tables.publish(found))
    spread = np.std([30, 31, 32], ddof=1)
    head, _, first, second, *_ = text.splitlines()
    assert "σ = 15 | σ = 25 | σ = 50" in head
    assert (
        first
        == f"| LFISTA, patches of 8×8 | 30.85 ± {spread:.2f} | 30.75 ± {spread:.2f} | 30.50 ± {spread:.2f} | "
        "0.800 ± 0.000 | 3.6 |"
    )
    assert second == "| BM3D | – | 30.50 | – | – | – |"
    assert text.endswith("Beside BM3D, LFISTA, patches of 8×8, is 0.25 dB above it at σ = 25.")


def gates(more, seeds=3):
    return {
        ConvRun(arm, 7, seed): made(30 + (arm == "slstm") * (more + 0.01 * seed))
        for arm in ("slstm", "lista", "cnn")
        for seed in range(seeds)
    }


@pytest.mark.parametrize(
    "more, verdict", [(0.1, "gates help a"), (-0.2, "gates harm a"), (-0.01, "no clear difference")]
)
def test_gates_help_only_where_p_says_so(more, verdict):
    p = stats.ttest_1samp([more, more + 0.01, more + 0.02], 0).pvalue
    said = sentences.describe_gates(gate_tables.publish(gates(more)))
    assert said.startswith("On chelsea and china at σ = 25, over 3 seeds: SC2Net’s gates ")
    assert (
        verdict in said and f"(p = {p:.2g})" in said and (p < 0.05) == ("no clear" not in verdict)
    )
    rows = [
        row
        for row in gate_tables.markdown(gate_tables.publish(gates(more))).splitlines()
        if row.startswith("| ")
    ][2:]
    points = f"{more + 0.01:+.3f}".replace("-", "−")
    assert [row.split(" | ")[1:] for row in rows] == [["7", "3", points, f"{p:.2g} |"]] * 2


def test_of_one_seed_there_is_no_p_and_of_none_nothing():
    answer = sentences.describe_gates(gate_tables.publish(gates(0.1, 1)))
    assert "over 1 seed: It is not known yet" in answer and "(one seed)" in answer
    assert "t test" not in answer
    nothing = gate_tables.publish({})
    assert sentences.describe_gates(nothing) == gate_tables.markdown(nothing) == ""


def test_a_run_is_what_photographs_makes_of_the_pictures(monkeypatch, tmp_path):
    whole = peers.picture
    monkeypatch.setattr(peers, "picture", lambda name, crop: whole(name, 40))
    run = PhotographRun(photograph_runs.MEANS, 25, 2)
    found = PhotographRunner(tmp_path).perform(run)["metrics"]
    psnr = []
    for name in peers.PICTURES:
        noisy = whole(name, 40) + 25 / 255 * np.random.RandomState(2).standard_normal((40, 40))
        answer = peers.non_local_means(noisy, 25 / 255).clip(0, 1)
        psnr.append(-10 * np.log10(np.mean((whole(name, 40) - answer) ** 2)))
    assert [found[name] for name in peers.PICTURES] == pytest.approx(psnr, rel=1e-6)
    assert found["psnr"] == pytest.approx(np.mean(psnr), rel=1e-6) and records.load(
        PhotographRun, tmp_path
    ).keys() == {run}
    assert PhotographRun.named("photographs_non-local-means_25_2") == run
