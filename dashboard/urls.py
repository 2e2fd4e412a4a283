from django.urls import path

from dashboard.views.account import account
from dashboard.views.home import home
from dashboard.views.login import login
from dashboard.views.new_session import new_session
from dashboard.views.performance import performance
from dashboard.views.portfolio import portfolio, portfolio_account
from dashboard.views.session import decision_why, session
from dashboard.views.settings import settings
from dashboard.views.system import system
from dashboard.views.trade import trade

app_name = "dashboard"
urlpatterns = [
    path("", home, name="home"),
    path("login/", login, name="login"),
    path("account/", account, name="account"),
    path("sessions/new/", new_session, name="session-new"),
    path("sessions/<int:pk>/", session, name="session"),
    path("decisions/<int:pk>/why/", decision_why, name="decision-why"),
    path("trades/<int:pk>/", trade, name="trade"),
    path("portfolio/", portfolio, name="portfolio"),
    path("portfolio/<int:pk>/", portfolio_account, name="portfolio-account"),
    path("system/", system, name="system"),
    path("performance/", performance, name="performance"),
    path("settings/", settings, name="settings"),
]
