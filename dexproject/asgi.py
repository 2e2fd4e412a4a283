"""The web process's entry point: ``daphne dexproject.asgi:application``."""

import os
from typing import cast

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dexproject.settings")
os.environ.setdefault("DEXPROJECT_ROLE", "web")

django_application = get_asgi_application()

from api.turns import Application, Turns  # noqa: E402 - imports what needs Django to be set up

application = Turns(cast(Application, django_application))
