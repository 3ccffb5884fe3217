"""Shorter titles and sub-titles for products whose own are too long for WeChat: staff choose from them.

Titles are names, from which words are left out that say little. Sub-titles are advertising: a few clauses
of them are kept, rather those about the product than those about offers, and no call to click.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from goods.live.name_words import FILLERS
from goods.live.names import BRAND, NOUN, shorter
from goods.store.rules import SUB_TITLE_MOST, TITLE_MOST

PROPOSALS_MOST = 3
# What is longer than any text of a shop is not taken apart.
LONGEST = 500

BRACKET = re.compile(r"[【\[［](?P<inner>[^【】\[\]［］]*)[】\]］]")
PUNCTUATION = re.compile(r"\s*[，,。！!；;、？?》《~～…]+\s*|\s*[>＞]{2,}\s*|[【】]")
CALL = re.compile(
    r"点击|猛戳|戳|抢购|抢到|速来|勾选|立即|快来|分享|参与|下单|进店|发布|部分|\d+月\d+日|\d+\.\d+日"
)
OFFER = re.compile(
    r"[满减省]\d|\d折|立减|优惠|补贴|券|低价|低至|特价|免息|价保|补差|好礼|赠|狂欢|大促|促销|秒杀|以旧换新"
    r"|11\.11|6\.18|双十[一二]|大爱|来袭"
)
# Words at the beginning of a clause that only lead to it.
LEAD = re.compile(r"^(?:更享|指定|获得|内置|还有|并且|以及|爆款|现货|新品)")
FILLER = re.compile("|".join([*FILLERS, "限量", "抢购"]))
# Article numbers and sizes: L55M5-AZ/L55M5-AD, HNTBJ2E080A, 511881-010, 175/92A.
CODE = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]+\d+[A-Z]\d?[A-Z0-9]*(?:-[A-Z0-9]+)(?:/[A-Z0-9-]+)*"
    r"|[A-Z]{3,}\d[A-Z0-9]{3,}|\d{6}-\d{3}|\d{3}/\d{2,3}[A-Z](?:/[A-Z0-9]+)?|[（(][A-Z]?\d+[)）]"
)
SUM = re.compile(r"(?<=GB)\s*\+\s*(?=\d)")
TWICE = re.compile(r"([一-龥]{2,4})[（(][A-Za-z][A-Za-z .&'-]*[)）](?=\1)")

BARE = 2
# Worth as many characters as these: naming the product, and standing further in front.
NOUN_WORTH = 3


@dataclass(frozen=True)
class Piece:
    """A clause, or a word between spaces. ``joint`` stands before it; ``rank`` grows as it says less."""

    text: str
    joint: str
    rank: int


def propose_title(text: str) -> list[str]:
    """At most three titles of at most 60 characters, the best first; none for one that fits."""
    text = " ".join(text.split())
    if len(text) <= TITLE_MOST or len(text) > LONGEST:
        return []
    names = islice(shorter(text, _title_fits), PROPOSALS_MOST + 1)
    # Words without spaces between them are hard to read: that is for when nothing can be left out.
    found = [one.name for one in sorted(names, key=lambda one: not one.dropped)]
    front = _joined(_front(_split(text), TITLE_MOST))
    return list(dict.fromkeys(filter(None, [*found[:PROPOSALS_MOST], front])))[:PROPOSALS_MOST]


def propose_sub_title(text: str) -> list[str]:
    """At most three sub-titles of at most 18 characters, the best first; none for one that fits."""
    text = " ".join(text.split())
    if len(text) <= SUB_TITLE_MOST or len(text) > LONGEST:
        return []
    found: dict[str, None] = {}
    pieces = [short for piece in _split(text) if (short := _shortened(piece, SUB_TITLE_MOST))]
    for rank in sorted({piece.rank for piece in pieces}):
        for proposal in _runs([piece for piece in pieces if piece.rank == rank], SUB_TITLE_MOST):
            if not any(proposal in other for other in found):
                found[proposal] = None
    return list(found)[:PROPOSALS_MOST]


def _title_fits(text: str) -> bool:
    return len(text) <= TITLE_MOST


# --- taking a text apart ------------------------------------------------------------------------------


def _split(text: str) -> list[Piece]:
    """Its clauses and words, without calls to click, dates and repetitions."""
    text = SUM.sub("+", text)
    pieces: list[Piece] = []
    seen: set[str] = set()
    for part, bracketed in _parts(text):
        for clause in PUNCTUATION.split(part):
            joint = "，"
            for word in clause.split():
                rank = 2 * bracketed + bool(OFFER.search(clause))
                if not CALL.search(word) and word not in seen and not _idle(word):
                    pieces.append(Piece(word, joint, rank))
                    joint = " "
                seen.add(word)
    return pieces


def _idle(word: str) -> bool:
    """It is a filler, with no more than a bare noun behind it: 双卡双待手机."""
    rest = FILLER.sub("", word)
    return rest != word and len(rest) <= BARE


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """What stands in brackets, and what stands outside."""
    position = 0
    for match in BRACKET.finditer(text):
        yield text[position : match.start()], False
        yield match["inner"], True
        position = match.end()
    yield text[position:], False


def _shortened(piece: Piece, most: int) -> Piece | None:
    """Without what says nothing, if it is too long; None if it stays so, or nothing is left."""
    text = TWICE.sub("", CODE.sub("", piece.text) if CODE.search(piece.text) else piece.text)
    text = LEAD.sub("", text)
    if len(text) > most:
        text = FILLER.sub("", text)
    if len(text) > most and (brand := BRAND.match(text)) and BRAND.match(text, brand.end()):
        text = text[brand.end() :]
    text = text.strip(" -/+、：:")
    return Piece(text, piece.joint, piece.rank) if 1 < len(text) <= most else None


# --- putting a few pieces together --------------------------------------------------------------------


def _runs(pieces: list[Piece], most: int) -> list[str]:
    """Neighbours that fit together, the most telling first: long, of the front, naming the product."""
    runs = [(start, _joined(_front(pieces[start:], most))) for start in range(len(pieces))]

    def worth(run: tuple[int, str]) -> int:
        start, text = run
        return start - len(text) - (NOUN_WORTH if NOUN.search(text) else 0)

    return [text for _start, text in sorted(runs, key=worth)]


def _front(pieces: list[Piece], most: int) -> list[Piece]:
    """As many of the first pieces as fit."""
    taken: list[Piece] = []
    for piece in pieces:
        if len(_joined([*taken, piece])) > most:
            break
        taken.append(piece)
    return taken


def _joined(pieces: list[Piece]) -> str:
    return "".join(f"{piece.joint if index else ''}{piece.text}" for index, piece in enumerate(pieces))
