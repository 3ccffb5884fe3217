"""What was found about rows, as it is kept until somebody confirms it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from goods.importing.finding import Finding
from goods.models import ImportRow, ImportRun
from goods.models.import_run import Table

NUMBER_KEPT, NAME_KEPT = 200, 300


def import_rows(found: Sequence[Finding], position: int = 0, run: ImportRun | None = None) -> list[ImportRow]:
    """Rows that are not saved; the first one comes behind ``position``."""
    return [_row(run, one, place) for place, one in enumerate(found, start=position + 1)]


def _row(run: ImportRun | None, found: Finding, place: int) -> ImportRow:
    known = found.record if found.record is not None and found.record.pk else None
    return ImportRow(
        run=run,
        position=place,
        table=found.table,
        number=found.row,
        kind=found.kind,
        product_no=found.number[:NUMBER_KEPT],
        sku_no=found.sku_no[:NUMBER_KEPT],
        name=found.name[:NAME_KEPT],
        **{"record" if found.table == Table.GOODS else "spu": known},
        version=found.version,
        changes={name: [_plain(old), _plain(new)] for name, (old, new) in found.changes.items()},
        problems=[list(pair) for pair in found.problems],
        warnings=found.warnings,
        flagged=found.flagged,
        warned=bool(found.warnings),
    )


def _plain(value: Any) -> Any:
    """As JSON keeps it; prices as text."""
    if value is None or isinstance(value, str | list):
        return value
    return (
        int(value) if isinstance(value, int) else f"{value:.2f}" if isinstance(value, Decimal) else str(value)
    )
