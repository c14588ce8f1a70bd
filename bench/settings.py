"""The settings of production with the addresses of the baselines and a counter of queries."""

from portal.settings import *  # noqa: F403
from portal.settings import MIDDLEWARE as _MIDDLEWARE

ROOT_URLCONF = "bench.urls"
MIDDLEWARE = ["bench.counter.QueryCounter", *_MIDDLEWARE]
