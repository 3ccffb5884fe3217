"""What happened to a product, newest first: what was sent, and how its reviews went."""

import datetime as dt
from collections.abc import Iterator

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audits.admin.words import NOTHING, outcome, pill, status_pill
from audits.models import StatusChange
from goods.live.choices import AuditStatus
from goods.models import LiveGoods

MOST_ROWS = 20
REVIEW_LOOKS = {AuditStatus.APPROVED: "good", AuditStatus.REJECTED: "bad"}

Row = tuple[dt.datetime, str, SafeString | str, SafeString, SafeString | str]


def history_table(goods: LiveGoods) -> SafeString:
    rows = sorted([*_pushes(goods), *_reviews(goods)], key=lambda row: row[0], reverse=True)[:MOST_ROWS]
    if not rows:
        return NOTHING
    return format_html(
        '<table class="plain">{}</table>',
        format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            ((f"{timezone.localtime(at):%Y-%m-%d %H:%M}", *rest) for at, *rest in rows),
        ),
    )


def _pushes(goods: LiveGoods) -> Iterator[Row]:
    for push in goods.pushes().select_related("target_type")[:MOST_ROWS]:
        url = reverse("admin:audits_push_change", args=[push.pk])
        yield (
            push.created_at,
            push.requested_by_name or "–",
            format_html('<a href="{}">{}</a>', url, push.get_operation_display()),
            status_pill(push),
            format_html('{} <span class="advice">{}</span>', *outcome(push)),
        )


def _reviews(goods: LiveGoods) -> Iterator[Row]:
    """Reviews that ended; what we asked for ourselves is among the pushes already."""
    kind = ContentType.objects.get_for_model(LiveGoods)
    changes = StatusChange.objects.filter(target_type=kind, target_id=goods.pk, after__in=REVIEW_LOOKS)
    for change in changes[:MOST_ROWS]:
        status = AuditStatus(change.after or 0)
        yield change.seen_at, _("WeChat"), _("Review"), pill(REVIEW_LOOKS[status], status.label), ""
