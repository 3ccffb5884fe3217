"""What each row of an upload would do to its product or SKU: nothing is stored here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from goods.importing.errors import CellError
from goods.importing.finding import Finding, SheetTable, changed_values, jumps
from goods.importing.records import being_sent, busy_records
from goods.importing.rows import read_number, refuse_stray, same_number, trust
from goods.importing.store import records
from goods.importing.store.groups import Group, Row, first_rows, grouped
from goods.importing.store.images import Images
from goods.importing.store.lookup import Lookup
from goods.importing.store.rows import Wanted, read_own_sku, read_product, read_sku
from goods.models import FreightTemplate, Picture, Sku, Spu
from goods.models.import_run import RowKind, Table
from goods.store.rules import together_problems
from shopadmin.wechat.models import Account


@dataclass
class Product:
    """One product while its rows are compared: as it is, and its SKUs as they would be."""

    spu: Spu
    known: bool
    skus: list[Sku]
    own: Sku | None
    # What keeps the rows of its SKUs out.
    closed: str = ""
    new: list[Sku] = field(default_factory=list)

    def after(self) -> list[Sku]:
        """Its SKUs once all is stored."""
        gone = self.own if records.gives_way(self.own, self.new) else None
        return [*(sku for sku in self.skus if sku is not gone), *self.new]


class Checker:
    """Compares the rows of one upload with the products of one account."""

    def __init__(self, account: Account, tables: Sequence[SheetTable], images: Images) -> None:
        self.account = account
        self.images = images
        self.lookup = Lookup(account)
        self.groups = grouped(tables)
        self.first_rows = first_rows(self.groups)
        self.spus: dict[str, Spu] = {}
        self.owners: dict[str, tuple[int, str]] = {}
        self.busy: set[int] = set()

    def look_at_pictures(self, part: Iterable[Group]) -> None:
        """Large pictures take a while: not in the transaction of the rows."""
        self.images.look_up([source for group in part for source in self._sources(group)])

    def _sources(self, group: Group) -> Iterable[str]:
        for row in group.products[:1]:
            cells = row.cells
            yield from self.images.sources(cells.get("head_imgs", ""), group.number, several=True)
            yield from self.images.sources(cells.get("desc_imgs", ""), "", several=True)
        for row in group.skus:
            cells = row.cells
            yield from self.images.sources(cells.get("picture", ""), cells.get("sku_code", ""), several=False)

    def check(self, part: Sequence[Group]) -> list[Finding]:
        """Look at some products. Must run in a transaction."""
        self.spus = records.locked_products(self.account, (group.number for group in part))
        codes = [row.cells.get("sku_code", "") for group in part for row in group.skus]
        self.owners = records.owners_of(self.account, [*codes, *(group.number for group in part)])
        self.busy = busy_records(Spu, self.spus.values())
        return [found for group in part for found in self._check_group(group)]

    def _check_group(self, group: Group) -> list[Finding]:
        product = self._product(group)
        found = [self._check_product(group, row, product) for row in group.products[:1]]
        repeats = [self._repeated(group, row) for row in group.products[1:]]
        skus = [self._check_sku(group, row, product) for row in group.skus]
        for one in found:
            self._tell_rules(one, product, group)
        self._tell_together(skus, product, alone=not found)
        return [*found, *repeats, *skus]

    def _product(self, group: Group) -> Product:
        known = self.spus.get(group.number)
        spu = known or Spu(account=self.account, out_product_id=group.number)
        skus = list(known.skus.all()) if known else []
        product = Product(spu, known is not None, skus, records.own_sku(spu, skus))
        if known:
            product.closed = being_sent(known, self.busy)
        elif not group.products:
            product.closed = _("There is no product with this number. Add it to the list of products.")
        return product

    # --- the row of a product ---------------------------------------------------------------------

    def _check_product(self, group: Group, row: Row, product: Product) -> Finding:
        cells, spu = row.cells, product.spu
        found = Finding(
            row.line.number, group.number, cells.get("title") or spu.title, RowKind.ERROR, Table.PRODUCTS
        )
        try:
            self._trust(row, cells)
            self._compare_product(found, cells, product, with_skus=bool(group.skus))
        except CellError as error:
            found.refuse([(error.field, error.text)])
        if found.kind == RowKind.ERROR and not product.known:
            product.closed = _("Row %(row)s of the products, which makes this product, is not imported.") % {
                "row": row.line.number
            }
        return found

    def _trust(self, row: Row, cells: Mapping[str, str]) -> None:
        if row.table.strict:
            refuse_stray(row.table.columns, row.line)
        read_number(dict(cells))

    def _repeated(self, group: Group, row: Row) -> Finding:
        error = same_number(group.products[0].line.number)
        name = row.cells.get("title", "")
        return Finding(
            row.line.number, group.number, name, RowKind.ERROR, Table.PRODUCTS,
            problems=[(error.field, error.text)],
        )  # fmt: skip

    def _compare_product(
        self, found: Finding, cells: dict[str, str], product: Product, *, with_skus: bool
    ) -> None:
        spu, own = product.spu, product.own
        found.version = records.spu_version(spu, own) if product.known else ""
        wanted = read_product(cells, spu, self.lookup, self.images)
        found.changes = _apply(spu, wanted) if product.known else _set(spu, wanted)
        alone = all(sku.removed or sku is own for sku in product.skus)
        if not with_skus and alone and (own is None or not own.removed):
            self._compare_own_sku(found, cells, product, wanted)
        found.problems = wanted.doubts
        if wanted.problems:
            return found.refuse(wanted.problems)
        found.record = spu
        found.without_cover = not spu.head_imgs
        if product.known and not found.changes:
            found.kind = RowKind.UNCHANGED
            return None
        if reason := product.closed:
            return found.refuse([("", reason)])
        if unfit := records.invalid_spu(spu):
            told = spu.problems_with([])
            return found.refuse([pair for pair in unfit if pair[0] not in told])
        found.kind = RowKind.CHANGE if product.known else RowKind.CREATE
        found.warnings = [*wanted.notes, *_warnings(found.changes)]
        return None

    def _compare_own_sku(
        self, found: Finding, cells: dict[str, str], product: Product, wanted: Wanted
    ) -> None:
        """A product without SKUs of its own is sold as one: its price and stock are those of that SKU."""
        own = product.own
        ours = read_own_sku(cells, own)
        wanted.problems += ours.problems
        if own is None:
            if not ours.values:
                return
            if reason := records.belongs_elsewhere(product.spu, product.spu.out_product_id, self.owners):
                wanted.problems.append(("product_no", reason))
                return
            own = records.new_own_sku(product.spu)
            product.new.append(own)
            found.changes |= _set(own, ours)
        else:
            found.changes |= _apply(own, ours)
        wanted.problems += [pair for pair in records.invalid_sku(own) if pair[0] in records.OWN_FIELDS]

    def _tell_rules(self, found: Finding, product: Product, group: Group) -> None:
        """What is wrong with the product once all its rows are stored."""
        elsewhere = {row.cells.get("sku_code", "") for row in group.skus}
        own = product.own or next(iter(product.new if not group.skus else []), None)
        broken = records.broken_rules(product.spu, product.after(), own, elsewhere)
        named = {name for name, _text in found.problems}
        if found.kind == RowKind.ERROR:
            # About the SKUs of a product that is not imported nothing can be said.
            broken = [pair for pair in broken if pair[0] != "skus"]
        found.problems += [pair for pair in broken if pair[0] not in named]

    # --- the row of a SKU -------------------------------------------------------------------------

    def _check_sku(self, group: Group, row: Row, product: Product) -> Finding:
        cells = row.cells
        code = cells.get("sku_code", "")
        known = next((sku for sku in product.skus if sku.out_sku_id == code and code), None)
        found = Finding(
            row.line.number, group.number, str(known or ""), RowKind.ERROR, Table.SKUS, sku_no=code
        )
        try:
            self._trust(row, cells)
            self._trust_code(row, code, product)
            if product.closed and not (product.known and known):
                raise CellError("" if product.known else "product_no", product.closed)
            self._compare_sku(found, row, product, known)
        except CellError as error:
            found.refuse([(error.field, error.text)])
        return found

    def _trust_code(self, row: Row, code: str, product: Product) -> None:
        if not code:
            raise CellError("out_sku_id", _("Enter the SKU number."))
        trust("out_sku_id", code)
        if (first := self.first_rows[code]) != row.line.number:
            raise CellError(
                "out_sku_id",
                _("Row %(row)s has the same SKU number. Change the number, or remove one of the two rows.")
                % {"row": first},
            )
        if reason := records.belongs_elsewhere(product.spu, code, self.owners):
            raise CellError("out_sku_id", reason)

    def _compare_sku(self, found: Finding, row: Row, product: Product, known: Sku | None) -> None:
        sku = known or Sku(account=self.account, spu=product.spu, out_sku_id=row.cells["sku_code"])
        found.version = records.sku_version(sku) if known else ""
        wanted = read_sku(row.cells, row.attrs, known, self.images)
        found.changes = _apply(sku, wanted) if known else _set(sku, wanted)
        found.name = str(sku)
        if wanted.problems:
            return found.refuse(wanted.problems)
        found.record = product.spu
        found.problems = [(name, text) for name, texts in sku.problems().items() for text in texts]
        if known and not found.changes:
            found.kind = RowKind.UNCHANGED
            return None
        if product.closed:
            return found.refuse([("", product.closed)])
        if unfit := records.invalid_sku(sku):
            return found.refuse(unfit)
        found.kind = RowKind.CHANGE if known else RowKind.CREATE
        found.warnings = _warnings(found.changes) if known else []
        if not known:
            product.new.append(sku)
        return None

    def _tell_together(self, skus: Sequence[Finding], product: Product, *, alone: bool) -> None:
        """What concerns all SKUs of a product is told once: at its own row, or at its first SKU's."""
        stored = [one for one in skus if one.kind != RowKind.ERROR]
        made = [one for one in stored if one.kind == RowKind.CREATE]
        if made and records.gives_way(product.own, product.new):
            made[0].warnings.append(
                _("The product has been sold without variants: that SKU is taken out for these.")
            )
        if alone and stored:
            stored[0].problems += [
                ("skus", text) for text in together_problems([s for s in product.after() if not s.removed])
            ]


