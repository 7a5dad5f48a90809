"""The models of a data set, and what the links of earlier versions mean among them."""

import pytest

from sc2viz import checkpoints, solvers
from sc2viz.ui import describe_models, models


@pytest.mark.parametrize("variant", ["double tanh", "paper"])
def test_a_link_to_a_variant_that_is_no_longer_shipped_opens_its_solver(variant):
    labels, link = models.public("cifar10"), models.reworded(f"SLSTM ({variant})")
    assert models.meant(link, labels) == "SLSTM" and labels["SLSTM"].trained
    shipped = models.public("mnist")
    assert shipped[models.meant(link, shipped)].file == f"mnist/slstm-{variant.replace(' ', '-')}"


def test_a_network_that_was_trained_beyond_t_is_not_said_to_leave_the_optimum():
    """LFISTA of MNIST was trained at a random T up to 30 as well, that with labels at T = 10 alone."""
    known = models.public("mnist-5k")
    plain, labels = known["LFISTA"], known["LFISTA (labels)"]
    assert models.trained_to(plain) == 30 and models.trained_to(labels) == 10
    assert describe_models.notes([plain], 30) == []
    assert describe_models.notes([plain], 40) == [
        "T = 40 is more iterations than these were trained for: LFISTA for 30."
    ]
    assert (
        "Beyond, LFISTA (labels) may leave the optimum."
        in describe_models.notes([plain, labels], 30, 0.1)[0]
    )


def test_what_aims_at_no_optimum_is_not_said_to_leave_it(tmp_path):
    told = {}
    for name in ("topk-sae", "lista"):
        checkpoints.save(
            solvers.build(name, checkpoints.load_dictionary("digits"), 5),
            tmp_path / f"{name}.safetensors",
        )
        model = models.Model("digits", name, "", name, str(tmp_path / f"{name}.safetensors"))
        told[name] = describe_models.notes([model], 10)[0]
    longer = "T = 10 is more iterations than these were trained for: {} for 5."
    assert told["topk-sae"] == longer.format("topk-sae")
    assert told["lista"] == f"{longer.format('lista')} Beyond, lista may leave the optimum."


def test_a_slider_says_on_which_solvers_it_acts_in_another_way():
    known = models.public("digits")
    assert describe_models.hints([known["ISTA"], known["SLSTM"]]) == {}
    assert describe_models.hints([known["ISTA"], known["OMP"]]) == {
        "lam": "OMP does not use λ. Move T instead.",
        "T": "For OMP, T is the number of atoms.",
    }
    assert describe_models.hints([known["OMP"], known["IHT"]])["lam"].startswith(
        "OMP and IHT do not use λ."
    )


def test_a_name_that_no_model_has_means_none():
    assert models.meant("GRU (paper)", models.public("digits")) is None
