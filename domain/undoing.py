"""Undoing: for every recorded act of moderation, the command that takes it back.

An act can be undone while it stands: once something later was decided about the same
aspect of the same thing (hidden or not, muted until when…), it is the later act that can.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from domain import commands
from domain.aggregate import Fact
from domain.commands import Command
from domain.highlights import Highlights
from domain.participation import Participation
from domain.question import Question
from domain.social import SocialPost
from domain.talk import Talk

UNDONE = "undone"  # the reason an undo gives where an act needs one


def _line(command: Callable[..., Command], **more: str) -> Callable[[Any], Command]:
    return lambda fact: command(item=fact.line, **more)


def _question(command: Callable[..., Command], **more: str) -> Callable[[Any], Command]:
    return lambda fact: command(item=_question_of(fact), **more)


def _this_question(command: Callable[..., Command]) -> Callable[[Any], Command]:
    return lambda fact: command(question=_question_of(fact))


def _question_of(fact: Fact) -> str:
    return fact.originator_id.rpartition("/")[2]


_attendee_of = _question_of  # both end their stream's name
_post = _question  # and so does a post


def _clock(before: Mapping[str, Any]) -> Command:
    known = {name: value for name, value in before.items() if name != "delay_s" or value >= 0}
    return commands.converted(known, commands.CorrectClock)


INVERSES: Mapping[type[Fact], Callable[[Any], Command]] = {
    Participation.LineApproved: _line(commands.PutBack),
    Participation.LineReleased: _line(commands.PutBack),
    Participation.LineRejected: _line(commands.PutBack),
    Participation.LineReturned: _line(commands.Approve),
    Participation.LinePinned: _line(commands.Unpin),
    Participation.LineUnpinned: _line(commands.Pin),
    Participation.LineHidden: _line(commands.Restore),
    Participation.LineRestored: _line(commands.Hide, why=UNDONE),
    Participation.Muted: lambda fact: commands.Unmute(attendee=_attendee_of(fact)),
    Participation.Unmuted: lambda fact: commands.Mute(attendee=_attendee_of(fact), why=UNDONE),
    Participation.Banned: lambda fact: commands.Unban(attendee=_attendee_of(fact)),
    Participation.Unbanned: lambda fact: commands.Ban(attendee=_attendee_of(fact), why=UNDONE),
    Participation.NicknameCleared: lambda fact: commands.GiveNicknameBack(
        attendee=_attendee_of(fact), nickname=""
    ),
    Participation.NicknameGivenBack: lambda fact: commands.ClearNickname(
        attendee=_attendee_of(fact), why=UNDONE
    ),
    Question.Approved: _question(commands.PutBack),
    Question.Released: _question(commands.PutBack),
    Question.Rejected: _question(commands.PutBack),
    Question.Returned: _question(commands.Approve),
    Question.Pinned: _question(commands.Unpin),
    Question.Unpinned: _question(commands.Pin),
    Question.Hidden: _question(commands.Restore),
    Question.Revealed: _question(commands.Hide, why=UNDONE),
    Question.Promoted: _question(commands.Hide, why=UNDONE),
    Question.Archived: _this_question(commands.RestoreQuestion),
    Question.Restored: _this_question(commands.ArchiveQuestion),
    Question.AnsweringStarted: _this_question(commands.ReopenQuestion),
    Question.AnsweringFinished: _this_question(commands.StartAnswering),
    Question.Reopened: _this_question(commands.StartAnswering),
    Question.Merged: _this_question(commands.UnmergeQuestion),
    Question.Unmerged: lambda fact: commands.MergeQuestions(
        question=_question_of(fact), into=fact.into
    ),
    Question.MemberTaken: lambda fact: commands.UnmergeQuestion(question=fact.member),
    Question.MemberReleased: lambda fact: commands.MergeQuestions(
        question=fact.member, into=_question_of(fact)
    ),
    SocialPost.Caught: _post(commands.Hide, why=UNDONE),
    SocialPost.Held: _post(commands.Reject, why=UNDONE),
    SocialPost.Approved: _post(commands.PutBack),
    SocialPost.Released: _post(commands.PutBack),
    SocialPost.Rejected: _post(commands.PutBack),
    SocialPost.Returned: _post(commands.Approve),
    SocialPost.Pinned: _post(commands.Unpin),
    SocialPost.Unpinned: _post(commands.Pin),
    SocialPost.Hidden: _post(commands.Restore),
    SocialPost.Revealed: _post(commands.Hide, why=UNDONE),
    Talk.NoticeAnnounced: lambda fact: commands.Hide(item=fact.notice, why=UNDONE),
    Talk.NoticeHidden: lambda fact: commands.Restore(item=fact.notice),
    Talk.NoticeRestored: lambda fact: commands.Hide(item=fact.notice, why=UNDONE),
    Talk.PolicySet: lambda fact: commands.SetPolicy(**fact.before),
    Talk.ClockCorrected: lambda fact: _clock(fact.before),
    Talk.TopicsOrdered: lambda fact: commands.OrderTopics(topics=fact.before),
    Highlights.HighlightPinned: lambda fact: commands.DropHighlight(highlight=fact.highlight),
    Highlights.HighlightDropped: lambda fact: commands.RestoreHighlight(highlight=fact.highlight),
    Highlights.HighlightRestored: lambda fact: commands.DropHighlight(highlight=fact.highlight),
    Highlights.HighlightRenamed: lambda fact: commands.RetitleHighlight(
        highlight=fact.highlight, title=fact.before
    ),
    Talk.Invited: lambda fact: commands.WithdrawInvite(invite=fact.invite),
    Talk.InviteWithdrawn: lambda fact: commands.RenewInvite(invite=fact.invite),
    Talk.InviteRenewed: lambda fact: commands.WithdrawInvite(invite=fact.invite),
    Talk.RoleGranted: lambda fact: commands.WithdrawRole(attendee=fact.attendee, role=fact.role),
    Talk.RoleWithdrawn: lambda fact: commands.GrantRole(attendee=fact.attendee, role=fact.role),
}


Answering: TypeAlias = Question.AnsweringStarted | Question.AnsweringFinished | Question.Reopened


def _standing_as_before(fact: Any, before: Fact | None) -> Command:
    """Let an item be shown or rejected if it was; else it waits, as it did."""
    item = getattr(fact, "line", "") or _question_of(fact)
    match before:
        case Participation.LineRejected() | Question.Rejected() | SocialPost.Rejected():
            return commands.RejectAgain(item=item, why=before.why)
        case Participation.LineApproved() | Question.Approved() | SocialPost.Approved():
            return commands.Approve(item=item)
        case Participation.LineReleased() | Question.Released() | SocialPost.Released():
            return commands.Approve(item=item)
        case _:
            return commands.PutBack(item=item)


def _speaking_as_before(fact: Fact, before: Fact | None) -> Command:
    """Let somebody be muted as long as they were, or speak if they might."""
    attendee = _attendee_of(fact)
    if isinstance(before, Participation.Muted):
        return commands.MuteUntil(attendee=attendee, why=before.why, until=before.until)
    return INVERSES[Participation.Muted](fact)


def _called_as_before(fact: Fact, before: Fact | None) -> Command:
    """Let somebody go by the nickname that was taken away, however they had come by it."""
    nickname = getattr(before, "nickname", "")
    return commands.GiveNicknameBack(attendee=_attendee_of(fact), nickname=nickname)


def _answered_as_before(fact: Answering, before: Fact | None) -> Command:
    """Let a question be open, taken or answered, as it was."""
    question = _question_of(fact)
    match before:
        case Question.AnsweringStarted():
            return commands.StartAnswering(question=question)
        case Question.AnsweringFinished():
            return commands.MarkAnswered(question=question)
        case _:
            return commands.ReopenQuestion(question=question)


_AS_BEFORE: Mapping[type[Fact], Callable[[Any, Fact | None], Command]] = {
    **dict.fromkeys(
        (
            *(Participation.LineApproved, Participation.LineReleased),
            *(Participation.LineRejected, Participation.LineReturned),
            *(Question.Approved, Question.Released, Question.Rejected, Question.Returned),
            *(SocialPost.Approved, SocialPost.Released),
            *(SocialPost.Rejected, SocialPost.Returned),
        ),
        _standing_as_before,
    ),
    Participation.Muted: _speaking_as_before,
    Participation.Unmuted: _speaking_as_before,
    Participation.NicknameCleared: _called_as_before,
    Question.AnsweringStarted: _answered_as_before,
    Question.AnsweringFinished: _answered_as_before,
    Question.Reopened: _answered_as_before,
}
"""The acts that have more than one opposite: which, tells what stood before."""

ASPECTS: Mapping[str, tuple[type[Fact], ...]] = {
    "standing": (
        *(Participation.LineApproved, Participation.LineReleased, Participation.LineRejected),
        *(Participation.LineReturned, Participation.LineHeldAgain),
        *(Question.Approved, Question.Released, Question.Rejected),
        *(Question.Returned, Question.HeldAgain),
        *(SocialPost.Held, SocialPost.Approved, SocialPost.Released),
        *(SocialPost.Rejected, SocialPost.Returned),
    ),
    "pinned": (
        *(Participation.LinePinned, Participation.LineUnpinned),
        *(Question.Pinned, Question.Unpinned, SocialPost.Pinned, SocialPost.Unpinned),
    ),
    "hidden": (
        *(Participation.LineHidden, Participation.LineRestored),
        *(Question.Promoted, Question.Hidden, Question.Revealed),
        *(SocialPost.Caught, SocialPost.Hidden, SocialPost.Revealed),
        *(Talk.NoticeAnnounced, Talk.NoticeHidden, Talk.NoticeRestored),
        *(Highlights.HighlightPinned, Highlights.HighlightDropped),
        Highlights.HighlightRestored,
    ),
    "title": (Highlights.HighlightRenamed,),
    "muted": (Participation.Muted, Participation.Unmuted),
    "banned": (Participation.Banned, Participation.Unbanned),
    "nickname": (
        *(Participation.NicknameChosen, Participation.NicknameCleared),
        Participation.NicknameGivenBack,
    ),
    "archived": (Question.Archived, Question.Restored),
    "answering": (Question.AnsweringStarted, Question.AnsweringFinished, Question.Reopened),
    "merged": (Question.Merged, Question.Unmerged),
    "member": (Question.MemberTaken, Question.MemberReleased),
    "policy": (Talk.PolicySet,),
    "agenda": (Talk.TopicsOrdered,),
    "clock": (Talk.ClockCorrected,),
    "invite": (Talk.Invited, Talk.InviteAccepted, Talk.InviteWithdrawn, Talk.InviteRenewed),
    "role": (Talk.RoleGranted, Talk.RoleWithdrawn),
}
"""What acts decide, each with those that do; the latest about a thing is the one that stands."""
_ASPECT_OF = {fact: aspect for aspect, facts in ASPECTS.items() for fact in facts}
_THINGS = ("line", "notice", "highlight", "member", "invite")
"""The fields that tell what of its stream a fact is about, where that is not all of it."""

Aspect: TypeAlias = tuple[str, ...]


def aspect_of(fact: Fact) -> Aspect | None:
    """Tell what a fact decides, and about what; nothing when it is no decision."""
    aspect = _ASPECT_OF.get(type(fact))
    if aspect is None:
        return None
    match fact:
        case Talk.RoleGranted() | Talk.RoleWithdrawn():
            things = [fact.attendee, fact.role]
        case Question.Promoted():  # of which line doesn't matter
            things = []
        case _:
            things = [getattr(fact, name, "") for name in _THINGS]
    return (aspect, fact.originator_id, *filter(None, things))


def taken_back(fact: Fact, history: Sequence[Fact]) -> Command | None:
    """Tell what takes an act back, given its stream; nothing when it does not stand any more."""
    about = [one for one in history if aspect_of(one) == aspect_of(fact)]
    if fact.originator_version not in {one.originator_version for one in that_stand(about)}:
        return None
    if as_before := _AS_BEFORE.get(type(fact)):
        return as_before(fact, about[-2] if len(about) > 1 else None)
    return INVERSES[type(fact)](fact)


def that_stand(about: Sequence[Fact]) -> list[Fact]:
    """Tell which decisions about one aspect stand: the last, and one that it brought back."""
    in_force: list[Fact] = []
    for fact in about:
        if in_force and _set_by(fact) == getattr(in_force[-1], "before", _NOTHING):
            in_force.pop()
        else:
            in_force.append(fact)
    return [*in_force[-1:], about[-1]]


_NOTHING = object()


def _set_by(fact: Fact) -> object:
    """Tell what a fact that knows what was ``before`` has set, in the same form."""
    match fact:
        case Talk.PolicySet():
            return fact.policy
        case Talk.TopicsOrdered():
            return fact.topics
        case Talk.ClockCorrected():
            return {name: getattr(fact, name) for name in ("shift_s", "pieces", "delay_s")}
        case Highlights.HighlightRenamed():
            return fact.title
        case _:
            return None
