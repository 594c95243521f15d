"""A talk played from a list of small acts: the facts that the real aggregates record.

Acts that are refused, or change nothing, record nothing; so any list of acts is a history
that can happen.
"""

from contextlib import suppress
from typing import Any

from builders import HAL, NOON, TALK, later
from hypothesis import strategies as st

from domain.aggregate import Fact, TalkAggregate
from domain.attendance import Attendance
from domain.clock import iso
from domain.errors import Refused
from domain.participation import ModeratedLine, Participation
from domain.question import Question
from domain.social import SocialPost, id_of_post
from domain.talk import ModeratedNotice, Talk

PEOPLE = ("ann", "bob", "cy", "dee")
AUTHORS = ("eve", "dan")  # of posts: they are nowhere else in a talk
KINDS = ("agree", "funny", "lost")
NAMES = ("named", "nickname", "anonymous")

Act = tuple[Any, ...]
Placed = tuple[int, Fact]


class Play:
    """Plays acts one after the other, a few seconds apart; keeps the facts by position."""

    def __init__(self) -> None:
        self.facts: list[Placed] = []
        self.second = 0.0
        self.lines: list[tuple[str, str]] = []
        """(line, author)"""
        self.questions: dict[str, Question] = {}
        self.posts: list[SocialPost] = []
        self.attending: dict[str, Participation] = {}
        self.talk = Talk.schedule(
            TALK, title="Pricing", starts_at="", kinds={}, policy={}, by=HAL, at=NOON
        )
        self.attendance = Attendance.begin_for(TALK, at=NOON)
        self.topics = 0
        self.play("start")

    @property
    def at(self) -> Any:
        return later(self.second)

    @property
    def position(self) -> int:
        return len(self.facts)

    def play(self, act: str, *arguments: Any) -> None:
        """Let one act happen."""
        with suppress(Refused, IndexError):
            getattr(self, act)(*arguments)
        self._collect()

    def _collect(self) -> None:
        everything: list[TalkAggregate] = [self.talk, self.attendance]
        everything += [*self.attending.values(), *self.questions.values(), *self.posts]
        for aggregate in everything:
            for fact in aggregate.collect_events():
                assert isinstance(fact, Fact)
                self.facts.append((self.position + 1, fact))

    def who(self, person: str) -> Participation:
        if person not in self.attending:
            self.attending[person] = Participation.join(
                TALK, person, f"name of {person}", signed_in=False, at=self.at
            )
            self._collect()
        return self.attending[person]

    def line_of(self, number: int) -> tuple[str, Participation]:
        line, author = self.lines[number % max(len(self.lines), 1)]
        return line, self.who(author)

    def question(self, number: int) -> Question:
        names = list(self.questions)
        return self.questions[names[number % max(len(names), 1)]]

    def post_of(self, number: int) -> SocialPost:
        return self.posts[number % max(len(self.posts), 1)]

    # Acts.

    def start(self) -> None:
        self.talk.start(by=HAL, at=self.at)

    def end(self) -> None:
        self.talk.end(by=HAL, at=self.at)

    def attach(self, number: int) -> None:
        cuts = [{"start_s": 5.0, "end_s": 5.0 + number}] if number % 2 else []
        started_at = iso(later(number - 10))
        self.talk.attach_recording("/talk.mp3", started_at, cuts, by=HAL, at=self.at)

    def correct(self, number: int) -> None:
        pieces = [{"offset_s": float(number), "media_s": 0.0}] if number % 2 else []
        self.talk.correct_clock(1.5 * number, pieces, -1.0, by=HAL, at=self.at)

    def wait(self, seconds: float) -> None:
        self.second += seconds

    def post(self, person: str) -> None:
        line = f"line-{len(self.lines)}"
        self.who(person).post_line(line, f"words of {line}", at=self.at)
        self.lines.append((line, person))

    def edit(self, number: int, word: int) -> None:
        line, author = self.line_of(number)
        author.edit_line(line, f"words of {line}, {word}", at=self.at)

    def spoil(self, number: int, word: int) -> None:
        """Edit a line so that it waits again."""
        self.edit(number, word)
        line, author = self.line_of(number)
        author.hold_line_again(line, "term", "", at=self.at)

    def spoil_question(self, number: int, word: int) -> None:
        self.rephrase(number, word)
        question = self.question(number)
        question.hold_again("policy", iso(later(30)), by=question.author, at=self.at)

    def retract(self, number: int) -> None:
        line, author = self.line_of(number)
        author.retract_line(line, at=self.at)

    def hold(self, person: str) -> None:
        line = f"line-{len(self.lines)}"
        self.who(person).hold_line(line, "", f"words of {line}", "policy", "", at=self.at)
        self.lines.append((line, person))

    def reply(self, person: str, number: int) -> None:
        line, about = f"line-{len(self.lines)}", self.question(number).question
        self.who(person).reply(line, about, f"words of {line}", at=self.at)
        self.lines.append((line, person))

    def moderated(self, number: int) -> ModeratedLine:
        line, author = self.line_of(number)
        return author.moderated(line)

    def hide(self, number: int) -> None:
        self.moderated(number).hide("reason", by=HAL, at=self.at)

    def restore(self, number: int) -> None:
        self.moderated(number).reveal(by=HAL, at=self.at)

    def approve(self, number: int) -> None:
        self.moderated(number).approve(by=HAL, at=self.at)

    def reject(self, number: int) -> None:
        self.moderated(number).reject("reason", by=HAL, at=self.at)

    def put_back(self, number: int) -> None:
        self.moderated(number).put_back(by=HAL, at=self.at)

    def release(self, number: int) -> None:
        self.moderated(number).release(by="", at=self.at)

    def pin(self, number: int) -> None:
        self.moderated(number).pin(by=HAL, at=self.at)

    def unpin(self, number: int) -> None:
        self.moderated(number).unpin(by=HAL, at=self.at)

    def mute(self, person: str, until: int) -> None:
        self.who(person).mute("reason", iso(later(until)), by=HAL, at=self.at)

    def unmute(self, person: str) -> None:
        self.who(person).unmute(by=HAL, at=self.at)

    def ban(self, person: str) -> None:
        self.who(person).ban("reason", by=HAL, at=self.at)

    def announce(self, number: int) -> None:
        notice = f"notice-{number}"
        if notice not in self.talk.notices:
            self.talk.announce(notice, f"words of {notice}", by=HAL, at=self.at)

    def hide_notice(self, number: int) -> None:
        ModeratedNotice(self.talk, list(self.talk.notices)[number]).hide("x", by=HAL, at=self.at)

    def ask(self, person: str) -> None:
        question = f"question-{len(self.questions)}"
        self.who(person).ask_question(question, at=self.at)
        self.questions[question] = Question.ask(
            TALK, question, f"words of {question}", by=person, at=self.at
        )

    def hold_question(self, person: str) -> None:
        question = f"question-{len(self.questions)}"
        self.questions[question] = Question.hold(
            TALK,
            question,
            f"words of {question}",
            "term",
            "",
            by=self.who(person).attendee,
            at=self.at,
        )

    def promote(self, number: int) -> None:
        line, author = self.line_of(number)
        question = f"question-{len(self.questions)}"
        self.questions[question] = Question.promote(
            TALK, question, author.attendee, f"words of {question}", line, by=HAL, at=self.at
        )

    def approve_question(self, number: int) -> None:
        self.question(number).approve(by=HAL, at=self.at)

    def reject_question(self, number: int) -> None:
        self.question(number).reject("reason", by=HAL, at=self.at)

    def put_question_back(self, number: int) -> None:
        self.question(number).put_back(by=HAL, at=self.at)

    def pin_question(self, number: int) -> None:
        self.question(number).pin(by=HAL, at=self.at)

    def reopen(self, number: int) -> None:
        self.question(number).reopen(by=HAL, at=self.at)

    def merge(self, number: int, other: int) -> None:
        question, into = self.question(number), self.question(other)
        behind = into
        while behind.merged_into:  # not in a ring, as the decision sees to
            behind = self.questions[behind.merged_into]
        if behind is not question:
            question.merge_into(into, by=HAL, at=self.at)

    def unmerge(self, number: int) -> None:
        question = self.question(number)
        if question.merged_into:
            question.unmerge_from(self.questions[question.merged_into], by=HAL, at=self.at)

    def catch(self, person: str, because: str) -> None:
        post_id, author = str(len(self.posts)), self.who(person).attendee
        post = id_of_post(TALK, "mastodon", post_id)
        text, url = f"words of {post}", f"https://example.social/{post}"
        self.posts.append(
            SocialPost.catch(
                TALK, "mastodon", author, text, url, post_id, because=because, by=HAL, at=self.at
            )
        )

    def decide_post(self, act: str, number: int) -> None:
        getattr(self.post_of(number), act)(by=HAL, at=self.at)

    def refuse_post(self, act: str, number: int) -> None:
        getattr(self.post_of(number), act)("reason", by=HAL, at=self.at)

    def write_answer(self, person: str, number: int) -> None:
        answer = f"words of {self.question(number).question}.answer"
        self.question(number).answer_in_writing(answer, by=self.who(person).attendee, at=self.at)

    def rewrite_answer(self, number: int) -> None:
        question = self.question(number)
        question.edit_answer(f"words of {question.question}.answer, x", by=HAL, at=self.at)

    def rephrase(self, number: int, word: int) -> None:
        question = self.question(number)
        question.edit(f"words of {question.question}, {word}", by=question.author, at=self.at)

    def withdraw(self, number: int) -> None:
        question = self.question(number)
        question.withdraw(by=question.author, at=self.at)

    def hide_question(self, number: int) -> None:
        self.question(number).hide("reason", by=HAL, at=self.at)

    def reveal_question(self, number: int) -> None:
        self.question(number).reveal(by=HAL, at=self.at)

    def archive(self, number: int) -> None:
        self.question(number).archive(by=HAL, at=self.at)

    def unarchive(self, number: int) -> None:
        self.question(number).restore(by=HAL, at=self.at)

    def answer(self, number: int) -> None:
        self.question(number).start_answering(by=HAL, at=self.at)

    def answered(self, number: int) -> None:
        self.question(number).finish_answering(by=HAL, at=self.at)

    def vote(self, person: str, number: int) -> None:
        self.who(person).cast_vote(self.question(number).question, at=self.at)

    def unvote(self, person: str, number: int) -> None:
        self.who(person).withdraw_vote(self.question(number).question, at=self.at)

    def policy(self, names: str, at_desk: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.talk.set_policy({"names": names, "names_at_desk": at_desk}, by=HAL, at=self.at)

    def nickname(self, person: str, word: int) -> None:
        self.who(person).choose_nickname(f"nickname of {person}, {word}", at=self.at)

    def clear_nickname(self, person: str) -> None:
        self.who(person).clear_nickname("reason", by=HAL, at=self.at)

    def give_nickname_back(self, person: str, word: int) -> None:
        nickname = f"nickname of {person}, {word}"
        self.who(person).give_nickname_back(nickname, by=HAL, at=self.at)

    def invite(self, role: str) -> None:
        invite = f"invite-{len(self.talk.invites)}"
        self.talk.invite(invite, role, iso(later(30)), by=HAL, at=self.at)

    def accept(self, person: str, number: int) -> None:
        invite = list(self.talk.invites)[number]
        self.talk.accept_invite(invite, by=self.who(person).attendee, at=self.at)

    def withdraw_invite(self, number: int) -> None:
        self.talk.withdraw_invite(list(self.talk.invites)[number], by=HAL, at=self.at)

    def renew_invite(self, number: int) -> None:
        self.talk.renew_invite(list(self.talk.invites)[number], by=HAL, at=self.at)

    def tick(self, person: str, kind: str) -> None:
        self.who(person).give_feedback(kind, self.talk.topic, -1.0, at=self.at)

    def topic(self) -> None:
        self.topics += 1
        topic = f"topic-{self.topics}"
        self.talk.introduce_topic(topic, f"title of {topic}", by=HAL, at=self.at)
        self.talk.open_topic(topic, by=HAL, at=self.at)

    def order(self, number: int) -> None:
        if topics := list(self.talk.topics):
            self.talk.order_topics([topics[number % len(topics)]], by=HAL, at=self.at)

    def panelist(self, number: int) -> None:
        self.talk.introduce_panelist(f"panelist-{number}", "Pat", "professor", by=HAL, at=self.at)

    def grant(self, person: str, role: str) -> None:
        self.talk.grant_role(self.who(person).attendee, role, by=HAL, at=self.at)

    def ungrant(self, person: str, role: str) -> None:
        self.talk.withdraw_role(person, role, by=HAL, at=self.at)

    def rename(self, person: str, word: int) -> None:
        self.who(person).rename(f"name of {person}, {word}", at=self.at)

    def erase(self, person: str) -> None:
        self.who(person).erase(at=self.at)

    def sample(self, present: int) -> None:
        self.attendance.sample(present, at=self.at)


def played(acts: list[Act]) -> list[Placed]:
    """Play acts and return the facts with their positions."""
    play = Play()
    for act in acts:
        play.play(*act)
    return play.facts


_person = st.sampled_from(PEOPLE)
_author = st.sampled_from(AUTHORS)
_number = st.integers(0, 5)
_role = st.sampled_from(["moderator", "panelist"])
_of_lines = ["retract", "hide", "restore", "approve", "reject", "put_back", "release"]
_of_lines += ["pin", "unpin", "promote", "announce", "hide_notice"]
_of_questions = ["withdraw", "hide_question", "reveal_question", "archive", "unarchive"]
_of_questions += ["approve_question", "reject_question", "put_question_back", "pin_question"]
_of_questions += ["reopen", "unmerge", "rewrite_answer"]
_of_posts = ["approve", "release", "put_back", "pin", "unpin", "reveal", "withdraw"]
_numbered = st.sampled_from([*_of_lines, *_of_questions, "answer", "answered", "panelist", "order"])

acts: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.sampled_from(["post", "ask", "hold", "hold_question"]), _person),
    st.tuples(st.just("catch"), _author, st.sampled_from(["", "policy", "term"])),
    st.tuples(st.just("decide_post"), st.sampled_from(_of_posts), _number),
    st.tuples(st.just("refuse_post"), st.sampled_from(["hide", "reject"]), _number),
    st.tuples(st.sampled_from(["unmute", "ban", "clear_nickname"]), _person),
    st.tuples(st.just("invite"), _role),
    st.tuples(st.just("accept"), _person, _number),
    st.tuples(st.sampled_from(["withdraw_invite", "renew_invite"]), _number),
    st.tuples(st.sampled_from(["vote", "unvote", "reply", "write_answer"]), _person, _number),
    st.tuples(st.just("mute"), _person, _number),
    st.tuples(st.just("merge"), _number, _number),
    st.tuples(_numbered, _number),
    st.tuples(st.sampled_from(["edit", "rephrase", "spoil", "spoil_question"]), _number, _number),
    st.tuples(st.just("tick"), _person, st.sampled_from(KINDS)),
    st.tuples(st.just("wait"), st.sampled_from([-3.0, 0.4, 7.0])),
    st.tuples(st.sampled_from(["rename", "nickname", "give_nickname_back"]), _person, _number),
    st.tuples(st.just("policy"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.sampled_from(["grant", "ungrant"]), _person, _role),
    st.tuples(st.just("erase"), st.sampled_from(["dee", "cy", "eve"])),
    st.tuples(st.just("sample"), _number),
    st.just(("topic",)),
    st.just(("end",)),
    st.tuples(st.sampled_from(["attach", "correct"]), _number),
)

histories: st.SearchStrategy[list[Placed]] = st.lists(acts, max_size=60).map(played)
