"""What serves the web: ``daphne dexproject.asgi:application``, or a bot that shows its dashboard itself."""

import gc
import os
from typing import cast

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dexproject.settings")
os.environ.setdefault("DEXPROJECT_ROLE", "web")

django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import get_resolver  # noqa: E402 - needs Django to be set up, like what is imported with the routes

from api.bodies import BodyLimit  # noqa: E402
from api.turns import Application, Turns  # noqa: E402
from dexproject.settings.web import serve_threads  # noqa: E402
from paper_trading.routing import websocket_urlpatterns  # noqa: E402

serve_threads(settings.DATABASES["default"])

# All views now, so that the first request need not wait for them; and what stays for good is not looked through
# by every full garbage collection, which would hold up all requests that are in flight for some tenths of a second.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(Turns(cast(Application, django_application))),
        "websocket": URLRouter(websocket_urlpatterns),
    }
)
