"""What is said of atoms, against loops in numpy."""

import numpy as np
import torch
from numpy.testing import assert_allclose

from sc2viz.analysis import atom_statistics

RNG = np.random.default_rng(0)


def test_use_is_counted_where_a_code_is_in_use():
    codes = torch.tensor([[0.5, 0.0, 0.0], [-0.3, 0.0005, 0.0], [0.1, 2.0, 0.0], [0.0, 0.0, 0.0]])
    share, size = atom_statistics.usage(codes)
    assert_allclose(share, [0.75, 0.25, 0])
    assert_allclose(size, [0.3, 2, 0], atol=1e-6)


def test_the_twin_of_an_atom_is_the_one_with_the_largest_cosine():
    B = RNG.standard_normal((5, 7))
    alike, twin = atom_statistics.twins(torch.from_numpy(B))
    for j in range(7):
        cosines = [
            abs(B[:, j] @ B[:, k]) / np.linalg.norm(B[:, j]) / np.linalg.norm(B[:, k])
            if k != j
            else 0
            for k in range(7)
        ]
        assert twin[j] == np.argmax(cosines)
        assert_allclose(alike[j], max(cosines))
    assert atom_statistics.twins(torch.ones(3, 1)) == (
        torch.zeros(1),
        torch.zeros(1, dtype=torch.int64),
    )


def test_atoms_that_changed_are_compared_by_number_and_others_by_likeness():
    B = torch.from_numpy(RNG.standard_normal((20, 6)))
    which, same = atom_statistics.counterparts(
        B + 0.2 * torch.from_numpy(RNG.standard_normal((20, 6))), B
    )
    assert same and which.tolist() == [0, 1, 2, 3, 4, 5]
    order = torch.tensor([4, 2, 5, 0, 1])
    which, same = atom_statistics.counterparts(-B[:, order], B)
    assert not same and which.tolist() == order.tolist()


def test_an_angle_does_not_depend_on_sign_or_length():
    angles = torch.tensor([0.0, 30.0, 90.0])
    A = torch.tensor([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    B = torch.stack(
        [torch.cos(torch.deg2rad(angles)), torch.sin(torch.deg2rad(angles))]
    ) * torch.tensor([2.0, -3.0, 1.0])
    assert_allclose(atom_statistics.turned(A, B), angles, atol=0.05)
