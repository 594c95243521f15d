"""Group commit: one thread decides what is pending and appends it in one transaction.

Nothing lingers: batches form while the last commit runs. A decision stands only when
nothing it read was written by another process meanwhile; else the batch is decided
again, in order, and at last under the head's lock. Command ids make every retry
harmless, also that of a commit which may have happened.

While no other process writes, a batch is not begun by asking what is new: it is decided on
what is known and committed on condition that the head is where it was
(docs/decisions/0016-trusting-that-nobody-else-writes.md).
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, Protocol, Self, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection

from domain.aggregate import Fact, talk_of
from domain.errors import Conflict, Refused, Unavailable
from domain.person import Person
from domain.store.engine import may_pass
from domain.store.log import FirstAnswer, NewAnswer, NewFact
from domain.store.store import Store
from domain.store.tail import Moved, Tail, open_tail
from domain.store.work import Work

_log = logging.getLogger(__name__)

BATCH = 500  # commands decided in one transaction, at most
OPTIMISTIC = 3  # attempts before a batch is decided under the head's lock
QUIET = 8  # batches in a row that found nothing of others, before the next trusts in that
FAR = 5_000  # facts of others; from so many on, forgetting all is quicker than following


class Asked(Protocol):
    """A command as the writer needs it: whose it is, its id, and what exactly it asks.

    ``streams`` are those that its decision is likely to read: all that a batch needs is
    read at once.
    """

    @property
    def actor(self) -> str: ...
    @property
    def command_id(self) -> str: ...
    @property
    def talk(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def streams(self) -> Sequence[str]: ...


_Asked = TypeVar("_Asked", bound=Asked)
Result = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an accepted command is answered: the first time and at every repeat.

    ``position`` is that of the last fact it recorded, ``None`` when nothing changed.
    """

    position: int | None
    result: Result
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Ticket(Generic[_Asked]):
    """A command in the queue, and whoever waits for its answer."""

    asked: _Asked
    actor: str
    body_hash: str
    future: "Future[Answer]"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How one command of a batch was decided; it stands when the batch is committed."""

    answer: NewAnswer | FirstAnswer | None = None
    refusal: Refused | None = None
    repeated: bool = False


@dataclass(slots=True)
class _Batch:
    """What was decided together: an outcome per command, and what is to be recorded."""

    facts: list[NewFact] = field(default_factory=list)
    answers: dict[str, NewAnswer] = field(default_factory=dict)
    outcomes: list[_Outcome] = field(default_factory=list)


class _Stale(Exception):  # noqa: N818 - reads as a statement where it is raised
    """Another process wrote to what this batch had read."""


class _Spoiled(Exception):  # noqa: N818 - reads as a statement where it is raised
    """A decision broke off half-way; the command at ``place`` has to be left out."""

    def __init__(self, place: int, cause: Exception) -> None:
        super().__init__(place)
        self.place = place
        self.cause = cause


class GroupCommit(Generic[_Asked]):
    """The writer of one process. ``submit`` from any thread; decisions run on its own.

    ``check`` refuses what a repeat would be refused too (an unknown talk, a role);
    ``decide`` records facts on the ``Work`` and returns the result's ids. Both raise
    ``Refused`` before they record anything. ``on_commit`` is told the head after each
    commit. What the database does not take within ``patience_s`` is ``Unavailable``.
    """

    def __init__(
        self,
        store: Store,
        *,
        decide: Callable[[Work, _Asked], Result],
        check: Callable[[Work, _Asked], None] = lambda _work, _asked: None,
        on_commit: Callable[[int], None] = lambda _head: None,
        patience_s: float = 5.0,
    ) -> None:
        self._store = store
        self._check = check
        self._decide = decide
        self._on_commit = on_commit
        self._patience_s = patience_s
        self._work = Work(store)
        self._seen = 0  # the position up to which ``_work`` is known to be current
        self._log_id = ""
        self._quiet = 0  # batches in a row that found nothing of others
        # Whose commit may have happened: their answers, when found, are no repeats.
        self._uncertain: set[str] = set()
        self._tail: Tail | None = None
        self._queue: deque[_Ticket[_Asked]] = deque()
        self._wake = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, asked: _Asked) -> "Future[Answer]":
        """Queue a command; the future holds its answer, or raises ``Refused``."""
        key = self._store.keys.key(asked.actor)
        ticket = _Ticket(asked, key.actor(asked.command_id), key.body_hash(asked.body), Future())
        with self._wake:
            if self._is_closing:
                raise Unavailable("the writer is closed")
            self._queue.append(ticket)
            self._wake.notify()
        return ticket.future

    def close(self) -> None:
        """Finish what was submitted, then stop."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        self._thread.join()

    # The thread.

    def _run(self) -> None:
        while tickets := self._next_tickets():
            try:
                self._settle(tickets)
            except Exception as error:  # noqa: BLE001 - whatever it is, the thread goes on
                _log.exception("%d commands failed", len(tickets))
                self._start_afresh()
                _fail(tickets, error)
        self._disconnect()

    def _next_tickets(self) -> list[_Ticket[_Asked]]:
        """Wait for commands and take all that are pending; none means to stop."""
        with self._wake:
            while not self._queue and not self._is_closing:
                self._wake.wait()
        self._let_others_aboard()
        with self._wake:
            return [self._queue.popleft() for _ in range(min(len(self._queue), BATCH))]

    def _let_others_aboard(self) -> None:
        """Give way to threads that are about to submit, as long as any does.

        No time is waited: with nobody else ready this costs microseconds. With 16 callers
        it doubles the size of batches (tests/load/group_commit.py).
        """
        count = 0
        while count < len(self._queue) < BATCH:
            count = len(self._queue)
            time.sleep(0)  # gives way, and waits for nothing

    def _settle(self, tickets: list[_Ticket[_Asked]]) -> None:
        """Try until the batch stands, or the patience is at an end."""
        deadline = time.monotonic() + self._patience_s
        tickets = list(tickets)
        self._uncertain.clear()
        attempts = 0
        while True:
            try:
                if attempts or self._quiet < QUIET:
                    self._attempt(tickets, is_locked=attempts >= OPTIMISTIC)
                else:
                    self._attempt_in_trust(tickets)
            except _Stale:
                attempts += 1
                self._uncertain.clear()
                self._give_back()
            except _Spoiled as spoiled:
                self._give_back()
                _fail([tickets.pop(spoiled.place)], spoiled.cause)
            except (DBAPIError, NoConnection) as error:
                attempts += 1
                self._start_afresh()
                if isinstance(error, IntegrityError):
                    self._uncertain.clear()
                if not _is_passing(error) and attempts > OPTIMISTIC:
                    self._settle_singly(tickets, error)
                    return
                if time.monotonic() > deadline:
                    _log.warning("the store did not take %d commands: %s", len(tickets), error)
                    _fail(tickets, Unavailable("the store does not answer; try again"))
                    return
                # A database tells nobody that it is back: it is asked, until the deadline.
                time.sleep(min(0.005 * 2**attempts, 0.25))
            else:
                return

    def _settle_singly(self, tickets: Sequence[_Ticket[_Asked]], error: Exception) -> None:
        """Find the command that can't be recorded by trying each alone."""
        if len(tickets) == 1:
            _log.error("a command can't be recorded: %s", error)
            _fail(tickets, error)
            return
        for ticket in tickets:
            self._settle([ticket])

    def _attempt(self, tickets: Sequence[_Ticket[_Asked]], *, is_locked: bool) -> None:
        """Decide the batch and commit it; when this raises, nothing is known to stand."""
        tail = self._connected()
        if is_locked:
            tail.reserve(0)
        batch = self._decided(tail, tickets)
        base = self._committed(tail, batch) if batch.answers else self._seen
        tail.roll_back()
        self._quiet += 1
        self._stands(tickets, batch, base)

    def _attempt_in_trust(self, tickets: Sequence[_Ticket[_Asked]]) -> None:
        """Decide on what is known, and commit if nobody has written anything since.

        A refusal might be out of date, or be due the first answer: it is decided again.
        """
        tail = self._connected()
        batch = self._decided(tail, tickets, is_trusting=True)
        if any(outcome.refusal for outcome in batch.outcomes):
            raise _Stale
        tail.prepare(batch.facts, list(batch.answers.values()))
        self._uncertain.update(batch.answers)
        if not tail.commit_if_at(self._seen, len(batch.facts)):
            self._quiet = 0
            raise _Stale
        self._stands(tickets, batch, self._seen)

    def _stands(self, tickets: Sequence[_Ticket[_Asked]], batch: _Batch, base: int) -> None:
        """Tell everybody what a committed batch has come to."""
        self._seen = base + len(batch.facts)
        for ticket, outcome in zip(tickets, batch.outcomes, strict=True):
            _resolve(ticket.future, outcome, base)
        if batch.facts:
            self._tell(self._seen)

    def _committed(self, tail: Tail, batch: _Batch) -> int:
        """Take the head, make sure that nothing has moved, insert and commit."""
        tail.prepare(batch.facts, list(batch.answers.values()))
        base = tail.reserve(len(batch.facts))
        if base < self._seen:
            self._work.drop_all()
            self._seen = base
            raise _Stale
        if base > self._seen:
            moved = tail.moved(self._seen, limit=FAR)
            if len(moved) == FAR or self._follow(moved):
                raise _Stale
        self._uncertain.update(batch.answers)
        tail.commit(base)
        return base

    # Keeping up with other processes.

    def _follow(self, moved: Sequence[Moved]) -> bool:
        """Drop what others have written to; tell whether this batch had read any of it."""
        if moved:
            self._quiet = 0
        is_stale = any(self._work.has_moved(to.stream, to.version) for to in moved)
        for to in moved:
            self._seen = to.position
            if not talk_of(to.stream):
                self._store.keys.forget(to.stream.removeprefix(Person.stream_of("")))
        self._work.drop(to.stream for to in moved)
        return is_stale

    def _leap(self) -> None:
        """Forget everything rather than follow what others have written for long."""
        self._seen = self._store.log.head()
        self._work.drop_all()
        self._store.keys.forget_all()

    def _connected(self) -> Tail:
        """Return the connection, which is kept from batch to batch."""
        if self._tail is None:
            self._tail = open_tail(self._store.log)
            self._recognise()
        return self._tail

    def _recognise(self) -> None:
        """Forget everything when this is another log, or one that has lost its end."""
        head, log_id = self._store.log.head(), self._store.log.log_id()
        if head < self._seen or log_id != self._log_id:
            self._work.drop_all()
            self._seen, self._log_id = head, log_id

    def _give_back(self) -> None:
        """Undo this batch, of which nothing was committed."""
        self._work.drop_touched()
        try:
            self._connected().roll_back()
        except (DBAPIError, NoConnection):
            self._start_afresh()

    def _start_afresh(self) -> None:
        """Forget what this batch did: whether it was committed is not known."""
        self._work.drop_touched()
        self._disconnect()

    def _disconnect(self) -> None:
        if self._tail is not None:
            self._tail.close()
            self._tail = None

    def _tell(self, head: int) -> None:
        try:
            self._on_commit(head)
        except Exception:  # noqa: BLE001 - what is committed stands, told or not
            _log.exception("nobody could be told of position %d", head)

    # Deciding.

    def _decided(
        self, tail: Tail, tickets: Sequence[_Ticket[_Asked]], *, is_trusting: bool = False
    ) -> _Batch:
        """Decide all, in order, on what is committed by now; or, trusting, on what is known."""
        self._work.begin_batch()
        likely = self._likely(tickets)
        answers: Mapping[str, FirstAnswer] = {}
        if likely or not is_trusting:
            answers = self._caught_up(tail, tickets, likely)
        batch = _Batch()
        for place, ticket in enumerate(tickets):
            try:
                batch.outcomes.append(self._decide_one(ticket, batch, answers))
            except (DBAPIError, NoConnection):
                raise
            except Exception as error:  # whatever it is, the others must not suffer
                raise _Spoiled(place, error) from error
        return batch

    def _likely(self, tickets: Sequence[_Ticket[_Asked]]) -> list[str]:
        return self._work.unknown(s for ticket in tickets for s in ticket.asked.streams)

    def _caught_up(
        self, tail: Tail, tickets: Sequence[_Ticket[_Asked]], likely: list[str]
    ) -> Mapping[str, FirstAnswer]:
        """Read what is new and what will be needed; returns what was answered before."""
        actors = [ticket.actor for ticket in tickets]
        while len((news := tail.look(self._seen, actors, likely, limit=FAR)).moved) == FAR:
            self._leap()
            likely = self._likely(tickets)
        self._follow(news.moved)
        self._work.load(likely, news.facts)
        return news.answers

    def _decide_one(
        self, ticket: _Ticket[_Asked], batch: _Batch, known: Mapping[str, FirstAnswer]
    ) -> _Outcome:
        try:
            self._check(self._work, ticket.asked)
            first = known.get(ticket.actor) or batch.answers.get(ticket.actor)
            if first is not None:
                return self._repeated(ticket, first)
            result = self._decide(self._work, ticket.asked)
        except Refused as refusal:
            if self._work.take_facts():
                raise RuntimeError("a refused command had recorded facts") from refusal
            return _Outcome(refusal=refusal)
        facts = [self._encoded(fact) for fact in self._work.take_facts()]
        batch.facts += facts
        answer = NewAnswer(
            actor=ticket.actor,
            command_id=ticket.asked.command_id,
            talk=ticket.asked.talk,
            body_hash=ticket.body_hash,
            facts=len(batch.facts) if facts else None,
            result=result,
        )
        batch.answers[ticket.actor] = answer
        return _Outcome(answer)

    def _repeated(self, ticket: _Ticket[_Asked], first: NewAnswer | FirstAnswer) -> _Outcome:
        if first.body_hash != ticket.body_hash:
            raise Conflict("this command_id was used for another command", field="command_id")
        is_ours = ticket.actor in self._uncertain
        self._uncertain.discard(ticket.actor)
        return _Outcome(first, repeated=not is_ours)

    def _encoded(self, fact: Fact) -> NewFact:
        stored = self._store.mapper.to_stored_event(fact)
        stream = fact.originator_id
        item = getattr(fact, fact.ITEM) if fact.ITEM else ""
        return NewFact(
            talk_of(stream), stream, stored.originator_version, stored.topic, stored.state, item
        )


def _resolve(future: "Future[Answer]", outcome: _Outcome, base: int) -> None:
    match outcome.answer:
        case NewAnswer(facts=None, result=result):
            _settle_future(future, Answer(None, dict(result), outcome.repeated))
        case NewAnswer(facts=int(facts), result=result):
            _settle_future(future, Answer(base + facts, dict(result), outcome.repeated))
        case FirstAnswer(position=position, result=result):
            _settle_future(future, Answer(position, result, outcome.repeated))
        case None:
            _settle_future(future, outcome.refusal or RuntimeError("neither answer nor refusal"))


def _fail(tickets: Sequence[_Ticket[_Asked]], error: Exception) -> None:
    for ticket in tickets:
        _settle_future(ticket.future, error)


def _settle_future(future: "Future[Answer]", outcome: Answer | Exception) -> None:
    """Tell whoever waits; they may have cancelled, or been told already."""
    if future.done() or not future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _is_passing(error: Exception) -> bool:
    return isinstance(error, NoConnection) or (isinstance(error, DBAPIError) and may_pass(error))
