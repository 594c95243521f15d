"""Which facts are acts of the desk, to be answered for: the audit trail is made of them."""

from domain.access import Access
from domain.aggregate import Fact
from domain.participation import Participation
from domain.question import Question
from domain.social import SocialPost
from domain.talk import Talk
from domain.undoing import INVERSES

_STEPS: tuple[type[Fact], ...] = (
    Talk.Scheduled,
    Talk.DoorsOpened,
    Talk.Started,
    Talk.Ended,
    Talk.TopicIntroduced,
    Talk.TopicOpened,
    Talk.TopicClosed,
    Talk.PanelistIntroduced,
    Talk.RecordingAttached,
    Question.AnsweredInWriting,
    Question.AnswerEdited,
    SocialPost.Withdrawn,
    Participation.Erased,
    Access.RowsRead,
)
_OTHER_SIDES = {Question.MemberTaken, Question.MemberReleased}  # of merged and unmerged
AUDITED = frozenset({*INVERSES, *_STEPS} - _OTHER_SIDES)


def item_of(fact: Fact) -> str:
    """Find what was done something to: a field that names it, else what its stream is about."""
    named = (
        getattr(fact, name, "")
        for name in ("line", "notice", "attendee", "topic", "panelist", "table")
    )
    stream = fact.originator_id.split("/")
    return next(filter(None, named), stream[-1] if len(stream) > 2 else "")  # noqa: PLR2004 - talk/ID
