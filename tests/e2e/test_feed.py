"""The feed over real sockets of a real daphne: in the memory of its process, and through a Redis."""

from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.feed_server import FeedServer, feed_server
from tests.support.redis_server import redis_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["memory", "redis"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FeedServer]:
    var = tmp_path_factory.mktemp("feed")
    if request.param == "memory":
        with feed_server(var) as running:
            yield running
        return
    with redis_server(tmp_path_factory.mktemp("redis")) as redis, feed_server(var, redis_url=redis.url) as running:
        yield running


def status(server: FeedServer, **how: object) -> int:
    with pytest.raises(InvalidStatus) as refused:
        server.open(**how)  # type: ignore[arg-type]
    return refused.value.response.status_code


def test_a_frame_comes_as_it_was_told(server: FeedServer) -> None:
    with server.ear() as ear:
        said = ear.subscribe(server.alice.topic)
        assert (said["op"], said["resumed"], said["conflated"]) == ("subscribed", False, False)
        server.tell(server.alice.topic, 7)
        frame = ear.next()
    assert (frame["topic"], frame["epoch"], frame["seq"]) == (said["topic"], said["epoch"], said["seq"] + 1)
    assert (frame["v"], frame["type"], frame["data"]["value"]) == (1, "entry", 7)


def test_who_comes_back_gets_what_he_missed_and_then_what_is_new(server: FeedServer) -> None:
    topic = server.alice.topic
    with server.ear() as ear:
        said = ear.subscribe(topic)
        server.tell(topic, 1, 2)
        assert ear.values(2) == [1, 2]
    server.tell(topic, 3, 4)
    with server.ear() as ear:
        again = ear.subscribe(topic, epoch=said["epoch"], seq=said["seq"] + 2)
        assert again == said | {"seq": said["seq"] + 2, "resumed": True}
        server.tell(topic, 5)
        assert ear.values(3) == [3, 4, 5]


def test_two_who_hear_the_same_topic_stand_where_each_of_them_was(server: FeedServer) -> None:
    topic = server.alice.topic
    with server.ear() as early, server.ear() as late:
        said = early.subscribe(topic)
        server.tell(topic, 1, 2)
        assert early.values(2) == [1, 2]
        late.subscribe(topic, epoch=said["epoch"], seq=said["seq"] + 1)
        server.tell(topic, 3)
        assert late.values(2) == [2, 3]
        assert early.values(1) == [3]


def test_a_new_epoch_is_told_at_once(server: FeedServer) -> None:
    topic = server.alice.topic
    with server.ear() as ear:
        said = ear.subscribe(topic)
        server.tell(topic, reset=True)
        reset = ear.next()
        assert (reset["op"], reset["topic"], reset["seq"]) == ("reset", topic, 0)
        assert reset["epoch"] != said["epoch"]
        server.tell(topic, 1)
        assert (ear.next()["seq"], ear.is_silent()) == (1, True)


def test_a_place_in_an_epoch_that_is_over_needs_a_snapshot(server: FeedServer) -> None:
    topic = server.alice.topic
    with server.ear() as ear:
        said = ear.subscribe(topic)
    server.tell(topic, 1, reset=True)
    with server.ear() as ear:
        again = ear.subscribe(topic, epoch=said["epoch"], seq=said["seq"])
    assert (again["resumed"], again["seq"]) == (False, 1)
    assert again["epoch"] != said["epoch"]


def test_nothing_comes_of_a_topic_that_was_left(server: FeedServer) -> None:
    topic = server.alice.topic
    with server.ear() as ear:
        ear.subscribe(topic)
        ear.say(op="unsubscribe", topic=topic)
        assert ear.next() == {"op": "unsubscribed", "asked": topic}
        server.tell(topic, 1)
        assert ear.is_silent()


@pytest.mark.parametrize("asked", ["portfolio", "alerts"])
def test_what_is_ones_own_needs_no_number(server: FeedServer, asked: str) -> None:
    with server.ear() as ear:
        said = ear.subscribe(asked)
        assert (said["asked"], said["topic"]) == (asked, f"{asked}:{server.alice.user}")


def test_somebody_elses_topics_are_as_unknown_as_those_that_do_not_exist(server: FeedServer) -> None:
    with server.ear() as ear:
        for topic in (server.bob.topic, "session:99999", f"portfolio:{server.bob.user}", "alerts:0", "logins"):
            assert ear.subscribe(topic) == {"op": "refused", "asked": topic, "code": "unknown_topic"}
        for topic in ("market:nowhere", "session:01", "session:x", "session:" + "9" * 30, "x" * 100):
            assert ear.subscribe(topic)["code"] == "unknown_topic"


def test_the_newest_state_comes_at_once(server: FeedServer) -> None:
    server.tell("market:devnet", 1, 2, 3, kind="market", state=True)
    with server.ear() as ear:
        assert ear.subscribe("market")["conflated"]
        assert ear.values(1) == [3]
        server.tell("market:devnet", 4, kind="market", state=True)
        assert ear.values(1) == [4]


def test_a_page_of_ours_listens_with_its_cookie(server: FeedServer) -> None:
    with server.browser(server.visitor("alice")) as ear:
        assert ear.subscribe(server.alice.topic)["op"] == "subscribed"


