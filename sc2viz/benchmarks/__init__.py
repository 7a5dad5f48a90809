"""Benchmarks: `python -m sc2viz bench {exact,…}`. Each prints the machine and checks the results that it times."""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import torch

from sc2viz import data, device, lasso, solvers, training, words
from sc2viz.benchmarks import estimators, exact, gpu, live, load, pen, photographs, recovery, ui
from sc2viz.cli import limits

ALL_CORES = torch.get_num_threads()


def add_commands(commands: argparse._SubParsersAction) -> None:
    bench = commands.add_parser("bench", help="measure speed on this machine")
    which = bench.add_subparsers(required=True, metavar="WHAT")
    exact.add_command(which)
    estimators.add_command(which)
    gpu.add_command(which)
    photographs.add_command(which)
    load.add_command(which)
    pen.add_command(which)
    recovery.add_command(which)
    step = which.add_parser("training", help="a full training step of SLSTM, compared with torch.nn.LSTM")
    step.add_argument("--repeats", type=limits.times, default=100)
    step.set_defaults(run=lambda arguments: training_step(arguments.repeats))

    reader = which.add_parser("ui", help="how long a reader of the app waits, in Chromium")
    reader.set_defaults(run=lambda arguments: ui.measure())

    drag = which.add_parser("drag", help="how soon pictures follow a slider that is dragged, in Chromium")
    drag.set_defaults(run=lambda arguments: ui.drag())

    ten = which.add_parser("readers", help="how long ten readers wait, two of whom train and eight explore, in Chromium")
    ten.add_argument("--exploring", type=limits.times, default=8)
    ten.add_argument("--rounds", type=limits.times, default=12)
    ten.set_defaults(run=lambda arguments: live.readers(arguments.exploring, arguments.rounds))

    starts = which.add_parser("starts", help="threads and memory while training jobs start and stop many times")
    starts.add_argument("--times", type=limits.times, default=300)
    starts.set_defaults(run=lambda arguments: live.starts(arguments.times))


def machine() -> str:
    return f"{platform.processor() or platform.machine()}, {ALL_CORES} threads, torch {torch.__version__}"


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """The median wall time of `work` over `repeats` runs, after one run that is not counted."""
    seconds = []
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds[1:])


def training_step(repeats: int, batch: int = 256, d_x: int = 784, d_s: int = 100, steps: int = 10) -> None:
    """Samples per second of a full training step (forward, backward, Adam): SLSTM, and torch.nn.LSTM given x ten times."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(batch, d_x, generator=generator)
    B = lasso.normalised(torch.randn(d_x, d_s, generator=generator))
    images = data.Images("random", x.repeat(2, 1), None, None)
    solver = solvers.build("slstm", B, steps)
    run = training.Loop(solver, images, "sc2net", 10**6, validation=images[:2], batch_size=batch)
    lstm, decoder = torch.nn.LSTM(d_x, d_s, batch_first=True), torch.nn.Linear(d_s, d_x, bias=False)
    optimiser = torch.optim.Adam([*lstm.parameters(), *decoder.parameters()], lr=1e-3, fused=True)

    def lstm_step() -> None:
        codes = lstm(x[:, None].expand(-1, steps, -1).contiguous())[0][:, -1]
        loss = (0.5 * (x - decoder(codes)).square().sum(1) + 0.1 * codes.abs().sum(1)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    print(f"{d_x} → {d_s}, {steps} steps, batch {batch}\n{machine()}\n")
    for count in sorted({1, ALL_CORES}):
        with device.threads(count):
            ours, theirs = (median_seconds(work, repeats) for work in (run.take_step, lstm_step))
        print(words.count(count, "thread"))
        for label, median in (("SLSTM (recommended)", ours), ("torch.nn.LSTM", theirs)):
            print(f"  {label:24} {batch / median:9,.0f} samples/s    {1e3 * median:.2f} ms per step")
        print(f"  SLSTM is {theirs / ours:.1f} times as fast")
