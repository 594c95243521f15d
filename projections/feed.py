"""The feed: what was said last, by everybody, in one list in order of posting."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from domain.aggregate import Fact
from domain.clock import iso
from domain.participation import Participation
from domain.policy import ANONYMOUS, NAMED, NICKNAME
from domain.question import Question
from domain.social import SocialPost
from domain.talk import Talk
from projections.patch import Patch
from projections.people import People
from projections.records import ERASED, Item
from projections.shown import Shown
from projections.stage import Fold, Stage, attendee_of

LENGTH = 200

_BY_NAME = frozenset({"answer", "notice", "post"})
"""What is said for the panel and the desk, or elsewhere, whatever the rule about names."""


class Feed:
    """Folds everything said; shows the last 200 items that the room may see.

    When one of them is taken out, an older one comes back in; an edit keeps its place.
    """

    def __init__(self, stage: Stage, people: People) -> None:
        self._stage = stage
        self._people = people
        self.items: dict[str, Item] = {}
        self.touched: set[Item] = set()
        self.shown = Shown()
        self.has_taken_out = False
        """Whether something was taken from people's eyes since the last change."""
        self.known_at_desk: set[str] = set()
        """What the room is told without the name that the desk knows."""
        self._visible: list[tuple[int, str]] = []
        self._of: defaultdict[str, list[Item]] = defaultdict(list)

    def load(self, items: list[Item]) -> None:
        """Take up where the rows are."""
        for item in sorted(items, key=lambda item: item.position):
            self._post(item)

    def change(self) -> Patch:
        """Show the feed as it is; return what changed since the last time."""
        if not self.touched:
            return {}
        last = [item for _, item in self._visible[-LENGTH:]]
        return self.shown.turn(last, {item.item for item in self.touched}, self.record)

    def record(self, item: str) -> dict[str, Any]:
        """Tell everybody about an item."""
        return told(self.items[item])

    def answer_of(self, question: str) -> str:
        """Tell the written answer to a question, if everybody may see it."""
        answer = self.items.get(answer_to(question))
        return answer.text if answer and answer.is_visible else ""

    def named_as(self, now: Mapping[str, Item], items: Iterable[Item]) -> None:
        """Tell authors as they are told by now: a rule may be younger than an imported line."""
        for item in items:
            told = now.get(item.item)
            if told and told.kind not in _BY_NAME:
                _name_like(item, told)

    def conceal(self, items: set[str]) -> None:
        """Take items out that must not be seen any more, whatever the facts so far say."""
        for item in items & self.items.keys():
            self._turn(self.items[item], retracted=True)

    def _post(self, item: Item) -> None:
        self.items[item.item] = item
        if item.known_as:
            self.known_at_desk.add(item.item)
        self._of[item.attendee].append(item)
        if item.is_visible:
            insort(self._visible, (item.position, item.item))
        self.touched.add(item)

    def _turn(self, item: Item, **fields: Any) -> None:
        """Change an item, and show it or take it out accordingly."""
        was_visible = item.is_visible
        for name, value in fields.items():
            setattr(item, name, value)
        if item.retracted or item.erased:
            item.text = item.url = ""  # the link names the author
            self.has_taken_out = True
        place = (item.position, item.item)
        if item.is_visible and not was_visible:
            insort(self._visible, place)
        if was_visible and not item.is_visible:
            del self._visible[bisect_left(self._visible, place)]
            self.has_taken_out = True
        self.touched.add(item)

    def _forget(self, item: Item) -> None:
        """Take an item out before another takes its id."""
        self._turn(item, retracted=True)
        self._of[item.attendee].remove(item)
        self.touched.discard(item)

    def _edit(self, item: Item, text: str) -> None:
        self._turn(item, text=text, edited=True)

    def _say(self, fact: Any, position: int, item: str, kind: str, author: str) -> Item:
        """Post what a fact says, under the name its author goes by."""
        name, at = self._people.name_of(author), fact.timestamp
        said = Item(item, kind, author, name, fact.text, iso(at), self._stage.second(at), position)
        said.about = getattr(fact, "question", "") if kind == "reply" else ""
        said.source, said.url = getattr(fact, "source", ""), getattr(fact, "url", "")
        self._veil(said, getattr(fact, "line", "") if kind == "question" else "")
        if because := getattr(fact, "because", ""):
            said.standing, said.because, said.release_at = "held", because, fact.release_at
            self._bring_to_desk(said)
        self._post(said)
        return said

    def _veil(self, item: Item, promoted: str) -> None:
        """Let an item be told under the name that the rules of its moment give its author.

        Who speaks for the desk or the panel does so by name; a promoted line keeps the name
        that it was posted under.
        """
        if item.kind in _BY_NAME:
            return
        if line := self.items.get(promoted):
            _name_like(item, line)
            return
        rules = self._stage.card.policy
        item.names = rules["names"]
        if item.names != NAMED:
            item.known_as = item.name if rules["names_at_desk"] else ""
            hides = item.names == ANONYMOUS
            item.name = "" if hides else self._people.nickname_of(item.attendee)

    def _bring_to_desk(self, item: Item) -> None:
        """Let moderators know about an author, unless they are not to know who it is."""
        if item.by_at_desk["id"]:
            self._people.bring_to_desk(item.attendee)

    def _decide(self, item: Item, fact: Fact, **fields: Any) -> None:
        """Change an item as a moderator decided, and remember who did, when and why."""
        why, at = getattr(fact, "why", ""), iso(fact.timestamp)
        self._turn(item, why=why, decided_by=fact.by, decided_at=at, **fields)
        self._bring_to_desk(item)

    def _undecide(self, item: Item, **fields: Any) -> None:
        self._turn(item, why="", decided_by="", decided_at="", **fields)

    def _hold_again(
        self, item: Item, fact: Participation.LineHeldAgain | Question.HeldAgain
    ) -> None:
        because, release_at = fact.because, fact.release_at
        self._undecide(item, standing="held", because=because, release_at=release_at)
        self._bring_to_desk(item)

    def _follow(self, question: str) -> None:
        """Let a written answer be seen only beside its question."""
        answer = self.items.get(answer_to(question))
        if answer:
            self._turn(answer, hidden=not self.items[question].is_visible)

    # Folds.

    def _line_posted(self, fact: Participation.LinePosted, position: int) -> None:
        self._say(fact, position, fact.line, "line", fact.by)

    def _reply_posted(self, fact: Participation.ReplyPosted, position: int) -> None:
        self._say(fact, position, fact.line, "reply", fact.by)

    def _line_held(self, fact: Participation.LineHeld, position: int) -> None:
        self._say(fact, position, fact.line, "reply" if fact.question else "line", fact.by)

    def _line_shown(
        self, fact: Participation.LineApproved | Participation.LineReleased, _: int
    ) -> None:
        self._undecide(self.items[fact.line], standing="shown")

    def _line_rejected(self, fact: Participation.LineRejected, _: int) -> None:
        self._decide(self.items[fact.line], fact, standing="rejected")

    def _line_returned(self, fact: Participation.LineReturned, _: int) -> None:
        self._undecide(self.items[fact.line], standing="held", release_at="")

    def _line_held_again(self, fact: Participation.LineHeldAgain, _: int) -> None:
        self._hold_again(self.items[fact.line], fact)

    def _line_pinned(self, fact: Participation.LinePinned, _: int) -> None:
        self._turn(self.items[fact.line], pinned=True)

    def _line_unpinned(self, fact: Participation.LineUnpinned, _: int) -> None:
        self._turn(self.items[fact.line], pinned=False)

    def _line_edited(self, fact: Participation.LineEdited, _: int) -> None:
        self._edit(self.items[fact.line], fact.text)

    def _line_retracted(self, fact: Participation.LineRetracted, _: int) -> None:
        self._turn(self.items[fact.line], retracted=True)

    def _line_hidden(self, fact: Participation.LineHidden, _: int) -> None:
        self._decide(self.items[fact.line], fact, hidden=True)

    def _line_restored(self, fact: Participation.LineRestored, _: int) -> None:
        self._undecide(self.items[fact.line], hidden=False)

    def _asked(
        self, fact: Question.Asked | Question.Held | Question.Promoted, position: int
    ) -> None:
        self._say(fact, position, fact.question, "question", fact.author)

    def _question_shown(self, fact: Question.Approved | Question.Released, _: int) -> None:
        self._undecide(self.items[question_of(fact)], standing="shown")
        self._follow(question_of(fact))

    def _question_rejected(self, fact: Question.Rejected, _: int) -> None:
        self._decide(self.items[question_of(fact)], fact, standing="rejected")
        self._follow(question_of(fact))

    def _question_returned(self, fact: Question.Returned, _: int) -> None:
        self._undecide(self.items[question_of(fact)], standing="held", release_at="")
        self._follow(question_of(fact))

    def _question_held_again(self, fact: Question.HeldAgain, _: int) -> None:
        self._hold_again(self.items[question_of(fact)], fact)
        self._follow(question_of(fact))

    def _question_pinned(self, fact: Question.Pinned, _: int) -> None:
        self._turn(self.items[question_of(fact)], pinned=True)

    def _question_unpinned(self, fact: Question.Unpinned, _: int) -> None:
        self._turn(self.items[question_of(fact)], pinned=False)

    def _question_edited(self, fact: Question.Edited, _: int) -> None:
        self._edit(self.items[question_of(fact)], fact.text)

    def _withdrawn(self, fact: Question.Withdrawn, _: int) -> None:
        self._turn(self.items[question_of(fact)], retracted=True)
        self._follow(question_of(fact))

    def _question_hidden(self, fact: Question.Hidden, _: int) -> None:
        self._decide(self.items[question_of(fact)], fact, hidden=True)
        self._follow(question_of(fact))

    def _revealed(self, fact: Question.Revealed, _: int) -> None:
        self._undecide(self.items[question_of(fact)], hidden=False)
        self._follow(question_of(fact))

    def _answered_in_writing(self, fact: Question.AnsweredInWriting, position: int) -> None:
        question = question_of(fact)
        former = self.items.get(answer_to(question))
        if former:
            self._forget(former)
        self._say(fact, position, answer_to(question), "answer", fact.by).about = question
        self._follow(question)

    def _answer_edited(self, fact: Question.AnswerEdited, _: int) -> None:
        self._edit(self.items[answer_to(question_of(fact))], fact.text)

    def _announced(self, fact: Talk.NoticeAnnounced, position: int) -> None:
        self._say(fact, position, fact.notice, "notice", fact.by)

    def _notice_hidden(self, fact: Talk.NoticeHidden, _: int) -> None:
        self._decide(self.items[fact.notice], fact, hidden=True)

    def _notice_restored(self, fact: Talk.NoticeRestored, _: int) -> None:
        self._undecide(self.items[fact.notice], hidden=False)

    def _caught(self, fact: SocialPost.Caught | SocialPost.Held, position: int) -> None:
        self._say(fact, position, fact.post, "post", fact.author)

    def _post_shown(self, fact: SocialPost.Approved | SocialPost.Released, _: int) -> None:
        self._undecide(self.items[post_of(fact)], standing="shown")

    def _post_rejected(self, fact: SocialPost.Rejected, _: int) -> None:
        self._decide(self.items[post_of(fact)], fact, standing="rejected")

    def _post_returned(self, fact: SocialPost.Returned, _: int) -> None:
        self._undecide(self.items[post_of(fact)], standing="held", release_at="")

    def _post_pinned(self, fact: SocialPost.Pinned, _: int) -> None:
        self._turn(self.items[post_of(fact)], pinned=True)

    def _post_unpinned(self, fact: SocialPost.Unpinned, _: int) -> None:
        self._turn(self.items[post_of(fact)], pinned=False)

    def _post_hidden(self, fact: SocialPost.Hidden, _: int) -> None:
        self._decide(self.items[post_of(fact)], fact, hidden=True)

    def _post_restored(self, fact: SocialPost.Revealed, _: int) -> None:
        self._undecide(self.items[post_of(fact)], hidden=False)

    def _post_withdrawn(self, fact: SocialPost.Withdrawn, _: int) -> None:
        self._turn(self.items[post_of(fact)], retracted=True)

    def _nickname_cleared(self, fact: Participation.NicknameCleared, _: int) -> None:
        self.has_taken_out = True
        for item in self._of[attendee_of(fact)]:
            if item.names == NICKNAME and item.name:
                self._turn(item, name="", cleared_name=item.name)

    def _nickname_given_back(self, fact: Participation.NicknameGivenBack, _: int) -> None:
        self.has_taken_out = True  # earlier moments, too, are told with it again
        for item in self._of[fact.attendee]:
            if item.cleared_name:
                self._turn(item, name=item.cleared_name, cleared_name="")

    def _erased(self, fact: Participation.Erased, _: int) -> None:
        self.has_taken_out = True  # their name, if nothing else
        attendee = attendee_of(fact)
        for item in self._of[attendee]:
            self._turn(item, erased=True, name=ERASED, known_as="", cleared_name="")
        for item in self.items.values():
            if item.decided_by == attendee:
                self._turn(item, why=ERASED)

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {
        Participation.LinePosted: _line_posted,
        Participation.ReplyPosted: _reply_posted,
        Participation.LineHeld: _line_held,
        Participation.LineApproved: _line_shown,
        Participation.LineReleased: _line_shown,
        Participation.LineRejected: _line_rejected,
        Participation.LineReturned: _line_returned,
        Participation.LineHeldAgain: _line_held_again,
        Participation.LinePinned: _line_pinned,
        Participation.LineUnpinned: _line_unpinned,
        Participation.LineEdited: _line_edited,
        Participation.LineRetracted: _line_retracted,
        Participation.LineHidden: _line_hidden,
        Participation.LineRestored: _line_restored,
        Participation.NicknameCleared: _nickname_cleared,
        Participation.NicknameGivenBack: _nickname_given_back,
        Participation.Erased: _erased,
        Question.Asked: _asked,
        Question.Held: _asked,
        Question.Promoted: _asked,
        Question.Approved: _question_shown,
        Question.Released: _question_shown,
        Question.Rejected: _question_rejected,
        Question.Returned: _question_returned,
        Question.HeldAgain: _question_held_again,
        Question.Pinned: _question_pinned,
        Question.Unpinned: _question_unpinned,
        Question.Edited: _question_edited,
        Question.Withdrawn: _withdrawn,
        Question.Hidden: _question_hidden,
        Question.Revealed: _revealed,
        Question.AnsweredInWriting: _answered_in_writing,
        Question.AnswerEdited: _answer_edited,
        SocialPost.Caught: _caught,
        SocialPost.Held: _caught,
        SocialPost.Approved: _post_shown,
        SocialPost.Released: _post_shown,
        SocialPost.Rejected: _post_rejected,
        SocialPost.Returned: _post_returned,
        SocialPost.Pinned: _post_pinned,
        SocialPost.Unpinned: _post_unpinned,
        SocialPost.Hidden: _post_hidden,
        SocialPost.Revealed: _post_restored,
        SocialPost.Withdrawn: _post_withdrawn,
        Talk.NoticeAnnounced: _announced,
        Talk.NoticeHidden: _notice_hidden,
        Talk.NoticeRestored: _notice_restored,
    }


def told(said: Item) -> dict[str, Any]:
    """Tell everybody about something said."""
    return {
        "kind": said.kind,
        "by": said.by,
        "text": said.text,
        "at": said.at,
        "position": said.position,
        "about": said.about,
        "source": said.source,
        "url": said.url,
        "edited": said.edited,
        "pinned": said.pinned,
    }


def _name_like(item: Item, other: Item) -> None:
    """Let the author of an item be told as that of another is."""
    item.name, item.cleared_name = other.name, other.cleared_name
    item.names, item.known_as = other.names, other.known_as


def question_of(fact: Question.Event) -> str:
    """Tell which question a fact is about: the last part of its stream's name."""
    return fact.originator_id.rpartition("/")[2]


def post_of(fact: SocialPost.Event) -> str:
    """Tell which post a fact is about: the last part of its stream's name."""
    return fact.originator_id.rpartition("/")[2]


def answer_to(question: str) -> str:
    """Tell the id of a question's written answer; it has but one."""
    return f"{question}.answer"