@pytest.mark.parametrize("origin", [None, "null", "https://elsewhere.example", "http://127.0.0.1"])
def test_a_cookie_that_no_page_of_ours_sends_is_refused(server: FeedServer, origin: str | None) -> None:
    visitor = server.visitor("alice")
    with pytest.raises(InvalidStatus) as refused:
        server.browser(visitor, origin)
    assert refused.value.response.status_code == 403


def test_a_page_of_ours_without_a_login_is_told_so(server: FeedServer) -> None:
    assert server.open(origin=server.url).close_code() == 4401


def test_a_ticket_works_once(server: FeedServer) -> None:
    ticket = server.ticket(server.alice)
    with server.open(ticket=ticket) as ear:
        assert ear.subscribe("portfolio")["op"] == "subscribed"
    assert status(server, ticket=ticket) == 403


def test_a_ticket_in_another_sites_page_is_refused(server: FeedServer) -> None:
    assert status(server, ticket=server.ticket(server.alice), origin="https://elsewhere.example") == 403


@pytest.mark.parametrize("ticket", ["", "x", "%00", "x" * 5_000])
def test_a_ticket_that_is_none_is_refused(server: FeedServer, ticket: str) -> None:
    assert status(server, ticket=ticket) == 403


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/feed", "/ws/other/", "/%ff/"])
def test_other_addresses_are_refused(server: FeedServer, path: str) -> None:
    assert status(server, path=path) == 403


def test_logging_out_closes_the_logins_sockets_and_no_others(server: FeedServer) -> None:
    here, elsewhere = server.visitor("alice"), server.visitor("alice")
    with server.browser(here) as closed, server.browser(elsewhere) as open_:
        closed.subscribe("portfolio")
        here.post("/api/auth/logout/", {})
        assert closed.close_code() == 4401
        assert open_.subscribe("portfolio")["op"] == "subscribed"


def test_a_socket_that_another_process_ends_the_login_of_is_closed(server: FeedServer) -> None:
    if server.stack.redis_url == "":
        pytest.skip("without Redis a process hears of others once a minute")
    with server.ear(server.bob) as ear:
        ear.subscribe("portfolio")
        server.revoke(server.bob)
        assert ear.close_code() == 4401


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"{}", 1003),
        ("x", 1008),
        ("[]", 1008),
        ("{}", 1008),
        ('{"op": "shout"}', 1008),
        ('{"op": "subscribe"}', 1008),
        ('{"op": "subscribe", "topic": 7}', 1008),
        ('{"op": "subscribe", "topic": "portfolio", "epoch": "1"}', 1008),
        ('{"op": "subscribe", "topic": "portfolio", "epoch": "1", "seq": true}', 1008),
        ('{"op": "subscribe", "topic": "portfolio", "epoch": "1", "seq": -1}', 1008),
        ('{"op": "subscribe", "topic": "portfolio", "epoch": "1", "seq": 1e3}', 1008),
        ("[" * 999, 1008),
        (" " * 1_001, 1009),
        ("x" * 1_000_000, 1009),
    ],
)
def test_what_makes_no_sense_closes_the_socket(server: FeedServer, said: str | bytes, code: int) -> None:
    with server.ear() as ear:
        ear.connection.send(said)
        assert ear.close_code() == code


def test_a_flood_of_messages_closes_the_socket(server: FeedServer) -> None:
    with server.ear() as ear:
        for _ in range(500):
            ear.connection.send('{"op": "ping"}')
        assert ear.close_code() == 1008


def test_a_client_that_asks_whether_anybody_is_there_is_answered(server: FeedServer) -> None:
    with server.ear() as ear:
        ear.say(op="ping")
        assert ear.next() == {"op": "pong"}


def test_a_user_has_so_many_sockets_and_others_have_theirs(server: FeedServer) -> None:
    ears = [server.ear(server.alice) for _ in range(8)]
    try:
        assert server.ear(server.alice).close_code() == 4429
        assert server.browser(server.visitor("bob")).subscribe("portfolio")["op"] == "subscribed"
    finally:
        for ear in ears:
            ear.connection.close()


def test_a_slow_client_is_closed_to_resume_and_nobody_else_waits(server: FeedServer) -> None:
    topic = server.alice.topic
    slow = server.open(ticket=server.ticket(server.alice), receive_bytes=4096, most_waiting=1)
    with slow, server.ear() as quick:
        said = slow.subscribe(topic)
        quick.subscribe(topic)
        for start in range(0, 1_000, 100):
            server.tell(topic, *range(start, start + 100), pad=2_000)
            assert quick.values(100) == list(range(start, start + 100))
        numbers = [frame["seq"] for frame in slow.rest()]
        assert numbers == [said["seq"] + number for number in range(1, len(numbers) + 1)]
        assert len(numbers) < 1_000
        assert slow.connection.close_code == 1013


def test_a_slow_client_of_states_gets_the_newest_and_is_not_closed(server: FeedServer) -> None:
    slow = server.open(ticket=server.ticket(server.alice), receive_bytes=4096, most_waiting=1)
    with slow:
        slow.subscribe("market:devnet")
        server.tell("market:devnet", *range(1_000), kind="market", state=True, pad=2_000)
        heard = []
        while not heard or heard[-1] != 999:
            heard += slow.values(1)
    assert len(heard) < 500
