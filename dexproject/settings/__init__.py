"""Settings by environment; every default serves one user on one machine with nothing else installed."""

import os
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from kombu import Exchange, Queue

from dexproject.settings import web
from dexproject.settings.background import session_hosts
from dexproject.settings.caches import caches
from dexproject.settings.login import *  # noqa: F403
from dexproject.settings.login import PRODUCTION, PUBLIC_URLS
from dexproject.settings.secret import NoSecretKey, secret_key

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(os.environ.get("DEXPROJECT_VAR", BASE_DIR / "var"))
"""Everything the program writes: the database and the local chain's journal."""

with suppress(OSError):  # the key, or the database, says in a line of its own that it cannot be had
    VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = False
try:
    SECRET_KEY = secret_key(VAR_DIR)
except NoSecretKey as error:
    raise SystemExit(str(error)) from None

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    *web.WEB_APPS,
    "trading",
    "paper_trading",
    "dashboard",
]

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

# The web process and the API.
ROOT_URLCONF = "dexproject.urls"
ASGI_APPLICATION = "dexproject.asgi.application"
ALLOWED_HOSTS = web.hosts(PUBLIC_URLS)
MIDDLEWARE = web.MIDDLEWARE
TEMPLATES = web.TEMPLATES
APPEND_SLASH = False
STATIC_URL = "/static/"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "dexproject.vendor_files.VendorFinder",
]
NODE_MODULES = BASE_DIR / "node_modules"
STATIC_COPIES = VAR_DIR / "static"
"""Compressed copies of the static files."""
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# A proxy in front (NUM_PROXIES) speaks TLS for us and says so; without one nobody may claim it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if web.NUM_PROXIES > 0 else None
_BEHIND_TLS = "1" if PRODUCTION and web.NUM_PROXIES > 0 else "0"
SECURE_SSL_REDIRECT = os.environ.get("SECURE_SSL_REDIRECT", _BEHIND_TLS) == "1"
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]  # asked from inside, past the proxy
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = os.environ.get("SECURE_HSTS_PRELOAD") == "1"
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # looks for Django's own CSRF middleware by name; dexproject.checks asks for any of its kind
    "security.W021",  # only the owner of a domain can decide that browsers shall know it forever
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
REST_FRAMEWORK = web.REST_FRAMEWORK
SPECTACULAR_SETTINGS = web.SPECTACULAR_SETTINGS
API_REQUESTS_PER_CLIENT = web.limit("API_REQUESTS_PER_CLIENT", 6_000)
API_REQUESTS_PER_TOKEN = web.limit("API_REQUESTS_PER_TOKEN", 3_000)
SOCKETS_OPENED_PER_CLIENT = web.limit("SOCKETS_OPENED_PER_CLIENT", 600)
SOCKETS_PER_USER = web.limit("SOCKETS_PER_USER", 50)
"""Open at once; 0 is no limit."""

RPC_URLS = [url for url in os.environ.get("RPC_URL", "").split(",") if url]
"""Nodes in order of preference; none means the local devnet."""

NETWORKS_DIR = Path(os.environ.get("NETWORKS_DIR", BASE_DIR / "chain" / "networks"))

REDIS_URL = os.environ.get("REDIS_URL", "")
"""Broker, results, nudges, cache and feed; empty: none of them, and no worker."""
CACHES = caches(REDIS_URL)

# Background work. `-Q` takes these queues; a worker that takes `paper_trading` also runs session hosts.
PAPER_TRADING_QUEUE, RISK_QUEUE, EXECUTION_QUEUE = "paper_trading", "risk.normal", "execution.critical"
SESSION_HOSTS = session_hosts(
    has_one_host=not DATABASES["default"]["ENGINE"].endswith(".postgresql"), has_own_chain=not RPC_URLS
)
CELERY_BROKER_URL = REDIS_URL or None
CELERY_RESULT_BACKEND = REDIS_URL or None
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for name in (PAPER_TRADING_QUEUE, RISK_QUEUE, EXECUTION_QUEUE)
]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = RISK_QUEUE
CELERY_TASK_ROUTES = {
    "paper_trading.tasks.run_paper_trading_bot": {"queue": PAPER_TRADING_QUEUE},
    "paper_trading.tasks.stop_paper_trading_bot": {"queue": PAPER_TRADING_QUEUE},
    "paper_trading.tasks.get_bot_status": {"queue": PAPER_TRADING_QUEUE},
    "paper_trading.tasks.cleanup_old_sessions": {"queue": RISK_QUEUE},
    "paper_trading.tasks.reap_sessions": {"queue": RISK_QUEUE},
}
REAP_SECONDS = 30
CELERY_BEAT_SCHEDULE = {
    "cleanup-old-sessions": {
        "task": "paper_trading.tasks.cleanup_old_sessions",
        "schedule": crontab(hour=3, minute=0),
    },
    # One that waited in the queue for longer than the next one needs to come is not worth running.
    "reap-sessions": {
        "task": "paper_trading.tasks.reap_sessions",
        "schedule": REAP_SECONDS,
        "options": {"expires": REAP_SECONDS},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_EXPIRES = timedelta(days=7)
CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = 300, 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0
# Workers and beat speak on their own terminal, in place of the log file of programs that show something else there.
CELERY_WORKER_HIJACK_ROOT_LOGGER = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Session ids are this database's: another installation's worker on the same Redis must not take these tasks.
CELERY_KEY_PREFIX = f"dex:{sha256(str(DATABASES['default']['NAME']).encode()).hexdigest()[:12]}:"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": CELERY_KEY_PREFIX,
    "visibility_timeout": 3600,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"global_keyprefix": CELERY_KEY_PREFIX}
CELERY_REDIS_SOCKET_TIMEOUT = 10.0
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 3.0

# Servers (worker, session host, web) speak on standard error too; a terminal that shows a session must stay as it is.
LOG_TO_CONSOLE = os.environ.get("LOG_TO_CONSOLE") == "1" or os.environ.get("DEXPROJECT_ROLE") == "web"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "dexproject.logs.PlainFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain"},
        "program": {
            "class": "dexproject.logs.SharedFileHandler",
            "filename": str(VAR_DIR / "log" / "program.log"),
            "formatter": "plain",
            "level": "WARNING",
        },
        "paper_trading": {
            "class": "dexproject.logs.SharedFileHandler",
            "filename": str(VAR_DIR / "log" / "paper_trading.log"),
            "formatter": "plain",
        },
        "security": {
            "class": "dexproject.logs.SharedFileHandler",
            "filename": str(VAR_DIR / "log" / "security.log"),
            "formatter": "plain",
        },
    },
    # Never none: Python would then write warnings on standard error, over the screen.
    "root": {
        "handlers": ["console" if LOG_TO_CONSOLE else "program"],
        "level": "INFO" if LOG_TO_CONSOLE else "WARNING",
    },
    "loggers": {
        "paper_trading": {"handlers": ["paper_trading"], "level": "INFO"},
        "dexproject.security": {"handlers": ["security"], "level": "INFO"},
    },
}
