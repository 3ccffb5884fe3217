"""A product's pictures on their way to WeChat: each is uploaded once, for whatever products show it."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from audits.operations import Call, Step
from goods.pictures import product_picture
from shopadmin.wechat.client import WeChatClient
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.mini_store.images import ImagesAPI

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import Spu


def upload_steps(body: Mapping[str, Any]) -> Iterator[Step]:
    """One for each picture that WeChat does not have yet."""
    entries = [*body.get("skus", ()), *body.get("change", ()), *body.get("add", ())]
    pictures = [
        *body.get("head_imgs", ()),
        *body.get("desc_imgs", ()),
        *(entry["picture"] for entry in entries),
    ]
    for pk in dict.fromkeys(pk for pk in pictures if pk):
        yield Step(
            f"upload:{pk}",
            ImagesAPI.UPLOAD,
            "mini_store",
            partial(_prepare, pk),
            partial(_absorb, pk),
            repeatable=True,
            wanted=partial(_wanted, pk),
        )


def _wanted(pk: int, spu: "Spu", push: "Push") -> bool:
    return not spu.picture(pk).url


def _prepare(pk: int, spu: "Spu", push: "Push") -> Call:
    picture = spu.picture(pk)
    storage, name, source = picture.file.storage, str(picture.file.name or ""), picture.source

    def send(client: WeChatClient) -> str:
        if name:
            made = product_picture(storage, name, ImagesAPI.MAX_BYTES)
            return client.mini_store.images.upload(
                made.filename, made.data, made.content_type, width=made.width, height=made.height
            )
        if source:
            return client.mini_store.images.upload_from(source)
        raise WeChatError(Kind.INPUT, gettext_noop("A picture of the product is gone. Choose it again."))

    return Call({"media": name} if name else {"img_url": source}, send)


def _absorb(pk: int, spu: "Spu", push: "Push", url: str) -> list[str]:
    spu.picture(pk).mark_uploaded(url)
    return []


def url_of(spu: "Spu", pk: int) -> str:
    """WeChat's link to a picture; only such links are ever sent."""
    return spu.picture(pk).url
