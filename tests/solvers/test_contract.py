"""What a solver from outside the package must keep, and how it is named where it does not."""

import re
import textwrap

import pytest
import torch

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.solvers import Traits, Variant, registry

HEAD = """
from sc2viz import solvers
from sc2viz.solvers import ISTA, State, Traits


@solvers.register
class Odd(ISTA):
    name, label, summary, equation, source = "odd", "Odd", "Odd.", "s", "made up for a test"
"""
AFTER = "def step(self, state, drive):\n    after = super().step(state, drive)\n    return "
STEP = "def step(self, state, drive):\n    return "
BROKEN = {  # what is wrong → (the class's body, the line that is named, part of the message)
    "t": (f"{AFTER}after._replace(t=7)", "def step", "t must be 1, got 7"),
    "codes": (f"{AFTER}after._replace(codes=after.codes[:, 1:])", "def step", "codes must be (n, d_s)"),
    "state": (f"class Other(State):\n    pass\n{AFTER}self.Other(*after)", "def step", "got State and Other"),
    "gate": ("traits = Traits(gates={'open': 'gate'})", "class Odd", "'open', which is no part of its state"),
    "h": (f"traits = Traits(activation='shrinkage')\n{STEP}State(state.t + 1, state.codes)", "def step",
          "through self.h(c, drive)"),
    "W_d": ("@property\ndef W_d(self):\n    return self.dictionary", "class Odd", "W_d is the base class's"),
    "offset": ("@property\ndef offset(self):\n    return self.dictionary[0]", "class Odd", "must be (12,) or None, got (16,)"),
    "growing": (f"{AFTER}after._replace(cell=after.codes[:, :after.t])", "def step",
                "cell, a field of the state, must be a tensor of one shape and dtype, or None, got (2, 1) torch.float32 and"),
    "dtype": (f"{AFTER}after._replace(codes=after.codes.double())", "def step",
              "codes must be torch.float32, as x is, got torch.float64"),
    "one gate": (f"traits = Traits(gates={{'cell': 'gate'}})\n{AFTER}after._replace(cell=after.codes.sum() * 0)", "def step",
                 "the gate 'cell' must be (n, d_s), (n, 1) or (n,), got ()"),
}  # fmt: skip


@pytest.fixture
def write(monkeypatch, tmp_path):
    """Register the class `Odd` with a body, from a file of its own; return that file."""

    def bring(body: str, head: str = HEAD):
        monkeypatch.setattr(registry, "_solvers", dict(registry._solvers))
        monkeypatch.setattr(registry, "_problems", [])
        path = tmp_path / "odd.py"
        path.write_text(f"{head}\n{textwrap.indent(body, '    ')}\n")
        monkeypatch.setenv(registry.GUESTS, str(path))
        registry.load_guests()
        return path

    return bring


