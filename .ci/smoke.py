"""What an installed sc2viz must do: exact codes, networks, the estimators, the command, and the app's first answer."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np

import sc2viz
from sc2viz import checkpoints, data, lasso, words
from sc2viz.estimators import SparseCoder

command = Path(sys.executable).with_name("sc2viz")
assert not Path(sc2viz.__file__).is_relative_to(Path.cwd()), "the package must be the installed one"

x, B = data.load("mnist-5k", split="test").pixels[:20], checkpoints.load_dictionary("mnist")
exact = lasso.solve(x, B, 0.1)
assert (exact.gap <= 1e-4).all()
codes = SparseCoder(B.numpy().T, 0.1).transform(x.numpy())
assert np.abs(codes - exact.codes.numpy()).max() < 1e-2
assert checkpoints.load("mnist/slstm")(x, 0.1).shape == exact.codes.shape
with words.speaking("de"):
    assert words.count(2, "step") == "2 Schritte"  # the catalogues are there
print(f"exact codes of {len(x)} digits, worst gap {exact.gap.max():.0e}")

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
begin = time.monotonic()
app = subprocess.Popen(
    [
        command,
        "app",
        "--server.headless",
        "true",
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
    ],
    stdout=subprocess.DEVNULL,
)
try:
    while True:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/_stcore/health", timeout=1
            ) as answer:
                assert answer.read() == b"ok"
            break
        except OSError:
            assert app.poll() is None, "the app ended at its start"
            assert time.monotonic() < begin + 60, "the app does not answer"
            time.sleep(0.05)
    print(f"the app answers after {time.monotonic() - begin:.1f} s")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
        assert b"<title>" in page.read()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/join", timeout=10) as page:
        assert b"Answer a question" in page.read()
finally:
    app.terminate()
assert app.wait(timeout=20) in (0, -15), "the app does not end when it is told to"
