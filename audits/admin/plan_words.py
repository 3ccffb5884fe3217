"""What staff are told when a plan was confirmed."""

from collections.abc import Mapping

from django.contrib import messages
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from audits.models import Batch

# Names in the message; the page that it leads to has them all.
FIRST_FEW = 3


def told(batch: Batch, count: int, links: Mapping[str, str]) -> tuple[SafeString, int]:
    """How much is on its way and what is not, each with a link to its page, and the level of the message."""
    if count:
        text = ngettext("%(count)s push is on its way.", "%(count)s pushes are on their way.", count)
        level = messages.WARNING if batch.left_out else messages.SUCCESS
    else:
        text = gettext("Nothing was sent: none of the selected records may be sent now.")
        level = messages.WARNING
    said = format_html("{}", text % {"count": count})
    pages = []
    if batch.left_out:
        said = format_html("{} {}", said, _left_out(batch))
        pages.append(("left_out", gettext("Show and plan again")))
    if count:
        pages.append(("batch", gettext("Show the batch")))
    found = [(links[page], label) for page, label in pages if page in links]
    if found:
        said = format_html("{} {}", said, format_html_join(" · ", '<a href="{}">{}</a>', found))
    return said, level


def _left_out(batch: Batch) -> str:
    names = gettext(", ").join(str(row["name"]) for row in batch.left_out[:FIRST_FEW])
    if len(batch.left_out) > FIRST_FEW:
        names += "…"
    text = ngettext(
        "%(count)s record has changed since the plan was made and was left out: %(names)s.",
        "%(count)s records have changed since the plan was made and were left out: %(names)s.",
        len(batch.left_out),
    )
    return text % {"count": len(batch.left_out), "names": names}
