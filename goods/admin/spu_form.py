from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from goods.admin.merging import MergingForm
from goods.admin.sku_field import SkusField
from goods.admin.sku_grid import SkuGrid
from goods.admin.spu_pictures import Chosen, PicturesField, Shelf
from goods.admin.spu_widgets import (
    AttrsField,
    CatsField,
    DayInput,
    NumberInput,
    Select,
    SubTitleInput,
    TitleInput,
    Tree,
)
from goods.admin.widgets import TextInput
from goods.models import FreightTemplate, Spu
from goods.store import catalogue, words
from goods.store.choices import NO_BRAND
from goods.store.rules import DESC_IMGS_MOST, HEAD_IMGS_MOST
from shopadmin.wechat.models import Account

COUPON_FIELDS = (
    "coupon_verify_type", "coupon_valid_type", "coupon_days", "coupon_start", "coupon_end",
)  # fmt: skip
PICTURE_FIELDS = ("head_imgs", "desc_imgs")


class TemplateField(forms.ModelChoiceField):
    """The freight templates of an account; whether WeChat has them as well."""

    widget = Select

    def label_from_instance(self, obj: Any) -> str:
        return str(obj) if obj.at_wechat else gettext("%(name)s (not at WeChat yet)") % {"name": obj}


class SpuForm(MergingForm):
    """A product of the Mini Store with its pictures and its SKUs.

    Uploaded pictures are kept as soon as they are valid, whatever else is wrong: the form that comes back
    names them. Buttons of the table of SKUs bring the form back with their work done and nothing saved.
    """

    TYPED: ClassVar[frozenset[str]] = frozenset(
        {
            "out_product_id", "title", "sub_title", "head_imgs", "desc_imgs", "brand_id", "cats", "attrs",
            "model_name", "freight_template", "product_type", *COUPON_FIELDS,
        }
    )  # fmt: skip

    head_imgs = PicturesField(
        label=capfirst(_("main pictures")),
        most=HEAD_IMGS_MOST,
        help_text=_("1 to 9; the first one is the cover."),
    )
    desc_imgs = PicturesField(
        label=capfirst(_("detail pictures")),
        most=DESC_IMGS_MOST,
        help_text=_("At most 20, shown below the product."),
    )
    brand_id = forms.ChoiceField(label=capfirst(_("brand")), widget=Select, required=False)
    cats = CatsField(
        label=capfirst(_("category")),
        required=False,
        help_text=_("Down to the third level. Type a part of its name, or its three numbers."),
    )
    attrs = AttrsField(
        label=capfirst(_("attributes")),
        required=False,
        help_text=_("What buyers read about every variant, such as material: cotton."),
    )
    freight_template = TemplateField(
        FreightTemplate.objects.none(), label=capfirst(_("freight template")), required=False
    )
    skus = SkusField(label=capfirst(_("SKUs")), required=False)

    class Meta:
        widgets = {
            "out_product_id": TextInput,
            "title": TitleInput,
            "sub_title": SubTitleInput,
            "model_name": TextInput,
            "product_type": Select,
            "coupon_verify_type": Select,
            "coupon_valid_type": Select,
            "coupon_days": NumberInput,
            "coupon_start": DayInput,
            "coupon_end": DayInput,
        }

    class Media:
        css = {"all": ["goods/spu.css"]}
        js = (
            forms.Script("goods/js/spu_form.js", type="module"),
            forms.Script("goods/js/spu_grid.js", type="module"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = self._account()
        self.shelf = Shelf(self.account)
        self._offer_accounts()
        self._offer_brands()
        self._offer_categories()
        self._offer_templates()
        self._show_pictures()
        self.grid = self._grid()
        self.tell_rules()

    def _account(self) -> Account | None:
        """Whose product it is: fixed once it exists, else what is chosen, or the only one there is."""
        self._accounts: list[Account] = []
        if self.instance.pk:
            owner: Account = self.instance.account
            return owner
        rows = [account for account in Account.objects.all() if Spu.FAMILY in account.families]
        self._accounts = rows
        chosen = self.data.get(self.add_prefix("account")) if self.is_bound else self.initial.get("account")
        if chosen:
            return next((account for account in rows if str(account.pk) == str(chosen)), None)
        return rows[0] if len(rows) == 1 else None

    # --- what can be chosen -----------------------------------------------------------------------

    def _offer_accounts(self) -> None:
        if "account" not in self.fields:
            return
        field: Any = self.fields["account"]
        field.queryset = Account.objects.filter(pk__in=[account.pk for account in self._accounts])
        if self.account:
            field.initial = self.account.pk
        if len(self._accounts) > 1:
            # What else can be chosen depends on it.
            field.help_text = render_to_string("goods/account_aid.html")
        # Accounts are entered and deleted on their own page.
        field.widget.can_add_related = field.widget.can_change_related = False
        field.widget.can_delete_related = field.widget.can_view_related = False

    def _offer_brands(self) -> None:
        if "brand_id" not in self.fields:
            return
        self._brands = list(catalogue.brands(self.account)) if self.account else []
        names = dict.fromkeys((brand.brand_id, brand.name) for brand in self._brands)
        choices = [(NO_BRAND, gettext("no brand")), *names]
        stored = self.instance.brand_id
        if stored and stored not in {number for number, _name in choices}:
            choices.append((stored, stored))
        field: Any = self.fields["brand_id"]
        field.choices = choices

    def clean_brand_id(self) -> str:
        return self.cleaned_data["brand_id"] or NO_BRAND

    def _offer_categories(self) -> None:
        if "cats" not in self.fields:
            return
        field: Any = self.fields["cats"]
        field.tree = field.widget.tree = Tree(self.account)
        field.stored = self.instance.cats
        brand = self["brand_id"].value() if "brand_id" in self.fields else NO_BRAND
        granted = [row.cats for row in self._brands if row.brand_id == brand] if brand != NO_BRAND else []
        self.aid("cats", granted=[(" › ".join(cats), field.tree.path(cats)) for cats in granted])

    def _offer_templates(self) -> None:
        if "freight_template" in self.fields and self.account:
            field: Any = self.fields["freight_template"]
            field.queryset = FreightTemplate.objects.filter(account=self.account)

    # --- pictures ---------------------------------------------------------------------------------

    def _show_pictures(self) -> None:
        for name in PICTURE_FIELDS:
            if name in self.fields:
                widget: Any = self.fields[name].widget
                widget.shelf = self.shelf

    def clean_head_imgs(self) -> list[int]:
        return self._kept("head_imgs")

    def clean_desc_imgs(self) -> list[int]:
        return self._kept("desc_imgs")

    def _kept(self, name: str) -> list[int]:
        chosen: Chosen = self.cleaned_data[name]
        keys = self.shelf.usable(chosen.keys, getattr(self.instance, name))
        added, errors = self.shelf.keep_all(chosen.files)
        keys = list(dict.fromkeys([*keys, *added]))
        self.send(self.add_prefix(name), str(keys))
        self.grid.offer(added)
        if errors:
            raise ValidationError(errors)
        return keys

    # --- SKUs -------------------------------------------------------------------------------------

    def _grid(self) -> SkuGrid:
        skus = list(self.instance.skus.select_related("picture")) if self.instance.pk else []
        if self.is_bound:
            grid = SkuGrid.sent(self.data, self.files, self.instance, skus, self.shelf)
        else:
            grid = SkuGrid.of(self.instance, skus, self.shelf)
        if "skus" in self.fields:
            field: Any = self.fields["skus"]
            field.grid = field.widget.grid = grid
        return grid

    def clean_skus(self) -> None:
        self.grid.keep_files()

    def meet_more(self, stored: Any) -> None:
        """Only now, when what a colleague has saved is locked."""
        if "skus" in self.fields:
            skus = list(stored.skus.select_for_update().order_by("position", "id"))
            self.grid.merge(skus, stored)

    def clean(self) -> Any:
        if self.grid.asked:
            # Nothing is decided yet, so nobody is met either.
            return self.cleaned_data
        cleaned = super().clean()
        if "skus" in self.fields:
            if not self.instance.pk:
                self.grid.merge([], self.instance)
            if self.account and not self.grid.check(self.account, self.instance.pk):
                self.add_error("skus", gettext("Correct what is marked in the table."))
        return cleaned

    def full_clean(self) -> None:
        super().full_clean()
        if self.grid.asked:
            self.grid.work()
            self._keep_refusals()
            self.worked = True

    def _keep_refusals(self) -> None:
        """Files that are no pictures are told now, as they are not sent again; the rest when it is saved."""
        found: dict[str, Any] = self.errors
        refused = {name: found[name] for name in (*PICTURE_FIELDS, "skus") if name in found}
        self._errors = forms.utils.ErrorDict(refused)
        if refused and self.grid.asked == "upload":
            self.grid.note = ""

    worked = False

    def is_valid(self) -> bool:
        return super().is_valid() and not self.worked

    # --- words ------------------------------------------------------------------------------------

    def tell_rules(self) -> None:
        if self.instance.pk and not self.is_bound:
            found = self.instance.problems()
            found.pop("skus", None)
            spu = self.instance
            if wrong := catalogue.check_cats(spu.account, spu.brand_id, spu.cats):
                found["cats"] = wrong
            for name, texts in found.items():
                self.tell(name, texts)

    def words(self, name: str, value: Any) -> str:
        if isinstance(value, Chosen):
            value = value.keys
        field: Any = self.fields[name]
        if name == "freight_template" or not value:
            return str(value or words.NOTHING)
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            return _label(choices, value)
        return str(words.show(self.instance, name, value))


def _label(choices: Iterable[tuple[Any, Any]], value: Any) -> str:
    return next((str(label) for one, label in choices if str(one) == str(value)), str(value))
