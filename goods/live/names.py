"""Shorter names for products whose names are too long for WeChat: proposals, from which staff choose.

A name is taken apart into words as shops write them; whole words are left out, never pieces of them, and
every proposal says which. What is left out first is what says least about the product.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import combinations, islice

from goods.live.name_words import BRANDS, COLOURS, DETAILS, FILLERS, LONGER, NOUNS, SPECS, WORDS_TOO
from goods.live.rules import NAME_UNITS_MAX, name_problems, name_units

Fits = Callable[[str], bool]

PROPOSALS_MOST = 3
# Names come from files as well; what is longer than any name of a shop is not taken apart.
LONGEST = 300
# "AIR MAX 90" stays together, a sentence in English does not.
PHRASE_WORDS = 3


class Loss(IntEnum):
    """Kinds of words that may be left out, the cheapest loss first."""

    FILLER = 1
    REPEAT = 2
    BRACKET = 3
    SPEC = 4
    BRAND = 6
    DETAIL = 12


@dataclass(frozen=True)
class Proposal:
    name: str
    units: int
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    text: str
    loss: Loss | None
    # There was a space before it.
    spaced: bool
    # The brand again, in another script: goes with the brand.
    twin: bool = False


def _words(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)


def _brand(chinese: str) -> str:
    return rf"{chinese}(?=\s|[A-Za-z（(])" if chinese in WORDS_TOO else rf"{chinese}(?![0-9])"


CHINESE_BRANDS = "|".join(_brand(chinese) for chinese, _latin in BRANDS if chinese)
LATIN_BRANDS = _words(tuple(latin for _chinese, latin in BRANDS))
BRAND = re.compile(rf"(?:{CHINESE_BRANDS})|(?i:{LATIN_BRANDS})(?![A-Za-z0-9])")
BRAND_TWICE = re.compile(r"([一-龥]{2,4})[（(]([A-Za-z][A-Za-z .&'-]*)[)）]")
NOUN = re.compile(rf"(?:{_words(NOUNS)})(?![{LONGER}])")
TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<bracket>【[^【】]*】|[（(][^（()）]*[)）]|\[[^\[\]]*\])"
    rf"|(?P<filler>{'|'.join(FILLERS)})"
    rf"|(?P<spec>(?<![A-Za-z0-9.])(?:{'|'.join(SPECS)})|(?:(?<=\d)|(?<!\S)){COLOURS}(?:特别版|版)?(?=\d|\s|$))"
    rf"|(?P<detail>(?:{_words(DETAILS)})(?=\s|$|[一-龥]{{2}}))"
)
LOOSE_END = re.compile(r"^[-/+*,.，、。·:：;；)）\]】]|[-/*,，、·:：;；(（\[【]$")
LOSSES = {"bracket": Loss.BRACKET, "filler": Loss.FILLER, "spec": Loss.SPEC, "detail": Loss.DETAIL}


def propose(name: str) -> list[Proposal]:
    """At most three shorter names that fit, the one that loses least first; none for a name that fits."""
    name = name.strip()
    if _fits(name) or len(name) > LONGEST:
        return []
    found = (proposal for proposal in shorter(name, _fits) if not any(name_problems(proposal.name)))
    return list(islice(found, PROPOSALS_MOST))


def _fits(name: str) -> bool:
    return name_units(name) <= NAME_UNITS_MAX


def shorter(name: str, fits: Fits) -> Iterator[Proposal]:
    """Names that fit, each once, the one that loses least first; none begins or ends between two words."""
    seen: set[str] = set()
    for proposal in _candidates(_parts(name), fits):
        if proposal.name in seen or not fits(proposal.name) or LOOSE_END.search(proposal.name):
            continue
        seen.add(proposal.name)
        yield proposal


# --- taking a name apart ------------------------------------------------------------------------------


def _parts(name: str) -> list[Part]:
    parts: list[Part] = []
    rest = _front(name, parts)
    position, spaced = rest, name[rest - 1 : rest].isspace()
    for match in TOKEN.finditer(name, rest):
        if match.start() > position:
            parts += _plain(name[position : match.start()], spaced)
            spaced = False
        if match.lastgroup == "space":
            spaced = True
        else:
            parts.append(Part(match.group(), LOSSES[match.lastgroup or ""], spaced))
            spaced = False
        position = match.end()
    if position < len(name):
        parts += _plain(name[position:], spaced)
    return _without_lonely_brand(_repeats(_phrases(parts)))


def _front(name: str, parts: list[Part]) -> int:
    """Take the brand off the front, once or in two scripts; returns where the rest begins."""
    if twice := BRAND_TWICE.match(name):
        parts.append(Part(twice[1], Loss.BRAND, False))
        parts.append(Part(name[twice.end(1) : twice.end()], Loss.BRACKET, False, twin=True))
        return twice.end()
    position = 0
    while len(parts) < 2 and (match := BRAND.match(name, position)):
        if parts and not _same_brand(parts[0].text, match.group()):
            break
        parts.append(Part(match.group(), Loss.BRAND, position > 0 and name[position - 1].isspace()))
        position = match.end()
        while position < len(name) and name[position].isspace():
            position += 1
    if len(parts) == 2:
        # The Chinese spelling is the better known one.
        extra = 0 if parts[0].text.isascii() else 1
        parts[extra] = replace(parts[extra], loss=Loss.REPEAT, twin=True)
    return position


def _same_brand(one: str, other: str) -> bool:
    pair = {one.casefold(), other.casefold()}
    return any({chinese.casefold(), latin.casefold()} == pair for chinese, latin in BRANDS)


def _plain(text: str, spaced: bool) -> Iterator[Part]:
    """Ordinary text; what follows the product's noun without a space only describes it further."""
    nouns = list(NOUN.finditer(text))
    end = nouns[-1].end() if nouns else len(text)
    yield Part(text[:end], None, spaced)
    if end < len(text):
        yield Part(text[end:], Loss.DETAIL, False)


