"""The program's own settings, without limits on requests, and with one more address: an empty view to compare with."""

from dexproject.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.support.api_urls"
API_REQUESTS_PER_CLIENT = API_REQUESTS_PER_TOKEN = None
