"""Products and SKUs as an import meets them: found, locked, compared with what was shown."""

from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext as _

from goods.importing.finding import Problems
from goods.importing.records import fingerprint, invalid
from goods.models import Sku, Spu
from goods.models.sku import SKU_FIELDS
from goods.models.spu import LOCAL_FIELDS
from goods.store.rules import SKU_CODE_MOST, together_problems
from shopadmin.wechat.models import Account

# Fields of the one SKU that a product's own row may set.
OWN_FIELDS = ("sale_price", "market_price", "stock")

SPU_NOT_VALIDATED = {field.name for field in Spu._meta.fields} - LOCAL_FIELDS | {
    "head_imgs", "desc_imgs", "freight_template",
}  # fmt: skip
SKU_NOT_VALIDATED = {field.name for field in Sku._meta.fields} - {*SKU_FIELDS} | {"picture"}


def locked_products(account: Account, numbers: Iterable[str]) -> dict[str, Spu]:
    """The products of these numbers with their SKUs, by number. Must run in a transaction."""
    found = Spu.objects.with_skus().filter(account=account, out_product_id__in=set(numbers) - {""})
    return {spu.out_product_id: spu for spu in found.order_by("pk").select_for_update(of=("self",))}


def owners_of(account: Account, codes: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Whose these SKU numbers are: key and name of the product."""
    rows = Sku.objects.filter(account=account, out_sku_id__in=set(codes) - {""})
    found = rows.values_list("out_sku_id", "spu_id", "spu__out_product_id", "spu__title")
    return {code: (spu, number or title) for code, spu, number, title in found}


def belongs_elsewhere(spu: Spu, code: str, owners: dict[str, tuple[int, str]]) -> str:
    """Why the number is not free for this product; empty if it is."""
    owner, name = owners.get(code, (spu.pk, ""))
    if owner == spu.pk:
        return ""
    return _("This SKU number belongs to another product: %(product)s.") % {"product": name}


def own_sku(spu: Spu, skus: Sequence[Sku]) -> Sku | None:
    """The SKU that stands for the product itself: with its number, and without attributes."""
    return next((sku for sku in skus if sku.out_sku_id == spu.out_product_id and not sku.attrs), None)


def new_own_sku(spu: Spu) -> Sku:
    number = spu.out_product_id
    code = number if len(number) <= SKU_CODE_MOST else ""
    return Sku(spu=spu, account=spu.account, out_sku_id=number, sku_code=code)


def gives_way(own: Sku | None, new: Collection[Sku]) -> bool:
    """SKUs with attributes take the place of the one that stands for the product."""
    return own is not None and not own.removed and any(sku.attrs for sku in new)


def spu_version(spu: Spu, own: Sku | None) -> str:
    """The same as long as nobody has changed what staff edit, and it has not come to WeChat or left it."""
    fields = sorted({*LOCAL_FIELDS} - {"freight_template"})
    found = fingerprint(spu, (*fields, "freight_template_id", "product_id"))
    return fingerprint(own, OWN_FIELDS)[:16] + found[:48] if own else found


def sku_version(sku: Sku) -> str:
    fields = sorted({*SKU_FIELDS} - {"picture", "position"})
    return fingerprint(sku, (*fields, "picture_id", "sku_id"))


def invalid_spu(spu: Spu) -> Problems:
    return invalid(spu, SPU_NOT_VALIDATED)


def invalid_sku(sku: Sku) -> Problems:
    return invalid(sku, SKU_NOT_VALIDATED)


def broken_rules(spu: Spu, skus: Sequence[Sku], own: Sku | None, elsewhere: Collection[str]) -> Problems:
    """WeChat's rules that a product breaks. A missing picture is told apart, since tables rarely bring any.

    ``elsewhere`` are the numbers of SKUs that have rows of their own, which tell what is wrong with them.
    """
    found = {name: texts for name, texts in spu.problems_with([]).items() if name != "skus"}
    if not spu.head_imgs:
        found.pop("head_imgs", None)
    kept = [sku for sku in skus if not sku.removed]
    problems = [(name, text) for name, texts in found.items() for text in texts]
    problems += [("skus", text) for text in together_problems(kept)]
    for sku in kept:
        if sku.out_sku_id in elsewhere:
            continue
        for name, texts in sku.problems().items():
            if sku is own:
                problems += [(name, text) for text in texts if name in OWN_FIELDS]
            else:
                problems += [("skus", _("%(sku)s: %(text)s") % {"sku": sku, "text": text}) for text in texts]
    return problems
