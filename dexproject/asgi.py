"""The web process's entry point: ``daphne dexproject.asgi:application``."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dexproject.settings")
os.environ.setdefault("DEXPROJECT_ROLE", "web")

application = get_asgi_application()
