"""Places by their official names, and what is meant by those that are written otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goods.admin.freight_fields import read_places, write_places
from goods.store import regions

PLACES = [
    place
    for province, below in regions.tree().items()
    for city, counties in below.items()
    for place in ([province], [province, city], *([province, city, county] for county in counties))
]


def test_every_province_is_there():
    assert len(regions.provinces()) == 34


@given(st.sampled_from(PLACES))
def test_every_place_of_the_list_is_known(place):
    assert regions.is_known(place)


@given(st.lists(st.sampled_from(PLACES), max_size=5))
def test_places_survive_being_shown_in_a_form(places):
    assert read_places(write_places(places)) == places


@given(st.sampled_from(PLACES))
def test_a_place_may_be_written_without_spaces(place):
    assert regions.complete(regions.read_place("".join(place))) in (None, place)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_read(text):
    for place in read_places(text):
        assert place and (regions.is_known(place) or isinstance(regions.suggest(place), list))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("福建", ["福建省"]),
        ("新疆", ["新疆维吾尔自治区"]),
        ("福建 宁德 福鼎", ["福建省", "宁德市", "福鼎市"]),
        ("福建省宁德市福鼎市", ["福建省", "宁德市", "福鼎市"]),
        ("福鼎市", ["福建省", "宁德市", "福鼎市"]),
        ("湖北省 仙桃", ["湖北省", "仙桃市"]),
    ],
)
def test_unmistakable_short_names_become_official(text, place):
    assert regions.complete(regions.read_place(text)) == place


def test_a_name_that_several_places_have_is_not_completed():
    assert regions.complete(["朝阳区"]) is None


@pytest.mark.parametrize(
    ("place", "proposals"),
    [
        (["福健省"], [["福建省"]]),
        (["广东", "东筦"], [["广东省", "东莞市"]]),
        (["朝阳区"], [["北京市", "北京市", "朝阳区"], ["吉林省", "长春市", "朝阳区"]]),
        (["外国"], []),
        ([], []),
    ],
)
def test_proposals_for_what_is_not_known(place, proposals):
    assert regions.suggest(place) == proposals


@pytest.mark.parametrize(
    "place",
    [
        ["北京市", "市辖区", "朝阳区"],
        ["重庆市", "县", "云阳县"],
        ["香港特别行政区", "香港特别行政区", "中西区"],
        ["河南省", "省直辖县级行政区划", "济源市"],
        ["广东省", "东莞市", "东莞市"],
    ],
)
def test_other_ways_to_write_the_second_level_are_known(place):
    assert regions.is_known(place)


@pytest.mark.parametrize(
    "place", [[], [""], ["宁德市"], ["福建省", "温州市"], ["福建省", "宁德市", "朝阳区"], ["福建省"] * 4]
)
def test_what_does_not_belong_together_is_not_known(place):
    assert not regions.is_known(place)
