from django.apps import AppConfig
from django.db.backends.signals import connection_created

from api.errors import register_error


class TradingConfig(AppConfig):
    name = "trading"

    def ready(self) -> None:
        from trading.aggregates import register_exact_sum
        from trading.errors import NoRoute

        register_error(NoRoute, status=409, code="no_route")
        connection_created.connect(register_exact_sum, dispatch_uid="paper_trading.exact_sum")
