from django.urls import path

from dashboard.views.account import account
from dashboard.views.home import home
from dashboard.views.login import login
from dashboard.views.performance import performance
from dashboard.views.session import session
from dashboard.views.trade import trade

app_name = "dashboard"
urlpatterns = [
    path("", home, name="home"),
    path("login/", login, name="login"),
    path("account/", account, name="account"),
    path("sessions/<int:pk>/", session, name="session"),
    path("trades/<int:pk>/", trade, name="trade"),
    path("performance/", performance, name="performance"),
]
