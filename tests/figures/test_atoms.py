import numpy as np
import pytest

from sc2viz.figures import atoms


def test_an_atom_is_shown_around_the_middle_at_its_own_contrast():
    B = np.array([[0.0, 0.2], [0.5, -0.1], [-1.0, 0.0], [0.25, 0.1]])
    small, zero = atoms.tiles(B, (2, 2, 1)), atoms.tiles(np.zeros((4, 1)), (2, 2, 1))
    assert small.dtype == np.uint8 and small.shape == (2, 2, 2)
    assert small.reshape(2, 4).tolist() == [[128, 192, 1, 160], [255, 65, 128, 192]]
    assert (zero == 128).all()
    assert atoms.tiles(np.eye(12), (2, 2, 3)).shape == (12, 2, 2, 3)
    with pytest.raises(ValueError, match="B must be"):
        atoms.tiles(B, (3, 2, 1))
