"""The models of a data set, and what the links of earlier versions mean among them."""

import pytest

from sc2viz.ui import describe_models, models


@pytest.mark.parametrize("variant", ["double tanh", "paper"])
def test_a_link_to_a_variant_that_is_no_longer_shipped_opens_its_solver(variant):
    labels, link = models.public("cifar10"), models.reworded(f"SLSTM ({variant})")
    assert models.find_label(link, labels) == "SLSTM" and labels["SLSTM"].trained
    shipped = models.public("mnist")
    assert (
        shipped[models.find_label(link, shipped)].file == f"mnist/slstm-{variant.replace(' ', '-')}"
    )


def test_a_network_is_marked_beyond_the_iterations_that_it_was_trained_for():
    """LFISTA of MNIST was trained at a random T up to 30 as well, that with labels at T = 10 alone."""
    known = models.public("mnist-5k")
    plain, labels = known["LFISTA"], known["LFISTA (labels)"]
    assert models.trained_to(plain) == 30 and models.trained_to(labels) == 10
    assert describe_models.notes([plain], 30) == []
    assert describe_models.notes([plain], 40) == [
        "T = 40 is more iterations than these were trained for: LFISTA for 30."
    ]


def test_a_slider_says_on_which_solvers_it_acts_in_another_way():
    models_by_label = models.public("digits")
    assert describe_models.hints([models_by_label["ISTA"], models_by_label["SLSTM"]]) == {}
    assert describe_models.hints([models_by_label["ISTA"], models_by_label["OMP"]]) == {
        "lam": "OMP does not use λ. Move T instead.",
        "T": "For OMP, T is the number of atoms.",
    }
    assert describe_models.hints([models_by_label["OMP"], models_by_label["IHT"]])[
        "lam"
    ].startswith("OMP and IHT do not use λ.")


def test_a_name_that_no_model_has_means_none():
    assert models.find_label("GRU (paper)", models.public("digits")) is None
