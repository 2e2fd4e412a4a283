from dataclasses import asdict
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.permissions import ReadScope
from api.views import ApiView
from paper_trading.services import health


@never_cache
@require_safe
def healthz(_: HttpRequest) -> JsonResponse:
    """For load balancers and containers, without a token: 200 while the database answers, 503 with what is wrong else.

    Redis, hosts and chains are told and not judged: without them the web process still does its own work.
    """
    database = health.database_state()
    if database != health.OK:
        return JsonResponse({"status": "failing", "database": database}, status=503)
    now = timezone.now()
    chains = [{"chain": pace.name, "seconds_behind": pace.seconds_behind} for pace in health.chain_paces(now)]
    told = {"redis": health.redis_state(), "hosts_alive": health.hosts_alive(), "chains": chains}
    return JsonResponse({"status": "ok", "database": database, **told})


class HostReportSchema(serializers.Serializer[Any]):
    """A process that runs sessions; alive while its last report is recent."""

    number = serializers.IntegerField()
    alive = serializers.BooleanField()
    started_at = serializers.DateTimeField()
    heartbeat_age_seconds = serializers.FloatField()
    sessions = serializers.IntegerField()


class ChainPaceSchema(serializers.Serializer[Any]):
    """How far behind the chain the program is; ``live`` while somebody follows it."""

    name = serializers.CharField()
    head = serializers.IntegerField()
    seconds_behind = serializers.FloatField()
    blocks_behind = serializers.IntegerField()
    live = serializers.BooleanField()


class HealthSchema(serializers.Serializer[Any]):
    """``sessions`` are yours, by status; ``queues`` are waiting tasks by queue, null where Redis is off or away."""

    database = serializers.ChoiceField(choices=[health.OK, health.AWAY])
    redis = serializers.ChoiceField(choices=[health.OK, health.AWAY, health.OFF])
    queues = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    hosts = HostReportSchema(many=True)
    sessions = serializers.DictField(child=serializers.IntegerField())
    chains = ChainPaceSchema(many=True)


class HealthApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="health_read", summary="What runs, and how far behind it is", responses=HealthSchema)
    def get(self, request: Request) -> Response:
        now = timezone.now()
        return Response(
            {
                # It has just said who asks.
                "database": health.OK,
                "redis": health.redis_state(),
                "queues": health.queue_lengths(),
                "hosts": health.hosts(now),
                "sessions": health.session_counts(cast(User, request.user)),
                "chains": [asdict(pace) for pace in health.chain_paces(now)],
            }
        )
