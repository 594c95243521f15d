"""A Django site and Hearhear on one parent domain: log in there, speak here, log out there."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from django_site.started import PEM, PUBLIC_JWKS
from gateways import CHECKOUT, Process, Site
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FrameLocator,
    Page,
    Route,
    expect,
    sync_playwright,
)
from servers import MariaDB, ProcessGroup, free_port
from site_visitors import Person
from waiting import eventually

DOMAIN = "panel.test"
SIGNED_OUT_WITHIN_MS = 30_000


@dataclass(frozen=True)
class Stage:
    """Both sites, on hosts of one domain, and a talk in which the doors are open."""

    site: str
    hearhear: str
    host: Person
    talk: str
    site_server: ProcessGroup


@pytest.fixture(scope="module")
def browser(chromium: str, stage: Stage) -> Iterator[Browser]:
    """One to which every name of the domain is this machine, and as safe as by HTTPS."""
    arguments = [
        f"--host-resolver-rules=MAP *.{DOMAIN} 127.0.0.1",
        f"--unsafely-treat-insecure-origin-as-secure={stage.hearhear},{stage.site}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody with a browser of their own."""
    with browser.new_context(locale="en-GB") as context:
        yield context


@pytest.fixture(scope="module")
def stage(mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    site_port, port = free_port(), free_port()
    site, hearhear = f"http://www.{DOMAIN}:{site_port}", f"http://live.{DOMAIN}:{port}"
    views = mariadb.fresh_database()
    environment = site_environment(mariadb, views, hearhear=hearhear, port=port)
    done = subprocess.run(
        [sys.executable, "-m", "django_site.people"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    site_server = ProcessGroup(
        [sys.executable, "-m", "django", "runserver", "--noreload", f"127.0.0.1:{site_port}"],
        env=environment,
        log=folder / "site.log",
    )
    settings = {
        "HEARHEAR_STORE_URL": mariadb.fresh_database(),
        "HEARHEAR_VIEWS_URL": views,
        "HEARHEAR_PUBLIC_URL": hearhear,
        "HEARHEAR_FRAME_ANCESTORS": site,
        "HEARHEAR_ALLOWED_ORIGINS": site,
        "HEARHEAR_SITE_COOKIE": "sessionid",
        "HEARHEAR_SITE_SESSION_URL": f"http://127.0.0.1:{site_port}/hearhear/session",
        "HEARHEAR_JWT_KEYS": PUBLIC_JWKS,
        "HEARHEAR_JWT_AUDIENCE": "hearhear",
    }
    try:
        eventually(lambda: answers(site_port), within_s=30, every_s=0.1)
        with Process("serve", folder, port=port, **settings) as serving:
            host = Person(serving.url, Site(serving.url).own_token("Hal", role="host"))
            talk = host.schedule("Tonight")
            host.tells(talk, "start_talk")
            yield Stage(site, hearhear, host, talk, site_server)
    finally:
        site_server.kill()


def site_environment(mariadb: MariaDB, views: str, *, hearhear: str, port: int) -> dict[str, str]:
    paths = (CHECKOUT / "gateway" / "django", CHECKOUT / "tests")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "DJANGO_SETTINGS_MODULE": "django_site.settings",
        "SITE_DATABASE": place(mariadb.fresh_database()),
        "SITE_CONTENT": place(views),
        "SITE_COOKIE_DOMAIN": f".{DOMAIN}",
        "SITE_HEARHEAR_URL": hearhear,
        "SITE_HEARHEAR_INTERNAL_URL": f"http://127.0.0.1:{port}",
        "SITE_PRIVATE_KEY": PEM,
    }


def place(url: str) -> str:
    """The server and database of a URL, as the site's settings take them."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}{parts.path}"


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
    except httpx.TransportError:
        return False


def log_in(page: Page, stage: Stage, name: str = "ann") -> None:
    page.goto(f"{stage.site}/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def event_page(visitor: BrowserContext, stage: Stage) -> tuple[Page, FrameLocator]:
    """Open the page of the site in which the talk is embedded."""
    page = visitor.new_page()
    page.goto(f"{stage.site}/talk/{stage.talk}")
    return page, page.frame_locator("iframe.hearhear-talk")


def questions(stage: Stage) -> dict[str, dict[str, object]]:
    view = stage.host.read(f"/api/talks/{stage.talk}/view?as=room")["view"]
    return dict(view["questions"])


COMMAND = """
async ([talk, body]) => {
  const answer = await fetch(`/api/talks/${talk}/commands`, {
    method: "POST", body: JSON.stringify({ ...body, command_id: crypto.randomUUID() }),
    headers: { "Content-Type": "application/json" },
  });
  return [answer.status, await answer.json()];
}
"""


def test_log_in_there_vote_here_log_out_there_and_be_refused_here(
    stage: Stage, visitor: BrowserContext
) -> None:
    asked = stage.host.tells(stage.talk, "ask_question", text="Why so dear?")
    question = asked["result"]["question"]
    log_in(visitor.new_page(), stage)

    page, room = event_page(visitor, stage)
    expect(room.get_by_label("Say something")).to_be_visible()  # they know who this is
    room.get_by_role("button", name="Vote for “Why so dear?”").first.click()

    eventually(lambda: questions(stage)[question]["votes"] == 1, hint="the vote counts")
    room.get_by_label("Say something").fill("Hello from the site")
    room.get_by_role("button", name="Say", exact=True).click()
    expect(room.get_by_role("main").get_by_text("Ann Lee").first).to_be_visible()
    here = visitor.new_page()
    here.goto(f"{stage.hearhear}/")
    name = "async () => (await (await fetch('/api/me')).json()).name"
    # A site under load may take longer than it is waited for, and then this is a 503 for once.
    eventually(lambda: here.evaluate(name) == "Ann Lee", within_s=20, every_s=0.2)

    there = visitor.new_page()
    there.goto(f"{stage.site}/")
    there.get_by_role("button", name="Log out").click()
    expect(there.locator("#who")).to_have_text("nobody")

    # The open page is shown out as well, and asks who it is that reads on.
    expect(room.get_by_label("What shall we call you?")).to_be_visible(timeout=SIGNED_OUT_WITHIN_MS)
    withdraw = {"command": "withdraw_vote", "question": question}
    status, answer = here.evaluate(COMMAND, [stage.talk, withdraw])
    assert (status, answer["reason"]) == (401, "unauthenticated")
    assert questions(stage)[question]["votes"] == 1
    page.close()


def test_a_link_of_the_site_brings_its_account_along(stage: Stage, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    log_in(page, stage)
    visitor.clear_cookies(name="hearhear")

    def arrived_elsewhere(part: Route) -> None:
        visitor.clear_cookies(name="sessionid")  # another domain would not get it
        part.continue_()

    page.route("**/static/**/session.js", arrived_elsewhere)
    page.goto(f"{stage.site}/hearhear/enter/{stage.talk}")
    expect(page.get_by_label("Say something")).to_be_visible()

    assert page.url == f"{stage.hearhear}/talks/{stage.talk}"
    me = page.evaluate("async () => (await fetch('/api/me')).json()")
    assert (me["name"], me["signed_in"]) == ("Ann Lee", True)


def test_what_an_editor_saves_is_asked_here_and_seen_in_the_admin(
    stage: Stage, visitor: BrowserContext
) -> None:
    page = visitor.new_page()
    log_in(page, stage, "boss")
    page.goto(f"{stage.site}/admin/notices/prompt/add/")
    page.get_by_label("Talk").fill(stage.talk)
    page.get_by_label("Text").fill("What comes next?")
    page.get_by_role("button", name="Save", exact=True).click()

    def asked() -> bool:
        return "What comes next?" in [each["text"] for each in questions(stage).values()]

    eventually(asked)

    page.goto(f"{stage.site}/admin/hearhear_django/question/?q=comes+next")
    expect(page.get_by_role("link", name="What comes next?")).to_be_visible()
    page.goto(f"{stage.site}/admin/hearhear_django/relayed/")
    expect(page.get_by_text("1 relayed object")).to_be_visible()


def test_while_the_site_is_silent_newcomers_read_and_are_told(stage: Stage) -> None:
    address = f"{stage.host.url}/api/talks/{stage.talk}"
    newcomer = {"Cookie": "sessionid=somebody-new"}
    body = {"command": "post_line", "text": "Hi", "command_id": str(uuid4())}

    stage.site_server.signal(signal.SIGSTOP)
    try:
        said = httpx.post(f"{address}/commands", json=body, headers=newcomer, timeout=10)
        read = httpx.get(f"{address}/view?as=room", headers=newcomer, timeout=10)
    finally:
        stage.site_server.signal(signal.SIGCONT)

    assert (said.status_code, said.json()["reason"]) == (503, "unavailable")
    assert "site where you are signed in does not answer" in said.json()["detail"]
    assert read.status_code == 200


def test_who_came_while_the_site_was_silent_is_recognised_when_it_answers(
    stage: Stage, visitor: BrowserContext
) -> None:
    log_in(visitor.new_page(), stage)
    page = visitor.new_page()

    stage.site_server.signal(signal.SIGSTOP)
    try:
        page.goto(f"{stage.hearhear}/talks/{stage.talk}")
        expect(page.get_by_label("What shall we call you?")).to_be_visible()
    finally:
        stage.site_server.signal(signal.SIGCONT)

    expect(page.get_by_label("Say something")).to_be_visible()
