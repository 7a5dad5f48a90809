"""What a solver from outside the package sets in a call is put back, and a call that takes too long ends and is named."""

import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from sc2viz import solvers
from sc2viz.browser import export
from sc2viz.solvers import failing, guests

from .test_contract import AFTER, HEAD, dictionary, write  # noqa: F401 (a fixture)

LAM, BUDGET, BOUND = (
    0.1,
    0.2,
    8.0,
)  # seconds that a call may take here, and those in which it must be over
SETS = {
    "dtype": "torch.set_default_dtype(torch.float64)",
    "gradients": "torch.set_grad_enabled(False)",
    "threads": "torch.set_num_threads(2)",
    "errors of NumPy": "np.seterr(all='raise')",
    "determinism": "torch.use_deterministic_algorithms(True)",
}
BODIES = {
    "__init__": "def __init__(self, *given, **options):\n    super().__init__(*given, **options)\n    {}",
    "drive": "def drive(self, x, lam):\n    {}\n    return super().drive(x, lam)",
    "step": "def step(self, state, drive):\n    {}\n    return super().step(state, drive)",
}
ENDLESS = {
    "a loop": "while True: pass",
    "one that catches its exceptions": "while True:\n    try: sum(range(100))\n    except Exception: pass",
    "one that catches all": "while self.goes_on:\n    try: time.sleep(0.01)\n    except BaseException: self.goes_on -= 1",
    "three seconds an iteration": "time.sleep(0.3)",
}


def settings():
    return (
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
        np.geterr(),
        torch.are_deterministic_algorithms_enabled(),
    )


@pytest.fixture
def usual():
    """The settings before a test, which stand again after it, whatever it does."""
    with guests.kept():
        yield settings()


@pytest.mark.parametrize("part", [*BODIES, "the file"])
@pytest.mark.parametrize(
    "what",
    [pytest.param(what, marks=[pytest.mark.release] * (what == "determinism")) for what in SETS],
)  # to set that imports much of PyTorch
def test_what_a_guest_sets_is_put_back(write, usual, part, what):  # noqa: F811
    head = f"import numpy as np\nimport torch\n{HEAD}"
    if part == "the file":
        write("pass", f"{SETS[what]}\n".join(["import numpy as np\nimport torch\n", HEAD]))
    else:
        write(BODIES[part].format(SETS[what]), head)
    assert settings() == usual
    solver = solvers.build("odd", dictionary())
    assert settings() == usual
    codes = solver(torch.ones(2, 12), LAM)
    assert settings() == usual
    assert torch.equal(codes, solvers.build("ista", dictionary())(torch.ones(2, 12), LAM))


def test_what_others_draw_at_random_is_not_put_back(write):  # noqa: F811
    write(f"{AFTER}after._replace(codes=after.codes + torch.rand(()))", f"import torch\n{HEAD}")
    solver = solvers.build("odd", dictionary())
    one, other = (solver(torch.ones(2, 12), LAM) for _ in range(2))
    assert not torch.equal(one, other)


@pytest.fixture
def timed(monkeypatch):
    monkeypatch.setattr(guests, "seconds", BUDGET)
    monkeypatch.setattr(guests, "AGAIN", 0.1)


@pytest.mark.parametrize("how", ENDLESS)
def test_a_call_that_takes_too_long_ends_and_its_class_is_left_out(write, timed, how):  # noqa: F811
    body = "goes_on, slow = 2, False\ndef step(self, state, drive):\n    if self.slow:\n"
    body += textwrap.indent(ENDLESS[how], 8 * " ") + "\n    return super().step(state, drive)"
    path = write(body, f"import time\n{HEAD}")
    solver = solvers.build("odd", dictionary())
    x, ista = torch.ones(2, 12), solvers.build("ista", dictionary())
    assert torch.equal(solver(x, LAM), ista(x, LAM))
    type(solver).slow = True
    line = path.read_text().splitlines().index("    def step(self, state, drive):") + 1

    def call():
        began = time.monotonic()
        try:
            solver(x, LAM)
            said = ""
        except failing.Failed as error:
            said = str(error)
        took = time.monotonic() - began
        for _ in range(40):  # what was asked for and had not come yet must not come now
            time.sleep(0.01)
        return said, took

    with ThreadPoolExecutor(1) as thread:  # as a page does
        said, took = thread.submit(call).result()
    assert took < BOUND
    if how == "one that catches all":  # it ended by itself, late, and is left out from now on
        assert said == ""
    else:
        assert said.startswith("Odd failed in odd.py, line ") and said.endswith(
            f"a call took more than {BUDGET} s, so it is left out"
        )
        assert line <= int(said.split("line ")[1].split(":")[0]) <= line + 5
    began = time.monotonic()
    for again in (lambda: solver(x, LAM), lambda: solvers.build("odd", dictionary())):
        with pytest.raises(
            failing.Failed, match=f"Odd failed.* more than {BUDGET} s, so it is left out"
        ):
            again()
    assert time.monotonic() - began < BUDGET
    assert torch.equal(ista(x, LAM), solvers.build("ista", dictionary())(x, LAM))


def test_an_endless_guest_is_found_out_when_it_is_first_built(write, timed):  # noqa: F811
    write(BODIES["__init__"].format("while True: pass"))
    with pytest.raises(
        failing.Failed, match=r"Odd failed in odd\.py, line 12: a call took more than 0\.2 s"
    ):
        solvers.build("odd", dictionary())


def test_a_call_within_another_shares_its_time_and_built_in_solvers_have_as_much_as_they_want(
    write,  # noqa: F811
    monkeypatch,
):
    monkeypatch.setattr(guests, "seconds", 0.05)
    ista = solvers.build("ista", dictionary())
    with failing.named(ista):
        time.sleep(0.2)
    write("pass")
    solver, threads = solvers.build("odd", dictionary()), []
    monkeypatch.setattr(guests, "seconds", 60.0)
    with failing.named(solver):
        before = threading.active_count()
        with failing.named(solver):
            threads.append(threading.active_count() - before)
    assert threads == [0]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.release] * (name not in ("ista", "slstm")))
        for name in solvers.NAMES
    ],
)
def test_the_pen_has_the_same_graph_while_another_thread_has_set_the_default_dtype(name):
    """As in the midst of a guest's call, before its setting is put back."""
    B, graphs = dictionary(), []
    for dtype in (torch.float32, torch.float64):
        with guests.kept():
            torch.set_default_dtype(dtype)
            graphs.append(export._exported(solvers.build(name, B, 3)))
    one, other = graphs
    assert one.parcels and [each.name for each in one.parcels] == [
        each.name for each in other.parcels
    ]
