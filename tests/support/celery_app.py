"""The Celery application on a Redis server of the test's own."""

from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery
from pytest_django import Settings

from dexproject.celery_app import app as usual


@contextmanager
def celery_on(url: str, settings: Settings) -> Iterator[Celery]:
    """Everything that this thread hands to Celery goes to the server at ``url``."""
    settings.REDIS_URL = settings.CELERY_BROKER_URL = settings.CELERY_RESULT_BACKEND = url
    app = Celery("dexproject")
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.autodiscover_tasks(force=True)
    try:
        yield app
    finally:
        app.close()
        usual.set_current()
