"""What the projector promises, on each database."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from auditorium import Auditorium, Stepping
from builders import later
from sqlalchemy import delete, select, text, update

from domain import commands
from domain.store import Store, writing
from domain.store.engine import LOCK_WAIT_S
from projections import tables
from projections.place import LogIsBehind
from projections.projector import open_views
from projections.reading import Views
from projections.talk_views import TalkViews

WORDS = "Why is it so dear?"


@pytest.fixture
def views_url(store_url: str, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/views.db" if store_url.startswith("sqlite") else store_url


@pytest.fixture
def hall(store: Store) -> Iterator[Auditorium]:
    hall = Auditorium(store)
    yield hall
    hall.app.close()


@pytest.fixture
def stepping(store: Store, views_url: str) -> Iterator[Stepping]:
    stepping = Stepping(store, views_url)
    yield stepping
    stepping.close()


@pytest.fixture
def views(views_url: str) -> Iterator[Views]:
    views = Views(views_url)
    yield views
    views.close()


def folded(store: Store, talk: str) -> TalkViews:
    """Fold the log of a talk from zero."""
    views = TalkViews(talk)
    for recorded in store.read(0, 100_000, talk=talk):
        views.fold(recorded.fact, recorded.position)
    views.change()
    return views


def busy(hall: Auditorium) -> dict[str, str]:
    """Let a bit of everything happen; tell the ids."""
    topic = hall.do("hal", commands.IntroduceTopic(title="Costs"))["topic"]
    hall.do("hal", commands.OpenTopic(topic=topic))
    hall.do("hal", commands.IntroducePanelist(name="Pat", about="Professor"))
    line = hall.do("ann", commands.PostLine(text="Hello \u202e 🎉"))["line"]
    other = hall.do("bob", commands.PostLine(text="Hi"))["line"]
    hall.do("ann", commands.EditLine(line=line, text="Hello all"))
    question = hall.do("ann", commands.AskQuestion(text=WORDS))["question"]
    for voter in ("ann", "bob", "cy"):
        hall.do(voter, commands.CastVote(question=question))
    hall.do("cy", commands.WithdrawVote(question=question))
    hall.do("hal", commands.StartAnswering(question=question))
    hall.do("hal", commands.Hide(item=other, why="off topic"))
    for second, who, kind in ((1, "ann", "agree"), (3, "bob", "agree"), (14, "ann", "lost")):
        hall.second = second
        hall.do(who, commands.GiveFeedback(kind=kind))
    hall.do("hal", commands.SampleAttendance(present=3))
    return {"line": line, "hidden": other, "question": question, "topic": topic}


def chat(hall: Auditorium) -> None:
    """Let people talk, and nobody take anything back: a redaction would drop older patches."""
    for number in range(20):
        hall.do("ann", commands.PostLine(text=f"Number {number}"))
        hall.second += 3


def test_rows_snapshots_and_patches_agree_with_the_log(
    store: Store, hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    busy(hall)

    stepping.catch_up()

    whole = folded(store, hall.talk)
    for view in ("room", "desk"):
        snapshot = views.snapshot(hall.talk, view)
        assert snapshot is not None
        assert snapshot.view == whole.document(view) == stepping.told.followed(hall.talk, view)
        assert snapshot.position == store.log.head() == views.tracking()
        assert snapshot.epoch == f"{store.log_id()}-1" == stepping.told.beats[-1]["epoch"]


def test_a_projector_that_starts_cold_goes_on_where_the_rows_are(
    store: Store, hall: Auditorium, stepping: Stepping, views: Views, views_url: str
) -> None:
    ids = busy(hall)
    stepping.catch_up()
    stepping.projector.stop()
    stepping.projector.run()

    second = Stepping(store, views_url, holder="two", batch=1)
    hall.do("hal", commands.Restore(item=ids["hidden"]))
    hall.do("dee", commands.CastVote(question=ids["question"]))
    second.catch_up()

    told = stepping.told.messages + second.told.messages
    second.told.messages = told
    whole = folded(store, hall.talk)
    for view in ("room", "desk"):
        snapshot = views.snapshot(hall.talk, view)
        assert snapshot is not None
        assert snapshot.view == whole.document(view) == second.told.followed(hall.talk, view)
    second.close()


def test_me_tells_what_concerns_one_attendee(
    hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    ids = busy(hall)

    stepping.catch_up()

    bob = hall.attendee("bob")
    assert views.me(hall.talk, bob) == {
        "attendee": bob,
        "name": "Bob",
        "roles": {},
        "votes": {ids["question"]: True},
        "items": {
            ids["hidden"]: {"kind": "line", "text": "Hi", "state": "hidden", "why": "off topic"}
        },
        "muted_until": "",
        "banned": False,
        "nickname": "",
        "own": {},
    }
    assert views.me(hall.talk, hall.attendee("cy"))["votes"] == {}
    assert views.me(hall.talk, hall.attendee("hal"))["roles"] == {"host": True}
    told = [one for message in stepping.told.messages for one in message["me"]]
    assert {"votes": {ids["question"]: None}}.items() <= [
        one["patch"] for one in told if one["attendee"] == hall.attendee("cy")
    ][-1].items()


def test_feedback_counts_people_in_each_bucket_and_not_their_clicks(
    hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    ids = busy(hall)
    hall.second = 3
    hall.do("bob", commands.GiveFeedback(kind="agree"))
    stepping.catch_up()

    def counted(bucket_s: int, **chosen: float) -> list[tuple[object, ...]]:
        rows = views.feedback(hall.talk, bucket_s=bucket_s, **chosen)  # type: ignore[arg-type]
        assert {row["topic"] for row in rows} <= {ids["topic"]}
        return [(row["offset_s"], row["kind"], row["ticks"], row["people"]) for row in rows]

    assert counted(1) == [(1, "agree", 1, 1), (3, "agree", 2, 1), (14, "lost", 1, 1)]
    assert counted(10) == [(0, "agree", 3, 2), (10, "lost", 1, 1)]
    assert counted(60) == [(0, "agree", 3, 2), (0, "lost", 1, 1)]
    assert counted(10, since=10.0) == [(10, "lost", 1, 1)]
    assert views.feedback(hall.talk, bucket_s=1)[0]["at"] == "2026-03-14T12:00:01.000Z"


def test_people_of_several_topics_in_one_second_are_counted_once_together(
    hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    kind = '"ça" \\ \u2028 😀'
    hall.do("hal", commands.ImportKind(kind=kind, label="Odd"))
    for title, seconds in (("Costs", (1.0, 2.0)), ("Prices", (2.5,))):
        topic = hall.do("hal", commands.IntroduceTopic(title=title))["topic"]
        hall.do("hal", commands.OpenTopic(topic=topic))
        for hall.second in seconds:
            hall.do("ann", commands.GiveFeedback(kind=kind))
    hall.do("bob", commands.GiveFeedback(kind=kind))
    stepping.catch_up()

    def counted(**chosen: bool) -> list[tuple[object, ...]]:
        rows = views.feedback(hall.talk, bucket_s=1, **chosen)  # type: ignore[arg-type]
        return [(row["offset_s"], row["kind"], row["ticks"], row["people"]) for row in rows]

    assert counted(together=True) == [(1, kind, 1, 1), (2, kind, 3, 2)]
    assert sorted(counted()) == [(1, kind, 1, 1), (2, kind, 1, 1), (2, kind, 2, 2)]


def test_polling_reaches_back_within_an_epoch_and_not_over_a_redaction(
    hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    ids = busy(hall)
    stepping.catch_up()
    snapshot = views.snapshot(hall.talk, "room")
    assert snapshot is not None
    here = (hall.talk, "room", snapshot.epoch)

    hall.do("dee", commands.PostLine(text="Late"))
    stepping.catch_up()

    assert views.patches(*here, snapshot.position + 2) == []  # she joined, then said something
    changes = views.patches(*here, snapshot.position)
    assert changes is not None
    assert [change.redacts for change in changes] == [False]
    assert views.patches(hall.talk, "room", "another-1", snapshot.position) is None
    assert views.patches(*here, snapshot.position + 1_000) is None

    hall.do("ann", commands.RetractLine(line=ids["line"]))
    stepping.catch_up()

    assert views.patches(*here, snapshot.position) is None
    assert stepping.told.patches(hall.talk)[-1]["redacts"]


def test_nothing_of_what_was_published_is_lost_when_publishing_fails(
    store: Store, hall: Auditorium, stepping: Stepping
) -> None:
    stepping.told.fails = True
    chat(hall)
    stepping.catch_up()
    assert stepping.told.messages == []
    assert stepping.projector.progress.unpublished > 0

    stepping.told.fails = False
    stepping.projector.step()

    assert stepping.told.followed(hall.talk) == folded(store, hall.talk).document("room")


def test_what_was_committed_but_not_published_goes_out_after_a_crash(
    store: Store, hall: Auditorium, stepping: Stepping, views_url: str
) -> None:
    stepping.told.connected = False
    chat(hall)
    stepping.catch_up()
    with writing(stepping.engine) as connection:
        connection.execute(delete(tables.leases))

    second = Stepping(store, views_url, holder="two")
    second.catch_up()

    assert second.told.followed(hall.talk) == folded(store, hall.talk).document("room")
    second.close()


def test_what_was_said_is_found_in_any_case_with_its_second_in_the_recording(
    hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    for hall.second, words in ((10, "Über den WOLKEN"), (70, "Unter den Wolken"), (80, "Wölkchen")):
        hall.do("ann", commands.PostLine(text=words))
    begun = later(-30).isoformat()
    hall.do("hal", commands.AttachRecording(url="https://example.org/a.mp3", started_at=begun))
    stepping.catch_up()

    found = views.search(hall.talk, "wolken", limit=10)

    assert [(one.told["text"], one.at_s) for one in found] == [
        ("Über den WOLKEN", 40),
        ("Unter den Wolken", 100),
    ]
    assert [one.told["text"] for one in views.search(hall.talk, "WÖLK", limit=10)] == ["Wölkchen"]
    assert len(views.search(hall.talk, "wolken", limit=1)) == 1


def test_only_one_of_two_projectors_works(
    store: Store, hall: Auditorium, stepping: Stepping, views_url: str
) -> None:
    busy(hall)
    stepping.catch_up()
    second = Stepping(store, views_url, holder="two")

    hall.do("ann", commands.PostLine(text="More"))

    assert not second.projector.step()
    assert not second.projector.progress.is_active
    assert stepping.projector.step()
    second.close()


def test_a_projector_that_lost_its_lease_unawares_is_fenced_and_writes_nothing(
    store: Store, hall: Auditorium, stepping: Stepping, views: Views, views_url: str
) -> None:
    busy(hall)
    stepping.catch_up()
    with writing(stepping.engine) as connection:
        connection.execute(delete(tables.leases))
    second = Stepping(store, views_url, holder="two")
    hall.do("ann", commands.PostLine(text="More"))
    second.catch_up()
    before = len(stepping.told.messages)

    stepping.projector.step()  # its lease is renewed only every so often
    stepping.clock.now += 1
    stepping.projector.step()

    assert len(stepping.told.messages) == before
    assert not stepping.projector.progress.is_active
    snapshot = views.snapshot(hall.talk, "room")
    assert snapshot is not None
    assert snapshot.view == folded(store, hall.talk).document("room")
    second.close()


def test_a_poison_fact_is_parked_and_the_loop_goes_on(
    store: Store, hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    ids = busy(hall)
    with writing(store.log.engine) as connection:
        events = text("UPDATE events SET state = :state WHERE name = :name")
        name = "participation.line-hidden"
        state = b'{"timestamp":"2026-03-14T12:00:00+00:00","by":"","line":"nobody knows"}'
        connection.execute(events, {"state": state, "name": name})
        name = "talk.panelist-introduced"
        connection.execute(events, {"state": b"{broken", "name": name})

    stepping.catch_up()

    with stepping.engine.connect() as connection:
        parked = connection.execute(select(tables.parked).order_by("position")).all()
    assert [(row.fact, row.error) for row in parked] == [
        ("talk.panelist-introduced", "UnreadableFact"),
        ("participation.line-hidden", "KeyError"),
    ]
    assert stepping.projector.progress.parked == 2 == views.parked()
    assert views.tracking() == store.log.head()
    snapshot = views.snapshot(hall.talk, "room")
    assert snapshot is not None
    assert ids["hidden"] in snapshot.view["feed"]
    assert snapshot.view["pulse"]["from_s"] == 10


def test_a_fact_whose_row_the_database_refuses_is_parked_alone(
    store: Store, hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    line = hall.do("ann", commands.PostLine(text="Hello"))["line"]
    with writing(stepping.engine) as connection:  # as if a later version had written it already
        row = {"generation": 1, "talk": hall.talk, "second": 0, "position": 7}
        rest = {"attendee": "", "topic": "", "kind": "", "at": "", "media_s": 0.0}
        connection.execute(tables.ticks.insert(), row | rest)
    hall.do("ann", commands.GiveFeedback(kind="agree"))
    hall.do("bob", commands.PostLine(text="Hi"))
    position = store.log.head() - 2
    with writing(stepping.engine) as connection:
        connection.execute(update(tables.ticks).values(position=position))

    stepping.catch_up()

    with stepping.engine.connect() as connection:
        parked = connection.execute(select(tables.parked)).all()
    assert [(row.position, row.error) for row in parked] == [(position, "IntegrityError")]
    snapshot = views.snapshot(hall.talk, "room")
    assert snapshot is not None
    assert len(snapshot.view["feed"]) == 2
    assert line in snapshot.view["feed"]


def test_a_log_that_ends_before_the_views_stops_the_projector(
    store: Store, hall: Auditorium, stepping: Stepping
) -> None:
    busy(hall)
    stepping.catch_up()
    with writing(store.log.engine) as connection:
        connection.execute(text("DELETE FROM events WHERE position > 5"))
        connection.execute(text("UPDATE log_head SET position = 5"))

    with pytest.raises(LogIsBehind, match="hearhear rebuild"):
        stepping.catch_up()


def test_another_log_stops_a_projector_that_starts(
    store: Store, hall: Auditorium, stepping: Stepping, views_url: str
) -> None:
    busy(hall)
    stepping.catch_up()
    stepping.projector.stop()
    stepping.projector.run()
    store.log.renew_id()

    second = Stepping(store, views_url)

    with pytest.raises(LogIsBehind, match="another log"):
        second.projector.step()
    second.close()


def test_an_erased_person_is_in_no_row_patch_or_document(
    hall: Auditorium, stepping: Stepping, views: Views, views_url: str
) -> None:
    hall.do("ann", commands.PostLine(text="Unforgettable"))
    busy(hall)
    stepping.catch_up()

    hall.app.erase("person-ann")
    stepping.catch_up()
    stepping.clock.now += 10
    stepping.catch_up()

    with stepping.engine.connect() as connection:
        kept = [
            repr(row)
            for table in tables.metadata.sorted_tables
            for row in connection.execute(select(table))
        ]
    assert any("Bob" in row for row in kept)
    for secret in ("Unforgettable", "Ann", WORDS, "Hello all"):
        assert not any(secret in row for row in kept)
    room = views.snapshot(hall.talk, "room")
    assert room is not None
    assert room.view["questions"] == {}
    if views_url.startswith("sqlite"):
        path = Path(views_url.removeprefix("sqlite:///"))
        files = [file.read_bytes() for file in path.parent.glob(f"{path.name}*")]
        assert not any(b"Unforgettable" in file or b"so dear" in file for file in files)


def test_analysts_read_plain_tables(hall: Auditorium, stepping: Stepping) -> None:
    ids = busy(hall)
    stepping.catch_up()

    with stepping.engine.connect() as connection:
        said = connection.execute(text("SELECT * FROM chat_lines ORDER BY position")).all()
        asked = connection.execute(text("SELECT * FROM questions")).one()
        votes = connection.execute(text("SELECT SUM(v.change) FROM votes v")).scalar_one()
        ticks = connection.execute(text("SELECT SUM(ticks) FROM ticks_per_second")).scalar_one()
        present = connection.execute(text("SELECT present FROM attendance")).scalar_one()

    assert [row.hidden for row in said] == [0, 1]
    assert (asked.text, asked.votes, asked.state) == (WORDS, 2, "answering")
    assert asked.question == ids["question"]
    assert (votes, ticks, present) == (2, 3, 3)


def test_patches_are_kept_ten_minutes_and_the_view_for_ever(
    store: Store, hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    chat(hall)
    stepping.catch_up()
    for _ in range(70):
        stepping.clock.now += 10
        stepping.projector.step()

    with stepping.engine.connect() as connection:
        assert connection.execute(select(tables.patches)).all() == []
    room = views.snapshot(hall.talk, "room")
    assert room is not None
    assert room.view == folded(store, hall.talk).document("room")
    assert views.patches(hall.talk, "room", room.epoch, 3) is None
    assert views.patches(hall.talk, "room", room.epoch, room.position) == []


def test_talks_that_were_forgotten_are_taken_up_from_their_rows(
    store: Store,
    hall: Auditorium,
    stepping: Stepping,
    views: Views,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("projections.warm.KEPT", 1)
    others = [hall.another_talk() for _ in range(3)]
    for number in range(3):
        for talk in (hall.talk, *others):
            hall.do("ann", commands.PostLine(text=f"Number {number}"), talk=talk)
        stepping.catch_up()
        stepping.clock.now += 5
        stepping.catch_up()

    for talk in (hall.talk, *others):
        room = views.snapshot(talk, "room")
        assert room is not None
        assert room.view == folded(store, talk).document("room")
    assert {card["id"] for card in views.talks()} == {hall.talk, *others}
    assert sorted(views.live()) == sorted([hall.talk, *others])


def test_there_is_a_replay_once_the_talk_has_ended(
    hall: Auditorium, stepping: Stepping, views: Views
) -> None:
    busy(hall)
    stepping.catch_up()
    assert views.snapshot(hall.talk, "replay") is None

    hall.do("hal", commands.EndTalk())
    stepping.catch_up()

    room, replay = views.snapshot(hall.talk, "room"), views.snapshot(hall.talk, "replay")
    assert room is not None
    assert replay is not None
    texts = [[one["text"] for one in view.view["feed"].values()] for view in (room, replay)]
    assert texts[0] == texts[1] != []
    assert replay.view["questions"].keys() == room.view["questions"].keys()


def test_what_nobody_has_projected_yet_is_not_there(hall: Auditorium, views: Views) -> None:
    assert views.snapshot(hall.talk, "room") is None
    assert views.talks() == []
    assert views.feedback(hall.talk, bucket_s=1) == []
    assert views.me(hall.talk, "somebody")["votes"] == {}
    assert (views.tracking(), views.epoch()) == (0, "")


def test_a_batch_waits_for_whoever_holds_the_place_longer_than_a_lock_may_be_waited_for(
    store: Store, hall: Auditorium, stepping: Stepping, views_url: str
) -> None:
    busy(hall)
    stepping.projector.step()
    elsewhere = open_views(views_url)
    held = threading.Event()

    def hold() -> None:
        with writing(elsewhere) as connection:
            same = tables.tracking.c.published
            connection.execute(update(tables.tracking).values(published=same))
            held.set()
            time.sleep(LOCK_WAIT_S + 0.5)  # it is the waiting that is tested

    holding = threading.Thread(target=hold)
    holding.start()
    held.wait(10)
    before = stepping.projector.progress.position
    stepping.projector.step()

    assert stepping.projector.progress.position > before
    stepping.catch_up()
    assert stepping.projector.progress.position == store.log.head()
    holding.join()
    elsewhere.dispose()
