"""Settings by environment; every default serves one user on one machine with nothing else installed."""

import os
from contextlib import suppress
from pathlib import Path

import dj_database_url

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(os.environ.get("DEXPROJECT_VAR", BASE_DIR / "var"))
"""Everything the program writes: the database and the local chain's journal."""

with suppress(OSError):  # the database says in a line of its own that it cannot be opened
    VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = False
ALLOWED_HOSTS: list[str] = []
SECRET_KEY = os.environ.get("SECRET_KEY", "this process serves no web request and signs nothing with this key")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "trading",
    "paper_trading",
]
MIDDLEWARE: list[str] = []

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}",
        conn_max_age=None,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            # A writer waits for the other writer's lock instead of failing when it upgrades a read.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # WAL lets readers go on during a write; FULL keeps a booked trade through a power cut.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    )

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

RPC_URLS = [url for url in os.environ.get("RPC_URL", "").split(",") if url]
"""Nodes in order of preference; none means the local devnet."""

NETWORKS_DIR = Path(os.environ.get("NETWORKS_DIR", BASE_DIR / "chain" / "networks"))
