"""Cover pictures for the demo shop: drawn, so that they are ours, and the same on every machine."""

import colorsys
import hashlib
import io
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIDE = 800
FINE = 2  # shapes are drawn twice as large and made smaller, which smooths their edges

Colour = tuple[int, ...]
Point = tuple[float, float]


class Palette(NamedTuple):
    top: Colour
    bottom: Colour
    body: Colour
    shade: Colour
    light: Colour
    accent: Colour


class Pen:
    """Draws on a square of 100 × 100 units, in colours with transparency around them."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self.unit = SIDE * FINE / 100
        self.image = Image.new("RGBA", (SIDE * FINE, SIDE * FINE))
        self.draw = ImageDraw.Draw(self.image)

    def box(
        self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0
    ) -> None:
        corners = [value * self.unit for value in (left, top, right, bottom)]
        self.draw.rounded_rectangle(corners, radius * self.unit, fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: Colour, height: float | None = None) -> None:
        tall = radius if height is None else height
        self.draw.ellipse(
            [value * self.unit for value in (x - radius, y - tall, x + radius, y + tall)], fill=fill
        )

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self.draw.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        scaled = [(x * self.unit, y * self.unit) for x, y in points]
        self.draw.line(scaled, fill=fill, width=round(width * self.unit), joint="curve")


def draw_cover(product_no: str, name: str, category: str, brand: str, index: int) -> tuple[str, bytes]:
    """A file name and a picture of 800 × 800 for the product; every third one is a PNG, the others JPEG."""
    seed = hashlib.sha256(f"{product_no}|{name}|{brand}|{index}".encode()).digest()
    palette = choose_palette(seed, index)
    pen = Pen(palette)
    DRAWINGS.get(category, draw_gift)(pen, seed)
    picture = backdrop(palette, seed)
    picture.alpha_composite(shadow(pen.image))
    picture.alpha_composite(pen.image.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    stem = f"cover-{seed.hex()[:12]}"
    buffer = io.BytesIO()
    if index % 3 == 2:
        picture.convert("RGB").save(buffer, "PNG")
        return f"{stem}.png", buffer.getvalue()
    picture.convert("RGB").save(buffer, "JPEG", quality=90)
    return f"{stem}.jpg", buffer.getvalue()


# --- Light and colour -----------------------------------------------------------------------------


# Hues that go together: background, product, accent.
HUES = (
    (0.57, 0.97, 0.12),
    (0.08, 0.53, 0.02),
    (0.75, 0.63, 0.11),
    (0.13, 0.44, 0.97),
    (0.96, 0.59, 0.13),
    (0.45, 0.92, 0.13),
    (0.55, 0.06, 0.15),
    (0.16, 0.73, 0.08),
    (0.03, 0.49, 0.13),
    (0.66, 0.03, 0.14),
    (0.35, 0.60, 0.05),
)


def choose_palette(seed: bytes, index: int) -> Palette:
    """Neighbours in a list get different colours; the seed varies the shades a little."""
    background, body, accent = HUES[index * 4 % len(HUES)]
    body += (seed[1] / 256 - 0.5) * 0.06
    return Palette(
        top=colour(background, 0.08, 0.99),
        bottom=colour(background + 0.04, 0.30, 0.91),
        body=colour(body, 0.56, 0.78),
        shade=colour(body, 0.66, 0.58),
        light=colour(body, 0.26, 0.95),
        accent=colour(accent, 0.58, 0.98),
    )


def colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


NOTHING: Colour = (0, 0, 0, 0)  # drawing with it cuts a hole
INK: Colour = (38, 42, 54)
GREY: Colour = (120, 128, 142)
SILVER: Colour = (214, 219, 228)
WHITE: Colour = (250, 251, 253)


def backdrop(palette: Palette, seed: bytes) -> Image.Image:
    """A soft gradient from top to bottom, with a round glow behind the product and a paler floor."""
    ramp = Image.linear_gradient("L").resize((SIDE, SIDE))
    picture = Image.composite(
        Image.new("RGB", (SIDE, SIDE), palette.bottom), Image.new("RGB", (SIDE, SIDE), palette.top), ramp
    )
    glow = ImageChops.invert(Image.radial_gradient("L")).resize((SIDE * 5 // 4, SIDE * 5 // 4))
    weight = Image.new("L", (SIDE, SIDE))
    weight.paste(glow, (seed[2] * SIDE // 1024 - SIDE // 4, -SIDE // 5))
    weight = weight.point([value * 3 // 5 for value in range(256)])
    picture.paste(Image.new("RGB", (SIDE, SIDE), WHITE), mask=weight)
    return picture.convert("RGBA")


def shadow(drawing: Image.Image) -> Image.Image:
    """The shape of the drawing, dark, blurred, a little lower: it lets the product float."""
    small = drawing.getchannel("A").resize((SIDE // 4, SIDE // 4))
    dark = small.filter(ImageFilter.GaussianBlur(7)).point([value * 2 // 5 for value in range(256)])
    cast = Image.new("RGBA", (SIDE, SIDE), (*INK, 0))
    cast.putalpha(ImageChops.offset(dark, 2, 7).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    return cast


# --- Products -------------------------------------------------------------------------------------


def draw_shirt(pen: Pen, seed: bytes) -> None:
    p = pen.palette
    outline = [(36, 21), (20, 29), (9, 46), (21, 54), (28, 47), (28, 82), (72, 82), (72, 47), (79, 54)]
    outline += [(91, 46), (80, 29), (64, 21)]
    pen.shape(outline, p.body)
    pen.shape([(28, 47), (32, 36), (32, 82), (28, 82)], p.shade)
    pen.shape([(72, 47), (68, 36), (68, 82), (72, 82)], p.shade)
    pen.line([(11.5, 44), (23, 51.5)], p.light, 1.6)
    pen.line([(88.5, 44), (77, 51.5)], p.light, 1.6)
    pen.disc(50, 21, 14, p.shade, 10)
    pen.disc(50, 21, 11.4, NOTHING, 7)
    pen.box(30, 8, 70, 20.9, NOTHING)
    if seed[3] % 3 == 0:
        for top in (42, 50, 58):
            pen.box(32, top, 68, top + 4, p.light)
    elif seed[3] % 3 == 1:
        pen.disc(50, 52, 10, p.accent)
        pen.disc(46, 49, 3.2, p.light)
        pen.disc(54, 49, 3.2, p.light)
    else:
        pen.shape([(40, 58), (50, 42), (60, 58)], p.accent)


def draw_coat(pen: Pen, seed: bytes) -> None:
    p = pen.palette
    pen.shape([(35, 20), (22, 27), (12, 76), (23, 79), (31, 46)], p.shade)
    pen.shape([(65, 20), (78, 27), (88, 76), (77, 79), (69, 46)], p.shade)
    pen.shape([(35, 19), (28, 32), (27, 86), (73, 86), (72, 32), (65, 19)], p.body)
    pen.shape([(41, 18), (50, 40), (59, 18)], p.light)
    pen.shape([(41, 17), (31, 25), (35, 41), (50, 50), (49, 39)], p.shade)
    pen.shape([(59, 17), (69, 25), (65, 41), (50, 50), (51, 39)], p.shade)
    pen.line([(50, 49), (50, 86)], p.shade, 0.9)
    for height in (56, 65, 74):
        pen.disc(54, height, 1.5, p.accent)
    pen.box(31.5, 66, 43, 69, p.shade, 1)
    pen.box(58, 66, 69, 69, p.shade, 1)
    if seed[3] % 2:
        pen.box(27.6, 59, 72.4, 62.6, p.accent)
        pen.box(46, 58, 54, 63.6, p.light, 1)


def draw_phone(pen: Pen, seed: bytes) -> None:
    p = pen.palette
    _phone_back(pen, 24, seed)
    pen.box(42, 17, 74, 83, INK, 5)
    pen.box(43.4, 18.4, 72.6, 81.6, p.body, 4)
    pen.shape([(43.4, 60), (72.6, 38), (72.6, 77), (68.6, 81.6), (47.4, 81.6), (43.4, 77)], p.shade)
    pen.disc(58, 40, 8, p.accent)
    pen.disc(61.5, 37.5, 7, p.body)
    pen.box(53, 20.2, 63, 22.6, INK, 1.2)
    for column in range(4):
        left = 46 + column * 6.2
        pen.box(left, 72, left + 4.6, 76.6, p.light if column % 2 else p.accent, 1.3)
    pen.box(53, 79.2, 63, 79.9, p.light, 0.3)


def _phone_back(pen: Pen, left: float, seed: bytes) -> None:
    p = pen.palette
    pen.box(left, 21, left + 30, 83, p.shade, 5)
    pen.box(left + 0.9, 21.9, left + 30, 82.1, p.light, 4.4)
    if seed[3] % 2:
        pen.box(left + 3, 25, left + 15, 37, p.shade, 3.4)
        lenses = [(6.4, 28.4), (11.6, 28.4), (6.4, 33.6)]
    else:
        pen.box(left + 3, 25, left + 9.6, 44, p.shade, 3.2)
        lenses = [(6.3, 28.6), (6.3, 34.5), (6.3, 40.4)]
    for x, y in lenses:
        pen.disc(left + x, y, 2.2, INK)
        pen.disc(left + x - 0.5, y - 0.5, 0.7, GREY)


def draw_television(pen: Pen, seed: bytes) -> None:
    p = pen.palette
    pen.shape([(30, 74), (34, 74), (30, 81), (26, 81)], GREY)
    pen.shape([(66, 74), (70, 74), (74, 81), (70, 81)], GREY)
    pen.box(8, 24, 92, 75, INK, 1.6)
    pen.box(9.2, 25.2, 90.8, 72.6, p.light, 0.8)
    pen.disc(68, 39, 6, WHITE)
    pen.shape([(9.2, 62), (30, 41), (47, 60), (60, 48), (90.8, 68), (90.8, 72.6), (9.2, 72.6)], p.body)
    pen.shape([(9.2, 68), (26, 57), (52, 67), (74, 58), (90.8, 64), (90.8, 72.6), (9.2, 72.6)], p.shade)
    pen.disc(50, 73.8, 0.5, p.accent)
    if seed[3] % 2:
        pen.box(20, 82, 80, 85.4, INK, 1.4)
        pen.box(22, 83.2, 78, 84.2, GREY, 0.5)


def draw_shoe(pen: Pen, seed: bytes) -> None:
    p = pen.palette
    upper = [(12, 39), (15, 36), (22, 37), (27, 44), (33, 46), (40, 40), (46, 37), (52, 42), (63, 52)]
    upper += [(76, 55), (87, 58), (92, 64), (92, 70), (11, 70), (10, 52)]
    pen.shape(upper, p.body)
    pen.shape([(12, 39), (15, 36), (22, 37), (26, 50), (24, 70), (11, 70), (10, 52)], p.shade)
    pen.shape([(76, 55), (87, 58), (92, 64), (92, 70), (70, 70)], p.shade)
    pen.shape([(40, 40), (46, 37), (52, 42), (63, 52), (56, 56), (46, 50)], p.light)
    for step in range(4):
        x, y = 43 + step * 4.4, 42.4 + step * 3.3
        pen.line([(x, y + 3.4), (x + 5, y - 1)], WHITE, 1.3)
    pen.shape([(28, 66), (41, 57), (60, 61), (80, 60), (60, 66.5), (40, 64)], p.accent)
    pen.box(9, 69, 93.5, 76.5, WHITE, 3.6)
    pen.box(9, 73.6, 93.5, 77.6, SILVER, 2)
    if seed[3] % 2:
        pen.box(16, 70.6, 34, 74, p.accent, 1.6)


def draw_tablet(pen: Pen, seed: bytes) -> None:
    p = pen.palette
    pen.box(17, 20, 79, 78, SILVER, 4)
    pen.box(18, 21, 78, 77, INK, 3.4)
    pen.box(20.4, 23.4, 75.6, 74.6, p.body, 1.2)
    pen.shape([(20.4, 52), (42, 36), (75.6, 62), (75.6, 74.6), (20.4, 74.6)], p.shade)
    pen.disc(62, 36, 6.4, p.accent)
    for column in range(5):
        left = 28 + column * 8.4
        pen.box(left, 65.6, left + 6, 71.6, p.light if column % 2 else WHITE, 1.6)
    pen.shape([(83, 22), (86.4, 22), (86.4, 72), (84.7, 77), (83, 72)], WHITE)
    pen.shape([(84.1, 75.2), (85.3, 75.2), (84.7, 77)], GREY)
    pen.box(83, 26, 86.4, 27, p.accent)


def draw_laptop(pen: Pen, seed: bytes) -> None:
    p = pen.palette
    pen.box(19, 23, 81, 67, INK, 2.4)
    pen.box(20.6, 24.6, 79.4, 65, p.body, 1)
    pen.shape([(20.6, 65), (20.6, 56), (46, 36), (79.4, 58), (79.4, 65)], p.shade)
    pen.disc(66, 35, 5.4, p.accent)
    pen.box(25, 29, 43, 31, p.light, 1)
    pen.box(25, 33.4, 37, 35, p.light, 0.8)
    pen.shape([(19, 67), (81, 67), (91, 76), (9, 76)], SILVER)
    for row in range(3):
        inset = 22 - row * 2.6
        pen.line([(inset, 68.6 + row * 1.9), (100 - inset, 68.6 + row * 1.9)], GREY, 0.9)
    pen.shape([(43, 74), (57, 74), (58, 76), (42, 76)], GREY)
    pen.box(9, 76, 91, 78.4, GREY, 1.2)


def draw_drive(pen: Pen, seed: bytes) -> None:
    """An M.2 solid-state drive, lying slantwise."""
    p = pen.palette
    pen.box(6, 38, 92, 62, p.shade, 1.4)
    pen.disc(92, 50, 2.4, p.light)
    pen.box(2, 40, 7, 60, (214, 176, 92))
    for pin in range(10):
        pen.box(2, 41 + pin * 1.9, 6.4, 42 + pin * 1.9, (168, 132, 60))
    pen.box(3, 52.6, 7.4, 54, p.shade)
    pen.box(12, 41, 30, 59, INK, 1)
    pen.box(33, 41, 57, 59, INK, 1)
    pen.box(60, 41, 84, 59, INK, 1)
    pen.box(13.6, 43, 55, 57, p.light, 0.8)
    pen.box(15.6, 45, 33, 48, p.accent, 0.5)
    pen.box(15.6, 50, 46, 51.4, GREY, 0.4)
    pen.box(15.6, 53, 40, 54.4, GREY, 0.4)
    pen.image = pen.image.rotate(28, Image.Resampling.BICUBIC)


def draw_heater(pen: Pen, seed: bytes) -> None:
    p = pen.palette
    pen.box(42, 8, 50, 18, SILVER, 1)
    pen.box(40, 14, 52, 18, GREY, 1)
    pen.box(27, 17, 73, 79, SILVER, 4)
    pen.box(27, 17, 71.4, 79, WHITE, 4)
    pen.box(29, 58, 69.4, 59, p.light)
    pen.box(38, 63, 61, 73, INK, 2)
    pen.disc(43.4, 68, 2.6, p.accent)
    pen.box(48.4, 65.6, 58, 67, p.light, 0.5)
    pen.box(48.4, 69, 55, 70.4, p.light, 0.5)
    pen.shape([(49, 28), (58, 40), (57, 48), (50, 52), (43, 48), (42, 41), (46, 37)], p.accent)
    pen.shape([(50, 38), (54, 44), (53, 48.6), (50, 50), (47, 48.6), (46.4, 44)], WHITE)
    for x, end in ((36, 88), (50, 86), (62, 88)):
        pen.box(x - 1.3, 79, x + 1.3, end, GREY, 0.6)
        pen.box(x - 2, 79, x + 2, 81.4, SILVER, 0.6)


def draw_gift(pen: Pen, seed: bytes) -> None:
    p = pen.palette
    for x in (38, 62):
        pen.disc(x, 27, 12, p.accent, 7.6)
        pen.disc(x, 27, 6.6, p.light, 3.6)
    pen.box(22, 46, 78, 84, p.body, 2.4)
    pen.box(22, 46, 78, 50, p.shade)
    pen.box(17, 33, 83, 47, p.light, 2.4)
    pen.box(44, 33, 56, 84, p.accent)
    pen.box(44, 47, 56, 50, p.shade)
    pen.disc(50, 30, 5.4, p.accent)


DRAWINGS: dict[str, Callable[[Pen, bytes], None]] = {
    "T恤": draw_shirt,
    "外套": draw_coat,
    "手机通讯": draw_phone,
    "电视": draw_television,
    "男鞋": draw_shoe,
    "平板电脑": draw_tablet,
    "笔记本": draw_laptop,
    "硬盘": draw_drive,
    "厨卫大电": draw_heater,
}
