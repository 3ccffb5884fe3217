"""One module per family of interfaces; each offers ROUTES, a table from path to Route.

A further family is a further module in FAMILIES.
"""

from shopadmin.simulator.routes import Route
from shopadmin.simulator.rules import live_goods, media, quota, tokens

FAMILIES = (tokens, media, quota, live_goods)

ROUTES: dict[str, Route] = {path: route for module in FAMILIES for path, route in module.ROUTES.items()}
