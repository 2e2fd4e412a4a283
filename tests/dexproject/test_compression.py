"""What is made for one reader leaves compressed, for those who take it."""

import gzip
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from dexproject.compression import LEAST_BYTES, SHORT_BYTES, STREAMED, CompressionMiddleware

TEXT = b"<p>one line of a page</p>\n" * 200
GZIP = "gzip, deflate, br"


def request(accepted: str = GZIP) -> HttpRequest:
    return RequestFactory().get("/", headers={"Accept-Encoding": accepted} if accepted else {})


def passed(response: HttpResponseBase, accepted: str = GZIP) -> HttpResponse:
    answer = CompressionMiddleware(lambda _: response)(request(accepted))
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_page_is_the_same_once_it_is_unpacked() -> None:
    answer = passed(HttpResponse(TEXT))
    assert answer["Content-Encoding"] == "gzip"
    assert int(answer["Content-Length"]) == len(answer.content) < len(TEXT) / 5
    assert gzip.decompress(answer.content) == TEXT


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_who_does_not_take_it_gets_it_plain(accepted: str) -> None:
    answer = passed(HttpResponse(TEXT), accepted)
    assert not answer.has_header("Content-Encoding")
    assert (answer.content, answer["Vary"]) == (TEXT, "Accept-Encoding")


@pytest.mark.parametrize("accepted", ["gzip;q=0.5", "br, GZIP"])
def test_who_takes_it_somehow_gets_it(accepted: str) -> None:
    assert passed(HttpResponse(TEXT), accepted)["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(b"x" * (LEAST_BYTES - 1)),
        HttpResponse(TEXT, content_type="image/png"),
        HttpResponse(TEXT, headers={"Content-Encoding": "br"}),
    ],
    ids=["short", "picture", "compressed already"],
)
def test_what_gains_nothing_stays_as_it_is(response: HttpResponse) -> None:
    before = (response.content, response.get("Content-Encoding"))
    answer = passed(response)
    assert (answer.content, answer.get("Content-Encoding")) == before


def test_a_stream_goes_on() -> None:
    stream = StreamingHttpResponse([TEXT], content_type="text/html")
    assert CompressionMiddleware(lambda _: stream)(request()) is stream
    assert b"".join(stream) == TEXT


LINES = [b'["head", "short"]\n', b'["trades", "' + b"x" * 2 * SHORT_BYTES + b'"]\n']


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What a reader has after each piece."""
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    return (reader.decompress(piece) for piece in pieces)


def test_each_line_of_a_stream_of_lines_can_be_read_when_it_has_come() -> None:
    stream = StreamingHttpResponse(LINES, content_type=STREAMED)
    answer = CompressionMiddleware(lambda _: stream)(request())
    pieces: list[bytes] = list(answer)  # type: ignore[arg-type]
    assert (answer["Content-Encoding"], answer["Vary"]) == ("gzip", "Accept-Encoding")  # type: ignore[index]
    assert list(unpacked(pieces)) == [*LINES, b""]
    assert gzip.decompress(b"".join(pieces)) == b"".join(LINES)


def test_lines_go_plain_to_who_takes_no_gzip() -> None:
    stream = StreamingHttpResponse(LINES, content_type=STREAMED)
    answer = CompressionMiddleware(lambda _: stream)(request(""))
    assert list(answer) == LINES  # type: ignore[arg-type]


async def test_so_it_is_with_lines_in_the_loop() -> None:
    async def lines() -> AsyncIterator[bytes]:
        for line in LINES:
            yield line

    async def view(_: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(lines(), content_type=STREAMED)

    answer = await CompressionMiddleware(view)(request())  # type: ignore[misc]
    assert list(unpacked([piece async for piece in answer])) == [*LINES, b""]


def test_its_size_tells_nothing_exact() -> None:
    assert len({len(passed(HttpResponse(TEXT)).content) for _ in range(40)}) > 5


def test_a_name_of_the_content_is_a_weak_one() -> None:
    assert passed(HttpResponse(TEXT, headers={"ETag": '"7"'}))["ETag"] == 'W/"7"'


@pytest.mark.parametrize("length", [2 * LEAST_BYTES, 2 * SHORT_BYTES])
async def test_so_it_is_in_the_loop(length: int) -> None:
    async def view(_: HttpRequest) -> HttpResponse:
        return HttpResponse(b"y" * length, content_type="application/json")

    answer = await CompressionMiddleware(view)(request())  # type: ignore[misc]
    assert gzip.decompress(answer.content) == b"y" * length


@pytest.mark.django_db
def test_our_pages_leave_compressed() -> None:
    plain, packed = Client().get("/login/"), Client().get("/login/", headers={"Accept-Encoding": GZIP})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
