import numpy as np
import pytest

from sc2viz.draw import atoms, style


def test_an_atom_is_shown_around_the_middle_at_its_own_contrast():
    B = np.array([[0.0, 0.2], [0.5, -0.1], [-1.0, 0.0], [0.25, 0.1]])
    tiles = atoms.tiles(B, (2, 2, 1))
    assert tiles.dtype == np.uint8
    assert tiles.tolist() == [[[128, 192], [1, 160]], [[255, 65], [128, 192]]]
    assert (atoms.tiles(np.zeros((4, 1)), (2, 2, 1)) == 128).all()
    with pytest.raises(ValueError, match="B must be"):
        atoms.tiles(B, (3, 2, 1))


@pytest.mark.parametrize("dark", [False, True])
def test_all_atoms_in_one_picture_in_the_colours_of_a_theme(dark):
    sheet = atoms.sheet(np.eye(4)[:, :3], (2, 2, 1), dark)
    assert sheet.shape == (6, 6, 4)  # two rows of two pictures with a gap of two
    colours = style.DIVERGING_TABLE[dark][[255, 128]]
    assert (sheet[0, :2, :3] == colours).all() and not sheet[4:, 4:].any()  # there is no fourth
    assert atoms.sheet(np.eye(12)[:, :5], (2, 2, 3), dark).shape == (6, 10, 4)


def test_a_row_leaves_its_own_atom_out_and_names_the_largest():
    figure = atoms.row(np.array([0.2, 1.0, -0.7, 0.1]), "Cosines of atom 1", without=1)
    [bars] = figure.data
    assert bars.x.tolist() == [0, 2, 3] and bars.y.tolist() == [0.2, -0.7, 0.1]
    assert "atom 1: the largest in magnitude is −0.7, at atom 2" in figure.layout.meta["alt"]
