from django.urls import path

from wallet.api_views import TokenApi

urlpatterns = [path("token/", TokenApi.as_view(), name="api-token")]
