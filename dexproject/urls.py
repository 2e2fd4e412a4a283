from django.urls import include, path

from dexproject.docs import DocsView, schema
from dexproject.health.views import HealthApi, healthz

handler400 = "api.errors.bad_request"
handler404 = "api.errors.page_not_found"
handler500 = "api.errors.server_error"

urlpatterns = [
    path("healthz/", healthz, name="healthz"),
    path("api/schema/", schema, name="schema"),
    path("api/docs/", DocsView.as_view(url_name="schema"), name="docs"),
    path("api/health/", HealthApi.as_view(), name="health"),
    path("api/", include("wallet.api_urls")),
    path("paper-trading/api/", include("trading.api_urls")),
    path("paper-trading/api/", include("paper_trading.api_views.urls")),
    path("", include("dashboard.urls")),
]
