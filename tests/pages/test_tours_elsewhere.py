"""Tours where no network is trained: each step has the part that it speaks of, and Gates says so."""

import pytest

from sc2viz import checkpoints
from sc2viz.ui.tours import reading

pytestmark = pytest.mark.release

TOURS, _ = reading.available()
WITHOUT_NETWORKS = "welcome", "step", "dictionary", "paper"
STEPS = [
    (name, k)
    for name, tour in TOURS.items()
    for k, step in enumerate(tour.steps, 1)
    if step.path not in WITHOUT_NETWORKS
]


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """A folder like pretrained/ without networks, beside the autoencoders, which no page shows untrained."""
    folder = tmp_path_factory.mktemp("pretrained")
    networks = {name for name in checkpoints.available() if not name.startswith("sae/")}
    for file in filter(lambda path: path.is_file(), checkpoints.PRETRAINED.rglob("*")):
        name = file.relative_to(checkpoints.PRETRAINED)
        if str(name.with_suffix("")) not in networks:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(file)
    return folder


def ids(block) -> str:
    """The ids of all parts of a page, in which their keys stand."""
    block_id = str(getattr(getattr(block, "proto", None), "id", ""))
    return " ".join([block_id, *map(ids, getattr(block, "children", {}).values())])


@pytest.mark.parametrize(("name", "k"), STEPS, ids=[f"{name}-{k}" for name, k in STEPS])
def test_a_step_holds_without_trained_networks(open_page, monkeypatch, untrained, name, k):
    monkeypatch.setattr(checkpoints, "PRETRAINED", untrained)
    step = TOURS[name].steps[k - 1]
    page = open_page("welcome", tour=name, step=str(k))
    assert not page.warning and not page.exception
    assert f"-{step.light} " in f"{ids(page._tree)} "
    if step.path == "gates":
        assert "SLSTM is untrained here" in " ".join(box.value for box in page.caption)