def dictionary():
    return lasso.normalised(torch.randn(12, 16, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("rule", BROKEN)
def test_what_it_does_not_keep_is_named_with_file_and_line(write, rule):
    body, place, message = BROKEN[rule]
    path = write(body)
    lines = path.read_text().splitlines()
    line = next(k for k, text in enumerate(lines, 1) if text.strip().startswith(place))
    line -= lines[line - 2].startswith("@")  # a class begins at its decorator
    for _ in range(2):  # at every build, not at the first alone
        with pytest.raises(
            solvers.Failed,
            match=rf"Odd does not keep the interface of a solver \(odd.py, line {line}\): .*{re.escape(message)}",
        ):
            solvers.build("odd", dictionary())


def test_what_keeps_the_interface_is_built_and_tried_once(write):
    write("tried = 0\ndef start(self, x):\n    type(self).tried += 1\n    return super().start(x)")
    for _ in range(3):
        solvers.build("odd", dictionary())
    assert solvers.solver_class("odd").tried == 1


def test_an_exception_carries_label_file_and_line(write):
    wrong = "return self.no_such_thing if state.t > 4 else super().step(state, drive)"
    path = write(f"def step(self, state, drive):\n    {wrong}")
    solver, x = solvers.build("odd", dictionary()), torch.rand(3, 12)
    assert solver(x, 0.1, steps=4).isfinite().all()
    line = 1 + path.read_text().splitlines().index(f"        {wrong}")
    with pytest.raises(
        solvers.Failed,
        match=rf"Odd failed in odd\.py, line {line}: AttributeError: .*no_such_thing",
    ):
        solver.trace(x, 0.1, steps=9)
    with pytest.raises(solvers.Failed, match=rf"line {line}"):
        solver.trace(x, 0.1, steps=9, safeguard=True)


LATE = {  # a gate from iteration 3 on → what is said of it
    "after.codes.clamp(0, 1) + 2": (
        r"the gate 'cell' must stay from 0 to 1, got 2 to \S+ at iteration 3: give its range"
    ),
    "after.codes * float('nan')": "the gate 'cell' must stay from 0 to 1, got nan to nan at iteration 3",
    "after.codes[:, :3]": r"cell, a field of the state, must .*, got \(4, 16\) torch.float32 and then \(4, 3\)",
    "0.5": "cell, a field of the state, must be a tensor .* and then 0.5",
}


@pytest.mark.parametrize("gate", LATE)
def test_a_gate_that_goes_wrong_after_the_iterations_that_are_tried_is_named_with_its_iteration(
    write, gate
):
    path = write(
        f"traits = Traits(gates={{'cell': 'gate'}})\n{AFTER}after._replace(cell={gate} if state.t > 1 else "
        "after.codes.clamp(0, 1))"
    )
    solver, x = solvers.build("odd", dictionary()), torch.rand(4, 12)
    solvers.check_gates(solver, solver.trace(x, 0.1, steps=2))
    line = 1 + path.read_text().splitlines().index("    def step(self, state, drive):")
    with pytest.raises(
        solvers.Failed,
        match=rf"Odd does not keep the interface .* \(odd.py, line {line}\): {LATE[gate]}",
    ):
        solvers.check_gates(solver, solver.trace(x, 0.1, steps=5))
    assert solver(x, 0.1, steps=5).isfinite().all()  # its codes are as they should be


def test_codes_of_another_size_after_the_iterations_that_are_tried_are_named(write):
    write(f"{AFTER}after._replace(codes=after.codes[:, :3]) if state.t == 3 else after")
    solver = solvers.build("odd", dictionary())
    for compute in (solver, solver.trace):
        with pytest.raises(
            solvers.Failed,
            match=r"Odd does not keep .*: codes must be \(n, d_s\), here \(4, 16\), got",
        ):
            compute(torch.rand(4, 12), 0.1, steps=4)


def test_each_is_judged_by_its_own_options_and_sizes(write):
    """A class may go wrong with some of its options, or on some dictionaries, alone."""
    write(
        "def __init__(self, B, steps=10, classes=None, wrong=False):\n"
        "    super().__init__(B, steps, classes)\n"
        "    self.wrong = wrong or B.shape[1] == 17\n"
        "def step(self, state, drive):\n"
        "    return super().step(state, drive)._replace(t=7 if self.wrong else state.t + 1)"
    )
    for B, wrong in ((dictionary(), True), (torch.eye(12, 17), False), (dictionary(), True)):
        with pytest.raises(solvers.Failed, match="t must be 1, got 7"):
            solvers.build("odd", B, wrong=wrong)
        solvers.build("odd", dictionary())


def test_codes_that_are_not_finite_are_named_with_the_iteration(write):
    write(
        "def step(self, state, drive):\n"
        "    after = super().step(state, drive)\n"
        "    return after._replace(codes=after.codes / (0 if state.t == 3 else 1))"
    )
    solver, x = solvers.build("odd", dictionary()), torch.rand(3, 12)
    with pytest.raises(
        solvers.Failed,
        match=r"Odd failed in odd\.py, line \d+: its codes are not finite from iteration 4 on",
    ):
        solvers.finite(solver, solver.trace(x, 0.1, steps=9).codes, first=0)
    assert torch.equal(solvers.finite(solver, x), x)


@pytest.mark.parametrize("name", solvers.NAMES)
def test_what_leaves_the_range_of_float32_has_codes_that_are_not_finite(name):
    """What overflows on the way must not end in codes of zeros. float64, whose range is far larger, says what runs away."""
    B, x = checkpoints.load_dictionary("grey-patches"), data.load("grey-patches", "test").pixels[:4]
    solver = solvers.build(name, B)
    codes = solver.trace(x, 0.01, steps=100).codes.detach()
    largest = solver.double().trace(x.double(), 0.01, steps=100).codes.abs().max().item()
    if largest < torch.finfo(torch.float32).max:
        assert codes.isfinite().all()
        return
    message = rf"{solver.label} failed: its codes are not finite from iteration \d+ on"
    with pytest.raises(solvers.Failed, match=message):
        solvers.finite(solver, codes, first=0)


@pytest.mark.parametrize("name", ["../x", "a b", "a/b", "Odd", "-x", "x-", "a--b", "é", "x" * 61])
def test_a_name_that_cannot_be_a_part_of_a_files_name_and_of_a_link_is_refused(write, name):
    write("pass", HEAD.replace('"odd", "Odd"', f'"{name}", "Odd"'))
    (problem,) = solvers.problems()
    assert problem.startswith("odd.py, line ")
    assert (
        "Odd.name must be lower-case letters and digits, in words with one hyphen between them"
        in problem
    )
    with pytest.raises(
        ValueError, match="the name of a variant must be lower-case letters and digits"
    ):
        Traits(variants=(Variant(name, "mine"),))


def test_the_line_of_a_wrong_trait_is_that_of_the_file(write):
    """The exception is raised in the dataclass's generated `__init__`, whose file is "<string>"."""
    path = write("traits = Traits(aims_at='the moon')")
    line = 1 + path.read_text().splitlines().index("    traits = Traits(aims_at='the moon')")
    (problem,) = solvers.problems()
    assert problem.startswith(f"odd.py, line {line}: ValueError: aims_at must be one of")


def test_a_file_that_registers_nothing_says_so(write):
    path = write("pass", "class Nothing:")
    assert solvers.problems() == (
        f"{path} registers no solver: put @solvers.register above its class",
    )


def test_an_instance_with_traits_of_its_own_is_saved_as_its_classs_variant(write, tmp_path):
    write("""traits = Traits(variants=(solvers.Variant("hard", "hard", {"hard": True}),))
def __init__(self, B, steps=10, classes=None, hard=False):
    super().__init__(B, steps, classes)
    if hard:
        self.traits = Traits(aims_at="sparsity")""")
    for hard, variant in ((True, "hard"), (False, "")):
        path = tmp_path / f"{hard}.safetensors"
        checkpoints.save(solvers.build("odd", dictionary(), hard=hard), path)
        loaded = checkpoints.load(path)
        assert loaded.variant == variant and loaded.traits.aims_at == (
            "sparsity" if hard else "objective"
        )
