"""`bench gpu` on the CPU: it measures every solver, counts products right, and notices codes that are wrong."""

import pytest
import torch

from sc2viz.__main__ import main
from sc2viz.activations import shrink
from sc2viz.lab.bench import gpu, stopwatch
from sc2viz.solvers.ista import ISTA

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(gpu, "SIDE", 256)
    monkeypatch.setattr(gpu, "COMPARED", 20)
    monkeypatch.setattr(stopwatch, "PAUSE", 0)
    monkeypatch.setattr(gpu.device, "pick", lambda: CPU)


def test_codes_agree_with_float64_and_products_are_counted(monkeypatch):
    """ISTA's products by hand: Bᵀ x, BᵀB for W_e and once more for τ, and ten of W_e s. Here a call takes a second."""
    monkeypatch.setattr(stopwatch.Stopwatch, "time", lambda self, work, repeats: (1.0, work()))
    rows = {row["solver"]: row for row in gpu.measure(CPU, 30, 0.1, 1, rate=1.0)}
    n, d_x, d_s = 30, 784, 100
    products = n * d_x * d_s + 2 * d_s * d_x * d_s + 10 * n * d_s * d_s
    assert rows["ista"]["share of its rate"] == 2 * products
    assert rows.keys() >= {"slstm", "omp", gpu.EXACT}
    assert all(0 < row["distance"] <= gpu.AGREES for row in rows.values())


def test_wrong_codes_are_an_error(monkeypatch):
    def shrink_wrongly(self, c, drive):
        return shrink(c, drive.theta) * (1 + 1e-4 * (c.dtype == torch.float32))

    monkeypatch.setattr(ISTA, "h", shrink_wrongly)
    with pytest.raises(SystemExit, match="further than 1e-05 from those in float64.*ista"):
        main(["bench", "gpu", "--rows", "20", "--repeats", "1"])
