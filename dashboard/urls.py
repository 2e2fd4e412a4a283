from django.urls import path

from dashboard.views.account import account
from dashboard.views.home import home
from dashboard.views.login import login
from dashboard.views.session import session

app_name = "dashboard"
urlpatterns = [
    path("", home, name="home"),
    path("login/", login, name="login"),
    path("account/", account, name="account"),
    path("sessions/<int:pk>/", session, name="session"),
]
