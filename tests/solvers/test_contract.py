"""What a solver from outside the package must keep, and how it is named where it does not."""

import re
import textwrap

import pytest
import torch

from sc2viz import checkpoints, lasso, solvers
from sc2viz.solvers import failing, registry

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
    "t": (f"{AFTER}after._replace(t=7)", "def step", "t must be 1 after 0"),
    "codes": (f"{AFTER}after._replace(codes=after.codes[:, 1:])", "def step", "codes must be (n, d_s)"),
    "start": ("def start(self, x):\n    return x", "def start", "a NamedTuple with t and codes"),
    "state": (f"class Other(State):\n    pass\n{AFTER}self.Other(*after)", "def step", "got State and Other"),
    "gate": ("traits = Traits(gates={'open': 'gate'})", "class Odd", "'open', which is no part of its state"),
    "range": (f"traits = Traits(gates={{'cell': 'gate'}})\n{AFTER}after._replace(cell=after.codes * 0 + 1.5)", "def step",
              "from 0 to 1, got 1.5 to 1.5"),
    "h": (f"traits = Traits(activation='shrinkage')\n{STEP}State(state.t + 1, state.codes)", "def step",
          "through self.h(c, drive)"),
    "W_d": ("@property\ndef W_d(self):\n    return self.dictionary", "class Odd", "W_d is the base class's"),
    "not a tensor": (f"{AFTER}after._replace(cell=1.5)", "def step", "cell, a field of the state, must be a tensor or None"),
    "growing": (f"{AFTER}after._replace(cell=after.codes[:, :after.t])", "def step", "must keep one shape and dtype"),
    "dtype": (f"{AFTER}after._replace(codes=after.codes.double())", "def step", "codes, a field of the state, must keep"),
    "written": ("def step(self, state, drive):\n    state.codes.add_(1)\n    return state._replace(t=state.t + 1)",
                "def step", "step must not write into the codes of the state"),
    "x": ("def drive(self, x, lam):\n    x -= 0.5\n    return super().drive(x, lam)", "def drive",
          "drive must not write into x"),
    "one gate": (f"traits = Traits(gates={{'cell': 'gate'}})\n{AFTER}after._replace(cell=after.codes.sum() * 0)", "def step",
                 "the gate 'cell' must be (n, d_s), (n, 1) or (n,), here n = 2 and d_s = 16, got ()"),
    "traits": ("def __init__(self, *given, **options):\n    super().__init__(*given, **options)\n    self.traits = {}",
               "def __init__", "traits must be a Traits, got dict"),
    "mask": (f"{STEP}State(state.t + 1, self.h(drive.fixed + state.codes @ drive.recurrent, drive))", "def step",
             "takes_mask=False"),
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


@pytest.mark.parametrize("what", BROKEN)
def test_what_it_does_not_keep_is_named_with_file_and_line(write, what):
    body, where, part = BROKEN[what]
    path = write(body)
    with pytest.raises(solvers.Failed, match="Odd does not keep the interface of a solver") as caught:
        solvers.build("odd", dictionary())
    assert part in str(caught.value)
    lines = path.read_text().splitlines()
    line = next(k for k, text in enumerate(lines, 1) if text.strip().startswith(where))
    line -= lines[line - 2].startswith("@")  # a class begins at its decorator
    assert f"(odd.py, line {line})" in str(caught.value)
    with pytest.raises(solvers.Failed, match=re.escape(part)):  # at every build, not at the first alone
        solvers.build("odd", dictionary())


def test_what_keeps_the_interface_is_built_and_tried_once(write):
    write("tried = 0\ndef start(self, x):\n    type(self).tried += 1\n    return super().start(x)")
    for _ in range(3):
        solvers.build("odd", dictionary())
    assert solvers.solver_class("odd").tried == 2  # the check, and the check of the mask


def test_built_in_solvers_are_not_tried():
    assert not any(failing.is_guest(solvers.solver_class(name)) for name in solvers.NAMES)


def test_an_exception_carries_label_file_and_line(write):
    wrong = "return self.no_such_thing if state.t > 4 else super().step(state, drive)"
    path = write(f"def step(self, state, drive):\n    {wrong}")
    solver, x = solvers.build("odd", dictionary()), torch.rand(3, 12)
    assert solver(x, 0.1, steps=4).isfinite().all()
    line = 1 + path.read_text().splitlines().index(f"        {wrong}")
    with pytest.raises(solvers.Failed, match=rf"Odd failed in odd\.py, line {line}: AttributeError: .*no_such_thing"):
        solver.trace(x, 0.1, steps=9)
    with pytest.raises(solvers.Failed, match=rf"line {line}"):
        solver.trace(x, 0.1, steps=9, safeguard=True)


