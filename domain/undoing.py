"""Undoing: for every recorded act of moderation, the command that takes it back."""

from collections.abc import Callable, Mapping
from typing import Any

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
    Participation.LinePinned: _line(commands.Unpin),
    Participation.LineUnpinned: _line(commands.Pin),
    Participation.LineHidden: _line(commands.Restore),
    Participation.LineRestored: _line(commands.Hide, why=UNDONE),
    Participation.Muted: lambda fact: commands.Unmute(attendee=_attendee_of(fact)),
    Participation.Unmuted: lambda fact: commands.Mute(attendee=_attendee_of(fact), why=UNDONE),
    Participation.Banned: lambda fact: commands.Unban(attendee=_attendee_of(fact)),
    Participation.Unbanned: lambda fact: commands.Ban(attendee=_attendee_of(fact), why=UNDONE),
    Question.Approved: _question(commands.PutBack),
    Question.Released: _question(commands.PutBack),
    Question.Rejected: _question(commands.PutBack),
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
    SocialPost.Pinned: _post(commands.Unpin),
    SocialPost.Unpinned: _post(commands.Pin),
    SocialPost.Hidden: _post(commands.Restore),
    SocialPost.Restored: _post(commands.Hide, why=UNDONE),
    Talk.NoticeAnnounced: lambda fact: commands.Hide(item=fact.notice, why=UNDONE),
    Talk.NoticeHidden: lambda fact: commands.Restore(item=fact.notice),
    Talk.NoticeRestored: lambda fact: commands.Hide(item=fact.notice, why=UNDONE),
    Talk.PolicySet: lambda fact: commands.SetPolicy(**fact.before),
    Talk.ClockCorrected: lambda fact: _clock(fact.before),
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
