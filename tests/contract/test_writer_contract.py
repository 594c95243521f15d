"""What group commit promises, on each database."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from builders import TALK
from saying import Ask, Saying, saying
from sqlalchemy import func, select

from domain.errors import Conflict, NotFound, NotOpen, Unavailable
from domain.participation import Participation
from domain.store import Answer, GroupCommit, Store, open_store
from domain.store import writer as writer_module
from domain.store.engine import to_write
from domain.store.schema import commands
from domain.store.tail import Tail
from domain.talk import Talk


@pytest.fixture(params=["asking", "trusting"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether a writer asks what is new before it decides, or trusts that nothing is."""
    if request.param == "trusting":
        monkeypatch.setattr(writer_module, "QUIET", 0)
    return str(request.param)


both_ways = pytest.mark.usefixtures("way")


@pytest.fixture
def writer(store: Store) -> Iterator[GroupCommit[Ask]]:
    with saying(store) as opened:
        yield opened


def names(store: Store) -> list[str]:
    return [fact.name for fact in store.log.read(0, 10_000)]


def kept_answers(store: Store) -> int:
    with store.log.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(commands)).scalar_one()


def answered(*futures: "Future[Answer]") -> list[Answer]:
    return [future.result(10) for future in futures]


@both_ways
def test_an_accepted_command_is_answered_with_the_position_of_its_last_fact(
    store: Store, writer: GroupCommit[Ask]
) -> None:
    [answer] = answered(writer.submit(Ask()))

    assert answer == Answer(2, answer.result)
    assert store.log.item_stream(answer.result["line"]) == store.log.read(0, 9)[1].stream
    assert names(store) == ["participation.joined", "participation.line-posted"]


@both_ways
def test_a_repeat_is_given_the_first_answer(store: Store, writer: GroupCommit[Ask]) -> None:
    ask = Ask()
    [first] = answered(writer.submit(ask))

    [again] = answered(writer.submit(ask))

    assert again == Answer(first.position, first.result, repeated=True)
    assert len(names(store)) == 2


@both_ways
def test_repeats_in_one_batch_are_one_command(store: Store, writer: GroupCommit[Ask]) -> None:
    ask = Ask()

    answers = answered(*[writer.submit(ask) for _ in range(20)])

    assert len({(answer.position, answer.result["line"]) for answer in answers}) == 1
    assert len(names(store)) == 2


@both_ways
def test_a_command_id_used_for_another_command_is_a_conflict(
    store: Store, writer: GroupCommit[Ask]
) -> None:
    first = Ask(text="Hello")
    answered(writer.submit(first))

    with pytest.raises(Conflict):
        writer.submit(Ask(text="Bye", command_id=first.command_id)).result(10)

    assert len(names(store)) == 2


def test_command_ids_of_two_people_have_nothing_to_do_with_each_other(
    writer: GroupCommit[Ask],
) -> None:
    ann = Ask(actor="ann")

    answers = answered(writer.submit(ann), writer.submit(Ask("bob", command_id=ann.command_id)))

    assert [answer.position for answer in answers] == [2, 4]
    assert not any(answer.repeated for answer in answers)


@both_ways
def test_a_command_that_changes_nothing_keeps_its_answer(
    store: Store, writer: GroupCommit[Ask]
) -> None:
    ask = Ask(what="nothing")

    first, again = [*answered(writer.submit(ask)), *answered(writer.submit(ask))]

    assert (first, again) == (Answer(None, {}), Answer(None, {}, repeated=True))
    assert (names(store), kept_answers(store)) == ([], 1)


@both_ways
def test_a_refusal_is_not_kept(store: Store, writer: GroupCommit[Ask]) -> None:
    ask = Ask(what="refused")

    with pytest.raises(NotOpen):
        writer.submit(ask).result(10)

    assert kept_answers(store) == 0


