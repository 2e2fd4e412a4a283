from django.urls import path

from dashboard.views.account import account
from dashboard.views.home import home
from dashboard.views.login import login

app_name = "dashboard"
urlpatterns = [
    path("", home, name="home"),
    path("login/", login, name="login"),
    path("account/", account, name="account"),
]
