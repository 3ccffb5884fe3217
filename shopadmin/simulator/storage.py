"""The memory on disk: one JSON file, and a folder beside it with the pictures under their digests."""

import json
import logging
import os
from dataclasses import asdict, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from shopadmin.simulator.push import PushTarget
from shopadmin.simulator.saved_store import load_store, saved_store
from shopadmin.simulator.saved_window import load_window, saved_window
from shopadmin.simulator.shop import Counters, Goods, Media, Origin, Shop, Status, Token, TokenKind
from shopadmin.simulator.world import World

FORMAT = 1
_NAMES = {kind: [entry.name for entry in fields(kind)] for kind in (Goods, Media, Token)}
logger = logging.getLogger(__name__)


def load(world: World, path: Path) -> None:
    """Put the saved memory into the world; a file that cannot be read is set aside, with a sentence."""
    if not path.exists():
        return
    try:
        saved = json.loads(path.read_text("utf-8"))
        if saved["format"] != FORMAT:
            raise ValueError(f"format {saved['format']!r} is not {FORMAT}")
        loaded = _loaded(saved, _folder(path))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        aside = path.with_name(path.name + ".broken")
        os.replace(path, aside)
        logger.warning("%s cannot be read (%s). It is kept as %s; starting empty.", path, error, aside)
        return
    world.shops, world.tokens, world.blobs = loaded
    world.next_goods_id, world.next_audit_id = saved["next_goods_id"], saved["next_audit_id"]
    # A file written before there was a Mini Store or a window has none of these.
    world.next_template_id = saved.get("next_template_id", world.next_template_id)
    world.next_store_ids |= saved.get("next_store_ids", {})
    world.clock.offset = saved["clock_offset"]
    for shop in saved["shops"]:
        if "store" not in shop:
            world.give_templates(world.shops[shop["appid"]])
        if "window" not in shop:
            world.give_window(world.shops[shop["appid"]])


def snapshot(world: World) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What is to be saved, taken at one moment: the JSON object and the pictures."""
    with world.lock:
        world.forget_old_media()
        saved = {
            "format": FORMAT,
            "clock_offset": world.clock.offset,
            "next_goods_id": world.next_goods_id,
            "next_audit_id": world.next_audit_id,
            "next_template_id": world.next_template_id,
            "next_store_ids": dict(world.next_store_ids),
            "tokens": [_saved(token) for token in world.tokens.values()],
            "shops": [_saved_shop(shop) for shop in world.shops.values()],
        }
        return saved, dict(world.blobs)


def save(world: World, path: Path) -> None:
    """Write the memory so that at every moment the file is either the old one or the new one, whole."""
    saved, blobs = snapshot(world)
    folder = _folder(path)
    folder.mkdir(parents=True, exist_ok=True)
    present = {entry.name for entry in folder.iterdir()}
    for digest in blobs.keys() - present:
        _replace(folder / digest, blobs[digest])
    _replace(path, json.dumps(saved, ensure_ascii=False, default=str).encode())
    for name in present - blobs.keys():
        (folder / name).unlink(missing_ok=True)


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    # The file holds secrets, if only those of a pretend WeChat.
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    os.replace(draft, path)


def _folder(path: Path) -> Path:
    return path.with_name(path.name + ".media")


def _saved(entry: Goods | Media | Token) -> dict[str, Any]:
    # dataclasses.asdict copies deeply, which takes ten times as long with the lock held.
    return {name: getattr(entry, name) for name in _NAMES[type(entry)]}


def _saved_shop(shop: Shop) -> dict[str, Any]:
    return {
        "appid": shop.appid,
        "secret": shop.secret,
        "callback": shop.callback and asdict(shop.callback),
        "switched_off": sorted(shop.switched_off),
        "forced_at": shop.forced_at,
        "current_tokens": dict(shop.current_tokens),
        "counters": asdict(shop.counters),
        "media": [_saved(media) for media in shop.media.values()],
        "goods": [_saved(goods) for goods in shop.goods.values()],
        "pictures": [_saved(media) for media in shop.pictures.values()],
        "store": saved_store(shop.store),
        "window": saved_window(shop.window),
    }


def _loaded(
    saved: dict[str, Any], folder: Path
) -> tuple[dict[str, Shop], dict[str, Token], dict[str, bytes]]:
    shops = {entry["appid"]: _loaded_shop(entry) for entry in saved["shops"]}
    tokens = [Token(**entry | {"kind": TokenKind(entry["kind"])}) for entry in saved["tokens"]]
    digests = {media.digest for shop in shops.values() for media in shop.all_media}
    blobs = {digest: (folder / digest).read_bytes() for digest in digests}
    return shops, {token.value: token for token in tokens}, blobs


def _loaded_shop(saved: dict[str, Any]) -> Shop:
    shop = Shop(saved["appid"], saved["secret"], set(saved["switched_off"]))
    shop.callback = PushTarget(**saved["callback"]) if saved.get("callback") else None
    shop.forced_at = saved["forced_at"]
    shop.current_tokens = {TokenKind(kind): value for kind, value in saved["current_tokens"].items()}
    shop.counters = Counters(**saved["counters"])
    shop.media = {entry["media_id"]: Media(**entry) for entry in saved["media"]}
    for entry in saved["goods"]:
        _load_goods(shop, entry)
    shop.pictures = {entry["media_id"]: Media(**entry) for entry in saved.get("pictures", [])}
    load_store(shop.store, saved.get("store", {}))
    if "window" in saved:
        load_window(shop.window, saved["window"])
    return shop


def _load_goods(shop: Shop, saved: dict[str, Any]) -> None:
    goods = Goods(**saved)
    goods.status, goods.origin = Status(saved["status"]), Origin(saved["origin"])
    goods.price, goods.price2 = Decimal(saved["price"]), Decimal(saved["price2"])
    goods.goods_key = tuple(saved["goods_key"])
    shop.goods[goods.goods_id] = goods
    if goods.audit_due is not None:
        shop.start_audit(goods, goods.audit_id, goods.audit_due)
