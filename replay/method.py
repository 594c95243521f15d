"""The few numbers that highlights depend on, each with its reason.

How they were found and what they are worth: docs/explanation/highlights.md.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """All numbers of the method. Times in seconds."""

    silence_s: float = 25.0
    """An act t seconds after the same person's last one counts ``(1 - exp(-t / 25)) ** 2``: after
    half a minute about half, at once nothing. Who had been silent tells more, and a flood of
    one person's clicks never weighs more than one person a minute."""
    greeting: float = 0.3
    """Weight of a person's first act when it is a chat line: it is often a hello."""
    aside: float = 0.5
    """Weight of lines and votes where people also tick: they are about many things."""

    audience_s: int = 600
    """Who reacted within ten minutes is there: longer than most people stay silent."""
    audience_power: float = 0.75
    """How far reactions are taken relative to the audience: 1 would forget that a moment
    of a full room is better known, 0 would let a growing room drown its first half."""

    before_s: int = 30
    before: float = 0.4
    """What went on for half a minute already is partly usual: highlights are onsets."""
    least_rate: float = 1 / 60
    """A reaction a minute is usual in any room; rarer ones would each be a sensation."""

    widths_s: tuple[int, ...] = (8, 12, 18, 27, 40)
    """From a burst of laughter to long applause, each 1.5 times the one before."""
    smooth_s: float = 5.0
    """Reaction times of people scatter by about this much."""
    apart_s: int = 45
    """Two highlights closer than this are one to a listener."""
    bye_s: float = 75.0
    """Goodbye is a burst without a moment: scores are halved in the end of a talk, for as long
    as this or a twenty-fourth of it."""

    chance_every_s: float = 10.0
    luck: float = 0.9
    """Every ten seconds are a new chance for a peak without reason; in rooms of steady habits
    the highest of a talk stays below 0.9 times what normal deviates would reach."""
    least_people: int = 3
    """Fewer are no audience; nobody, and no pair, makes a highlight alone."""
    least_confidence: float = 0.1
    """What is less sure is noise; it would only stand beside real highlights."""
    few: int = 10
    most: int = 20
    more_confidence: float = 0.25
    """Ten stops are many for a listener: further ones, twenty at most, are surer than that."""

    reaction_s: float = 3.0
    """From a moment to the first clicks of those who see it as it happens."""
    chat_delay_s: float = 13.0
    chat_hurry_s: float = 4.0
    chat_delays_s: tuple[float, float] = (5.0, 18.0)
    """Where there is only the chat of a stream whose delay nobody knows, it begins to react
    13 s after a moment at one line a second, 4 s less for each e-fold: busy chats are quick.
    Within these limits."""
    heat_lag_s: float = 5.0
    """How far behind its beginning a reaction is felt most."""


METHOD = Method()
