from django.apps import AppConfig
from django.core import checks
from django.db.backends.signals import connection_created


class PaperTradingConfig(AppConfig):
    name = "paper_trading"

    def ready(self) -> None:
        from paper_trading.feed.access import tell_processes
        from paper_trading.feed.publisher import publish
        from paper_trading.redis_client import address_problems
        from paper_trading.signals import committed
        from trading.aggregates import register_exact_sum
        from wallet.signals import access_ended

        connection_created.connect(register_exact_sum, dispatch_uid="paper_trading.exact_sum")
        committed.connect(publish, dispatch_uid="paper_trading.feed")
        access_ended.connect(tell_processes, dispatch_uid="paper_trading.access")
        checks.register(address_problems)
