"""Sparse autoencoders on the pages: alone, where no solver is left that F ranks, and in training."""

import json

import pytest
from pages.seen import html, told

from sc2viz import solvers

LABELS = [
    solvers.solver_class(name).label for name in ("relu-sae", "topk-sae", "jump-relu-sae", "mp-sae")
]


@pytest.mark.parametrize("labels", [LABELS, LABELS[:1]], ids=["all", "one"])
@pytest.mark.parametrize("page", ["compare", "step", "lambda"])
def test_pages_open_without_an_error_where_nothing_is_ranked(open_page, page, labels):
    app = open_page(page, data="digits", solvers=labels, lam="0.1")
    text = json.dumps([told(element) for element in app.get("bidi_component")], default=str) + html(
        app
    )
    assert all(label in text for label in labels)


def test_train_offers_their_loss_to_them_alone(open_page):
    app = open_page("train", data="digits", more="true", trainee="ReLU SAE", loss="autoencoder")
    assert app.selectbox(key="loss").value == "autoencoder"
    assert (
        "autoencoder"
        not in open_page("train", data="digits", more="true", trainee="LISTA")
        .selectbox(key="loss")
        .options
    )
