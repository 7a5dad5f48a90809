"""Training of networks on filters: a run goes on where it was, and what it learns from."""

import numpy as np
import pytest
import torch
from photographs.test_whole import noisy, smooth
from PIL import Image

from sc2viz import checkpoints, data, solvers
from sc2viz.__main__ import main
from sc2viz.lab.weights import __main__ as weights
from sc2viz.lab.weights import filter_networks
from sc2viz.lab.weights.patch_networks import crops


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(filter_networks, "CROP", 24)
    monkeypatch.setattr(filter_networks, "BATCH", 2)
    monkeypatch.setattr(filter_networks, "DRAWN", 4)
    names = []

    def drawn(count, channels=1, size=36, seed=0, names_=(), **given):
        names.extend(given["names"])
        rows = torch.rand(count, size * size, generator=torch.Generator().manual_seed(seed))
        return data.Images("crops", rows, shape=(size, size, 1))

    monkeypatch.setattr(filter_networks, "crops", drawn)
    monkeypatch.setattr(
        filter_networks, "of_held", lambda denoise, sigma: dict.fromkeys(filter_networks.HELD, 0.0)
    )
    return names


def make(out, *words):
    command = f"filter_networks conv-slstm {out} --filters 4 --steps 2 --start 2 --every 2"
    weights.main([*command.split(), *words])


def test_a_run_that_was_stopped_goes_on_where_it_was_and_what_it_writes_denoises(
    tiny, tmp_path, capsys
):
    out, part = tmp_path / "whole.safetensors", tmp_path / "part.safetensors"
    make(out, "--batches", "5")
    make(part, "--batches", "5", "--hours", "0")  # one step
    assert checkpoints.load_training(part)["numbers"][0] == 1
    make(part, "--batches", "5")
    first, second = (checkpoints.load(path) for path in (out, part))
    assert all(
        torch.equal(value, second.state_dict()[key]) for key, value in first.state_dict().items()
    )
    assert set(tiny) == set(data.PHOTOGRAPHS) - {"chelsea", "china"}
    assert not torch.equal(first.weights.analysis[0], first.weights.analysis[1])  # it has learned
    with pytest.raises(SystemExit, match="has ended"):
        make(part, "--batches", "6")
    before = (255 * noisy(smooth()).clip(0, 1)).astype(np.uint8)
    Image.fromarray(before).save(tmp_path / "noisy.png")
    main(
        [
            "denoise",
            str(tmp_path / "noisy.png"),
            str(tmp_path / "clean.png"),
            "--sigma",
            "25",
            "--solver",
            str(out),
        ]
    )
    said = capsys.readouterr().out
    assert "Conv-SLSTM, 4 filters of 7×7, 2 pixels apart" in said and "non-zeros a position" in said
    assert np.asarray(Image.open(tmp_path / "clean.png")).shape == before.shape


def test_a_last_run_learns_from_more_and_says_so(tiny, tmp_path):
    out = tmp_path / "whole.safetensors"
    make(out, "--batches", "2", "--also", "china", "sail.png")
    assert set(tiny) == set(data.PHOTOGRAPHS) - {"chelsea"} | {"sail.png"}
    notes = checkpoints.notes(out)
    assert (notes["left_out"], notes["also"]) == (["chelsea"], ["china", "sail"])


def test_crops_of_a_file_are_parts_of_its_picture(tmp_path):
    grey = np.tile(np.arange(90, dtype=np.uint8)[:, None], (1, 80))
    Image.fromarray(grey).save(tmp_path / "rows.png")
    rows = (
        crops(20, size=20, names=[str(tmp_path / "rows.png")]).pixels.unflatten(1, (20, 20)) * 255
    )
    across, down = rows.diff(dim=2).abs(), rows.diff(dim=1).abs()
    steps = torch.maximum(
        across.amax((1, 2)), down.amax((1, 2))
    )  # a level a row, more where the picture is made smaller
    assert (
        ((across < 0.1).all((1, 2)) | (down < 0.1).all((1, 2))).all()
        and steps.min() > 0.9
        and steps.max() < 3
    )
    assert (rows.amax((1, 2)) <= 89.5).all()


def test_learned_filters_explain_crops_better_than_where_they_start(tiny):
    start, learned = filter_networks.learned_filters(9, 0), filter_networks.learned_filters(9, 40)
    x = next(filter_networks.noisy_crops(1, 0, 5, (0.1, 0.1)))[0]
    x = x - x.mean(1, keepdim=True)
    with torch.no_grad():
        F = []
        for B in (start, learned):
            codes = solvers.build("conv-lfista", B, 20)(x, 0.1)
            F.append(
                (0.5 * (x - B.synthesise(codes)).square().sum() + 0.1 * codes.abs().sum()).item()
            )
    assert F[1] < 0.99 * F[0]
    assert learned.filters.flatten(1).norm(dim=1).max() <= 1 + 1e-5
