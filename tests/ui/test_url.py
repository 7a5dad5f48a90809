"""The table of the URL: every value goes there and back, junk becomes no value, and old keys go on."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2viz import words
from sc2viz.ui import links, session, url
from sc2viz.ui.domains import Names, Numbers, Range, Switch, written

TOURS = {"mine": 3, "other": 1}  # how many steps each has
VIEWS = [
    {"data": "digits", "T": 5, "tour": "mine", "ds": 500, "dx": 250},
    {"data": "mnist-5k", "T": 10, "tour": None, "ds": 500, "dx": 50},
    {"data": "patches", "T": 100, "tour": "other", "ds": 500, "dx": 500},
]


def legal(domain, value) -> bool:
    """Whether a widget over this domain could show `value`, without the domain's own way of mending."""
    if isinstance(domain, Switch):
        return value in (True, False)
    if isinstance(domain, Range):
        if not domain.low <= value <= domain.high or type(value) is not type(domain.low):
            return False
        return domain.step is None or math.isclose(
            value / domain.step, round(value / domain.step), abs_tol=1e-6
        )
    return value in domain.options


def values(domain) -> st.SearchStrategy:
    if isinstance(domain, Switch):
        return st.booleans()
    if isinstance(domain, Range):
        if domain.step is None:
            return st.floats(domain.low, domain.high).map(lambda value: float(f"{value:.6g}"))
        last = round((domain.high - domain.low) / domain.step)
        return st.integers(0, last).map(
            lambda k: type(domain.low)(round(domain.low + k * domain.step, 9))
        )
    return st.sampled_from(domain.options)


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: view["data"])
def domains(request):
    type(session).tours = TOURS
    yield {row.key: row.values(request.param.__getitem__) for row in url.ROWS}
    type(session).tours = {}


@settings(max_examples=30)
@given(data=st.data())
def test_every_value_of_every_row_comes_back_as_it_went(domains, data):
    for key, domain in domains.items():
        value = data.draw(values(domain), key)
        assert legal(domain, value)
        assert domain.mend(written(value)) == value


def test_the_defaults_are_legal(domains):
    for key, domain in domains.items():
        default = url.default(key)
        for value in (
            default if isinstance(default, tuple) else () if default is None else (default,)
        ):
            assert legal(domain, value), key


@given(
    number=st.floats(-1000, 1000),
    key=st.sampled_from(["lam", "T", "i", "f", "theta", "rate"]),
)
def test_the_nearest_number_is_legal_and_nearest(number, key):
    domain = url.TABLE[key].domain
    value = domain.nearest(number)
    assert legal(domain, value)
    if isinstance(domain, Numbers):
        inside = min(max(number, domain.options[0]), domain.options[-1])
        assert all(abs(value - inside) <= abs(option - inside) for option in domain.options)
    else:
        inside = min(max(number, domain.low), domain.high)
        assert abs(value - inside) <= (domain.step or 1e-5 * inside) / 2 + 1e-9


def test_what_depends_on_data_and_T_goes_by_those_of_the_link():
    query = {"data": ["Digits"], "T": ["5"], "atom": ["99"], "at": ["9"], "picture": ["358"]}
    mended = {"data": ["digits"], "T": ["5"], "atom": ["99"], "at": [], "picture": ["358"]}
    assert links.mended(query, {}) == mended


def test_an_old_key_leads_to_the_new_one():
    row = url.Row("shape", Names(("round", "square", "flat")), aliases=("form", "figure"))
    for alias in row.aliases:
        assert links.mended({alias: ["Square"], "other": ["1"]}, {}, [row]) == {
            "shape": ["square"],
            "other": ["1"],
        }
    assert links.mended({"figure": ["oval", "flat"]}, {}, [row]) == {"shape": ["flat"]}
    assert links.mended({"form": ["flat"], "shape": ["round"]}, {}, [row]) == {
        "shape": ["round"]
    }  # the new key wins


def test_no_key_stands_for_two_things():
    keys = [key for row in url.ROWS for key in (row.key, *row.aliases)]
    assert len(keys) == len(set(keys))


# Words that stood in addresses before there were languages, and those of two languages today; all mean the name at the end
@pytest.mark.parametrize(
    ("key", "old", "german", "chinese", "name"),
    [
        ("layout", "bound", "Schranke", "下界", "dual bound"),
        ("shows", "ISTA to an LSTM", "ISTA bis LSTM", "从 ISTA 到 LSTM", "ISTA to LSTM"),
        ("loss", "objective F", "Zielfunktion F", "目标函数 F", "sc2net"),
        ("sorted", "by norm", "nach Norm", "按范数", "by norm"),
        (
            "dictionary",
            "shipped, 100 atoms",
            "mitgeliefert, 100 Atome",
            "自带，100 个原子",
            "mnist",
        ),
        (
            "coded",
            "mnist-5k, 1,000 atoms",
            "mnist-5k, 1.000 Atome",
            "mnist-5k, 1,000 个原子",
            "mnist-5k-1000",
        ),
        (
            "data",
            "patches",
            "patches",
            "patches",
            "patches",
        ),  # a name, though there is a message of this word
    ],
)
def test_a_link_of_any_language_opens_in_every_other_one(
    key, old, german, chinese, name, monkeypatch
):
    monkeypatch.setenv("SC2VIZ_LANGUAGES", "de,zh_CN")
    queries = {"en": old, "de": german, "zh_CN": chinese}
    for language in queries:
        with words.speaking(language):
            for text in (*queries.values(), name):
                assert links.mended({key: [text]}, {}) == {key: [queries[language]]}, (
                    language,
                    text,
                )
            assert url.TABLE[key].values(url.value).mend(queries[language]) == name


def test_the_word_of_a_tab_before_it_was_corrected_still_opens_it():
    assert links.mended({"layout": ["界"]}, {}) == {"layout": ["bound"]}