@pytest.mark.parametrize("part", ["__init__(self, *given, **options)", "drive(self, x, lam)", "step(self, state, drive)"])
def test_a_solver_that_ends_the_program_fails_as_others_do(write, part):
    path = write(f"def {part}:\n    raise SystemExit('usage: odd')")
    line = len(path.read_text().splitlines())
    with pytest.raises(solvers.Failed, match=rf"Odd failed in odd\.py, line {line}: SystemExit: usage: odd"):
        solvers.build("odd", dictionary())


@pytest.mark.parametrize(
    "traits, told",
    [
        ("dict(learned=True)", "Odd.traits must be a Traits, got dict"),
        ("Traits(gates=['cell'])", "gates must map fields of the state to their words"),
    ],
)
def test_traits_of_another_kind_are_refused_where_they_are_registered(write, traits, told):
    """Pages ask all classes for their traits: a class with others would take every page with it."""
    path = write(f"traits = {traits}")
    (problem,) = solvers.problems()
    assert problem.startswith(f"{path}, line ") and told in problem and "odd" not in solvers.NAMES


def test_codes_that_are_not_finite_are_named_with_the_iteration(write):
    write("def step(self, state, drive):\n"
          "    after = super().step(state, drive)\n"
          "    return after._replace(codes=after.codes / (0 if state.t == 3 else 1))")  # fmt: skip
    solver, x = solvers.build("odd", dictionary()), torch.rand(3, 12)
    with pytest.raises(
        solvers.Failed, match=r"Odd failed in odd\.py, line \d+: its codes are not finite from iteration 4 on"
    ):
        solvers.finite(solver, solver.trace(x, 0.1, steps=9).codes, first=0)
    assert torch.equal(solvers.finite(solver, x), x)


def test_selection_that_follows_the_residual_fails_as_other_solvers_do():
    solver = solvers.build("hyperlista", dictionary())
    solver.c.copy_(torch.tensor([1e-4, 100.0, 1.0]))  # a momentum with which it runs away
    with pytest.raises(solvers.Failed, match=r"HyperLISTA failed: its codes are not finite from iteration \d+ on"):
        solvers.finite(solver, solver.trace(torch.rand(3, 12), 0.1, steps=100).codes, first=0)


def test_the_line_of_a_wrong_trait_is_that_of_the_file(write):
    """The exception is raised in the dataclass's generated `__init__`, whose file is "<string>"."""
    path = write("traits = Traits(aims_at='the moon')")
    line = 1 + path.read_text().splitlines().index("    traits = Traits(aims_at='the moon')")
    (problem,) = solvers.problems()
    assert problem.startswith(f"{path}, line {line}: ValueError: aims_at must be one of")


def test_a_file_that_registers_nothing_says_so(write):
    path = write("pass", "class Nothing:")
    assert solvers.problems() == (f"{path} registers no solver: put @solvers.register above its class",)


def test_a_wrong_mask_or_row_is_not_the_solvers_fault(write):
    write("pass")
    solver = solvers.build("odd", dictionary())
    with pytest.raises(ValueError, match="x must be") as caught:
        solver(torch.rand(3, 5), 0.1)
    assert not isinstance(caught.value, solvers.Failed)
    with pytest.raises(ValueError, match="mask must be bool") as caught:
        solver(torch.rand(3, 12), 0.1, mask=torch.ones(3, 12))
    assert not isinstance(caught.value, solvers.Failed)


def test_an_instance_with_traits_of_its_own_is_saved_as_its_classs_variant(write, tmp_path):
    write("""traits = Traits(variants=(solvers.Variant("hard", "hard", {"hard": True}),))
def __init__(self, B, steps=10, classes=None, hard=False):
    super().__init__(B, steps, classes)
    if hard:
        self.traits = Traits(aims_at="sparsity")""")
    for hard, variant in ((True, "hard"), (False, "")):
        path = tmp_path / f"{hard}.safetensors"
        checkpoints.save(solvers.build("odd", dictionary(), hard=hard), path)
        found = checkpoints.load(path)
        assert found.variant == variant and found.traits.aims_at == ("sparsity" if hard else "objective")
