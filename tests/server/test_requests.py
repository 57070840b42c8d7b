"""What reaches the application, and what is refused before it."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.conftest import PATIENCE, read_all

if TYPE_CHECKING:
    from tests.server.conftest import Service

END = b"Host: 127.0.0.1\r\nConnection: close\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def told(answer: bytes) -> Any:
    """What the application was given."""
    return json.loads(answer.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: +1\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n",
        b"POST / HTTP/1.1\r\nContent-Length : 1\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n",
        b"GET / HTTP/1.1\r\nX-Folded: a\r\n b\r\n",
        b"GET / HTTP/1.1\r\n Content-Length: 1\r\n",
        b"GET / HTTP/1.1\nX-Bare: a\r\n",
        b"GET / HTTP/1.1\r\nX-Bare: a\nb: c\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n",
        b"get / HTTP/1.1\r\n",
        b"GET /\r\nGET / HTTP/1.1\r\n",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(service: Service, head: bytes) -> None:
    """Nothing that a proxy might take for one request is two here."""
    assert status(service.exchange(head + END)) == 400


def test_an_unknown_coding_is_refused(service: Service) -> None:
    """Only chunks are read."""
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n"
    assert status(service.exchange(head + END)) == 501


@pytest.mark.parametrize("name", [b"X-Long: ", b"Cookie: "])
def test_a_long_head_is_refused(service: Service, name: bytes) -> None:
    """It could fill the memory."""
    head = b"GET / HTTP/1.1\r\n" + name + b"a" * 20_000 + b"\r\n"
    assert status(service.exchange(head + END)) == 431


def test_the_application_sees_what_was_sent(service: Service) -> None:
    """Headers of proxies are its own matter; underscores hide none."""
    environ = told(
        service.exchange(
            b"GET //echo?a=%2Fb HTTP/1.1\r\n"
            b"X-Forwarded-Proto: https\r\nX-Forwarded-Host: school.example\r\n"
            b"X-Forwarded-For: 192.0.2.1\r\nX_Forwarded_Proto: gopher\r\n" + END
        )
    )
    assert environ["HTTP_X_FORWARDED_PROTO"] == "https"
    assert environ["HTTP_X_FORWARDED_HOST"] == "school.example"
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"
    assert environ["HTTP_HOST"] == "127.0.0.1"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["QUERY_STRING"] == "a=%2Fb"
    assert environ["PATH_INFO"] == "/echo"


def test_two_hosts_are_none_of_ours(service: Service) -> None:
    """The application gets both in one, which is nobody's name."""
    environ = told(service.exchange(b"GET /echo HTTP/1.1\r\nHost: a.example\r\n" + END))
    assert environ["HTTP_HOST"] == "a.example, 127.0.0.1"


def test_head_has_a_length_and_no_body(service: Service) -> None:
    """As GET has, without what follows."""
    answer = service.exchange(b"HEAD / HTTP/1.1\r\n" + END)
    assert answer.endswith(b"\r\n\r\n")
    assert b"\r\nContent-Length: 5\r\n" in answer
    assert b"\r\nServer: " not in answer


def test_chunks_become_one_body(service: Service) -> None:
    """With the length that they have together."""
    environ = told(
        service.exchange(
            b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
            + END
            + b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
        )
    )
    assert environ["taken"] == 7
    assert environ["CONTENT_LENGTH"] == "7"
    assert "HTTP_TRANSFER_ENCODING" not in environ


def test_endless_chunks_end(service: Service) -> None:
    """Their sum has the limit of any body; the application tells the visitor so."""
    head = b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
    chunk = b"200\r\n" + bytes(0x200) + b"\r\n"
    environ = told(service.exchange(head + END + chunk * 400))
    assert int(environ["CONTENT_LENGTH"]) > 1000
    assert environ["taken"] == 0


def test_it_says_that_a_body_may_come(service: Service) -> None:
    """Curl waits for that."""
    with service.connect(
        b"POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n" + END
    ) as connection:
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert told(read_all(connection))["taken"] == 3


@pytest.mark.parametrize(
    ("path", "length", "taken"),
    [
        (b"/echo", 1000, 1000),
        (b"/echo", 1001, 0),
        (b"/echo", 500_000, 0),
        (b"/large-body", 100_000, 100_000),
        (b"//large-body/", 100_000, None),
        (b"/large-body", 100_001, 0),
    ],
)
def test_a_long_body_is_taken_in_and_forgotten(
    service: Service, path: bytes, length: int, taken: int | None
) -> None:
    """The application answers, and knows how long it was."""
    head = b"POST %b HTTP/1.1\r\nContent-Length: %d\r\n" % (path, length)
    answer = service.exchange(head + END + bytes(length))
    assert status(answer) == 200
    if taken is not None:
        assert told(answer)["taken"] == taken
        assert told(answer)["CONTENT_LENGTH"] == str(length)
        assert told(answer)["crowded"] is False