def _apply(record: Spu | Sku, wanted: Wanted) -> dict[str, tuple[Any, Any]]:
    """Set the values of a known record; returns what changes: field -> (old, new), as it is kept."""
    before = {name: _shown(getattr(record, name)) for name in wanted.values}
    changes = changed_values(before, {name: _shown(value) for name, value in wanted.values.items()})
    for name in changes:
        _set_value(record, name, wanted.values[name])
    return changes


def _set(record: Spu | Sku, wanted: Wanted) -> dict[str, tuple[Any, Any]]:
    """The same of a new record."""
    for name, value in wanted.values.items():
        _set_value(record, name, value)
    return {name: (None, _shown(value)) for name, value in wanted.values.items() if value not in (None, "")}


def _set_value(record: Spu | Sku, name: str, value: Any) -> None:
    # A picture becomes a record only when it is stored.
    if name != "picture":
        setattr(record, name, value)


def _shown(value: Any) -> Any:
    """A freight template or a picture by its key."""
    return value.pk if isinstance(value, FreightTemplate | Picture) else value


def _warnings(changes: Mapping[str, tuple[Any, Any]]) -> list[str]:
    if any(jumps(changes[name]) for name in ("sale_price", "market_price") if name in changes):
        return [_("The price changes ten times or more. Prices are in yuan, not in fen.")]
    return []
