"""The settings of a shop in tests: those of production, with its collected static files beside its data."""

from shopadmin.settings import *  # noqa: F403
from shopadmin.settings import DATA_DIR

STATIC_ROOT = DATA_DIR.parent / "static"
