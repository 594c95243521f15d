"""The host site's page that tells whose session it is: what it is asked, how it is understood."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from servers import free_port

from gateway.site_sessions import SessionPage, SiteDownError


@dataclass
class Page:
    status: int = 200
    body: bytes = b'{"sub": "42", "name": "Ann"}'
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def sessions(page: Page) -> Iterator[SessionPage]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page.asked.append((self.path, dict(self.headers)))
            self.send_response(page.status)
            self.send_header("Location", "/login")
            self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        url = f"http://127.0.0.1:{server.server_port}/who/is?format=json"
        yield SessionPage(url, "sessionid")
        server.shutdown()
        serving.join()


def test_the_page_is_asked_with_the_cookie_alone(sessions: SessionPage, page: Page) -> None:
    assert sessions.session("c1") == {"sub": "42", "name": "Ann"}

    [(path, headers)] = page.asked
    assert path == "/who/is?format=json"
    assert headers["Cookie"] == "sessionid=c1"


@pytest.mark.parametrize("status", [204, 401, 403])
def test_it_says_that_a_session_is_nobodys(sessions: SessionPage, page: Page, status: int) -> None:
    page.status, page.body = status, b""

    assert sessions.session("c1") is None


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (302, b"", "answered 302"),
        (404, b"", "answered 404"),
        (500, b"", "answered 500"),
        (200, b"<html>", "no JSON"),
        (200, b"[]", "no JSON"),
    ],
)
def test_any_other_answer_is_a_site_that_is_not_right(
    sessions: SessionPage, page: Page, status: int, body: bytes, why: str
) -> None:
    page.status, page.body = status, body

    with pytest.raises(SiteDownError, match=why):
        sessions.session("c1")


def test_a_site_that_is_not_there_is_down() -> None:
    with pytest.raises(SiteDownError, match="Refused"):
        SessionPage(f"http://127.0.0.1:{free_port()}/who", "sessionid").session("c1")
