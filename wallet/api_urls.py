from django.urls import path

from wallet.api_views.balances import BalancesApi
from wallet.api_views.challenge import ChallengeApi
from wallet.api_views.logins import LoginApi, LoginsApi, RevokeOthersApi
from wallet.api_views.logout import LogoutApi
from wallet.api_views.me import MeApi
from wallet.api_views.socket_ticket import SocketTicketApi
from wallet.api_views.step_up import AskStepUpApi, GrantStepUpApi
from wallet.api_views.token import TokenApi
from wallet.api_views.tokens import ApiTokenApi, TokensApi
from wallet.api_views.verify import VerifyApi
from wallet.api_views.wallets import WalletApi, WalletsApi

urlpatterns = [
    path("auth/challenge/", ChallengeApi.as_view(), name="auth-challenge"),
    path("auth/verify/", VerifyApi.as_view(), name="auth-verify"),
    path("auth/logout/", LogoutApi.as_view(), name="auth-logout"),
    path("auth/me/", MeApi.as_view(), name="auth-me"),
    path("auth/sessions/", LoginsApi.as_view(), name="auth-sessions"),
    path("auth/sessions/revoke-others/", RevokeOthersApi.as_view(), name="auth-revoke-others"),
    path("auth/sessions/<int:pk>/", LoginApi.as_view(), name="auth-session"),
    path("auth/step-up/", AskStepUpApi.as_view(), name="auth-step-up"),
    path("auth/step-up/verify/", GrantStepUpApi.as_view(), name="auth-step-up-verify"),
    path("auth/socket-ticket/", SocketTicketApi.as_view(), name="auth-socket-ticket"),
    path("token/", TokenApi.as_view(), name="api-token"),
    path("tokens/", TokensApi.as_view(), name="api-tokens"),
    path("tokens/<int:pk>/", ApiTokenApi.as_view(), name="api-token-one"),
    path("wallets/", WalletsApi.as_view(), name="wallets"),
    path("wallets/<int:pk>/", WalletApi.as_view(), name="wallet"),
    path("wallets/<int:pk>/balances/", BalancesApi.as_view(), name="wallet-balances"),
]
