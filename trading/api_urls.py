from django.urls import path

from trading.api_views.market import CandlesApi, PricesApi
from trading.api_views.quote import QuoteApi
from trading.api_views.registry import ChainsApi, PoolsApi, TokensApi

urlpatterns = [
    path("chains/", ChainsApi.as_view(), name="chains"),
    path("tokens/", TokensApi.as_view(), name="tokens"),
    path("pools/", PoolsApi.as_view(), name="pools"),
    path("prices/", PricesApi.as_view(), name="prices"),
    path("candles/", CandlesApi.as_view(), name="candles"),
    path("quote/", QuoteApi.as_view(), name="quote"),
]
