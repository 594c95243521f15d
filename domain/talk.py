"""The talk: scheduled, open, live and ended, with its topics, panelists and roles."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from domain import policy as rules
from domain.aggregate import TalkAggregate, talk_stream
from domain.clock import iso
from domain.errors import Invalid, NotFound, NotOpen

DEFAULT_KINDS: dict[str, dict[str, Any]] = {
    "agree": {"label": "Agree", "curve": "loved", "order": 1},
    "insightful": {"label": "Insightful", "curve": "loved", "order": 2},
    "funny": {"label": "Funny", "curve": "funny", "order": 3},
    "disagree": {"label": "Disagree", "curve": "none", "order": 4},
    "lost": {"label": "Lost me", "curve": "lost", "order": 5},
}

UNCORRECTED: dict[str, Any] = {"shift_s": 0.0, "pieces": [], "delay_s": -1.0}
"""The clock of a recording that no host corrected."""

STATES = ("scheduled", "open", "live", "ended")


@dataclass
class Invitation:
    """A link that gives one person a role; ``state`` is open, accepted or withdrawn."""

    role: str
    by: str
    expires_at: str
    state: str = "open"
    accepted_by: str = ""


class Talk(TalkAggregate):
    """One live event. Few people write it: hosts, mostly.

    ``topic`` is the id of the current topic, empty between topics. ``roles`` holds
    what was granted in this talk, by attendee.
    """

    TOPIC = "talk"

    class Event(TalkAggregate.Event):
        TOPIC = "talk.event"

    class Scheduled(TalkAggregate.Created, Event):
        """A talk was announced; ``by`` is its host. ``starts_at`` may be empty (ISO 8601)."""

        TOPIC = "talk.scheduled"
        talk: str
        title: str
        starts_at: str
        kinds: dict[str, dict[str, Any]]
        policy: dict[str, Any]

    class DoorsOpened(Event):
        """Attendees may chat, ask and vote from now on."""

        TOPIC = "talk.doors-opened"

        def apply(self, talk: "Talk") -> None:
            talk.state = "open"

    class Started(Event):
        """The talk is live; media time without a recording counts from here."""

        TOPIC = "talk.started"

        def apply(self, talk: "Talk") -> None:
            talk.state = "live"
            talk.started_at = self.timestamp

    class Ended(Event):
        """Final: no lines, votes or ticks from now on."""

        TOPIC = "talk.ended"

        def apply(self, talk: "Talk") -> None:
            talk.state = "ended"
            talk.ended_at = self.timestamp
            talk.topic = ""

    class TopicIntroduced(Event):
        TOPIC = "talk.topic-introduced"
        topic: str
        title: str

        def apply(self, talk: "Talk") -> None:
            talk.topics[self.topic] = self.title

    class TopicOpened(Event):
        """The panel turned to this topic, and away from any other."""

        TOPIC = "talk.topic-opened"
        topic: str

        def apply(self, talk: "Talk") -> None:
            talk.topic = self.topic

    class TopicClosed(Event):
        TOPIC = "talk.topic-closed"
        topic: str

        def apply(self, talk: "Talk") -> None:
            talk.topic = ""

    class TopicsOrdered(Event):
        """The whole agenda in its order from now on, and as it was ``before``."""

        TOPIC = "talk.topics-ordered"
        topics: list[str]
        before: list[str]

        def apply(self, talk: "Talk") -> None:
            talk.topics = {topic: talk.topics[topic] for topic in self.topics}

    class PanelistIntroduced(Event):
        """Who sits on the panel; the name is sealed with the key of the host who wrote it."""

        TOPIC = "talk.panelist-introduced"
        SEALED: ClassVar = {"name": "by", "about": "by"}
        panelist: str
        name: str
        about: str

        def apply(self, talk: "Talk") -> None:
            talk.panelists.add(self.panelist)

    class KindAdded(Event):
        """An imported session brought a kind of feedback that the talk did not know."""

        TOPIC = "talk.kind-added"
        kind: str
        label: str
        curve: str
        order: int

        def apply(self, talk: "Talk") -> None:
            talk.kinds[self.kind] = {"label": self.label, "curve": self.curve, "order": self.order}

    class RoleGranted(Event):
        TOPIC = "talk.role-granted"
        attendee: str
        role: str

        def apply(self, talk: "Talk") -> None:
            talk.roles.setdefault(self.attendee, set()).add(self.role)

    class RoleWithdrawn(Event):
        TOPIC = "talk.role-withdrawn"
        attendee: str
        role: str

        def apply(self, talk: "Talk") -> None:
            talk.roles.get(self.attendee, set()).discard(self.role)

    class Invited(Event):
        """A link was made that gives one person a role, until it expires (ISO 8601)."""

        TOPIC = "talk.invited"
        invite: str
        role: str
        expires_at: str

        def apply(self, talk: "Talk") -> None:
            talk.invites[self.invite] = Invitation(self.role, self.by, self.expires_at)

    class InviteAccepted(Event):
        """Somebody brought the link: ``talk.role-granted`` follows, in the name of who made it."""

        TOPIC = "talk.invite-accepted"
        invite: str

        def apply(self, talk: "Talk") -> None:
            talk.invites[self.invite].state = "accepted"
            talk.invites[self.invite].accepted_by = self.by

    class InviteWithdrawn(Event):
        TOPIC = "talk.invite-withdrawn"
        invite: str

        def apply(self, talk: "Talk") -> None:
            talk.invites[self.invite].state = "withdrawn"

    class InviteRenewed(Event):
        """It holds again: taking it back was undone."""

        TOPIC = "talk.invite-renewed"
        invite: str

        def apply(self, talk: "Talk") -> None:
            talk.invites[self.invite].state = "open"

    class PolicySet(Event):
        """The whole policy as it holds from now on, and as it was ``before``."""

        TOPIC = "talk.policy-set"
        policy: dict[str, Any]
        before: dict[str, Any]

        def apply(self, talk: "Talk") -> None:
            talk.policy = rules.whole(self.policy)

    class NoticeAnnounced(Event):
        """The desk told everybody something."""

        TOPIC = "talk.notice-announced"
        SEALED: ClassVar = {"text": "by"}
        ITEM: ClassVar = "notice"
        notice: str
        text: str

        def apply(self, talk: "Talk") -> None:
            talk.notices[self.notice] = False

    class NoticeHidden(Event):
        TOPIC = "talk.notice-hidden"
        SEALED: ClassVar = {"why": "by"}
        notice: str
        why: str

        def apply(self, talk: "Talk") -> None:
            talk.notices[self.notice] = True

    class NoticeRestored(Event):
        TOPIC = "talk.notice-restored"
        notice: str

        def apply(self, talk: "Talk") -> None:
            talk.notices[self.notice] = False

    class RecordingAttached(Event):
        """The media; its second 0 was at ``started_at``, ``cuts`` are stretches left out."""

        TOPIC = "talk.recording-attached"
        url: str
        started_at: str
        cuts: list[dict[str, float]]

        def apply(self, talk: "Talk") -> None:
            talk.recording = {"url": self.url, "started_at": self.started_at, "cuts": self.cuts}

    class ClockCorrected(Event):
        """From when to when the recording shows what; a ``delay_s`` of -1 is unknown.

        ``before`` is what held so far, in the same fields.
        """

        TOPIC = "talk.clock-corrected"
        shift_s: float
        pieces: list[dict[str, float]]
        delay_s: float
        before: dict[str, Any]

        def apply(self, talk: "Talk") -> None:
            talk.clock = {
                "shift_s": self.shift_s,
                "pieces": self.pieces,
                "delay_s": self.delay_s,
            }

    def __init__(
        self,
        talk: str,
        title: str,
        starts_at: str,
        kinds: dict[str, dict[str, Any]],
        policy: dict[str, Any],
        by: str,
    ) -> None:
        self.talk = talk
        self.title = title
        self.starts_at = starts_at
        self.kinds = dict(kinds)
        self.policy = rules.whole(policy)
        self.state = "scheduled"
        self.started_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.topic = ""
        self.topics: dict[str, str] = {}
        self.panelists: set[str] = set()
        self.roles: dict[str, set[str]] = {by: {"host"}}
        self.recording: dict[str, Any] = {}
        self.clock: dict[str, Any] = UNCORRECTED
        self.notices: dict[str, bool] = {}  # whether it is hidden
        self.invites: dict[str, Invitation] = {}

    # Commands: check the rules, then record what happened.

    @classmethod
    def schedule(
        cls,
        talk: str,
        *,
        title: str,
        starts_at: str,
        kinds: dict[str, dict[str, Any]],
        policy: dict[str, Any],
        by: str,
        at: datetime,
    ) -> "Talk":
        """Announce a talk; who does it is its host."""
        return cls.begin(
            cls.Scheduled,
            talk_stream(talk),
            by=by,
            at=at,
            talk=talk,
            title=title,
            starts_at=starts_at,
            kinds=kinds or DEFAULT_KINDS,
            policy=policy,
        )

    def open_doors(self, *, by: str, at: datetime) -> None:
        """Let attendees in; changes nothing when they are in already."""
        self.must_not_have_ended()
        if self.state == "scheduled":
            self.record(self.DoorsOpened, by=by, at=at)

    def start(self, *, by: str, at: datetime) -> None:
        """Go live, opening the doors too; changes nothing when live."""
        self.open_doors(by=by, at=at)
        if self.state == "open":
            self.record(self.Started, by=by, at=at)

    def end(self, *, by: str, at: datetime) -> None:
        """End the talk, closing its current topic; changes nothing when it has ended."""
        if self.has_ended:
            self.close_topic(by=by, at=at)  # an import may have opened one since
            return
        if not self.is_live:
            raise NotOpen("the talk is not live yet: start it first")
        self.close_topic(by=by, at=at)
        self.record(self.Ended, by=by, at=at)

    def introduce_topic(self, topic: str, title: str, *, by: str, at: datetime) -> None:
        """Put a topic on the agenda, after those already there."""
        self.record(self.TopicIntroduced, by=by, at=at, topic=topic, title=title)

    def order_topics(self, topics: list[str], *, by: str, at: datetime) -> None:
        """Put topics first on the agenda, in this order; the others follow in theirs.

        The order that is there already changes nothing.
        """
        if len(set(topics)) < len(topics):
            raise Invalid("a topic stands on the agenda once", field="topics")
        if not set(topics) <= self.topics.keys():
            raise NotFound("no such topic in this talk", field="topics")
        before = list(self.topics)
        ordered = [*topics, *(topic for topic in before if topic not in topics)]
        if ordered != before:
            self.record(self.TopicsOrdered, by=by, at=at, topics=ordered, before=before)

    def open_topic(self, topic: str, *, by: str, at: datetime) -> None:
        """Turn to a topic, closing the former; changes nothing when it is the current one."""
        self.topic_title(topic)
        if self.topic == topic:
            return
        self.close_topic(by=by, at=at)
        self.record(self.TopicOpened, by=by, at=at, topic=topic)

    def close_topic(self, *, by: str, at: datetime) -> None:
        """Close the current topic, if there is one."""
        if self.topic:
            self.record(self.TopicClosed, by=by, at=at, topic=self.topic)

    def introduce_panelist(
        self, panelist: str, name: str, about: str, *, by: str, at: datetime
    ) -> None:
        """Present somebody on the panel."""
        self.record(
            self.PanelistIntroduced, by=by, at=at, panelist=panelist, name=name, about=about
        )

    def add_kind(self, kind: str, label: str, curve: str, *, by: str, at: datetime) -> None:
        """Let a kind of feedback be known that an imported session uses."""
        if kind not in self.kinds:
            order = 1 + max((known["order"] for known in self.kinds.values()), default=0)
            self.record(
                self.KindAdded, by=by, at=at, kind=kind, label=label, curve=curve, order=order
            )

    def grant_role(self, attendee: str, role: str, *, by: str, at: datetime) -> None:
        """Give somebody a role in this talk; changes nothing when they have it."""
        if role not in self.roles.get(attendee, ()):
            self.record(self.RoleGranted, by=by, at=at, attendee=attendee, role=role)

    def withdraw_role(self, attendee: str, role: str, *, by: str, at: datetime) -> None:
        """Take a role back; changes nothing when it is not there."""
        if role in self.roles.get(attendee, ()):
            self.record(self.RoleWithdrawn, by=by, at=at, attendee=attendee, role=role)

    def invite(self, invite: str, role: str, expires_at: str, *, by: str, at: datetime) -> None:
        """Offer a role to whoever brings the link of the invitation."""
        self.record(self.Invited, by=by, at=at, invite=invite, role=role, expires_at=expires_at)

    def accept_invite(self, invite: str, *, by: str, at: datetime) -> None:
        """Take the role of an invitation, once; the same person again changes nothing."""
        invitation = self.invitation(invite)
        if invitation.accepted_by != by:
            self.must_still_invite(invite, by=by, at=at)
            self.record(self.InviteAccepted, by=by, at=at, invite=invite)
            self.grant_role(by, invitation.role, by=invitation.by, at=at)

    def withdraw_invite(self, invite: str, *, by: str, at: datetime) -> None:
        """Let the link be worth nothing; changes nothing when it is."""
        invitation = self.invitation(invite)
        if invitation.state == "accepted":
            raise NotOpen("somebody has accepted it: withdraw their role", field="invite")
        if invitation.state == "open":
            self.record(self.InviteWithdrawn, by=by, at=at, invite=invite)

    def renew_invite(self, invite: str, *, by: str, at: datetime) -> None:
        """Let a link hold that was taken back; changes nothing when it does."""
        if self.invitation(invite).state == "withdrawn":
            self.record(self.InviteRenewed, by=by, at=at, invite=invite)

    def set_policy(self, policy: dict[str, Any], *, by: str, at: datetime) -> None:
        """Change some of the rules of this talk; the same ones again change nothing."""
        whole = {**self.policy, **policy}
        if whole != self.policy:
            self.record(self.PolicySet, by=by, at=at, policy=whole, before=self.policy)

    def announce(self, notice: str, text: str, *, by: str, at: datetime) -> None:
        """Tell everybody something."""
        self.record(self.NoticeAnnounced, by=by, at=at, notice=notice, text=text)

    def attach_recording(
        self, url: str, started_at: str, cuts: list[dict[str, float]], *, by: str, at: datetime
    ) -> None:
        """Tell where the media is and when its second 0 was; the same again changes nothing."""
        recording = {"url": url, "started_at": started_at, "cuts": cuts}
        if recording != self.recording:
            self.record(self.RecordingAttached, by=by, at=at, **recording)

    def correct_clock(
        self,
        shift_s: float,
        pieces: list[dict[str, float]],
        delay_s: float,
        *,
        by: str,
        at: datetime,
    ) -> None:
        """Tell anew how the recording runs along the talk; the same again changes nothing."""
        clock = {"shift_s": shift_s, "pieces": pieces, "delay_s": delay_s}
        if clock != self.clock:
            self.record(self.ClockCorrected, by=by, at=at, **clock, before=self.clock)

    # What others ask.

    @property
    def is_live(self) -> bool:
        return self.state == "live"

    @property
    def has_ended(self) -> bool:
        return self.state == "ended"

    @property
    def takes_part(self) -> bool:
        """Tell whether lines, questions and votes are taken: from doors open until the end."""
        return self.state in {"open", "live"}

    def topic_title(self, topic: str) -> str:
        """Tell the title of a topic of this talk."""
        try:
            return self.topics[topic]
        except KeyError:
            raise NotFound("no such topic in this talk", field="topic") from None

    def invitation(self, invite: str) -> Invitation:
        """Find an invitation to this talk."""
        try:
            return self.invites[invite]
        except KeyError:
            raise NotFound("no such invitation to this talk", field="invite") from None

    def must_still_invite(self, invite: str, *, by: str, at: datetime) -> None:
        """Refuse an invitation that somebody else accepted, that was taken back or is too old."""
        invitation = self.invitation(invite)
        if invitation.accepted_by == by:
            return
        if invitation.state != "open":
            raise NotOpen(f"this invitation was {invitation.state} already", field="invite")
        if invitation.expires_at <= iso(at):
            raise NotOpen("this invitation has expired: ask for another", field="invite")

    def must_know_kind(self, kind: str) -> None:
        """Refuse a kind of feedback that this talk does not have."""
        if kind not in self.kinds:
            known = ", ".join(sorted(self.kinds))
            raise Invalid(f"no such kind of feedback; this talk has: {known}", field="kind")

    def must_take_part(self) -> None:
        """Refuse what needs open doors and a talk that has not ended."""
        if self.state == "scheduled":
            raise NotOpen("the doors of this talk are not open yet")
        self.must_not_have_ended()

    def must_be_live(self) -> None:
        """Refuse what needs a live talk."""
        if not self.is_live:
            raise NotOpen("the talk is not live")

    def must_have_ended(self) -> None:
        """Refuse what belongs to the replay while there is none."""
        if not self.has_ended:
            raise NotOpen("there is a replay once the talk has ended")

    def must_not_have_ended(self) -> None:
        """Refuse what an ended talk does not take any more."""
        if self.has_ended:
            raise NotOpen("the talk has ended")


@dataclass(frozen=True)
class ModeratedNotice:
    """A notice in a moderator's hand."""

    talk: Talk
    notice: str

    def hide(self, why: str, *, by: str, at: datetime) -> None:
        """Take it out of everybody's sight; again changes nothing."""
        if not self.talk.notices[self.notice]:
            self.talk.record(Talk.NoticeHidden, by=by, at=at, notice=self.notice, why=why)

    def reveal(self, *, by: str, at: datetime) -> None:
        """Show it again; changes nothing when it is shown."""
        if self.talk.notices[self.notice]:
            self.talk.record(Talk.NoticeRestored, by=by, at=at, notice=self.notice)
