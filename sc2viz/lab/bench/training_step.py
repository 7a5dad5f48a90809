"""`bench training`: samples a second of a full training step of SLSTM, and of torch.nn.LSTM given x ten times."""

import argparse

import torch

from sc2viz import data, device, lasso, solvers, training, words
from sc2viz.lab.bench.stopwatch import ALL_CORES, PROCESSOR, Stopwatch

BATCH, D_X, D_S, STEPS = 256, 784, 100, 10


def run(arguments: argparse.Namespace) -> None:
    """Print what forward, backward and Adam take together, of one thread and of all."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(BATCH, D_X, generator=generator)
    B = lasso.normalised(torch.randn(D_X, D_S, generator=generator))
    images = data.Images("random", x.repeat(2, 1), None, None)
    loop = training.Loop(
        solvers.build("slstm", B, STEPS),
        images,
        "sc2net",
        10**6,
        validation=images[:2],
        batch_size=BATCH,
    )
    lstm, decoder = torch.nn.LSTM(D_X, D_S, batch_first=True), torch.nn.Linear(D_S, D_X, bias=False)
    optimiser = torch.optim.Adam([*lstm.parameters(), *decoder.parameters()], lr=1e-3, fused=True)

    def lstm_step() -> None:
        codes = lstm(x[:, None].expand(-1, STEPS, -1).contiguous())[0][:, -1]
        loss = (0.5 * (x - decoder(codes)).square().sum(1) + 0.1 * codes.abs().sum(1)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    print(
        f"{D_X} → {D_S}, {STEPS} steps, batch {BATCH}\n{PROCESSOR}, {ALL_CORES} threads, torch {torch.__version__}\n"
    )
    for count in sorted({1, ALL_CORES}):
        with device.threads(count):
            ours, theirs = (
                Stopwatch().time(work, arguments.repeats)[0] for work in (loop.take_step, lstm_step)
            )
        print(words.count(count, "thread"))
        for label, median in (("SLSTM (recommended)", ours), ("torch.nn.LSTM", theirs)):
            print(
                f"  {label:24} {BATCH / median:9,.0f} samples/s    {1e3 * median:.2f} ms per step"
            )
        print(f"  SLSTM is {theirs / ours:.1f} times as fast")
