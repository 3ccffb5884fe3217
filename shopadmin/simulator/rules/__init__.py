"""One module per family of interfaces, or per noun of a large family; each offers ROUTES, from path to Route.

A further one is a further module in FAMILIES.
"""

from shopadmin.simulator.routes import Route
from shopadmin.simulator.rules import (
    catalogue,
    freight,
    images,
    live_goods,
    media,
    quota,
    sku,
    spu,
    stock,
    tokens,
    window,
)

FAMILIES = (tokens, media, quota, live_goods, spu, sku, stock, freight, catalogue, images, window)

ROUTES: dict[str, Route] = {path: route for module in FAMILIES for path, route in module.ROUTES.items()}
