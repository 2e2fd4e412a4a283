from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.permissions import ReadScope
from dexproject.urls import handler400, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]


class EmptyView(APIView):
    """What the framework and the token cost by themselves."""

    permission_classes = [ReadScope]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("empty/", EmptyView.as_view()), *urlpatterns]