@both_ways
def test_what_must_be_checked_is_checked_before_a_repeat_is_answered(store: Store) -> None:
    is_allowed = True

    def check(_work: object, _ask: Ask) -> None:
        if not is_allowed:
            raise NotOpen("not any more")

    with GroupCommit(store, check=check, decide=Saying(store)) as writer:
        ask = Ask()
        answered(writer.submit(ask))
        is_allowed = False

        with pytest.raises(NotOpen):
            writer.submit(ask).result(10)


@pytest.mark.parametrize(
    ("what", "error"), [("failing", ZeroDivisionError), ("unwritable", UnicodeEncodeError)]
)
def test_a_command_that_fails_half_way_fails_alone(
    store: Store, writer: GroupCommit[Ask], what: str, error: type[Exception]
) -> None:
    with holding_the_head(store):
        before, broken, after = (writer.submit(Ask(what=w)) for w in ("line", what, "line"))

    with pytest.raises(error):
        broken.result(10)

    assert [answer.position for answer in answered(before, after)] == [2, 3]
    assert names(store)[1:] == ["participation.line-posted"] * 2
    assert [fact.version for fact in store.log.read(0, 9)] == [1, 2, 3]


@both_ways
def test_decisions_of_one_batch_build_on_each_other(store: Store, writer: GroupCommit[Ask]) -> None:
    with holding_the_head(store):
        futures = [writer.submit(Ask(what="topic", text=f"Topic {n}")) for n in range(10)]

    assert [answer.result["topic"] for answer in answered(*futures)] == [str(n) for n in range(10)]
    assert len(topics(store)) == 10


def test_a_line_is_found_by_a_later_command_of_the_same_batch(
    store: Store, writer: GroupCommit[Ask]
) -> None:
    [line] = answered(writer.submit(Ask()))

    answered(writer.submit(Ask("mia", "hide", line.result["line"])))

    assert names(store)[-1] == "participation.line-hidden"


@pytest.mark.parametrize("item", ["é", "🙂", "x" * 300, "'", "\x00"])
def test_an_id_that_can_not_be_is_not_found(writer: GroupCommit[Ask], item: str) -> None:
    with pytest.raises(NotFound):
        writer.submit(Ask("mia", "hide", item)).result(1)


def test_a_talk_that_can_not_be_harms_nobody(store: Store, writer: GroupCommit[Ask]) -> None:
    with holding_the_head(store):
        odd = writer.submit(Ask("mia", "refused", talk="tälk"))
        plain = writer.submit(Ask())

    assert answered(plain)[0].position == 2
    with pytest.raises(NotOpen):
        odd.result(1)


def test_a_writer_alone_asks_nothing_before_it_decides(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with saying(store) as writer:
        for _ in range(writer_module.QUIET + 1):
            answered(writer.submit(Ask()))
        monkeypatch.setattr(Tail, "look", None)
        monkeypatch.setattr(Tail, "reserve", None)

        [answer] = answered(writer.submit(Ask()))

    assert answer.position == store.log.head()


@both_ways
def test_a_repeat_that_would_be_refused_by_now_is_given_the_first_answer(store: Store) -> None:
    decided: list[Ask] = []

    def once(_work: object, ask: Ask) -> dict[str, str]:
        if decided:
            raise NotOpen("not again")
        decided.append(ask)
        return {}

    with GroupCommit(store, decide=once) as writer:
        ask = Ask()
        answered(writer.submit(ask))

        [again] = answered(writer.submit(ask))

    assert again == Answer(None, {}, repeated=True)


@both_ways
def test_two_writers_that_contend_for_one_stream_lose_nothing(store_url: str) -> None:
    with two_writers(store_url) as (store, writers):

        def ask(n: int) -> Answer:
            return writers[n % 2].submit(Ask(what="topic", text=f"Topic {n}")).result(20)

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(ask, range(120)))

        assert sorted(topics(store)) == sorted(f"Topic {n}" for n in range(120))
        assert len({answer.result["topic"] for answer in answers}) == 120
        assert len({answer.position for answer in answers}) == 120


