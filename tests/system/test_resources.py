"""The models of a talk over plain HTTP: who may do what, and what each may see."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from doors import Door, opened_door
from waiting import eventually

Headers = Mapping[str, str]

WHO = ("nobody", "attendee", "author", "panelist", "moderator", "host")

# Each row: what is asked, with what, and the status that each of WHO gets.
TABLE: dict[tuple[str, str], tuple[Mapping[str, Any] | None, str]] = {
    ("GET", ""): (None, "200 200 200 200 200 200"),
    ("PATCH", ""): ({"state": "live"}, "401 403 403 403 403 200"),
    ("PATCH", "?policy"): ({"policy": {"slow_s": 0}}, "401 403 403 403 403 200"),
    ("DELETE", ""): (None, "405 405 405 405 405 405"),
    ("GET", "/topics"): (None, "200 200 200 200 200 200"),
    ("POST", "/topics"): ({"title": "Prices"}, "401 403 403 403 403 201"),
    ("GET", "/topics/{topic}"): (None, "200 200 200 200 200 200"),
    ("PATCH", "/topics/{topic}"): ({"state": "open"}, "401 403 403 403 403 200"),
    ("DELETE", "/topics/{topic}"): (None, "405 405 405 405 405 405"),
    ("GET", "/panelists"): (None, "200 200 200 200 200 200"),
    ("POST", "/panelists"): ({"name": "Pat"}, "401 403 403 403 403 201"),
    ("GET", "/panelists/{panelist}"): (None, "200 200 200 200 200 200"),
    ("PATCH", "/panelists/{panelist}"): ({"name": "Pam"}, "405 405 405 405 405 405"),
    ("DELETE", "/panelists/{panelist}"): (None, "405 405 405 405 405 405"),
    ("GET", "/lines"): (None, "200 200 200 200 200 200"),
    ("POST", "/lines"): ({"text": "Hear!"}, "401 201 201 201 201 201"),
    ("GET", "/lines/{line}"): (None, "200 200 200 200 200 200"),
    ("PATCH", "/lines/{line}"): ({"text": "Hear?"}, "401 403 200 403 403 403"),
    ("PATCH", "/lines/{line}?pinned"): ({"pinned": True}, "401 403 403 403 200 200"),
    ("PATCH", "/lines/{line}?hidden"): (
        {"hidden": True, "why": "rude"},
        "401 403 403 403 200 200",
    ),
    ("DELETE", "/lines/{line}"): (None, "401 403 200 403 403 403"),
    ("DELETE", "/lines/{line}?why=rude"): (None, "401 403 403 403 200 200"),
    ("GET", "/lines/{held}"): (None, "404 404 200 404 200 200"),
    ("PATCH", "/lines/{held}"): ({"standing": "shown"}, "401 403 403 403 200 200"),
    ("GET", "/posts"): (None, "200 200 200 200 200 200"),
    ("POST", "/posts"): (
        {"source": "fedi", "author": "@ada", "text": "Hear!", "post_id": "7", "url": ""},
        "401 403 403 403 201 201",
    ),
    ("GET", "/posts/{post}"): (None, "404 404 404 404 200 200"),  # they are held by default
    ("PATCH", "/posts/{post}"): ({"pinned": True}, "401 403 403 403 200 200"),
    ("DELETE", "/posts/{post}?why=rude"): (None, "401 403 403 403 200 200"),
    ("GET", "/questions"): (None, "200 200 200 200 200 200"),
    ("POST", "/questions"): ({"text": "Why?"}, "401 201 201 201 201 201"),
    ("POST", "/questions?line"): ({"line": "{line}"}, "401 403 403 403 201 201"),
    ("GET", "/questions/{question}"): (None, "200 200 200 200 200 200"),
    ("PATCH", "/questions/{question}"): ({"text": "How?"}, "401 403 200 403 403 403"),
    ("PATCH", "/questions/{question}?state"): ({"state": "answering"}, "401 403 403 403 200 200"),
    ("PATCH", "/questions/{question}?archived"): ({"archived": True}, "401 403 403 403 200 200"),
    ("DELETE", "/questions/{question}"): (None, "401 403 200 403 403 403"),
    ("DELETE", "/questions/{question}?why=rude"): (None, "401 403 403 403 200 200"),
    ("GET", "/answers"): (None, "200 200 200 200 200 200"),
    ("POST", "/answers"): (
        {"question": "{question}", "text": "So"},
        "401 403 403 201 201 201",
    ),
    ("GET", "/answers/{answered}"): (None, "200 200 200 200 200 200"),
    ("PATCH", "/answers/{answered}"): ({"text": "So?"}, "401 403 403 200 200 200"),
    ("DELETE", "/answers/{answered}"): (None, "405 405 405 405 405 405"),
    ("GET", "/votes"): (None, "401 200 200 200 200 200"),
    ("POST", "/votes"): ({"question": "{question}"}, "401 201 201 201 201 201"),
    ("GET", "/votes/{voted}"): (None, "401 404 200 404 404 404"),  # by who cast it: the author
    ("PATCH", "/votes/{voted}"): ({}, "405 405 405 405 405 405"),
    ("DELETE", "/votes/{voted}"): (None, "401 200 200 200 200 200"),
    ("GET", "/feedback"): (None, "200 200 200 200 200 200"),
    ("POST", "/feedback"): ({"kind": "funny"}, "401 201 201 201 201 201"),
    ("PATCH", "/feedback"): ({}, "405 405 405 405 405 405"),
    ("DELETE", "/feedback"): (None, "405 405 405 405 405 405"),
}
CELLS = [
    pytest.param(method, path, body, who, int(status), id=f"{method} {path or '/'} by {who}")
    for (method, path), (body, statuses) in TABLE.items()
    for who, status in zip(WHO, statuses.split(), strict=True)
]


@dataclass(frozen=True)
class Talk:
    """A live talk behind a door."""

    door: Door
    id: str
    host: Headers

    def ask(
        self,
        method: str,
        path: str,
        who: Headers | None = None,
        body: Mapping[str, Any] | None = None,
        **headers: str,
    ) -> httpx.Response:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.door.client.request(
            method, f"/api/talks/{self.id}{path}", json=body, headers={**(who or {}), **more}
        )

    def made(self, path: str, who: Headers, **body: Any) -> str:
        """POST something; returns its id."""
        answer = self.ask("POST", path, who, body)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"].rpartition("/")[2]

    def ids(self, path: str, who: Headers | None = None) -> list[str]:
        return [one["id"] for one in self.ask("GET", path, who).json()["items"]]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened_door(tmp_path_factory.mktemp("door"), is_projected=True) as door:
        yield door


def opened_talk(door: Door) -> Talk:
    """Announce a talk and start it, and be sure that the views know."""
    host = door.session("Hal")
    talk = Talk(door, door.schedule(host), host)
    assert talk.ask("PATCH", "", host, {"state": "live"}).status_code == 200
    return talk


@pytest.fixture(scope="module")
def shared(door: Door) -> Talk:
    """A talk for all cells: each of them has an author of its own."""
    talk = opened_talk(door)
    talk.ask("PATCH", "", talk.host, {"policy": {"terms": ["darn"]}})
    return talk


@pytest.fixture(scope="module")
def agenda(shared: Talk) -> dict[str, str]:
    return {
        "topic": shared.made("/topics", shared.host, title="Pricing"),
        "panelist": shared.made("/panelists", shared.host, name="Pat"),
    }


@pytest.fixture
def talk(door: Door) -> Talk:
    return opened_talk(door)


def left_by(author: Headers, talk: Talk, path: str) -> dict[str, str]:
    """Let an author leave what a path speaks of, and what a body may name."""
    left = {"line": "", "post": "", "held": "", "question": "", "answered": "", "voted": ""}
    if "{line}" in path or "questions?line" in path:
        left["line"] = talk.made("/lines", author, text="Hear, hear!")
    if "{held}" in path:
        left["held"] = talk.made("/lines", author, text="Darn!")
    if "{post}" in path:
        post = {"source": "fedi", "author": "@ada", "text": "Hear!", "url": ""}
        left["post"] = talk.made("/posts", talk.host, **post, post_id=str(uuid4()))
    if any(one in path for one in ("question}", "answer", "vote")):
        left |= dict.fromkeys(left, talk.made("/questions", author, text="Why so dear?"))
    if "{answered}" in path:
        talk.made("/answers", talk.host, question=left["answered"], text="Because")
    if "{voted}" in path:
        talk.made("/votes", author, question=left["voted"])
    return left


@pytest.mark.parametrize(("method", "path", "body", "who", "status"), CELLS)
def test_each_method_is_open_to_whom_the_table_says(
    shared: Talk,
    agenda: dict[str, str],
    method: str,
    path: str,
    body: Mapping[str, Any] | None,
    who: str,
    status: int,
) -> None:
    author = shared.door.session("Ann")
    people: dict[str, Headers] = {
        "nobody": {},
        "attendee": shared.door.session("Bob"),
        "author": author,
        "panelist": shared.door.with_role("panelist", shared.id),
        "moderator": shared.door.with_role("moderator", shared.id),
        "host": shared.host,
    }
    names = {**left_by(author, shared, path), **agenda}
    filled = {
        field: value.format(**names) if isinstance(value, str) else value
        for field, value in (body or {}).items()
    }

    answer = shared.ask(
        method, path.format(**names), people[who], filled if body is not None else None
    )

    assert answer.status_code == status, answer.text


def test_what_was_posted_is_found_where_the_answer_says(talk: Talk) -> None:
    posted = talk.ask("POST", "/lines", talk.host, {"text": "Hear, hear!"})

    found = talk.door.client.get(posted.headers["location"]).json()

    assert found["id"] == posted.json()["result"]["line"]
    assert (found["text"], found["by"]["name"], found["kind"]) == ("Hear, hear!", "Hal", "line")
    assert found["position"] == posted.json()["position"]


def test_an_edit_with_the_same_words_stores_nothing(talk: Talk) -> None:
    line = talk.made("/lines", talk.host, text="Hear, hear!")
    before = talk.ask("GET", f"/lines/{line}").headers["etag"]

    same = talk.ask("PATCH", f"/lines/{line}", talk.host, {"text": "Hear, hear!"})

    assert same.json() == {"position": None, "result": {}}
    assert talk.ask("GET", f"/lines/{line}").headers["etag"] == before


@pytest.mark.parametrize("path", ["", "/topics", "/lines", "/questions", "/votes", "/feedback"])
def test_who_holds_the_latest_state_is_told_so_until_it_changes(talk: Talk, path: str) -> None:
    known = talk.ask("GET", path, talk.host).headers["etag"]

    same = talk.ask("GET", path, talk.host, If_None_Match=known)
    talk.made("/topics", talk.host, title="Pricing")
    question = talk.made("/questions", talk.host, text="Why?")
    talk.made("/votes", talk.host, question=question)
    talk.ask("POST", "/feedback", talk.host, {"kind": "funny"})
    talk.ask("PATCH", "", talk.host, {"state": "ended"})
    changed = talk.ask("GET", path, talk.host, If_None_Match=known)

    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == known
    assert changed.status_code == 200
    assert changed.headers["etag"] != known


@pytest.mark.parametrize("path", ["/timeline", "/timeline.json", "/timeline.csv"])
def test_a_timeline_is_not_sent_again_to_who_holds_it(talk: Talk, path: str) -> None:
    known = talk.ask("GET", path).headers["etag"]

    same = talk.ask("GET", path, If_None_Match=known)

    assert (same.status_code, same.content) == (304, b"")


def test_the_tag_of_a_collection_is_the_position_of_the_talk_s_last_fact(talk: Talk) -> None:
    last = talk.ask("POST", "/lines", talk.host, {"text": "Hear!"}).json()["position"]
    opened_talk(talk.door)

    tag = talk.ask("GET", "/lines").headers["etag"]

    assert tag == f'"{last}"'


def test_pages_hold_everything_once_while_more_is_said_and_taken_back(talk: Talk) -> None:
    said = [talk.made("/lines", talk.door.session(f"P{n}"), text=f"{n}") for n in range(7)]
    address, seen = f"/api/talks/{talk.id}/lines?limit=2", []

    for turn in range(10):
        page = talk.door.client.get(address)
        seen += [line["id"] for line in page.json()["items"]]
        if "next" not in page.links:
            break
        address = page.links["next"]["url"]
        if turn == 0:
            author = talk.door.session("Late")
            said.append(talk.made("/lines", author, text="late"))
            talk.ask("DELETE", f"/lines/{said[0]}?why=rude", talk.host)

    assert seen == said


def test_pages_of_what_is_in_order_hold_everything_once(talk: Talk) -> None:
    topics = [talk.made("/topics", talk.host, title=f"Topic {n}") for n in range(3)]

    first = talk.ask("GET", "/topics?limit=2")
    second = talk.door.client.get(first.links["next"]["url"])

    assert [one["id"] for page in (first, second) for one in page.json()["items"]] == topics


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "after=-1", "after=x", "before=1"])
def test_a_page_that_cannot_be_is_refused_with_the_field(talk: Talk, query: str) -> None:
    answer = talk.ask("GET", f"/lines?{query}")

    assert (answer.status_code, answer.json()["field"]) == (400, query.partition("=")[0])


def test_what_is_held_is_flagged_to_moderators_and_its_author_alone(talk: Talk) -> None:
    talk.ask("PATCH", "", talk.host, {"policy": {"hold": "hold"}})
    ann, bob = talk.door.session("Ann"), talk.door.session("Bob")
    held = talk.made("/questions", ann, text="Why?")

    found = talk.ask("GET", f"/questions/{held}", talk.host).json()

    assert (found["standing"], found["because"]) == ("held", "policy")
    assert talk.ids("/questions", ann) == talk.ids("/questions", talk.host) == [held]
    assert talk.ids("/questions", bob) == talk.ids("/questions") == []


def test_nobody_but_the_desk_is_told_who_decided(talk: Talk) -> None:
    ann = talk.door.session("Ann")
    line = talk.made("/lines", ann, text="Buy my book")
    talk.ask("DELETE", f"/lines/{line}?why=advertising", talk.host)

    to_desk = talk.ask("GET", f"/lines/{line}", talk.host).json()
    to_author = talk.ask("GET", f"/lines/{line}", ann).json()

    assert to_desk["why"] == to_author["why"] == "advertising"
    assert to_desk["decided_by"]
    assert to_author["decided_by"] == ""


@pytest.mark.parametrize(("names_at_desk", "at_desk"), [(True, "Ann"), (False, "")])
def test_who_is_anonymous_has_no_name_here_but_for_a_desk_that_may_know(
    talk: Talk, *, names_at_desk: bool, at_desk: str
) -> None:
    rules = {"names": "anonymous", "names_at_desk": names_at_desk}
    talk.ask("PATCH", "", talk.host, {"policy": rules})
    line = talk.made("/lines", talk.door.session("Ann"), text="Hear!")

    to_all = talk.ask("GET", f"/lines/{line}").json()
    to_desk = talk.ask("GET", f"/lines/{line}", talk.host).json()

    assert to_all["by"] == {"id": "", "name": ""}
    assert to_desk["by"]["name"] == at_desk


def test_a_vote_is_told_to_who_cast_it_and_counted_for_all(talk: Talk) -> None:
    ann = talk.door.session("Ann")
    question = talk.made("/questions", talk.host, text="Why?")

    talk.made("/votes", ann, question=question)

    assert talk.ids("/votes", ann) == [question]
    assert talk.ids("/votes", talk.host) == []
    assert talk.ask("GET", f"/questions/{question}").json()["votes"] == 1
    talk.ask("DELETE", f"/votes/{question}", ann)
    assert talk.ids("/votes", ann) == []


def test_a_merged_question_says_where_its_votes_count(talk: Talk) -> None:
    one, other = (talk.made("/questions", talk.host, text=text) for text in ("Why?", "How?"))

    merged = talk.ask("PATCH", f"/questions/{one}", talk.host, {"merged_into": other})
    then = talk.ask("GET", f"/questions/{one}").json()["merged_into"]
    talk.ask("PATCH", f"/questions/{one}", talk.host, {"merged_into": ""})

    assert merged.status_code == 200
    assert then == other
    assert talk.ask("GET", f"/questions/{one}").json()["merged_into"] == ""


def test_closing_a_topic_that_is_not_the_current_one_changes_nothing(talk: Talk) -> None:
    former, current = (talk.made("/topics", talk.host, title=title) for title in ("A", "B"))
    for topic in (former, current):
        talk.ask("PATCH", f"/topics/{topic}", talk.host, {"state": "open"})

    answer = talk.ask("PATCH", f"/topics/{former}", talk.host, {"state": "closed"})

    assert answer.json()["position"] is None
    states = [one["state"] for one in talk.ask("GET", "/topics").json()["items"]]
    assert states == ["closed", "open"]


@pytest.mark.parametrize("body", [{}, {"text": "x", "pinned": True}, {"why": "because"}])
def test_a_patch_that_names_no_change_or_two_is_refused(talk: Talk, body: dict[str, Any]) -> None:
    line = talk.made("/lines", talk.host, text="Hear!")

    answer = talk.ask("PATCH", f"/lines/{line}", talk.host, body)

    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("body", "field"),
    [({"pinned": "yes"}, "pinned"), ({"hidden": True}, "why"), ({"votes": 7}, "votes")],
)
def test_a_patch_of_another_shape_names_the_field(
    talk: Talk, body: dict[str, Any], field: str
) -> None:
    line = talk.made("/lines", talk.host, text="Hear!")

    answer = talk.ask("PATCH", f"/lines/{line}", talk.host, body)

    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_question_is_no_line_and_a_line_neither_question_nor_post(talk: Talk) -> None:
    question = talk.made("/questions", talk.host, text="Why?")
    line = talk.made("/lines", talk.host, text="Hear!")
    ann = talk.door.session("Ann")
    crossed = [f"/lines/{question}", f"/questions/{line}", f"/posts/{line}"]

    for path in crossed:
        assert talk.ask("GET", path).status_code == 404
        assert talk.ask("PATCH", path, talk.host, {"pinned": True}).status_code == 404
        assert talk.ask("DELETE", f"{path}?why=rude", talk.host).status_code == 404
        assert talk.ask("PATCH", path, ann, {"pinned": True}).status_code == 403

    assert talk.ids("/lines") == [line]
    assert talk.ids("/questions") == [question]


def test_a_line_of_another_talk_is_not_there(talk: Talk) -> None:
    line = talk.made("/lines", talk.host, text="Hear!")
    other = opened_talk(talk.door)

    assert other.ask("GET", f"/lines/{line}").status_code == 404
    assert other.ask("PATCH", f"/lines/{line}", talk.host, {"text": "x"}).status_code == 404


def test_who_names_an_old_state_does_not_overwrite_a_new_one(talk: Talk) -> None:
    path = f"/lines/{talk.made('/lines', talk.host, text='Hear!')}"
    known = talk.ask("GET", path).headers["etag"]
    key = str(uuid4())

    first = talk.ask("PATCH", path, talk.host, {"text": "One"}, If_Match=known, Idempotency_Key=key)
    second = talk.ask("PATCH", path, talk.host, {"text": "Two"}, If_Match=known)
    again = talk.ask("PATCH", path, talk.host, {"text": "One"}, If_Match=known, Idempotency_Key=key)
    deleted = talk.ask("DELETE", path, talk.host, If_Match=known)

    assert (second.status_code, second.json()["reason"]) == (412, "precondition_failed")
    assert again.json() == first.json()
    assert deleted.status_code == 412
    assert talk.ask("GET", path).json()["text"] == "One"
    assert talk.ask("DELETE", path, talk.host, If_Match="*").status_code == 200


def test_the_key_of_a_request_is_the_id_of_its_command(talk: Talk) -> None:
    key = str(uuid4())

    first, again = (
        talk.ask("POST", "/lines", talk.host, {"text": "Once"}, Idempotency_Key=key)
        for _ in range(2)
    )
    other = talk.ask("POST", "/lines", talk.host, {"text": "Twice"}, Idempotency_Key=key)
    bad = talk.ask("POST", "/lines", talk.host, {"text": "Once"}, Idempotency_Key="1")

    assert again.json() == first.json()
    assert len(talk.ids("/lines")) == 1
    assert (other.status_code, other.json()["reason"]) == (409, "conflict")
    assert (bad.status_code, bad.json()["field"]) == (400, "command_id")


def test_a_talk_that_is_not_there_has_no_models(door: Door) -> None:
    for method in ("GET", "POST"):
        answer = door.client.request(
            method, "/api/talks/none/lines", json={"bad": 1}, headers=door.session()
        )

        assert (answer.status_code, answer.json()["field"]) == (404, "")


def test_talks_come_in_pages_by_state_and_by_title(door: Door) -> None:
    host = door.session("Hal")
    word = uuid4().hex
    ids = [door.schedule(host, f"{word.upper()} {n}") for n in range(3)]
    last = door.command(ids[1], host, "start_talk").json()["position"]
    eventually(lambda: door.system.models.position() >= last)

    first = door.client.get(f"/api/talks?title={word}&limit=2")
    second = door.client.get(first.links["next"]["url"])
    live = door.client.get(f"/api/talks?title={word}&state=live").json()["items"]
    coming = door.client.get(f"/api/talks?title={word}&state=coming").json()["items"]

    assert {one["id"] for page in (first, second) for one in page.json()["items"]} == set(ids)
    assert [one["id"] for one in live] == [ids[1]]
    assert {one["id"] for one in coming} == {ids[0], ids[2]}
    assert door.client.get("/api/talks?after=none").json()["field"] == "after"
