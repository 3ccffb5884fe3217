"""What can be wrong with a file, and with one cell of it."""


class ImportFileError(Exception):
    """The file cannot be imported at all. Its text is one sentence for staff; nothing was stored."""


class CellError(Exception):
    """A cell cannot be read: which field it is for, and one sentence for staff."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text
