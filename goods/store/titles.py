"""Shorter titles and sub-titles for those that are too long."""

from goods.store.rules import SUB_TITLE_MOST, TITLE_MOST


def propose_title(text: str) -> list[str]:
    return _cut(text, TITLE_MOST)


def propose_sub_title(text: str) -> list[str]:
    return _cut(text, SUB_TITLE_MOST)


def _cut(text: str, most: int) -> list[str]:
    return [text[:most].strip()] if len(text) > most else []
