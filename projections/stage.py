"""The stage: what the talk is and where it stands: state, topics, panelists, media."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from domain import policy
from domain.aggregate import Fact
from domain.clock import iso, parse
from domain.media import MediaClock
from domain.participation import Participation
from domain.talk import Talk
from projections.patch import Document, Patch, diff
from projections.records import ERASED, NO_MEDIA, UNKNOWN_S, Panelist, TalkCard, Topic

PUBLIC_RULES = (
    *("hold", "release_after_s", "slow_s", "names", "names_at_desk", "votes"),
    *("names_in_replay", "hold_posts", "hashtags", "access"),
)
"""The rules everybody is told; the terms that make a text wait are not."""

Fold: TypeAlias = Callable[[Any, Any, int], None]
"""Takes a view's part, a fact and its position."""


class Stage:
    """Folds the facts of the talk itself."""

    def __init__(self, talk: str) -> None:
        self.talk = talk
        self.card = TalkCard()
        self.topics: dict[str, Topic] = {}
        self.panelists: dict[str, Panelist] = {}
        self.touched: set[TalkCard | Topic | Panelist] = set()
        self.document: Document = {}
        """What was shown last."""
        self._began: datetime | None = None

    def load(self, card: TalkCard, topics: list[Topic], panelists: list[Panelist]) -> None:
        """Take up where the rows are."""
        self.card = card
        self.card.media = {**NO_MEDIA, **card.media}
        self.topics = {topic.topic: topic for topic in topics}
        self.panelists = {panelist.panelist: panelist for panelist in panelists}
        self._began = parse(card.started_at) if card.started_at else None
        self.touched = {card, *topics, *panelists}

    def second(self, at: datetime) -> float:
        """Tell how many seconds into the talk a moment is; before its start nobody knows."""
        if self._began is None:
            return UNKNOWN_S
        return round((at - self._began).total_seconds(), 3)

    @property
    def media_clock(self) -> MediaClock:
        """How the recording runs along the talk."""
        media = self.card.media
        return MediaClock.of(media, media["clock"], self._began)

    def change(self) -> Patch:
        """Show the talk as it is; return what changed since the last time."""
        if not self.touched:
            return {}
        now = self.shown()
        change = diff(self.document, now)
        self.document = now
        return change

    def shown(self) -> Document:
        """Tell everybody about the talk."""
        card = self.card
        return {
            "id": self.talk,
            "title": card.title,
            "state": card.state,
            "starts_at": card.starts_at,
            "started_at": card.started_at,
            "ended_at": card.ended_at,
            "topic": card.topic,
            "topics": {
                topic.topic: {
                    "title": topic.title,
                    "order": topic.order,
                    "opened_at": topic.opened_at,
                    "closed_at": topic.closed_at,
                }
                for topic in self.topics.values()
            },
            "panelists": {
                one.panelist: {"name": one.name, "about": one.about, "order": one.order}
                for one in self.panelists.values()
            },
            "kinds": card.kinds,
            "policy": {rule: card.policy[rule] for rule in PUBLIC_RULES},
            "media": card.media,
        }

    # Folds.

    def _scheduled(self, fact: Talk.Scheduled, _: int) -> None:
        self.card.title = fact.title
        self.card.starts_at = fact.starts_at
        self.card.scheduled_at = iso(fact.timestamp)
        self.card.host = fact.by
        self.card.kinds = without_null(fact.kinds)
        self.card.policy = policy.whole(without_null(fact.policy))
        self.touched.add(self.card)

    def _doors_opened(self, _: Talk.DoorsOpened, __: int) -> None:
        self.card.state = "open"
        self.touched.add(self.card)

    def _started(self, fact: Talk.Started, _: int) -> None:
        self.card.state = "live"
        self.card.started_at = iso(fact.timestamp)
        self._began = parse(self.card.started_at)
        self.touched.add(self.card)

    def _ended(self, fact: Talk.Ended, _: int) -> None:
        self.card.state = "ended"
        self.card.ended_at = iso(fact.timestamp)
        self.card.topic = ""
        self.touched.add(self.card)

    def _topic_introduced(self, fact: Talk.TopicIntroduced, _: int) -> None:
        topic = Topic(fact.topic, fact.title, order=len(self.topics) + 1)
        self.topics[fact.topic] = topic
        self.touched.add(topic)

    def _topics_ordered(self, fact: Talk.TopicsOrdered, _: int) -> None:
        for order, name in enumerate(fact.topics, start=1):
            topic = self.topics[name]
            if topic.order != order:
                topic.order = order
                self.touched.add(topic)

    def _topic_opened(self, fact: Talk.TopicOpened, _: int) -> None:
        topic = self.topics[fact.topic]
        topic.opened_at, topic.closed_at = iso(fact.timestamp), ""
        self.card.topic = fact.topic
        self.touched |= {topic, self.card}

    def _topic_closed(self, fact: Talk.TopicClosed, _: int) -> None:
        topic = self.topics[fact.topic]
        topic.closed_at = iso(fact.timestamp)
        self.card.topic = ""
        self.touched |= {topic, self.card}

    def _panelist_introduced(self, fact: Talk.PanelistIntroduced, _: int) -> None:
        order = len(self.panelists) + 1
        panelist = Panelist(fact.panelist, fact.name, fact.about, order, introduced_by=fact.by)
        self.panelists[fact.panelist] = panelist
        self.touched.add(panelist)

    def _policy_set(self, fact: Talk.PolicySet, _: int) -> None:
        self.card.policy = policy.whole(fact.policy)
        self.touched.add(self.card)

    def _kind_added(self, fact: Talk.KindAdded, _: int) -> None:
        kind = {"label": fact.label, "curve": fact.curve, "order": fact.order}
        self.card.kinds = {**self.card.kinds, fact.kind: kind}
        self.touched.add(self.card)

    def _recording_attached(self, fact: Talk.RecordingAttached, _: int) -> None:
        self._turn_media(
            url=fact.url, started_at=fact.started_at, cuts=[dict(cut) for cut in fact.cuts]
        )

    def _clock_corrected(self, fact: Talk.ClockCorrected, _: int) -> None:
        pieces = [dict(piece) for piece in fact.pieces]
        clock = {"shift_s": fact.shift_s, "pieces": pieces, "delay_s": fact.delay_s}
        self._turn_media(clock=clock)

    def _turn_media(self, **fields: Any) -> None:
        self.card.media = {**self.card.media, **fields}
        self.touched.add(self.card)

    def _erased(self, fact: Participation.Erased, _: int) -> None:
        """Forget the words of a host: their key sealed the names of the panelists they wrote."""
        author = attendee_of(fact)
        for panelist in self.panelists.values():
            if panelist.introduced_by == author:
                panelist.name = ERASED
                panelist.about = ERASED if panelist.about else ""
                self.touched.add(panelist)

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {
        Talk.Scheduled: _scheduled,
        Talk.DoorsOpened: _doors_opened,
        Talk.Started: _started,
        Talk.Ended: _ended,
        Talk.TopicIntroduced: _topic_introduced,
        Talk.TopicsOrdered: _topics_ordered,
        Talk.TopicOpened: _topic_opened,
        Talk.TopicClosed: _topic_closed,
        Talk.PanelistIntroduced: _panelist_introduced,
        Talk.PolicySet: _policy_set,
        Talk.KindAdded: _kind_added,
        Talk.RecordingAttached: _recording_attached,
        Talk.ClockCorrected: _clock_corrected,
        Participation.Erased: _erased,
    }


def attendee_of(fact: Participation.Event) -> str:
    """Tell whose participation a fact is of: the last part of its stream's name."""
    return fact.originator_id.rpartition("/")[2]


def without_null(value: Any) -> Any:
    """Leave out what is null: view documents contain none."""
    if isinstance(value, Mapping):
        return {key: without_null(held) for key, held in value.items() if held is not None}
    if isinstance(value, list):
        return [without_null(held) for held in value if held is not None]
    return value
