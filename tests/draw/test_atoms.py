import numpy as np
import pytest

from sc2viz.draw import atoms, style


def test_an_atom_is_shown_around_the_middle_at_its_own_contrast():
    B = np.array([[0.0, 0.2], [0.5, -0.1], [-1.0, 0.0], [0.25, 0.1]])
    small, zero = atoms.tiles(B, (2, 2, 1)), atoms.tiles(np.zeros((4, 1)), (2, 2, 1))
    assert small.dtype == np.uint8 and small.shape == (2, 2, 2)
    assert small.reshape(2, 4).tolist() == [[128, 192, 1, 160], [255, 65, 128, 192]]
    assert (zero == 128).all()
    assert atoms.tiles(np.eye(12), (2, 2, 3)).shape == (12, 2, 2, 3)
    with pytest.raises(ValueError, match="B must be"):
        atoms.tiles(B, (3, 2, 1))


def test_all_atoms_in_one_picture_in_the_colours_of_a_theme():
    B = np.eye(4)[:, :3]
    light, dark = (atoms.sheet(B, (2, 2, 1), theme) for theme in (False, True))
    assert light.shape == dark.shape == (6, 6, 4)  # two rows of two pictures with a gap of two
    assert (light[0, 0, :3] == style.DIVERGING_TABLE[False][255]).all() and (
        dark[0, 0, :3] == style.DIVERGING_TABLE[True][255]
    ).all()
    assert (light[0, 1, :3] == style.DIVERGING_TABLE[False][128]).all()
    assert not light[4:, 4:].any()  # there is no fourth
    for count in (1, 2, 12, 50):
        rows, columns = atoms.grid(count)
        drawn = atoms.sheet(np.eye(12)[:, :1].repeat(count, 1), (2, 2, 3))
        assert drawn.shape == (4 * rows - 2, 4 * columns - 2, 4) and (
            drawn[-1, 0, 3],
            drawn[0, -1, 3],
        ) == (255, 255)


def test_a_row_leaves_its_own_atom_out_and_names_the_largest():
    figure = atoms.row(np.array([0.2, 1.0, -0.7, 0.1]), "Cosines of atom 1", without=1)
    bars = figure.data[0]
    assert bars.x.tolist() == [0, 2, 3] and bars.y.tolist() == [0.2, -0.7, 0.1]
    assert "3 numbers: the largest in magnitude is −0.7, at atom 2" in figure.layout.meta["alt"]
    assert len(set(bars.marker.color)) == 2
    assert (
        "there are none" in atoms.row(np.ones(1), "Cosines of atom 0", without=0).layout.meta["alt"]
    )
