import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goods.models.mirror import ERRMSG_KEPT, REFUSED, Mirrored
from goods.models.picture import Picture
from goods.store import drift, rules
from shopadmin.wechat.models import Account
from shopadmin.wechat.reading import LONGEST_ID

# What staff edit.
SKU_FIELDS = (
    "out_sku_id", "attrs", "picture", "sale_price", "market_price", "stock", "stock_change",
    "sku_code", "barcode", "position", "removed",
)  # fmt: skip


class SkuQuerySet(models.QuerySet["Sku"]):
    def kept(self) -> Self:
        """Without those that staff have taken out of their product."""
        return self.filter(removed=False)

    def refused(self) -> Self:
        return self.filter(REFUSED)

    def price_waits(self) -> Self:
        """At WeChat, with other prices than here."""
        return self.exclude(sku_id="").filter(price_differs=True)

    def stock_waits(self) -> Self:
        """At WeChat, with a stock that somebody entered here and nobody has sent yet."""
        changed = Q(stock_change__lt=0) | Q(stock_change__gt=0)
        other = Q(real_stock__isnull=False) & ~Q(stock=F("real_stock"))
        return self.exclude(sku_id="").filter(other | changed, missing_since=None, removed=False)


class Sku(Mirrored):
    """A variant of a product, with a price and a stock of its own. Prices are yuan.

    ``remote`` is WeChat's draft of it, ``online`` what buyers see. ``sku_id`` is filled exactly while WeChat
    has it. ``stock`` is what staff want there to be; while nobody enters another number it follows
    ``real_stock``, what buyers can still buy. ``stock_change`` is "so many more" or, negative, "so many
    fewer", whatever there is by then.
    """

    SHARED: ClassVar[tuple[str, ...]] = (
        "attrs", "sale_price", "market_price", "sku_code", "barcode", "thumb_img",
    )  # fmt: skip
    FAMILY: ClassVar[str] = "mini_store"

    spu = models.ForeignKey("goods.Spu", models.CASCADE, related_name="skus", verbose_name=_("product"))
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"), editable=False)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    out_sku_id = models.CharField(
        _("SKU number"),
        max_length=64,
        blank=True,
        help_text=_("Your own number; different for every SKU of the shop, fixed once it is at WeChat."),
    )
    # Pairs of name and value, such as [["颜色", "白色"], ["尺码", "M"]].
    attrs = models.JSONField(_("attributes"), default=list, blank=True)
    picture = models.ForeignKey(
        Picture, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    sale_price = models.DecimalField(
        _("selling price (yuan)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    market_price = models.DecimalField(
        _("market price (yuan)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Crossed out beside the selling price; must be above it."),
    )
    stock = models.IntegerField(_("stock"), null=True, blank=True, default=0)
    stock_change = models.IntegerField(
        _("change of stock"),
        null=True,
        blank=True,
        help_text=_("Instead of a new stock: so many more, or fewer with a minus. Sales meanwhile count."),
    )
    sku_code = models.CharField(_("article number"), max_length=40, blank=True)
    barcode = models.CharField(_("bar code"), max_length=64, blank=True)
    removed = models.BooleanField(
        _("taken out"), default=False, help_text=_("It is removed at WeChat with the next changes sent.")
    )

    sku_id = models.CharField(_("sku_id"), max_length=LONGEST_ID, blank=True, editable=False)
    online = models.JSONField(_("what buyers see"), default=dict, blank=True, editable=False)
    real_stock = models.IntegerField(_("left to buy"), null=True, blank=True, editable=False)
    # What there was before a change of stock was sent: tells whether it arrived, should its answer be lost.
    stock_before = models.IntegerField(null=True, blank=True, editable=False)
    price_differs = models.BooleanField(default=False, editable=False)
    missing_since = models.DateTimeField(_("missing at WeChat since"), null=True, blank=True, editable=False)
    errcode = models.BigIntegerField(_("error code"), null=True, blank=True, editable=False)
    errmsg = models.TextField(_("WeChat's answer"), blank=True, editable=False)
    pushed_at = models.DateTimeField(_("last sent"), null=True, blank=True, editable=False)
    refreshed_at = models.DateTimeField(_("as of"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = SkuQuerySet.as_manager()

    class Meta:
        verbose_name = _("SKU")
        verbose_name_plural = _("SKUs")
        ordering = ["spu_id", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "out_sku_id"],
                condition=~Q(out_sku_id=""),
                name="one_sku_per_out_sku_id",
                violation_error_message=_("Another SKU of this account has this number already."),
            ),
            models.UniqueConstraint(
                fields=["account", "sku_id"], condition=~Q(sku_id=""), name="one_sku_per_sku_id"
            ),
            models.CheckConstraint(
                condition=Q(sale_price__gte=0) | Q(sale_price=None),
                name="sku_sale_price_not_negative",
                violation_error_message=_("The price must be more than 0."),
            ),
            models.CheckConstraint(
                condition=Q(market_price__gte=0) | Q(market_price=None),
                name="sku_market_price_not_negative",
                violation_error_message=_("The price must be more than 0."),
            ),
            models.CheckConstraint(
                condition=Q(stock__gte=0) | Q(stock=None),
                name="sku_stock_not_negative",
                violation_error_message=_("Enter how many there are, 0 or more."),
            ),
        ]
        indexes = [models.Index(fields=["errcode", "-id"], condition=REFUSED, name="sku_refused")]

    def __str__(self) -> str:
        values = " / ".join(value for _name, value in self.attrs)
        return values or self.code or f"#{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.note_prices()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "price_differs", "updated_at"}
        if self.account_id is None:
            self.account_id = self.spu.account_id
        super().save(*args, **kwargs)

    def note_prices(self) -> None:
        """Lists find by it what waits for its prices to be sent."""
        self.price_differs = bool(self.sku_id) and any(map(self.differs, ("sale_price", "market_price")))

    @property
    def code(self) -> str:
        """What tells it from others at WeChat: our number, or theirs for what was made in the console."""
        return self.out_sku_id or self.sku_id

    @property
    def at_wechat(self) -> bool:
        return bool(self.sku_id) and self.missing_since is None

    def problems(self) -> dict[str, list[str]]:
        """Every documented rule that a field breaks, by field; nothing for one that is to be removed."""
        found: dict[str, list[str]] = {}
        for field, message in () if self.removed else rules.sku_problems(self):
            found.setdefault(field, []).append(message)
        return found

    # --- ours beside theirs -------------------------------------------------------------------

    def differs(self, field: str) -> bool:
        return drift.sku_differs(self, field)

    def same(self, field: str, one: Any, other: Any) -> bool:
        return drift.sku_same(field, one, other)

    def mark_taken(self, fields: tuple[str, ...] | None = None) -> list[str]:
        """Our fields become what WeChat has."""
        names = self.SHARED if fields is None else fields
        changed = [drift.take_sku(self, name) for name in names]
        return [*changed, *self.settle_drift(names)]

    @property
    def stock_differs(self) -> bool:
        """Somebody entered another stock than there is, or a change of it, and it has not been sent."""
        if not self.at_wechat or self.removed:
            return False
        return bool(self.stock_change) or (self.real_stock is not None and self.stock != self.real_stock)

    @property
    def online_differs(self) -> bool:
        """Buyers see another price than WeChat's draft has: it needs a review."""
        prices = ("sale_price", "market_price")
        return bool(self.online) and not all(
            self.same(name, self.online.get(name), self.remote.get(name)) for name in prices
        )

    # --- what WeChat answered, each saved at once: a product's push has many SKUs --------------

    def mark_accepted(self, values: Mapping[str, Any]) -> None:
        """WeChat took these values (our names): from now on they are what its draft has."""
        self.remote = {**self.remote, **values}
        self.errcode, self.errmsg, self.pushed_at = 0, "", timezone.now()
        self.save(update_fields=["remote", "errcode", "errmsg", "pushed_at", *self.settle_drift(values)])

    def mark_refused(self, errcode: int | None, errmsg: str) -> None:
        self.errcode, self.errmsg, self.pushed_at = errcode, errmsg[:ERRMSG_KEPT], timezone.now()
        self.save(update_fields=["errcode", "errmsg", "pushed_at"])

    def mark_counted(self, count: int) -> None:
        """There are so many, just before a change of it is sent."""
        if self.stock == self.real_stock:
            self.stock = count
        self.real_stock = self.stock_before = count
        self.save(update_fields=["stock", "real_stock", "stock_before"])

    def mark_stock_sent(self, stock: int, *, change: int | None = None, seen: int | None = None) -> None:
        """WeChat was told that there are so many; the next look tells whether buyers see it.

        ``change`` if that is how it was told, ``seen`` if such a look was taken. What staff have entered
        meanwhile stays to be sent.
        """
        stock = max(0, stock)
        before = self.real_stock if self.stock_before is None else self.stock_before
        if change is not None and self.stock_change == change:
            self.stock, self.stock_change = stock, None
        ours = self.stock == stock and not self.stock_change
        if seen is not None:
            self.stock, self.real_stock, self.stock_before = seen if ours else self.stock, seen, None
        else:
            self.real_stock, self.stock_before = (before, before) if ours else (stock, None)
        self.errcode, self.errmsg, self.pushed_at = 0, "", timezone.now()
        self.save(
            update_fields=[
                "stock", "real_stock", "stock_change", "stock_before", "errcode", "errmsg", "pushed_at",
            ]
        )  # fmt: skip

    def mark_copy(
        self, sku_id: str, snapshot: Mapping[str, Any], stock: int | None, *, draft: bool, at: dt.datetime
    ) -> list[str]:
        """WeChat shows this copy. A stock that nobody has changed here follows what is left to buy."""
        self.sku_id, self.refreshed_at = sku_id, at
        fields = ["sku_id", "refreshed_at", *self._mark_stock(stock)]
        if draft:
            self.missing_since = None
            return [*fields, "missing_since", *self.mark_read(snapshot)]
        # What the draft has lost may still be on sale.
        self.online = dict(snapshot)
        return [*fields, "online"]

    def _mark_stock(self, stock: int | None) -> list[str]:
        if stock is None:
            return []
        if self.stock is None or self.stock == self.real_stock or self._stock_arrived(stock):
            self.stock = stock
        self.real_stock, self.stock_before = stock, None
        return ["stock", "real_stock", "stock_before"]

    def _stock_arrived(self, stock: int) -> bool:
        """What was sent is what buyers see, less what they have bought since.

        Whether WeChat shows a new stock before a review is not documented.
        """
        before, sent = self.stock_before, self.stock
        if before is None or sent is None or self.stock_change:
            return False
        return stock <= sent if sent < before else stock > before or sent == before

    def mark_gone(self) -> list[str]:
        """WeChat's draft of the product has it no longer."""
        self.missing_since = self.missing_since or timezone.now()
        return ["missing_since"]
