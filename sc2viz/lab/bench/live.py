"""How much watching slows a training down, in Chromium; and many starts."""

import argparse
import gc
import re
import statistics
import threading
import time

import torch

from sc2viz import data, lasso, solvers, training
from sc2viz.jobs import scheduling, training_job
from sc2viz.lab.bench.browser import turn_to
from sc2viz.lab.bench.stopwatch import Stopwatch, resident

PROGRESS = "[data-testid=stProgress]"
LONG = "train?data=mnist-5k&epochs=500"  # the link of a run that is longer than any measurement of this file
# The times, in ms, at which the scrubber's caption changes within `ms` milliseconds.
REFRESHES = """(root, ms) => new Promise(done => {
  const times = [], caption = root.querySelector('.caption');
  let last = caption.textContent;
  const watch = setInterval(() => {
    if (caption.textContent !== last) { times.push(performance.now()); last = caption.textContent; }
  }, 10);
  setTimeout(() => { clearInterval(watch); done(times); }, ms);
})"""


def watch(page, address: str, seconds: float = 10.0) -> None:
    """Measure Train live for one reader: the first progress, refreshes per second, and how much watching slows training."""
    page.goto(f"{address}/{LONG}")
    page.locator(".scrubber.training article canvas").first.wait_for()
    page.wait_for_timeout(2000)

    def play() -> None:
        page.get_by_role("button", name="Play", exact=True).first.click()
        page.locator(".caption").filter(has_text="bove the optimum").first.wait_for()

    print(
        f"Train live, play to progress   {Stopwatch().time(play)[0]:8.2f} s     aim 2 s", flush=True
    )
    page.wait_for_timeout(3000)
    times = page.locator(".scrubber.training").evaluate(REFRESHES, 1e3 * seconds)
    print(f"refreshes while it trains      {len(times) / seconds:8.1f} /s    aim 2", flush=True)

    def paced(leave: bool) -> float:
        """Steps per second while the reader is on the page, or on another page (`leave`)."""
        first, begin = _step(page), time.perf_counter()
        if leave:
            turn_to(page, "Welcome")
        page.wait_for_timeout(1e3 * seconds)
        if leave:
            turn_to(page, "Train live")
            page.locator(PROGRESS).wait_for()
        pace = (_step(page) - first) / (time.perf_counter() - begin)
        assert "left" in page.locator(PROGRESS).inner_text(), (
            "training ended before the measurement"
        )
        return pace

    pairs = [(paced(False), paced(True)) for _ in range(4)]
    costs = [100 * (1 - looking / away) for looking, away in pairs]
    looking, away = (statistics.mean(paces) for paces in zip(*pairs, strict=True))
    print(
        f"cost of watching               {100 * (1 - looking / away):8.1f} %     aim 15 % ({looking:.1f} and {away:.1f} "
        f"steps/s; from {min(costs):.1f} to {max(costs):.1f} % in {len(pairs)} pairs)",
        flush=True,
    )


def starts(asked: argparse.Namespace) -> None:
    """Start and stop jobs one after the other, and print the number of threads and the memory."""
    torch.set_num_threads(1)
    images, tests = data.load("digits"), data.load("digits", "test")
    B = lasso.normalised(torch.randn(64, 64, generator=torch.Generator().manual_seed(0)))
    scheduler = scheduling.Scheduler(scheduling.Limits())

    def once() -> None:
        settings = training.Settings(rate=3e-4)
        job = training_job.Job(
            solvers.build("slstm", B),
            images,
            tests[:100],
            tests.pixels[:8],
            settings,
            scheduler,
            loss="sc2net",
            epochs=100,
            batch_size=64,
        )
        job.play()
        while job.step < 3:
            time.sleep(0.002)
        job.pause()
        job.play()
        job.close()
        while scheduler.runs(job):
            time.sleep(0.002)

    for count in range(asked.times + 1):
        once()
        if count % max(asked.times // 6, 1) == 0:
            gc.collect()
            print(
                f"{count:4} starts: {threading.active_count()} threads, {resident():.1f} MB",
                flush=True,
            )


def _step(page) -> int:
    return int(re.search(r"step ([\d,]+)", page.locator(PROGRESS).inner_text())[1].replace(",", ""))
