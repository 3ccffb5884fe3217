"""WeChat's XML as plain data. Nothing that XML can do beyond elements and text is done."""

from typing import Any, NoReturn
from xml.parsers import expat

MAX_DEPTH = 16


class XmlError(Exception):
    """It is no XML, or XML with more than elements and text."""


def read_xml(text: str) -> Any:
    """The root element: a dict of the elements in it (of several by one name a list), or its text.

    A document type is refused, and with it every entity: there is no file to read and nothing to blow up.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError):
        raise XmlError("not well-formed") from None
    return reader.root


class _Reader:
    """Collects an element's children and text until it ends."""

    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[tuple[dict[str, Any], list[str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise XmlError("too deep")
        self._open.append(({}, []))

    def text(self, data: str) -> None:
        self._open[-1][1].append(data)

    def end(self, name: str) -> None:
        children, texts = self._open.pop()
        value: Any = children or "".join(texts)
        if not self._open:
            self.root = value
            return
        siblings = self._open[-1][0]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]


def _refuse(*_declaration: object) -> NoReturn:
    raise XmlError("a document type or an entity is declared")
