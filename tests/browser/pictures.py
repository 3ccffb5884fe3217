"""Pictures of every page, to be looked at by people: ``python -m tests.browser.pictures FOLDER``.

Both languages, light and dark, wide and narrow; a page that does not open as it should is named at the end.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.scene import Scene
    from tests.browser.shop import Shop

WIDTHS = {1280: 900, 390: 844}
SCHEMES = ("light", "dark")
# A list of a hundred rows needs no picture to its end.
LONGEST = 3000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.pictures", description=__doc__.split("\n")[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="pages whose name contains this")
    parser.add_argument("--languages", nargs="+", default=["zh-hans", "en"])
    return parser.parse_args()


def main() -> int:
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "shopadmin.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from tests.browser.chromium import chromium
        from tests.browser.scene import furnish
        from tests.browser.shop import Shop

        began = time.monotonic()
        with chromium() as browser, Shop(Path(folder) / "shop") as shop:
            scene = furnish(shop)
            shop.work()
            taken, wrong = walk(browser, shop, scene, options)
    sys.stdout.write(f"{taken} pictures in {time.monotonic() - began:.0f} s: {options.folder}\n")
    sys.stdout.writelines(f"{what}\n" for what in wrong)
    return 1 if wrong else 0


def walk(
    browser: "Browser", shop: "Shop", scene: "Scene", options: argparse.Namespace
) -> tuple[int, list[str]]:
    """Open each page once per language, and take it in every width and scheme."""
    from tests.browser.chromium import window
    from tests.browser.places import PLACES

    taken, wrong = 0, []
    for language in options.languages:
        with (
            window(browser, language, base_url=shop.url) as known,
            window(browser, language, base_url=shop.url) as nobody,
        ):
            shop.sign_in(known, shop.person())
            for place in PLACES:
                if options.only not in place.name:
                    continue
                page = (known if place.signed_in else nobody).new_page()
                answer = page.goto(place.path(scene))
                if answer is None or answer.status != place.status:
                    wrong.append(f"{place.name} ({language}): {answer and answer.status}")
                name = re.sub(r"\W+", "-", place.name)
                for width, height in WIDTHS.items():
                    page.set_viewport_size({"width": width, "height": height})
                    tall = page.evaluate("document.documentElement.scrollHeight")
                    for scheme in SCHEMES:
                        page.emulate_media(color_scheme=scheme)
                        page.screenshot(
                            path=options.folder / f"{name}-{language}-{scheme}-{width}.png",
                            full_page=True,
                            animations="disabled",
                            clip={"x": 0, "y": 0, "width": width, "height": min(LONGEST, max(height, tall))},
                        )
                        taken += 1
                page.close()
    return taken, wrong


if __name__ == "__main__":
    sys.exit(main())
