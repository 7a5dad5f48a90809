"""The models of a data set, and what the links of earlier versions mean among them."""

import pytest

from sc2viz.ui import models


@pytest.mark.parametrize("known", [models.public, models.gated])
@pytest.mark.parametrize("variant", ["double tanh", "paper"])
def test_a_link_to_a_variant_that_is_no_longer_shipped_opens_its_solver(known, variant):
    labels, link = known("cifar10"), models.reworded(f"SLSTM ({variant})")
    assert models.meant(link, labels) == "SLSTM" and labels["SLSTM"].trained
    shipped = known("mnist")
    assert shipped[models.meant(link, shipped)].file == f"mnist/slstm-{variant.replace(' ', '-')}"


def test_a_name_that_no_model_has_means_none():
    assert models.meant("GRU (paper)", models.public("digits")) is None
