"""Solvers are told apart by everybody: contrast by WCAG's formula, colour differences by scikit-image's CIEDE2000."""

import itertools
import tomllib

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from sc2viz import defaults, solvers
from sc2viz.draw import style
from sc2viz.solvers import registry

# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
DARK = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


def rgb(colour):
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255


def linear(values):
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(foreground, background):
    high, low = sorted(
        (
            float(linear(rgb(colour)) @ [0.2126, 0.7152, 0.0722])
            for colour in (foreground, background)
        ),
        reverse=True,
    )
    return (high + 0.05) / (low + 0.05)


def seen(colour, vision):
    values = np.clip(np.array(VISIONS[vision]) @ linear(rgb(colour)), 0, 1)
    return rgb2lab(
        np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)
    )


def theme(dark):
    with open(".streamlit/config.toml", "rb") as file:
        return tomllib.load(file)["theme"]["dark" if dark else "light"]


@pytest.fixture
def guests(monkeypatch):
    """Eight solvers more than there are."""
    solvers_before = dict(registry._solvers)
    for k in range(8):
        solvers_before[f"guest-{k}"] = type(
            f"Guest{k}", (solvers.ISTA,), {"name": f"guest-{k}", "label": f"Guest {k}"}
        )
    monkeypatch.setattr(registry, "_solvers", solvers_before)


@pytest.mark.parametrize(
    "together",
    [
        defaults.FIRST_SHOWN,
        defaults.SITE,
        defaults.RECOVERS,
        (*defaults.STEPPING, "lista"),
        defaults.INTRODUCED,
        {kind.solver for kind in defaults.KINDS.values()},
        {"fista", "omp", "slstm", "step-lista", "alista", "na-alista", "hyperlista"},
    ],
    ids=[
        "opens",
        "site",
        "known codes",
        "stepping",
        "welcome",
        "autoencoders",
        "networks for known codes",
    ],
)
def test_solvers_with_which_a_page_opens_have_hues_of_their_own(together):
    hues = {name: style.look(name).colours for name in together}
    assert len(set(hues.values())) == len(hues), hues


@DARK
def test_colours_stand_out_from_their_ground(dark, guests):
    grounds = [theme(dark)["backgroundColor"], theme(dark)["sidebar"]["backgroundColor"]]
    for name in solvers.NAMES:
        assert min(contrast(style.colour(name, dark), ground) for ground in grounds) >= 3, name


@DARK
@pytest.mark.parametrize("vision", VISIONS)
def test_colours_are_told_apart(dark, vision, guests):
    used = {style.colour(name, dark) for name in solvers.NAMES}
    assert len(used) == len(style.HUES)
    for first, second in itertools.combinations([*used, style.ink(dark)], 2):
        assert deltaE_ciede2000(seen(first, vision), seen(second, vision)) >= 11.4, (first, second)


@DARK
def test_no_solver_has_the_colour_of_controls(dark, guests):
    control = theme(dark)["primaryColor"]
    for name in solvers.NAMES:
        assert (
            deltaE_ciede2000(seen(style.colour(name, dark), "normal"), seen(control, "normal"))
            >= 10
        ), name


def test_looks_differ_in_hue_dash_or_marker(guests):
    looks = [style.look(name) for name in solvers.NAMES]
    assert len(set(looks)) == len(looks) == len(solvers.NAMES) > 16
    for name in solvers.NAMES:
        variants = ["", *(variant.name for variant in solvers.solver_class(name).traits.variants)]
        styles = [style.look(name, variant) for variant in variants]
        assert len({(look.colours, look.marker) for look in styles}) == 1 and len(
            {look.dash for look in styles}
        ) == len(styles)
