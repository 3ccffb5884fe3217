"""Provinces, cities and counties of China by their official names, as freight templates name places.

``regions.json`` was made from china-division 2.7.0 (Administrative-divisions-of-China; licence WTFPL, its
package says MIT), state of June 2023, with Hong Kong, Macao and Taiwan. Counties of municipalities are kept
below one city of the same name, and what belongs to a province directly is kept among its cities. A city
without districts stands among its towns as well, for addresses that repeat it.

A place is a list of names: a province, or a province and a city, or all three.
"""

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

Place = list[str]
Tree = dict[str, dict[str, list[str]]]

FILE = Path(__file__).with_name("regions.json")

# Other names of the second level, where there is no city between a province and its counties.
OF_MUNICIPALITIES = {"市辖区", "县"}
OF_PROVINCES = {"省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县", "自治区直辖县"}
WITHOUT_CITIES = ("市", "特别行政区")

SEPARATORS = re.compile(r"[\s/>＞›·-]+")
PROPOSALS = 3
# How alike two names have to be; they are short.
ALIKE = 0.5


@cache
def tree() -> Tree:
    found: Tree = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def provinces() -> list[str]:
    return list(tree())


def cities(province: str) -> list[str]:
    return list(tree().get(province, {}))


def counties(province: str, city: str) -> list[str] | None:
    """The counties of a city; None if there is no such city."""
    below = tree().get(province, {})
    if city in below:
        return below[city]
    if province.endswith(WITHOUT_CITIES) and city in {province, *OF_MUNICIPALITIES}:
        return [county for found in below.values() for county in found]
    if city in OF_PROVINCES:
        return [name for name, found in below.items() if not found] or None
    return None


def is_known(place: Sequence[str]) -> bool:
    """Official names, one below the other; the lower ones may be left out."""
    names = list(place)
    if not names or len(names) > 3 or names[0] not in tree():
        return False
    below = counties(names[0], names[1]) if len(names) > 1 else []
    return below is not None and (len(names) < 3 or names[2] in below)


def read_place(text: str) -> Place:
    """A place as people write it: with spaces, slashes or without, with whole names or short ones."""
    names = [name for name in SEPARATORS.split(text.strip()) if name]
    return _split(names[0]) if len(names) == 1 else names


def _split(text: str) -> Place:
    """The names in “福建省宁德市福鼎市”; the text itself if it cannot be taken apart."""
    for province in provinces():
        if text.startswith(province) and text != province:
            rest = text.removeprefix(province)
            for city in cities(province):
                if rest.startswith(city) and rest != city:
                    return [province, city, rest.removeprefix(city)]
            return [province, rest]
    return [text]


def complete(place: Sequence[str]) -> Place | None:
    """The place with its official names, if it can only be that one: 福建 is 福建省."""
    if is_known(place):
        return list(place)
    found = _begun(place) or _anywhere(place)
    return found[0] if len(found) == 1 else None


def suggest(place: Sequence[str]) -> list[Place]:
    """Places that may be meant by one that is not known, the likeliest first."""
    found = (_begun(place) or _anywhere(place) or _alike(place)) if place else []
    return found[:PROPOSALS]


def _begun(place: Sequence[str]) -> list[Place]:
    """Every place whose names begin with these, level by level."""
    found: list[Place] = [[]]
    for name in place[:3]:
        found = [[*above, full] for above in found for full in _beginning(name, _below(above))]
    return found if len(place) <= 3 and all(place) else []


def _beginning(name: str, names: Sequence[str]) -> list[str]:
    """The name itself; else those that begin with it, if it is more than a single character."""
    if name in names:
        return [name]
    return [full for full in names if len(name) > 1 and full.startswith(name)]


def _below(place: Sequence[str]) -> list[str]:
    match list(place):
        case []:
            return provinces()
        case [province]:
            return cities(province)
        case [province, city]:
            return counties(province, city) or []
    return []


def _anywhere(place: Sequence[str]) -> list[Place]:
    """A city or county of this name, whose province was left out."""
    if len(place) > 2 or not all(place):
        return []
    first = [found for found in _all() if len(found) > 1 and _same(found[-1], place[0])]
    if len(place) == 1:
        return first
    return [[*above, full] for above in first for full in _beginning(place[1], _below(above))]


def _same(name: str, wanted: str) -> bool:
    return name == wanted or (len(wanted) > 1 and name[:-1] == wanted)


def _all() -> Iterator[Place]:
    for province, below in tree().items():
        yield [province]
        for city, found in below.items():
            yield [province, city]
            for county in found:
                if county != city:
                    yield [province, city, county]


def _alike(place: Sequence[str]) -> list[Place]:
    """Level by level the names that look most alike."""
    found: list[Place] = [[]]
    for name in place[:3]:
        found = [
            [*above, full]
            for above in found
            for full in _beginning(name, _below(above)) or _looking_like(name, _below(above))
        ]
    return found


def _looking_like(name: str, names: Sequence[str]) -> list[str]:
    """Compared without the last character, which says the kind (省, 市, 县) and is often left out."""
    short = {full[:-1]: full for full in names}
    close = get_close_matches(name.rstrip("省市区县"), short, PROPOSALS, cutoff=ALIKE)
    return [short[one] for one in close]


def show(place: Sequence[str]) -> str:
    return " ".join(place)
