"""What stands of a talk by now: the last text of everything said, less what is out of sight.

For readers of the log who tell what happened without showing what was taken back.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatchmethod
from typing import TypeAlias

from domain.aggregate import Fact
from domain.participation import Participation
from domain.question import Question
from domain.social import SocialPost
from domain.store import ERASED_MARK
from domain.talk import Talk

Said: TypeAlias = Participation.LinePosted | Participation.ReplyPosted | Participation.LineHeld
"""How a line comes into a talk."""

Put: TypeAlias = Question.Asked | Question.Held | Question.Promoted
"""How a question comes into a talk."""

Found: TypeAlias = SocialPost.Caught | SocialPost.Held
"""How a post comes into a talk."""

LineText: TypeAlias = (
    Participation.LinePosted | Participation.ReplyPosted | Participation.LineEdited
)
LineCovered: TypeAlias = (
    Participation.LineRejected | Participation.LineReturned | Participation.LineHeldAgain
)
QuestionText: TypeAlias = Question.Asked | Question.Promoted | Question.Edited

TAKES_OUT: tuple[type[Fact], ...] = (
    Participation.LineEdited,
    Participation.LineRetracted,
    Participation.LineHidden,
    Participation.LineRejected,
    Participation.LineReturned,
    Participation.Erased,
    Question.Edited,
    Question.Withdrawn,
    Question.Hidden,
    Question.Rejected,
    Question.Returned,
    SocialPost.Withdrawn,
    SocialPost.Hidden,
    SocialPost.Rejected,
    SocialPost.Returned,
)
"""What takes words out of sight: nobody may be told again what was made before."""


@dataclass
class Standing:
    """Folds the facts of one talk, in their order.

    ``texts`` holds lines, questions, posts and titles of topics by their ids, ``votes`` the
    standing votes by attendee and question, ``answers`` the written answers by question, each
    with the version of its fact.
    """

    started_at: datetime | None = None
    texts: dict[str, str] = field(default_factory=dict)
    unseen: dict[str, set[str]] = field(default_factory=dict)
    votes: dict[tuple[str, str], int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)

    def apply(self, fact: Fact) -> None:
        """Take in the next fact; most are of no weight here."""
        self._fold(fact)

    @singledispatchmethod
    def _fold(self, fact: Fact) -> None:
        """Pass over what changes neither a text nor what is in sight."""

    @_fold.register
    def _(self, fact: Talk.Started) -> None:
        self.started_at = fact.timestamp

    @_fold.register
    def _(self, fact: Talk.TopicIntroduced) -> None:
        self.texts[fact.topic] = fact.title

    # Lines, replies among them.

    @_fold.register(Participation.LinePosted)
    @_fold.register(Participation.ReplyPosted)
    @_fold.register(Participation.LineEdited)
    def _(self, fact: LineText) -> None:
        self.texts[fact.line] = fact.text

    @_fold.register
    def _(self, fact: Participation.LineHeld) -> None:
        self.texts[fact.line] = fact.text
        self._cover(fact.line, "held")

    @_fold.register(Participation.LineRejected)
    @_fold.register(Participation.LineReturned)
    @_fold.register(Participation.LineHeldAgain)
    def _(self, fact: LineCovered) -> None:
        self._cover(fact.line, "held")

    @_fold.register(Participation.LineApproved)
    @_fold.register(Participation.LineReleased)
    def _(self, fact: Participation.LineApproved | Participation.LineReleased) -> None:
        self._uncover(fact.line, "held")

    @_fold.register
    def _(self, fact: Participation.LineRetracted) -> None:
        self._cover(fact.line, "retracted")

    @_fold.register
    def _(self, fact: Participation.LineHidden) -> None:
        self._cover(fact.line, "hidden")

    @_fold.register
    def _(self, fact: Participation.LineRestored) -> None:
        self._uncover(fact.line, "hidden")

    # Questions.

    @_fold.register(Question.Asked)
    @_fold.register(Question.Promoted)
    @_fold.register(Question.Edited)
    def _(self, fact: QuestionText) -> None:
        self.texts[_item_of(fact)] = fact.text

    @_fold.register
    def _(self, fact: Question.Held) -> None:
        self.texts[fact.question] = fact.text
        self._cover(fact.question, "held")

    @_fold.register(Question.Rejected)
    @_fold.register(Question.Returned)
    @_fold.register(Question.HeldAgain)
    def _(self, fact: Question.Rejected | Question.Returned | Question.HeldAgain) -> None:
        self._cover(_item_of(fact), "held")

    @_fold.register(Question.Approved)
    @_fold.register(Question.Released)
    def _(self, fact: Question.Approved | Question.Released) -> None:
        self._uncover(_item_of(fact), "held")

    @_fold.register
    def _(self, fact: Question.Withdrawn) -> None:
        self._cover(_item_of(fact), "withdrawn")

    @_fold.register
    def _(self, fact: Question.Hidden) -> None:
        self._cover(_item_of(fact), "hidden")

    @_fold.register
    def _(self, fact: Question.Revealed) -> None:
        self._uncover(_item_of(fact), "hidden")

    @_fold.register
    def _(self, fact: Question.AnsweredInWriting) -> None:
        self.answers[_item_of(fact)] = fact.originator_version
        self.texts[_answer_to(fact)] = fact.text

    @_fold.register
    def _(self, fact: Question.AnswerEdited) -> None:
        self.texts[_answer_to(fact)] = fact.text

    # Posts.

    @_fold.register
    def _(self, fact: SocialPost.Caught) -> None:
        self.texts[fact.post] = fact.text

    @_fold.register
    def _(self, fact: SocialPost.Held) -> None:
        self.texts[fact.post] = fact.text
        self._cover(fact.post, "held")

    @_fold.register(SocialPost.Rejected)
    @_fold.register(SocialPost.Returned)
    def _(self, fact: SocialPost.Rejected | SocialPost.Returned) -> None:
        self._cover(_item_of(fact), "held")

    @_fold.register(SocialPost.Approved)
    @_fold.register(SocialPost.Released)
    def _(self, fact: SocialPost.Approved | SocialPost.Released) -> None:
        self._uncover(_item_of(fact), "held")

    @_fold.register
    def _(self, fact: SocialPost.Withdrawn) -> None:
        self._cover(_item_of(fact), "withdrawn")

    @_fold.register
    def _(self, fact: SocialPost.Hidden) -> None:
        self._cover(_item_of(fact), "hidden")

    @_fold.register
    def _(self, fact: SocialPost.Revealed) -> None:
        self._uncover(_item_of(fact), "hidden")

    # Votes.

    @_fold.register
    def _(self, fact: Participation.VoteCast) -> None:
        self.votes[fact.by, fact.question] = fact.originator_version

    @_fold.register
    def _(self, fact: Participation.VoteWithdrawn) -> None:
        self.votes.pop((fact.by, fact.question), None)

    def text(self, item: str) -> str:
        """Tell a text as it stands; empty when nobody may see it any more."""
        text = "" if self.is_unseen(item) else self.texts.get(item, "")
        return "" if text == ERASED_MARK else text

    def is_unseen(self, item: str) -> bool:
        """Tell whether an item was taken out of everybody's sight, for whatever reason."""
        return bool(self.unseen.get(item))

    def is_standing_vote(self, fact: Participation.VoteCast) -> bool:
        """Tell whether a vote was not withdrawn after it was cast."""
        return self.votes.get((fact.by, fact.question)) == fact.originator_version

    def answer(self, fact: Question.AnsweredInWriting) -> str:
        """Tell an answer as it reads by now; empty when another one took its place."""
        is_standing = self.answers.get(_item_of(fact)) == fact.originator_version
        return self.text(_answer_to(fact)) if is_standing else ""

    def _cover(self, item: str, why: str) -> None:
        self.unseen.setdefault(item, set()).add(why)

    def _uncover(self, item: str, why: str) -> None:
        self.unseen.get(item, set()).discard(why)


def _item_of(fact: Fact) -> str:
    """Tell which question or post a fact of its stream is about."""
    return fact.originator_id.rpartition("/")[2]


def _answer_to(fact: Fact) -> str:
    """Tell under which id a question's written answer is kept; it has but one."""
    return f"{_item_of(fact)}.answer"
