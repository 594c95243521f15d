"""Laws of the rows: whatever the batches and however often memory is lost, they tell the log."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from builders import TALK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import PEOPLE, Placed, histories
from shelf import Shelf
from sqlalchemy import Engine

from domain.participation import Participation
from domain.store import writing
from domain.talk import Talk
from projections import place
from projections.generation import Generation
from projections.outbox import ME, Patched
from projections.patch import Document, apply
from projections.projector import open_views
from projections.reading import Views
from projections.talk_views import REPLAY, VIEWS, TalkViews

_settings = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def views_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("views")
    return f"sqlite:///{folder}/views.db"


@pytest.fixture(scope="module")
def engine(views_url: str) -> Iterator[Engine]:
    engine = open_views(views_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def views(views_url: str, engine: Engine) -> Iterator[Views]:
    del engine
    views = Views(views_url)
    yield views
    views.close()


def project(engine: Engine, history: Sequence[Placed], sizes: Sequence[int]) -> list[Patched]:
    """Keep a history as a new generation; every other batch begins without memory."""
    with writing(engine) as connection:
        begun = place.begin(connection, "log")
        place.hand_over(connection, begun, head=0)
    store: Any = Shelf(history)
    at, told = begun, list[Patched]()
    generation = Generation(store, engine, at)
    for number in range(10_000):
        advance = generation.advance(sizes[number % len(sizes)])
        if advance is None:
            return told
        assert advance.parked == []
        told += advance.told
        if number % 2:
            generation = Generation(store, engine, generation.place)
    raise AssertionError


_sizes = st.lists(st.integers(1, 20), min_size=1, max_size=4)


def views_of(history: list[Placed]) -> list[str]:
    """List the views that there are: a replay only of an ended talk."""
    has_ended = any(isinstance(fact, Talk.Ended) for _, fact in history)
    return [view for view in VIEWS if has_ended or view != REPLAY]


@_settings
@given(history=histories, sizes=_sizes)
def test_views_kept_in_rows_equal_views_folded_from_zero(
    engine: Engine, views: Views, history: list[Placed], sizes: list[int]
) -> None:
    told = project(engine, history, sizes)

    whole = TalkViews(TALK)
    for position, fact in history:
        whole.fold(fact, position)
    whole.change()
    for view in views_of(history):
        snapshot = views.snapshot(TALK, view)
        assert snapshot is not None
        assert snapshot.view == whole.document(view) == followed(told, view)


def followed(told: Sequence[Patched], view: str) -> Document:
    """Follow the patches of a view, each leading on from the one before."""
    document: Document = {}
    position = 0
    for one in told:
        if one.view == view:
            assert one.prev == position
            document, position = apply(document, orjson.loads(one.body)), one.position
    return document


@_settings
@given(history=histories, sizes=_sizes)
def test_what_one_is_told_leads_to_what_one_reads(
    engine: Engine, views: Views, history: list[Placed], sizes: list[int]
) -> None:
    told = project(engine, history, sizes)

    for attendee in PEOPLE:
        read = views.me(TALK, attendee)
        nobody = {"attendee": attendee, "name": "", "roles": {}, "votes": {}, "items": {}}
        heard: Document = {**nobody, "muted_until": "", "banned": False, "nickname": "", "own": {}}
        for one in told:
            if one.view == ME:
                heard = apply(heard, orjson.loads(one.body).get(attendee, {}))
        assert heard == read


@_settings
@given(history=histories, sizes=_sizes)
def test_seconds_count_every_tick_once_and_every_person_once(
    engine: Engine, views: Views, history: list[Placed], sizes: list[int]
) -> None:
    project(engine, history, sizes)

    ticks = [fact for _, fact in history if isinstance(fact, Participation.FeedbackGiven)]
    for bucket_s in (1, 10, 60):
        counted: Counter[Any] = Counter()
        people: defaultdict[Any, set[str]] = defaultdict(set)
        for tick in ticks:
            second = max(int((tick.timestamp - history[0][1].timestamp).total_seconds()), 0)
            key = (second - second % bucket_s, tick.topic, tick.kind)
            counted[key] += 1
            people[key].add(tick.by)
        rows = views.feedback(TALK, bucket_s=bucket_s)
        assert [
            (row["offset_s"], row["topic"], row["kind"], row["ticks"], row["people"])
            for row in rows
        ] == [(*key, counted[key], len(people[key])) for key in sorted(counted)]


@_settings
@given(history=histories, sizes=_sizes)
def test_the_outbox_leads_on_from_every_position_it_reaches_back_to(
    engine: Engine, views: Views, history: list[Placed], sizes: list[int]
) -> None:
    told = project(engine, history, sizes)

    for view in views_of(history):
        whole = views.snapshot(TALK, view)
        assert whole is not None
        document: Document = {}
        for one in [one for one in told if one.view == view]:
            document = apply(document, orjson.loads(one.body))
            changes = views.patches(TALK, view, whole.epoch, one.position)
            caught_up = document
            for change in changes or []:
                caught_up = apply(caught_up, change.patch)
            assert changes is None or caught_up == whole.view
