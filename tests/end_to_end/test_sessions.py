"""A reader's own things: another reader sees none of them, they go when their reader has left, and no file holds them."""

import asyncio
import contextlib
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from saving import saved
from streamlit.proto.BackMsg_pb2 import BackMsg

from sc2viz.lab.bench.browser import turn_to
from sc2viz.ui.reader import Reader

pytestmark = [
    pytest.mark.browser,
    pytest.mark.release,
    pytest.mark.skipif(
        not Path("/proc/self/status").exists(), reason="reads the server's memory from /proc"
    ),
]
ROOT = Path(__file__).parents[2]
ROWS = np.random.default_rng(0).integers(0, 256, (18_000, 20, 20), np.uint8)  # 29 MB in float32
# The end of one row and the start of the next, as the server keeps them; a batch of rows drawn at random has no such place.
SEAM = (ROWS[10_000:10_002].reshape(-1)[336:464] / np.float32(255)).tobytes()
MOST_GROWN = 20  # MB from the first round to the third


def megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return (
        next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        / 1024
    )


def in_memory(pid: int, content: bytes) -> bool:
    """Whether a process holds these bytes in memory that it can write to."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, access, *_ = line.split()
            start, end = (int(number, 16) for number in place.split("-"))
            if access.startswith("rw"):
                memory.seek(start)
                with contextlib.suppress(OSError):  # it has gone meanwhile, or belongs to a device
                    if content in memory.read(end - start):
                        return True
    return False


def gone(pid: int, content: bytes, seconds: float = 30) -> bool:
    """Whether a process gives these bytes up within some seconds. To read all of its memory takes a second."""
    end = time.monotonic() + seconds
    time.sleep(2)
    while (is_there := in_memory(pid, content)) and time.monotonic() < end:
        time.sleep(1)
    return not is_there


def settled(pid: int, limit: float, seconds: float = 20) -> float:
    """The memory of the server once it is below `below`, or after some seconds."""
    end = time.monotonic() + seconds
    while (taken := megabytes(pid)) > limit and time.monotonic() < end:
        time.sleep(0.2)
    return taken


def holding(folders, pieces: list[bytes], since: float) -> list[Path]:
    """The files below `folders`, changed since then, that hold one of the pieces."""
    files = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    ]
    return [
        path
        for path in files
        if path.stat().st_mtime >= since and any(p in path.read_bytes() for p in pieces)
    ]


def visit(reader, url: str, path: str):
    page = reader.new_page()
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.set_default_timeout(60_000)
    page.goto(f"{url}/{path}")
    page.wait_for_selector(".st-key-head h1")
    return page


def test_own_things_are_one_readers_and_go_with_them(chromium, served, tmp_path, record_property):
    since = time.time()
    folders = [tmp_path / name for name in ("home", "temporary")]
    for folder in folders:
        folder.mkdir()
    environment = {
        "HOME": folders[0],
        "XDG_CACHE_HOME": folders[0] / "cache",
        "TMPDIR": folders[1],
        "SC2VIZ_AWAY": "1",
        "SC2VIZ_TRAIN_AWAY": "1",
        # As in the image: what is freed goes back to the system, and is not found in the process any more.
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_MMAP_THRESHOLD_": "4194304",
        "MALLOC_TRIM_THRESHOLD_": "16777216",
    }
    command, log = [sys.executable, "-m", "streamlit", "run", "app.py"], tmp_path / "log"
    content, file = saved(np.savez, x_train=ROWS[:-500], x_test=ROWS[-500:]), tmp_path / "mine.npz"
    file.write_bytes(content)
    megabytes_after = []
    with served(
        command, ROOT, log, **{name: str(value) for name, value in environment.items()}
    ) as url:
        first, second = chromium.new_context(), chromium.new_context()
        first.new_page().goto(
            f"{url}/_stcore/health"
        )  # keeps alive the process that draws this reader's tabs
        second_page = visit(second, url, "compare?data=yours")
        second_page.get_by_text("until then mnist-5k is shown").wait_for()
        for _ in range(3):
            megabytes_before = megabytes(url.pid)
            mine = visit(first, url, "compare?data=yours&learn=16&solvers=ISTA&solvers=FISTA")
            chooser = mine.get_by_test_id("stFileUploaderDropzoneInput").first
            chooser.set_input_files(file)
            mine.get_by_text(
                "mine.npz: 17,500 training and 500 test pictures, 20 × 20 grey."
            ).wait_for()
            mine.wait_for_selector(".sc-truth canvas")
            assert in_memory(url.pid, SEAM)
            turn_to(mine, "Gates & cells")
            mine.get_by_text("Each row is an atom").wait_for()
            second_page.reload()
            second_page.get_by_text("until then mnist-5k is shown").wait_for()
            assert second_page.get_by_text("mine.npz").count() == 0
            mine.close()
            assert gone(url.pid, SEAM)
            megabytes_after.append(
                settled(
                    url.pid,
                    limit=megabytes_before + 10 if megabytes_after else 0,
                    seconds=20 if megabytes_after else 3,
                )
            )
        first.close()
        second.close()
    record_property("megabytes after each round", megabytes_after)
    print("MB after each round:", [round(number) for number in megabytes_after])
    assert megabytes_after[2] - megabytes_after[0] <= MOST_GROWN
    rows = ROWS[[0, 10_000, -1]].reshape(3, -1)
    pieces = [
        row[:64].astype(kind).tobytes()
        for row in rows
        for kind in (np.uint8, np.float32, np.float64)
    ]
    pieces += [
        (row[:64] / np.float32(255)).astype(kind).tobytes()
        for row in rows
        for kind in (np.float32, np.float64)
    ]
    assert any(secret in content for secret in pieces)  # the search finds them where they are
    changed = [path for path in ROOT.iterdir() if path.name not in (".git", ".pytest_cache")]
    assert holding([*folders, *(path for path in changed if path.is_dir())], pieces, since) == []


async def clear_caches(url: str) -> None:
    """What anybody can send who knows the address: the message of Streamlit's menu "Clear cache"."""
    async with Reader(url, "paper") as reader:
        assert not (await reader.view()).problem
        await reader._socket.send(BackMsg(clear_cache=True).SerializeToString())
        assert not (await reader.view()).problem  # messages are handled in turn, so that one was


