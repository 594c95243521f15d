"""Everything the audience did in a talk, laid on the clock of its recording.

Ticks, chat lines and votes are all reactions. They come after their moment: by the
delay of the stream and the time it takes to feel and click, or, of a tick that carries
the position of its player, by the latter alone. Here all come equally late, so that
they add up; who picks highlights takes ``delay_s`` off again.
"""

from dataclasses import dataclass

import numpy as np

from replay.facts import LINE, VOTE, Floats, Ints, TalkFacts, Ticks
from replay.method import METHOD, Method
from replay.signal import Signal, first_of_each, freshness, people_around, per_second


@dataclass(frozen=True, slots=True, eq=False)
class Reactions:
    """Who reacted when (seconds of the recording, late by ``delay_s``), and how.

    Sorted by person, then time.
    """

    felt_s: Floats
    person: Ints
    kind: Ints
    kinds: tuple[str, ...]
    delay_s: float
    seconds: int
    """Length of the recording so far, in whole seconds."""
    people: int
    """Different people who reacted at all."""

    def signal(self, method: Method = METHOD) -> Signal:
        """The signal of all reactions."""
        fresh = freshness(self.felt_s, self.person, method.silence_s)
        return Signal(
            counts=per_second(self.felt_s, fresh * self._weights(method), self.seconds),
            audience=people_around(self.felt_s, self.person, self.seconds, method.audience_s),
        )

    def counts(self, kinds: frozenset[str], method: Method = METHOD) -> Floats:
        """People who reacted in one of these ways in each second."""
        rows = np.flatnonzero(np.isin(self.kind, self._codes(kinds)))
        fresh = freshness(self.felt_s[rows], self.person[rows], method.silence_s)
        return per_second(self.felt_s[rows], fresh, self.seconds)

    def _codes(self, kinds: frozenset[str]) -> list[int]:
        return [code for code, name in enumerate(self.kinds) if name in kinds]

    def _weights(self, method: Method) -> Floats:
        """What acts of that kind weigh; less for a line that is its person's first act."""
        is_line = np.isin(self.kind, self._codes(frozenset({LINE})))
        beside = is_line | np.isin(self.kind, self._codes(frozenset({VOTE})))
        weight = np.where(beside & ~beside.all(), method.aside, 1.0)
        greets = first_of_each(self.person)
        greets = greets[is_line[greets]]
        weight[greets] *= method.greeting
        return weight


def reactions(facts: TalkFacts, method: Method = METHOD) -> Reactions:
    """All reactions of the talk so far that the recording shows."""
    acts = _acts(facts)
    seconds = max(1, int(np.ceil(facts.clock.media_at(facts.duration_s))))
    delay_s = _delay_s(facts, acts, seconds, method)
    seen = acts.media_s <= seconds  # a position that is unknown, or of another media, is none
    felt_s = np.where(
        seen, acts.media_s + delay_s - method.reaction_s, facts.clock.media(acts.offset_s)
    )
    kept = np.flatnonzero(seen | facts.clock.shows(acts.offset_s))
    rows = kept[np.lexsort((felt_s[kept], acts.person[kept]))]
    return Reactions(
        felt_s=felt_s[rows],
        person=acts.person[rows],
        kind=acts.kind[rows],
        kinds=acts.kinds,
        delay_s=delay_s,
        seconds=seconds,
        people=len(first_of_each(acts.person[rows])),
    )


def _acts(facts: TalkFacts) -> Ticks:
    """Ticks, lines and votes in one table, ordered so that ties fall the same way always."""
    acts = facts.ticks
    if facts.lines:
        acts = acts.also(Ticks.of((one.offset_s, one.person, LINE, None) for one in facts.lines))
    if facts.votes:
        acts = acts.also(Ticks.of((one.offset_s, one.person, VOTE, None) for one in facts.votes))
    return acts.ordered()


def _delay_s(facts: TalkFacts, acts: Ticks, seconds: int, method: Method) -> float:
    if facts.delay_s is not None:
        return facts.delay_s
    if len(facts.ticks):
        return method.reaction_s
    late = method.chat_delay_s - method.chat_hurry_s * np.log(max(len(acts), 1) / seconds)
    return float(np.clip(late, *method.chat_delays_s))
