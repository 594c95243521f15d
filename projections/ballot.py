"""The ballot: the questions, with how many people stand behind each.

Votes stand: a tally is a fold of the voters, whatever becomes of the question.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

from domain.aggregate import Fact
from domain.clock import iso
from domain.participation import Participation
from domain.question import Question
from projections.feed import Feed, answer_to, question_of
from projections.patch import Patch
from projections.records import UNKNOWN_S, Asked, Vote
from projections.shown import Shown
from projections.stage import Fold, Stage, attendee_of

LENGTH = 100

_RANK = {"answering": 0, "open": 1, "answered": 2, "archived": 3, "merged": 4}


class Ballot:
    """Folds questions and votes; shows at most 100 questions.

    Which, when there are more: pinned ones, the one being answered, open ones by votes,
    then answered, archived and merged ones; among equals the earlier asked.
    """

    def __init__(self, stage: Stage, feed: Feed) -> None:
        self._stage = stage
        self._feed = feed
        self.questions: dict[str, Asked] = {}
        self.voters: defaultdict[str, set[str]] = defaultdict(set)
        self.touched: set[Asked] = set()
        self.votes: list[Vote] = []
        """Votes cast and withdrawn since the last change."""
        self.shown = Shown()
        self._are_others = False
        """Whether other questions may be shown than before, and not just other tallies."""
        self._members: defaultdict[str, set[str]] = defaultdict(set)
        """What is merged into a question, directly."""

    def load(self, questions: list[Asked], votes: list[Vote]) -> None:
        """Take up where the rows are."""
        self.questions = {asked.question: asked for asked in questions}
        self.touched = set(questions)
        self._are_others = True
        for asked in questions:
            if asked.merged_into:
                self._members[asked.merged_into].add(asked.question)
        for vote in sorted(votes, key=lambda vote: vote.position):
            self._count(vote)

    def change(self) -> Patch:
        """Show the ballot as it is; return what changed since the last time."""
        if not self.touched:
            return {}
        touched = {asked.question for asked in self.touched}
        if not self._are_others and len(self.questions) <= LENGTH:
            return self.shown.look_again(touched, self.record)
        self._are_others = False
        return self.shown.turn(self._first(), touched, self.record)

    def record(self, question: str) -> dict[str, Any]:
        """Tell everybody about a question."""
        asked, said = self.questions[question], self._feed.items[question]
        return {
            "text": said.text,
            "by": said.by,
            "votes": asked.votes,
            "state": state_of(asked),
            "merged_into": asked.merged_into,
            "answer": self._feed.answer_of(question),
            "pinned": said.pinned,
            "position": said.position,
            "answered_from_s": asked.answered_from_s,
            "answered_to_s": asked.answered_to_s,
        }

    def voted_by(self, attendee: str) -> list[str]:
        """List the questions an attendee's votes stand for."""
        return [question for question, voters in self.voters.items() if attendee in voters]

    def conceal(self, items: set[str]) -> None:
        """Look again at questions that the feed took out."""
        for question in items & self.questions.keys():
            self._touch(question)

    def _first(self) -> list[str]:
        visible = [one for one in self.questions if self._feed.items[one].is_visible]
        if len(visible) <= LENGTH:
            return visible
        return sorted(visible, key=self._rank)[:LENGTH]

    def _rank(self, question: str) -> tuple[bool, bool, int, int, int]:
        asked, said = self.questions[question], self._feed.items[question]
        rank = _RANK[state_of(asked)]
        is_away = rank >= _RANK["archived"]
        return is_away, not said.pinned, rank, -asked.votes, said.position

    def _touch(self, question: str) -> Asked:
        asked = self.questions[question]
        self.touched.add(asked)
        self._are_others = True
        return asked

    def _tally(self, question: str) -> None:
        """Count the people behind a question anew, and behind those it is merged into."""
        while question in self.questions:
            asked = self.questions[question]
            asked.votes = len(self.people_behind(question))
            self.touched.add(asked)
            question = asked.merged_into

    def people_behind(self, question: str) -> set[str]:
        """Unite the voters of a question and of all that are merged into it."""
        united = set(self.voters[question])
        for member in self._members[question]:
            united |= self.people_behind(member)
        return united

    def _count(self, vote: Vote) -> None:
        voters = self.voters[vote.question]
        (voters.add if vote.change > 0 else voters.discard)(vote.attendee)

    # Folds.

    def _asked(self, fact: Question.Asked | Question.Held | Question.Promoted, _: int) -> None:
        self.questions[fact.question] = Asked(fact.question)
        self._touch(fact.question)
        self._tally(fact.question)

    def _words_changed(self, fact: Question.Event, _: int) -> None:
        self._touch(question_of(fact))

    def _answering_started(self, fact: Question.AnsweringStarted, _: int) -> None:
        asked = self._touch(question_of(fact))
        asked.state = "answering"
        asked.answered_from_s = self._stage.second(fact.timestamp)
        asked.answered_to_s = UNKNOWN_S

    def _answering_finished(self, fact: Question.AnsweringFinished, _: int) -> None:
        asked = self._touch(question_of(fact))
        asked.state = "answered"
        asked.answered_to_s = self._stage.second(fact.timestamp)

    def _reopened(self, fact: Question.Reopened, _: int) -> None:
        asked = self._touch(question_of(fact))
        asked.state = "open"
        asked.answered_from_s = asked.answered_to_s = UNKNOWN_S

    def _merged(self, fact: Question.Merged, _: int) -> None:
        question = question_of(fact)
        self._members[fact.into].add(question)
        self.questions[question].merged_into = fact.into
        self._tally(question)

    def _unmerged(self, fact: Question.Unmerged, _: int) -> None:
        question = question_of(fact)
        self._members[fact.into].discard(question)
        self.questions[question].merged_into = ""
        self._tally(question)
        self._tally(fact.into)

    def _archived(self, fact: Question.Archived, _: int) -> None:
        self._touch(question_of(fact)).archived = True

    def _restored(self, fact: Question.Restored, _: int) -> None:
        self._touch(question_of(fact)).archived = False

    def _vote_cast(self, fact: Participation.VoteCast, position: int) -> None:
        self._voted(fact, position, 1)

    def _vote_withdrawn(self, fact: Participation.VoteWithdrawn, position: int) -> None:
        self._voted(fact, position, -1)

    def _voted(
        self, fact: Participation.VoteCast | Participation.VoteWithdrawn, position: int, change: int
    ) -> None:
        at, second = iso(fact.timestamp), self._stage.second(fact.timestamp)
        vote = Vote(position, fact.question, fact.by, change, at, second)
        self.votes.append(vote)
        self._count(vote)
        self._tally(fact.question)

    def _author_renamed(self, fact: Participation.Event, _: int) -> None:
        attendee = attendee_of(fact)
        for question, asked in self.questions.items():
            answer = self._feed.items.get(answer_to(question))
            authors = {said.attendee for said in (self._feed.items[question], answer) if said}
            if attendee in authors:
                self._touch(asked.question)

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {
        Question.Asked: _asked,
        Question.Held: _asked,
        Question.Promoted: _asked,
        Question.Approved: _words_changed,
        Question.Released: _words_changed,
        Question.Rejected: _words_changed,
        Question.Returned: _words_changed,
        Question.HeldAgain: _words_changed,
        Question.Pinned: _words_changed,
        Question.Unpinned: _words_changed,
        Question.Reopened: _reopened,
        Question.AnsweredInWriting: _words_changed,
        Question.AnswerEdited: _words_changed,
        Question.Merged: _merged,
        Question.Unmerged: _unmerged,
        Question.Edited: _words_changed,
        Question.Withdrawn: _words_changed,
        Question.Hidden: _words_changed,
        Question.Revealed: _words_changed,
        Question.AnsweringStarted: _answering_started,
        Question.AnsweringFinished: _answering_finished,
        Question.Archived: _archived,
        Question.Restored: _restored,
        Participation.VoteCast: _vote_cast,
        Participation.VoteWithdrawn: _vote_withdrawn,
        Participation.NicknameCleared: _author_renamed,
        Participation.NicknameGivenBack: _author_renamed,
        Participation.Erased: _author_renamed,
    }


def state_of(asked: Asked) -> str:
    """Tell the state of a question in one word."""
    if asked.merged_into:
        return "merged"
    return "archived" if asked.archived else asked.state
