from django.apps import AppConfig


class WalletConfig(AppConfig):
    name = "wallet"

    def ready(self) -> None:
        import wallet.openapi  # noqa: F401  (tells the schema what a token and a login are)
        from wallet.answers import register_errors

        register_errors()
