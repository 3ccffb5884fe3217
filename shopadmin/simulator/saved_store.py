"""The Mini Store in the file that keeps the memory: plain lists and objects, with ids as numbers."""

from typing import Any

from shopadmin.simulator.store import Copy, EditStatus, Spu, SpuStatus, Store


def saved_store(store: Store) -> dict[str, Any]:
    """What is to be saved of it. Keys and owners follow from the products."""
    return {
        "templates": list(store.templates.values()),
        "spus": [_saved_spu(spu) for spu in store.spus.values()],
    }


def load_store(store: Store, saved: dict[str, Any]) -> None:
    """Put back what was saved; nothing if there was no Mini Store yet."""
    store.templates = {entry["template_id"]: entry for entry in saved.get("templates", [])}
    for entry in saved.get("spus", []):
        store.keep(_loaded_spu(entry))


def _saved_spu(spu: Spu) -> dict[str, Any]:
    return {
        "product_id": spu.product_id,
        "out_product_id": spu.out_product_id,
        "product_type": spu.product_type,
        "created_at": spu.created_at,
        "draft": _saved_copy(spu.draft),
        "online": None if spu.online is None else _saved_copy(spu.online),
        "status": spu.status,
        "edit_status": spu.edit_status,
        "stock": list(spu.stock.items()),
        "restocked": sorted(spu.restocked),
        "shopcats": spu.shopcats,
        "review": spu.review,
        "review_due": spu.review_due,
        "reason": spu.reason,
    }


def _saved_copy(copy: Copy) -> dict[str, Any]:
    # Pairs, since the keys of a JSON object would come back as strings.
    return {"fields": copy.fields, "skus": list(copy.skus.items())}


def _loaded_spu(saved: dict[str, Any]) -> Spu:
    online = saved["online"]
    return Spu(
        **saved
        | {
            "draft": _loaded_copy(saved["draft"]),
            "online": None if online is None else _loaded_copy(online),
            "status": SpuStatus(saved["status"]),
            "edit_status": EditStatus(saved["edit_status"]),
            "stock": dict(saved["stock"]),
            "restocked": set(saved["restocked"]),
            "shopcats": tuple(saved["shopcats"]),
        }
    )


def _loaded_copy(saved: dict[str, Any]) -> Copy:
    return Copy(saved["fields"], dict(saved["skus"]))
