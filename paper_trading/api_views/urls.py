"""Addresses below ``/paper-trading/api/``."""

from django.urls import path

from paper_trading.api_views import (
    accounts,
    bot,
    commands,
    config,
    decisions,
    performance,
    positions,
    receipts,
    sessions,
    trades,
)
from paper_trading.api_views.errors import register_errors

register_errors()

urlpatterns = [
    path("bot/start/", bot.StartApi.as_view(), name="paper-bot-start"),
    path("bot/stop/", bot.StopApi.as_view(), name="paper-bot-stop"),
    path("bot/status/", bot.StatusApi.as_view(), name="paper-bot-status"),
    path("sessions/", sessions.SessionsApi.as_view(), name="paper-sessions"),
    path("sessions/<int:pk>/", sessions.SessionApi.as_view(), name="paper-session"),
    path("sessions/<int:pk>/archive/", sessions.ArchiveApi.as_view(), name="paper-session-archive"),
    path("sessions/<int:pk>/unarchive/", sessions.UnarchiveApi.as_view(), name="paper-session-unarchive"),
    path("sessions/<int:pk>/stop/", sessions.StopApi.as_view(), name="paper-session-stop"),
    path("sessions/<int:pk>/pause/", sessions.PauseApi.as_view(), name="paper-session-pause"),
    path("sessions/<int:pk>/resume/", sessions.ResumeApi.as_view(), name="paper-session-resume"),
    path("sessions/<int:pk>/buy/", commands.BuyApi.as_view(), name="paper-session-buy"),
    path("sessions/<int:pk>/sell/", commands.SellApi.as_view(), name="paper-session-sell"),
    path("sessions/<int:pk>/exit-all/", commands.ExitAllApi.as_view(), name="paper-session-exit-all"),
    path("sessions/<int:pk>/commands/", commands.SessionCommandsApi.as_view(), name="paper-session-commands"),
    path("commands/<int:pk>/", commands.CommandApi.as_view(), name="paper-command"),
    path("trades/", trades.TradesApi.as_view(), name="paper-trades"),
    path("trades/<int:pk>/", trades.TradeApi.as_view(), name="paper-trade"),
    path("trades/<int:pk>/receipts/", receipts.TradeReceiptsApi.as_view(), name="paper-trade-receipts"),
    path("trades/<int:pk>/verify/", trades.VerifyApi.as_view(), name="paper-trade-verify"),
    path("receipts/", receipts.ReceiptsApi.as_view(), name="paper-receipts"),
    path("decisions/", decisions.DecisionsApi.as_view(), name="paper-decisions"),
    path("decisions/<int:pk>/", decisions.DecisionApi.as_view(), name="paper-decision"),
    path("thoughts/", decisions.ThoughtsApi.as_view(), name="paper-thoughts"),
    path("positions/", positions.PositionsApi.as_view(), name="paper-positions"),
    path("positions/<int:pk>/", positions.PositionApi.as_view(), name="paper-position"),
    path("accounts/", accounts.AccountsApi.as_view(), name="paper-accounts"),
    path("accounts/<int:pk>/", accounts.AccountApi.as_view(), name="paper-account"),
    path("accounts/<int:pk>/balances/", accounts.BalancesApi.as_view(), name="paper-account-balances"),
    path("accounts/<int:pk>/ledger/", accounts.LedgerApi.as_view(), name="paper-account-ledger"),
    path("accounts/<int:pk>/reset/", accounts.ResetApi.as_view(), name="paper-account-reset"),
    path("accounts/<int:pk>/close/", accounts.CloseApi.as_view(), name="paper-account-close"),
    path("config/", config.ConfigApi.as_view(), name="paper-config"),
    path("config/levels/", config.LevelsApi.as_view(), name="paper-config-levels"),
    path("performance/", performance.PerformanceApi.as_view(), name="paper-performance"),
    path("performance/daily/", performance.DailyApi.as_view(), name="paper-performance-daily"),
    path("performance/tokens/", performance.TokensApi.as_view(), name="paper-performance-tokens"),
    path("performance/exits/", performance.ExitsApi.as_view(), name="paper-performance-exits"),
]