def shown(page, pattern: str) -> int:
    """The number that a bar of progress shows; −1 while there is none."""
    bar = page.locator("[data-testid=stProgress]")
    match = re.search(pattern, bar.first.inner_text()) if bar.count() else None
    return int(match[1].replace(",", "")) if match else -1


def comes(page, is_seen: Callable[[], bool], seconds: float = 120) -> bool:
    """Whether something is seen on a page within some seconds."""
    end = time.monotonic() + seconds
    while not is_seen() and time.monotonic() < end:
        page.wait_for_timeout(300)
    return is_seen()


def test_no_reader_ends_the_work_of_another(chromium, served, tmp_path):
    """One reader trains and cleans a photograph. Another asks Streamlit to clear all caches, which releases what holds on to
    the work of every session."""
    command, log, seconds_away = (
        [sys.executable, "-m", "streamlit", "run", "app.py"],
        tmp_path / "log",
        2,
    )
    with served(command, ROOT, log, SC2VIZ_TRAIN_AWAY=str(seconds_away)) as url:
        context = chromium.new_context()
        training, photograph = (
            visit(context, url, path)
            for path in ("train?data=digits&epochs=500&T=20", "photograph")
        )
        training.get_by_role("button", name="Play", exact=True).first.click()
        step, share = r"step ([\d,]+)", r"(\d+) %"
        assert comes(training, lambda: shown(training, step) > 0) and comes(
            photograph, lambda: shown(photograph, share) >= 0
        )
        share_before = shown(photograph, share)
        with ThreadPoolExecutor(1) as thread:  # Playwright has a loop of its own in this one
            thread.submit(asyncio.run, clear_caches(url)).result()
        training.wait_for_timeout(
            1000 * seconds_away + 1000
        )  # a training goes on for so long after its reader has left
        stood = shown(training, step)
        assert comes(training, lambda: shown(training, step) > stood)
        done = photograph.get_by_text(
            "Drag the divider, or click a place: its code opens below, under More."
        )
        assert comes(
            photograph, lambda: done.count() > 0 or shown(photograph, share) > share_before
        )
        context.close()
