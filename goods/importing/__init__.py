"""Import of a merchant's own lists: live goods, or products of the Mini Store; advice for every bad row."""

from goods.importing.errors import ImportFileError
from goods.importing.fix_file import default_fix_file
from goods.importing.importer import import_file
from goods.importing.report import Report, RowProblem
from goods.importing.rows import URL_TEMPLATE
from goods.importing.store.importer import import_store

__all__ = [
    "URL_TEMPLATE",
    "ImportFileError",
    "Report",
    "RowProblem",
    "default_fix_file",
    "import_file",
    "import_store",
]