@pytest.mark.parametrize("expect", [b"", b"Expect: 100-continue\r\n"])
def test_a_body_without_end_is_answered_at_once(
    service: Service, expect: bytes
) -> None:
    """By the application, and whoever goes on sending still gets to see it."""
    head = b"POST /echo HTTP/1.1\r\nContent-Length: 99999999\r\n" + expect
    with service.connect(head + END) as connection:
        for _ in range(400):
            connection.sendall(bytes(10_000))
        answer = connection.recv(65536)
        assert told(answer)["CONTENT_LENGTH"] == "99999999"
        assert told(answer)["taken"] == 0
        assert b"Connection: close" in answer


def test_the_servers_own_answers_have_the_headers_of_all(service: Service) -> None:
    """To what is no request, and to a fault."""
    for sent in (
        b"nonsense\r\n\r\n",
        b"GET /fault HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n" + END,
    ):
        answer = service.exchange(sent)
        assert b"\r\nX-Of-All: yes\r\n" in answer, answer


LONG = b"POST /large-body%b HTTP/1.1\r\nContent-Length: 50000\r\n" + END
LONG_OF = LONG.replace(END, b"X-Forwarded-For: %b\r\n" + END)


def test_only_so_many_long_bodies_are_held(service: Service) -> None:
    """A further one is forgotten, the application told, and the place comes back."""
    held = [service.connect(LONG % b"?hold" + bytes(50_000)) for _ in range(2)]
    time.sleep(0.2)
    third = told(service.exchange(LONG % b"" + bytes(50_000)))
    assert (third["crowded"], third["taken"]) == (True, 0)
    for connection in held:
        assert told(read_all(connection))["taken"] == 50_000
        connection.close()
    fourth = told(service.exchange(LONG % b"" + bytes(50_000)))
    assert (fourth["crowded"], fourth["taken"]) == (False, 50_000)


def test_one_client_holds_no_more_than_its_share(service: Service) -> None:
    """Others find a place, however many long bodies one of them has begun."""
    slow = [
        service.connect(LONG_OF % (b"", b"198.51.100.1") + bytes(100))
        for _ in range(24)
    ]
    time.sleep(0.2)
    same = told(service.exchange(LONG_OF % (b"", b"198.51.100.1") + bytes(50_000)))
    other = told(service.exchange(LONG_OF % (b"", b"198.51.100.2") + bytes(50_000)))
    assert (same["crowded"], same["taken"]) == (True, 0)
    assert (other["crowded"], other["taken"]) == (False, 50_000)
    for connection in slow:
        connection.close()


@pytest.mark.parametrize("client", [b"", b"X-Forwarded-For: 198.51.100.1\r\n"])
def test_half_a_long_body_gives_its_place_back(service: Service, client: bytes) -> None:
    """Whoever goes away in the middle keeps nobody out."""
    long = LONG.replace(END, client + END) % b""
    for _ in range(4):
        service.connect(long + bytes(100)).close()
    until = time.monotonic() + PATIENCE
    while told(service.exchange(long + bytes(50_000)))["crowded"]:
        assert time.monotonic() < until, "the place never came back"
        time.sleep(0.05)


def test_requests_in_a_row_are_answered_in_order(service: Service) -> None:
    """Sent at once, on one connection."""
    ahead = b"GET /%b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    numbers = [b"echo?%d" % number for number in range(20)]
    sent = b"".join(ahead % one for one in numbers) + b"GET / HTTP/1.1\r\n" + END
    answer = service.exchange(sent)
    assert answer.count(b"HTTP/1.1 200 OK") == 21
    places = [answer.index(b'"QUERY_STRING": "%d"' % one) for one in range(20)]
    assert places == sorted(places)
    assert answer.endswith(b"hello")


def test_many_requests_whose_answers_nobody_reads_hold_no_thread(
    service: Service,
) -> None:
    """The next answer is made when the one before has left."""
    ahead = b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 100
    greedy = [service.connect(ahead, window=2048) for _ in range(8)]
    for _ in range(3):
        assert service.get("/") == (200, b"hello")
    for connection in greedy:
        connection.close()


def test_whoever_comes_new_is_not_kept_out_by_those_who_stay(service: Service) -> None:
    """More connections than threads send without a pause; another one gets its turn."""
    ended = threading.Event()

    def stay() -> None:
        connection = HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
        with closing(connection):
            while not ended.is_set():
                connection.request("GET", "/moment")
                connection.getresponse().read()

    staying = [threading.Thread(target=stay) for _ in range(8)]
    for thread in staying:
        thread.start()
    time.sleep(1)
    try:
        for _ in range(5):
            assert service.get("/") == (200, b"hello")
    finally:
        ended.set()
        for thread in staying:
            thread.join()


def test_a_fault_names_no_path(service: Service) -> None:
    """Paths may hold a token; the visitor learns nothing of the fault."""
    answer = service.exchange(b"GET /fault?secret-token HTTP/1.1\r\n" + END)
    assert status(answer) == 500
    assert b"the application failed" not in answer
    log = service.log.read_text()
    assert "the application failed" in log
    assert "/fault" not in log
    assert "secret-token" not in log
