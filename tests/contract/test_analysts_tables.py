"""What analysts query, on each database: measures, timelines, and what a rebuild leaves them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from auditorium import HAL, Auditorium, Stepping
from sqlalchemy import text

from domain import commands
from domain.errors import Invalid
from domain.store import Store
from domain.store.engine import writing
from gateway.analysing import Analyst
from gateway.collecting import timeline_of
from gateway.timeline_keeping import TimelineKeeper
from projections import analytics
from projections.projector import open_views
from projections.pulling import Pseudonyms
from projections.reading import Views
from projections.rebuild import rebuild
from projections.timelines import TimelineRows


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
def keeper(store: Store, stepping: Stepping, views_url: str) -> Iterator[TimelineKeeper]:
    views = Views(views_url)
    yield TimelineKeeper(store, TimelineRows(stepping.engine), views)
    views.close()


def rows(stepping: Stepping, sql: str) -> list[tuple[object, ...]]:
    with stepping.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def talked_about(hall: Auditorium) -> None:
    """Ann and Bob tick about prices; Ann asks, Bob votes and thinks better of it; Cy comes."""
    topic = hall.do("hal", commands.IntroduceTopic(title="Prices"))["topic"]
    hall.do("hal", commands.OpenTopic(topic=topic))
    question = hall.do("ann", commands.AskQuestion(text="Why?"))["question"]
    for second, who in ((1, "ann"), (1.4, "bob"), (1.8, "bob"), (5, "ann")):
        hall.second = second
        hall.do(who, commands.GiveFeedback(kind="agree"))
    hall.do("bob", commands.CastVote(question=question))
    hall.do("ann", commands.CastVote(question=question))
    hall.do("bob", commands.WithdrawVote(question=question))
    hall.do("cy", commands.PostLine(text="Hello"))
    hall.do("hal", commands.ArchiveQuestion(question=question))


def test_measures_count_people_once(hall: Auditorium, stepping: Stepping) -> None:
    talked_about(hall)
    stepping.catch_up()

    seconds = "SELECT second, title, kind, ticks, people FROM v_feedback_per_second ORDER BY second"
    assert rows(stepping, seconds) == [(1, "Prices", "agree", 3, 2), (5, "Prices", "agree", 1, 1)]
    topics = "SELECT title, kind, ticks, people FROM v_feedback_per_topic"
    assert rows(stepping, topics) == [("Prices", "agree", 4, 2)]
    votes = "SELECT votes FROM v_question_votes_over_time ORDER BY position"
    assert rows(stepping, votes) == [(1,), (2,), (1,)]
    assert rows(stepping, "SELECT joined, ticked, voted, asked FROM v_funnel") == [(4, 2, 2, 1)]
    bob = hall.attendee("bob")
    did = "votes_cast, votes_standing, ticks_given, questions_asked"
    assert rows(stepping, f"SELECT {did} FROM v_participation WHERE attendee = '{bob}'") == [
        (1, 0, 2, 0)
    ]


def test_acts_of_the_desk_are_rows(hall: Auditorium, stepping: Stepping) -> None:
    talked_about(hall)
    stepping.catch_up()

    acts = rows(stepping, "SELECT act, attendee FROM moderation ORDER BY position")

    assert acts[0][0] == "talk.scheduled"
    assert acts[-1] == ("question.archived", hall.attendee("hal"))


def test_an_ended_talk_s_timeline_becomes_rows_and_follows_what_the_host_decides(
    store: Store, hall: Auditorium, stepping: Stepping, keeper: TimelineKeeper
) -> None:
    talked_about(hall)
    stepping.catch_up()
    keeper.step()
    assert rows(stepping, "SELECT * FROM v_heat") == []

    hall.second = 60
    hall.do("hal", commands.EndTalk())
    stepping.catch_up()
    keeper.step()
    pin = commands.PinHighlight(start_s=1, end_s=9, title="The price")
    hall.do("hal", pin)
    stepping.catch_up()
    keeper.step()

    _, timeline = timeline_of(store, hall.talk)
    told = [(curve, value) for curve, line in timeline.heat.curves.items() for value in line]
    heat = rows(stepping, "SELECT curve, heat FROM v_heat ORDER BY curve, second")
    assert heat == sorted(told, key=lambda one: one[0])
    highlights = rows(stepping, "SELECT place, start_s, end_s, title FROM v_highlights")
    assert highlights == [(1, 1.0, 9.0, "The price")]


def test_what_listeners_do_finds_no_timeline_anew(
    store: Store, hall: Auditorium, stepping: Stepping, keeper: TimelineKeeper
) -> None:
    talked_about(hall)
    hall.do("hal", commands.EndTalk())
    stepping.catch_up()
    keeper.step()
    kept = TimelineRows(stepping.engine).positions(store.log_id())

    hall.do("ann", commands.TickReplay(kind="agree", media_s=5))
    stepping.catch_up()
    keeper.step()

    assert TimelineRows(stepping.engine).positions(store.log_id()) == kept
    hall.do("hal", commands.CorrectClock(shift_s=5))
    stepping.catch_up()
    keeper.step()
    assert TimelineRows(stepping.engine).positions(store.log_id()) != kept


def test_a_rebuild_leaves_heat_and_highlights_where_they_are(
    store: Store, hall: Auditorium, stepping: Stepping, keeper: TimelineKeeper
) -> None:
    talked_about(hall)
    hall.do("hal", commands.EndTalk())
    stepping.catch_up()
    keeper.step()
    before = rows(stepping, "SELECT * FROM v_heat")

    rebuild(store, stepping.engine, holder="me")

    assert rows(stepping, "SELECT * FROM v_heat") == before != []


def test_a_restored_log_has_its_timelines_found_anew(
    store: Store, hall: Auditorium, stepping: Stepping, keeper: TimelineKeeper
) -> None:
    talked_about(hall)
    hall.do("hal", commands.EndTalk())
    stepping.catch_up()
    keeper.step()

    log_id = store.log.renew_id()
    keeper.step()

    assert TimelineRows(stepping.engine).positions(log_id) == store.log.last_positions(0)


def test_whoever_read_raw_rows_stands_in_moderation_and_took_no_part(
    hall: Auditorium, stepping: Stepping
) -> None:
    hall.app.submit(hall.talk, commands.NoteRowsRead(table="people"), str(uuid4()), HAL).result(10)
    stepping.catch_up()

    assert rows(stepping, "SELECT act, item FROM moderation ORDER BY position DESC")[0] == (
        "access.rows-read",
        "people",
    )
    assert rows(stepping, "SELECT joined FROM v_funnel") == [(1,)]


def test_views_follow_the_code_and_rows_stay(
    hall: Auditorium, stepping: Stepping, views_url: str
) -> None:
    """As when a version defines one otherwise, and all its processes start at once."""
    talked_about(hall)
    stepping.catch_up()
    as_now = rows(stepping, "SELECT * FROM v_funnel")
    older = analytics.definitions(stepping.engine) | {"v_funnel": "SELECT 1 AS joined"}
    analytics.replace(stepping.engine, older)
    with writing(stepping.engine) as connection:
        connection.execute(text("UPDATE view_shape SET shape = 'an older one' WHERE id = 2"))
    assert rows(stepping, "SELECT * FROM v_funnel") == [(1,)]

    with ThreadPoolExecutor(4) as processes:
        for engine in processes.map(open_views, [views_url] * 4):
            engine.dispose()

    assert rows(stepping, "SELECT * FROM v_funnel") == as_now
    assert rows(stepping, "SELECT generation FROM view_current") == [(1,)]


def test_a_view_that_is_missing_is_made_again(stepping: Stepping, views_url: str) -> None:
    with writing(stepping.engine) as connection:
        connection.execute(text("DROP VIEW v_heat"))

    open_views(views_url).dispose()

    assert rows(stepping, "SELECT * FROM v_heat") == []


@pytest.fixture
def analyst(hall: Auditorium, stepping: Stepping, views_url: str) -> Iterator[Analyst]:
    talked_about(hall)
    stepping.catch_up()
    views = Views(views_url)
    yield Analyst(stepping.engine, views, hall.talk, Pseudonyms("secret"))
    views.close()


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT title FROM topics WHERE title LIKE 'Pri%'; ", [("Prices",)]),
        ("WITH t AS (SELECT second % 4 AS s FROM ticks) SELECT s, s FROM t WHERE s > 2", []),
        ("(SELECT 1) -- a remark", [(1,)]),
    ],
)
def test_a_query_of_an_analyst_s_own_is_answered(
    analyst: Analyst, stepping: Stepping, sql: str, told: list[tuple[object, ...]]
) -> None:
    if sql.startswith("(") and stepping.engine.dialect.name == "sqlite":
        sql = sql.replace("(", "").replace(")", "")

    with analyst.asked(sql) as (_, found):
        assert [tuple(row) for row in found] == told


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM tick_rows",
        "WITH x AS (SELECT 1) DELETE FROM tick_rows",
        "SELECT 1; DELETE FROM tick_rows",
        "SELECT 1 INTO/**/OUTFILE '{file}'",
        "SELECT nope FROM talks",
    ],
)
def test_what_is_no_query_does_nothing_and_is_told(
    analyst: Analyst, stepping: Stepping, tmp_path: Path, sql: str
) -> None:
    file = tmp_path / "written"

    with pytest.raises(Invalid), analyst.asked(sql.format(file=file)):
        pass

    assert not file.exists()
    assert rows(stepping, "SELECT COUNT(*) FROM ticks") == [(4,)]
