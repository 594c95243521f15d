"""Everything the audience did in a talk, laid on the clock of its recording.

Ticks, chat lines and votes are all reactions. They come after their moment: by the
delay of the stream and the time it takes to feel and click, or, of a tick that carries
the position of its player, by the latter alone. Here all come equally late, so that
they add up; who picks highlights takes ``delay_s`` off again.
"""

from dataclasses import dataclass

import numpy as np

from replay.facts import LINE, VOTE, Floats, Ints, TalkFacts, Ticks
from replay.signal import per_second, thinned

REACTION_S = 6.0
"""From a moment to the clicks of those who see it as it happens."""


@dataclass(frozen=True, slots=True, eq=False)
class Reactions:
    """Who reacted when (seconds of the recording, late by ``delay_s``), and how."""

    felt_s: Floats
    person: Ints
    kind: Ints
    kinds: tuple[str, ...]
    delay_s: float
    seconds: int
    """Length of the recording so far, in whole seconds."""

    def counts(self, kinds: frozenset[str] | None = None) -> Floats:
        """People who reacted in each second, thinned; of the given kinds or of all."""
        chosen = self._of(kinds)
        at_s, _ = thinned(self.felt_s[chosen], self.person[chosen])
        return per_second(at_s, self.seconds)

    def _of(self, kinds: frozenset[str] | None) -> Ints:
        if kinds is None:
            return np.arange(len(self.kind))
        codes = [code for code, name in enumerate(self.kinds) if name in kinds]
        return np.flatnonzero(np.isin(self.kind, codes))


def reactions(facts: TalkFacts) -> Reactions:
    """All reactions of the talk so far that the recording shows."""
    acts = facts.ticks
    if facts.lines:
        acts = acts.also(Ticks.of((one.offset_s, one.person, LINE, None) for one in facts.lines))
    if facts.votes:
        acts = acts.also(Ticks.of((one.offset_s, one.person, VOTE, None) for one in facts.votes))
    seconds = max(1, int(np.ceil(facts.clock.media_at(facts.duration_s))))
    delay_s = _delay_s(facts, acts, seconds)
    seen = np.isfinite(acts.media_s)
    felt_s = np.where(seen, acts.media_s + delay_s - REACTION_S, facts.clock.media(acts.offset_s))
    kept = seen | facts.clock.shows(acts.offset_s)
    return Reactions(felt_s[kept], acts.person[kept], acts.kind[kept], acts.kinds, delay_s, seconds)


def _delay_s(facts: TalkFacts, acts: Ticks, seconds: int) -> float:
    if facts.delay_s is not None:
        return facts.delay_s
    if len(facts.ticks):
        return REACTION_S
    counted, _ = thinned(acts.offset_s, acts.person)
    return _likely_delay_s(max(len(counted), 1) / seconds)


def _likely_delay_s(rate: float) -> float:
    """How late the chat of somebody else's stream comes: the busier, the sooner.

    Where many talk, the first reactions already stand out; where a line comes every five
    seconds, a peak is seen only when most have come.
    """
    return float(np.clip(12.5 - 5 * np.log(rate), 5.0, 20.0))