@both_ways
def test_one_command_given_to_two_writers_at_once_is_recorded_once(store_url: str) -> None:
    with two_writers(store_url) as (store, writers):
        asks = [Ask(actor=f"person-{n}") for n in range(40)]
        start = threading.Barrier(2)

        def ask_all(writer: GroupCommit[Ask]) -> list[Answer]:
            start.wait()
            return answered(*[writer.submit(ask) for ask in asks])

        with ThreadPoolExecutor(2) as pool:
            one, other = pool.map(ask_all, writers)

        assert [(a.position, a.result) for a in one] == [(a.position, a.result) for a in other]
        assert [a.repeated for a in one] == [not a.repeated for a in other]
        assert names(store).count("participation.line-posted") == 40


@both_ways
def test_a_decision_knows_what_another_process_has_written(store_url: str) -> None:
    with two_writers(store_url) as (_, (one, other)):
        [line] = answered(one.submit(Ask()))
        answered(other.submit(Ask("mia", "hide", line.result["line"])))

        answers = answered(one.submit(Ask("mia", "hide", line.result["line"])))

    assert answers == [Answer(None, {})]  # it was hidden already


def test_a_writer_long_outrun_forgets_all_it_knew(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "FAR", 5)
    with two_writers(store_url) as (store, (one, other)):
        answered(one.submit(Ask(what="topic", text="First")))
        answered(*[other.submit(Ask(what="topic", text=f"Topic {n}")) for n in range(20)])

        [answer] = answered(one.submit(Ask(what="topic", text="Last")))

        assert answer.result == {"topic": "21"}
        assert len(topics(store)) == 22


@both_ways
def test_a_decision_finds_an_aggregate_it_kept_as_another_process_left_it(store_url: str) -> None:
    with two_writers(store_url) as (store, (one, other)):
        answered(one.submit(Ask()))
        [line] = answered(other.submit(Ask()))

        answered(one.submit(Ask("mia", "hide", line.result["line"])))

        found = store.aggregate(Participation, store.log.item_stream(line.result["line"]) or "")

    assert found is not None
    assert [told.is_hidden for told in found.lines.values()] == [False, True]


def test_a_writer_told_of_commits_is_told_the_head(store: Store) -> None:
    heads: list[int] = []
    with GroupCommit(store, decide=Saying(store), on_commit=heads.append) as writer:
        answered(writer.submit(Ask()))
        answered(writer.submit(Ask()))

    assert heads == [2, 3]


def test_whoever_is_told_may_fail_without_harm(store: Store) -> None:
    def fail(_: int) -> None:
        raise ZeroDivisionError

    with GroupCommit(store, decide=Saying(store), on_commit=fail) as writer:
        assert len(answered(writer.submit(Ask()), writer.submit(Ask()))) == 2


def test_closing_finishes_what_was_submitted(store: Store) -> None:
    writer = saying(store)
    futures = [writer.submit(Ask()) for _ in range(50)]

    writer.close()

    assert all(future.done() for future in futures)
    with pytest.raises(Unavailable):
        writer.submit(Ask())


def test_what_is_cancelled_in_time_may_still_be_recorded_and_harms_nobody(
    store: Store, writer: GroupCommit[Ask]
) -> None:
    with holding_the_head(store):
        cancelled, kept = writer.submit(Ask()), writer.submit(Ask("bob"))
        cancelled.cancel()

    assert answered(kept)[0].position == 4


def topics(store: Store) -> list[str]:
    talk = store.aggregate(Talk, f"talk/{TALK}")
    return list(talk.topics.values()) if talk else []


@contextmanager
def holding_the_head(store: Store) -> Iterator[None]:
    """Keep every writer from committing, so that what is submitted meanwhile is one batch."""
    with store.log.engine.connect() as connection:
        store.log.reserve(to_write(connection), 0)
        yield
        connection.rollback()


@contextmanager
def two_writers(url: str) -> Iterator[tuple[Store, list[GroupCommit[Ask]]]]:
    """Two processes' worth of writers over one database."""
    with ExitStack() as stack:
        stores = [stack.enter_context(open_store(url)) for _ in range(2)]
        yield stores[0], [stack.enter_context(saying(store)) for store in stores]
