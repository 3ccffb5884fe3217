"""Charts drawn on the server: plain SVG that follows the page's colours and needs no script.

Positions across are in per cent, so that a chart fills whatever width there is while its letters keep
their size. Everything a chart shows is also said in words or stands in a table beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

TOP, BASE, HEIGHT = 18, 148, 172
MARGIN = 7.0  # per cent, for the numbers at the left
LABEL_EVERY = 6


@dataclass(frozen=True)
class Column:
    """Two amounts on top of each other, and what a pointer on them is told."""

    label: str
    lower: int
    upper: int
    words: str


def columns(number: str, title: str, description: str, bars: Sequence[Column]) -> SafeString:
    """A stacked column chart. ``number`` makes its ids unique on the page."""
    most = nice(max((bar.lower + bar.upper for bar in bars), default=0))
    width = (100 - MARGIN) / len(bars)
    return format_html(
        '<svg class="chart" role="img" aria-labelledby="{0}-title {0}-desc" width="100%" height="{1}">'
        '<title id="{0}-title">{2}</title><desc id="{0}-desc">{3}</desc>'
        '<defs><pattern id="{0}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="chart-upper" width="6" height="6"/>'
        '<rect class="chart-stripe" width="2" height="6"/></pattern></defs>{4}{5}{6}</svg>',
        number,
        HEIGHT,
        title,
        description,
        _grid(most),
        format_html_join("", "{}", ((_column(number, bar, i, width, most),) for i, bar in enumerate(bars))),
        _labels(bars, width),
    )


def _grid(most: int) -> SafeString:
    levels = {0: BASE, most // 2: (TOP + BASE) // 2, most: TOP} if most > 1 else {0: BASE, most: TOP}
    return format_html_join(
        "",
        '<line class="chart-grid" x1="{0}%" x2="100%" y1="{1}" y2="{1}"/>'
        '<text class="chart-text" x="{2}%" y="{3}" text-anchor="end">{4}</text>',
        ((MARGIN, y, MARGIN - 1, y + 4, value) for value, y in levels.items()),
    )


def _column(number: str, bar: Column, place: int, width: float, most: int) -> SafeString:
    scale = (BASE - TOP) / most
    lower, upper = _tall(bar.lower, scale), _tall(bar.upper, scale)
    x, wide = f"{MARGIN + (place + 0.15) * width:.2f}", f"{width * 0.7:.2f}"
    return format_html(
        "<g><title>{0}</title>"
        '<rect class="chart-lower" x="{1}%" y="{2}" width="{3}%" height="{4}"/>'
        '<rect fill="url(#{5}-hatch)" x="{1}%" y="{6}" width="{3}%" height="{7}"/></g>',
        bar.words,
        x,
        f"{BASE - lower:.1f}",
        wide,
        f"{lower:.1f}",
        number,
        f"{BASE - lower - upper:.1f}",
        f"{upper:.1f}",
    )


def _tall(amount: int, scale: float) -> float:
    """How tall an amount is drawn: whatever there is can be seen."""
    return max(2.0, amount * scale) if amount else 0.0


def _labels(bars: Sequence[Column], width: float) -> SafeString:
    return format_html_join(
        "",
        '<text class="chart-text" x="{}%" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{MARGIN + (place + 0.5) * width:.2f}", HEIGHT - 4, bar.label)
            for place, bar in enumerate(bars)
            if place % LABEL_EVERY == LABEL_EVERY // 2
        ),
    )


def nice(amount: int) -> int:
    """A round number that is not less: 1, 2, 4, 6, 8 or 10 times a power of ten."""
    if amount <= 1:
        return 1
    power = int(10 ** (len(str(amount)) - 1))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= amount)


def bar(used: int, limit: int, *, look: str, words: str, mark: int) -> SafeString:
    """How much of a limit is used; ``mark`` is where a line crosses it."""
    whole = max(limit, 1)
    return format_html(
        '<svg class="meter" role="img" aria-label="{0}" width="100%" height="10">'
        '<rect class="meter-whole" width="100%" height="100%" rx="5"/>'
        '<rect class="meter-{1}" width="{2}%" height="100%" rx="5"/>'
        '<line class="meter-mark" x1="{3}%" x2="{3}%" y1="0" y2="100%"/></svg>',
        words,
        look,
        _part(used, whole),
        _part(mark, whole),
    )


def _part(amount: int, whole: int) -> str:
    return f"{min(100.0, 100 * amount / whole):.1f}"
