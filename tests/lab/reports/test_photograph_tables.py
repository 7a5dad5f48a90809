"""The tables of photographs and of gates, from made-up records, against numpy and SciPy."""

import numpy as np
import pytest
from scipy import stats

from sc2viz.lab.experiments.protocols import Run
from sc2viz.lab.reports import photograph_tables as tables
from sc2viz.photographs import peers
from sc2viz.published.sentences import describe_gates


def record(psnr, **metrics):
    return {"metrics": {"psnr": psnr, **metrics}}


def test_the_best_network_stands_beside_bm3d():
    records = {
        Run(setting=sigma, method="lfista", seed=seed, study="photographs"): record(
            30.0 + seed - sigma / 100, ssim=0.8, seconds=3.6
        )
        for sigma in peers.SIGMAS
        for seed in range(3)
    }  # and BM3D of one seed and one σ
    records[Run(setting=25, method="bm3d", study="photographs")] = record(30.5)
    text = tables.markdown(tables.publish(records))
    spread = f"{np.std([30, 31, 32], ddof=1):.2f}"
    head, _, first, second, *_ = text.splitlines()
    assert "σ = 15 | σ = 25 | σ = 50" in head
    means = " | ".join(f"{mean} ± {spread}" for mean in ("30.85", "30.75", "30.50"))
    assert first == f"| LFISTA, patches of 8×8 | {means} | 0.800 ± 0.000 | 3.6 |"
    assert second == "| BM3D | – | 30.50 | – | – | – |"
    assert text.endswith("Beside BM3D, LFISTA, patches of 8×8, is 0.25 dB above it at σ = 25.")


def publish_gates(decibel_gains, seeds=3):
    gains = {"slstm": [decibel_gains + 0.01 * seed for seed in range(seeds)]}
    return tables.publish_gates(
        {
            Run(setting=7, method=arm, seed=seed, study="gates"): record(
                30 + gains.get(arm, [0] * seeds)[seed]
            )
            for arm in ("slstm", "lista", "cnn")
            for seed in range(seeds)
        }
    )


@pytest.mark.parametrize(
    "gains, verdict",
    [(0.1, "gates help a"), (-0.2, "gates harm a"), (-0.01, "no clear difference")],
)
def test_gates_help_only_where_p_says_so(gains, verdict):
    p, published = (
        stats.ttest_1samp([gains, gains + 0.01, gains + 0.02], 0).pvalue,
        publish_gates(gains),
    )
    sentence = describe_gates(published)
    assert sentence.startswith("On chelsea and china at σ = 25, over 3 seeds: SC2Net’s gates ")
    assert verdict in sentence and f"(p = {p:.2g})" in sentence
    assert (p < 0.05) == ("no clear" not in verdict)
    points = f"{gains + 0.01:+.3f}".replace("-", "−")
    assert tables.write_gates(published).count(f"| 7 | 3 | {points} | {p:.2g} |") == 2
