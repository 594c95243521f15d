"""What attendees may do: say, ask, vote and tell how it lands."""

from domain import commands, policy, text
from domain.act import Act, Result
from domain.deciding.dispatching import Dispatching
from domain.errors import Invalid
from domain.pace import SAYING, TICKING, VOTING
from domain.question import Question


class Attendees(Dispatching):
    """The rules of what everybody may do."""

    def post_line(self, act: Act, command: commands.PostLine) -> Result:
        act.must_take_part()
        said = act.said(command.text)
        line = act.new_id()
        author = act.speaking()
        because = act.why_held(said)
        if because:
            author.hold_line(line, "", said, because, act.release_at(because), at=act.at)
        else:
            author.post_line(line, said, at=act.at)
        return {"line": line}

    def reply(self, act: Act, command: commands.Reply) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.must_stand()
        said = text.checked(command.text)
        line = act.new_id()
        author = act.speaking()
        because = act.why_held(said)
        if because:
            release_at = act.release_at(because)
            author.hold_line(line, command.question, said, because, release_at, at=act.at)
        else:
            author.reply(line, command.question, said, at=act.at)
        return {"reply": line}

    def edit_line(self, act: Act, command: commands.EditLine) -> Result:
        participation = act.own_line(command.line)
        act.must_take_part()
        participation.standing_line(command.line)
        said = text.checked(command.text)
        act.must_be_heard()
        participation.edit_line(command.line, said, at=act.at)
        if because := act.why_held(said):
            release_at = act.release_at(because)
            participation.hold_line_again(command.line, because, release_at, at=act.at)
        return {}

    def retract_line(self, act: Act, command: commands.RetractLine) -> Result:
        act.own_line(command.line).retract_line(command.line, at=act.at)
        return {}

    def ask_question(self, act: Act, command: commands.AskQuestion) -> Result:
        act.must_take_part()
        asked = text.checked(command.text)
        question = act.new_id()
        act.speaking().ask_question(question, at=act.at)
        because = act.why_held(asked)
        if because:
            release_at = act.release_at(because)
            begun = Question.hold(
                act.talk_id, question, asked, because, release_at, by=act.by, at=act.at
            )
        else:
            begun = Question.ask(act.talk_id, question, asked, by=act.by, at=act.at)
        act.work.add(begun)
        return {"question": question}

    def edit_question(self, act: Act, command: commands.EditQuestion) -> Result:
        question = act.own_question(command.question)
        act.must_take_part()
        question.must_stand()
        asked = text.checked(command.text)
        act.must_be_heard()
        question.edit(asked, by=act.by, at=act.at)
        if because := act.why_held(asked):
            question.hold_again(because, act.release_at(because), by=act.by, at=act.at)
        return {}

    def withdraw_question(self, act: Act, command: commands.WithdrawQuestion) -> Result:
        act.own_question(command.question).withdraw(by=act.by, at=act.at)
        return {}

    def choose_nickname(self, act: Act, command: commands.ChooseNickname) -> Result:
        act.must_take_part()
        nickname = text.checked(command.nickname, limit=text.NAME_LIMIT, field="nickname")
        if policy.has_term(act.talk.policy, nickname):
            raise Invalid("a word in it waits for a moderator in this talk", field="nickname")
        act.participation(SAYING).choose_nickname(nickname, at=act.at)
        return {}

    def cast_vote(self, act: Act, command: commands.CastVote) -> Result:
        act.must_have_a_vote()
        question = act.question(command.question)
        act.must_take_part()
        question.must_stand()
        act.participation(VOTING).cast_vote(command.question, at=act.at)
        return {}

    def withdraw_vote(self, act: Act, command: commands.WithdrawVote) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.must_stand()
        voter = act.participation(VOTING)
        for member in act.members(question):
            voter.withdraw_vote(member, at=act.at)
        return {}

    def give_feedback(self, act: Act, command: commands.GiveFeedback) -> Result:
        act.talk.must_know_kind(command.kind)
        if not act.imported:
            act.talk.must_be_live()
        media_s = -1.0 if command.media_s is None else command.media_s
        act.participation(TICKING).give_feedback(command.kind, act.talk.topic, media_s, at=act.at)
        return {}