def _phrases(parts: list[Part]) -> list[Part]:
    """Latin words and numbers that belong together: 小米12 Pro, iPhone 8 Plus."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if (
            last and last.loss is None and part.loss is None and part.spaced
            and last.text[-1].isascii() and part.text.isascii() and len(last.text.split()) < PHRASE_WORDS
        ):  # fmt: skip
            joined[-1] = replace(last, text=f"{last.text} {part.text}")
        else:
            joined.append(part)
    return joined


def _repeats(parts: list[Part]) -> list[Part]:
    """Mark words that stand there a second time, and a second noun for the same thing."""
    seen: set[str] = set()
    marked = []
    for part in parts:
        words = {part.text.casefold()} if len(part.text) > 1 else set()
        if part.loss is None and (noun := NOUN.search(part.text)) and noun.end() == len(part.text):
            words.add(noun.group())
        again = part.loss in (None, Loss.DETAIL) and words & seen
        marked.append(replace(part, loss=Loss.REPEAT) if again else part)
        seen |= words
    return marked


def _without_lonely_brand(parts: list[Part]) -> list[Part]:
    """A brand may go only if what follows still says what it is: not from 小米 8 or Redmi K50."""
    rest = next((part.text for part in parts if part.loss in (None, Loss.DETAIL)), "")
    telling = re.match(r"[A-Za-z]{3}|[^\W\d_a-zA-Z]{2}", rest)
    if telling:
        return parts
    return [replace(part, loss=None if part.loss is Loss.BRAND else part.loss, twin=False) for part in parts]


# --- leaving words out --------------------------------------------------------------------------------


def _candidates(parts: list[Part], fits: Fits) -> Iterator[Proposal]:
    """Shorter names by growing loss: one kind of word left out, and only then several."""
    yield _without(parts, set(), fits)
    kinds = sorted({part.loss or Loss.DETAIL for part in parts})
    chosen = [
        set(some)
        for count in range(1, len(kinds) + 1)
        for some in combinations(kinds, count)
        if _cheaper_first(set(some), set(kinds))
    ]
    for kinds_out in sorted(chosen, key=lambda some: (Loss.DETAIL in some, len(some), sum(some))):
        gone = {
            index
            for index, part in enumerate(parts)
            if part.loss in kinds_out - {Loss.SPEC, Loss.DETAIL} or (part.twin and Loss.BRAND in kinds_out)
        }
        specs = [index for index, part in enumerate(parts) if part.loss is Loss.SPEC]
        order = specs[::-1] if Loss.SPEC in kinds_out else []
        if Loss.DETAIL in kinds_out:
            order += _details(parts, gone)
        yield _without(parts, _thrifty(parts, gone, order, fits), fits)
        if Loss.SPEC in kinds_out and Loss.DETAIL not in kinds_out:
            yield _without(parts, gone | set(specs), fits)


def _cheaper_first(out: set[Loss], kinds: set[Loss]) -> bool:
    """What says nothing goes before what says something, and a detail of the product goes last."""
    needed = {Loss.FILLER} if out & {Loss.SPEC, Loss.BRAND} else set()
    if Loss.DETAIL in out:
        needed = {Loss.FILLER, Loss.REPEAT, Loss.BRACKET}
    return needed & kinds <= out


def _details(parts: list[Part], gone: set[int]) -> list[int]:
    """What only describes, from the end: first known details, then other words; never all of them."""
    known = [index for index, part in enumerate(parts) if part.loss is Loss.DETAIL]
    core = [index for index, part in enumerate(parts) if part.loss is None and index not in gone]
    nouns = [index for index in core if NOUN.search(parts[index].text)]
    kept = {*core[:1], *nouns[:1]}
    return known[::-1] + [index for index in reversed(core) if index not in kept]


def _thrifty(parts: list[Part], gone: set[int], order: list[int], fits: Fits) -> set[int]:
    """Leave out in this order until the name fits; then take back what has room, values of a spec last."""
    out = set(gone)
    for index in order:
        if fits(_written(parts, out)):
            break
        out.add(index)
    for index in sorted(out - gone, key=lambda index: (parts[index].loss is Loss.SPEC, index)):
        if fits(_written(parts, out - {index})):
            out.remove(index)
    return out


def _without(parts: list[Part], out: set[int], fits: Fits) -> Proposal:
    """The name without these parts; without the spaces beside Chinese as well, if only then it fits."""
    name = _written(parts, out)
    if not fits(name):
        name = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", name)
    return Proposal(name, name_units(name), _dropped(parts, out))


def _written(parts: list[Part], out: set[int]) -> str:
    text, spaced = "", False
    for index, part in enumerate(parts):
        spaced = spaced or part.spaced
        if index in out:
            continue
        # Two Latin words that something stood between would become one.
        if text and (spaced or (index - 1 in out and (text[-1] + part.text[0]).isascii())):
            text += " "
        text += part.text
        spaced = False
    return text


def _dropped(parts: list[Part], out: set[int]) -> tuple[str, ...]:
    texts: list[str] = []
    for index, part in enumerate(parts):
        if index not in out:
            continue
        if texts and index - 1 in out and not part.spaced:
            texts[-1] += part.text
        else:
            texts.append(part.text)
    return tuple(texts)
