"""What moderators may do: with what was said, with questions and with people."""

from datetime import timedelta
from urllib.parse import urlsplit

from domain import commands, policy, text
from domain.act import Act, Result, must_include
from domain.aggregate import talk_of
from domain.clock import iso
from domain.deciding.dispatching import Dispatching
from domain.errors import Invalid, NotFound, NotOpen
from domain.question import Question
from domain.social import SocialPost, id_of_post
from domain.undoing import INVERSES, taken_back


class Moderators(Dispatching):
    """The rules of the desk."""

    def hide(self, act: Act, command: commands.Hide) -> Result:
        item = act.item(command.item)
        why = text.checked(command.why, field="why")
        act.participation()
        item.hide(why, by=act.by, at=act.at)
        return {}

    def restore(self, act: Act, command: commands.Restore) -> Result:
        item = act.item(command.item)
        act.participation()
        item.reveal(by=act.by, at=act.at)
        return {}

    def approve(self, act: Act, command: commands.Approve) -> Result:
        act.held(command.item).approve(by=act.by, at=act.at)
        return {}

    def reject(self, act: Act, command: commands.Reject) -> Result:
        item = act.held(command.item)
        item.reject(text.checked(command.why, field="why"), by=act.by, at=act.at)
        return {}

    def reject_again(self, act: Act, command: commands.RejectAgain) -> Result:
        act.held(command.item).reject_again(command.why, by=act.by, at=act.at)
        return {}

    def put_back(self, act: Act, command: commands.PutBack) -> Result:
        act.held(command.item).put_back(by=act.by, at=act.at)
        return {}

    def release_item(self, act: Act, command: commands.ReleaseItem) -> Result:
        act.held(command.item).release(by="", at=act.at)
        return {}

    def pin(self, act: Act, command: commands.Pin) -> Result:
        act.held(command.item).pin(by=act.by, at=act.at)
        return {}

    def unpin(self, act: Act, command: commands.Unpin) -> Result:
        act.held(command.item).unpin(by=act.by, at=act.at)
        return {}

    def merge_questions(self, act: Act, command: commands.MergeQuestions) -> Result:
        question, into = act.question(command.question), act.question(command.into, field="into")
        if into.question in act.members(question):
            raise NotOpen("that question is merged into this one already", field="into")
        question.merge_into(into, by=act.by, at=act.at)
        return {}

    def unmerge_question(self, act: Act, command: commands.UnmergeQuestion) -> Result:
        question = act.question(command.question)
        if question.merged_into:
            question.unmerge_from(act.question(question.merged_into), by=act.by, at=act.at)
        return {}

    def promote_line(self, act: Act, command: commands.PromoteLine) -> Result:
        author = act.author_of(command.line)
        act.must_take_part()
        line = author.standing_line(command.line)
        if author.is_erased or line.is_hidden or line.state != "shown":
            raise NotOpen("the line is not shown", field="line")
        question = act.new_id()
        act.work.add(
            Question.promote(
                act.talk_id,
                question,
                author.attendee,
                text.checked(line.text),
                command.line,
                by=act.by,
                at=act.at,
            )
        )
        return {"question": question}

    def reopen_question(self, act: Act, command: commands.ReopenQuestion) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.reopen(by=act.by, at=act.at)
        return {}

    def announce(self, act: Act, command: commands.Announce) -> Result:
        said = text.checked(command.text)
        notice = act.new_id()
        act.participation()
        act.talk.announce(notice, said, by=act.by, at=act.at)
        return {"notice": notice}

    def catch_post(self, act: Act, command: commands.CatchPost) -> Result:
        url = checked_link(command.url)
        act.must_take_part()
        name = text.checked(text.plain(command.author), limit=text.NAME_LIMIT, field="author")
        said = text.checked(text.plain(command.text))
        post = id_of_post(act.talk_id, command.source, command.post_id)
        if act.work.get(SocialPost, SocialPost.stream_of(act.talk_id, post)):
            return {"post": post}
        because = act.why_post_held(said)
        author = act.post_author(name)
        act.participation()
        caught = SocialPost.catch(
            act.talk_id,
            command.source,
            author.attendee,
            said,
            url,
            command.post_id,
            because=because,
            release_at=act.release_at(because, policy.POSTS),
            by=act.by,
            at=act.at,
        )
        act.work.add(caught)
        return {"post": post}

    def withdraw_post(self, act: Act, command: commands.WithdrawPost) -> Result:
        post = act.post(id_of_post(act.talk_id, command.source, command.post_id))
        if post is None:
            raise NotFound("no such post was caught in this talk", field="post_id")
        post.withdraw(by=act.by, at=act.at)
        return {"post": post.post}

    def mute(self, act: Act, command: commands.Mute) -> Result:
        attendee = act.behind(command.attendee)
        why = text.checked(command.why, field="why")
        act.must_answer_for(attendee)
        until = iso(act.at + timedelta(minutes=command.minutes)) if command.minutes else ""
        attendee.mute(why, until, by=act.by, at=act.at)
        return {}

    def mute_until(self, act: Act, command: commands.MuteUntil) -> Result:
        act.behind(command.attendee).mute(command.why, command.until, by=act.by, at=act.at)
        return {}

    def unmute(self, act: Act, command: commands.Unmute) -> Result:
        act.behind(command.attendee).unmute(by=act.by, at=act.at)
        return {}

    def ban(self, act: Act, command: commands.Ban) -> Result:
        attendee = act.behind(command.attendee)
        why = text.checked(command.why, field="why")
        act.must_answer_for(attendee)
        attendee.ban(why, by=act.by, at=act.at)
        return {}

    def unban(self, act: Act, command: commands.Unban) -> Result:
        act.behind(command.attendee).unban(by=act.by, at=act.at)
        return {}

    def clear_nickname(self, act: Act, command: commands.ClearNickname) -> Result:
        attendee = act.behind(command.attendee)
        why = text.checked(command.why, field="why")
        act.must_answer_for(attendee)
        attendee.clear_nickname(why, by=act.by, at=act.at)
        return {}

    def give_nickname_back(self, act: Act, command: commands.GiveNicknameBack) -> Result:
        attendee = act.behind(command.attendee)
        attendee.give_nickname_back(command.nickname, by=act.by, at=act.at)
        return {}

    def undo(self, act: Act, command: commands.Undo) -> Result:
        fact = act.work.fact_at(command.position)
        if fact is None or talk_of(fact.originator_id) != act.talk_id:
            raise NotFound("nothing of this talk was recorded there", field="position")
        if type(fact) not in INVERSES:
            raise NotOpen("what was recorded there is no act of moderation", field="position")
        back = taken_back(fact, act.work.history(fact.originator_id))
        if back is None:
            raise NotOpen(
                "it does not stand any more: it was undone, or decided otherwise later",
                field="position",
            )
        must_include(act.speaker, act.talk, act.by, back)
        return self.decide(act, back)

    def archive_question(self, act: Act, command: commands.ArchiveQuestion) -> Result:
        act.question(command.question).archive(by=act.by, at=act.at)
        return {}

    def restore_question(self, act: Act, command: commands.RestoreQuestion) -> Result:
        act.question(command.question).restore(by=act.by, at=act.at)
        return {}

    def mark_answered(self, act: Act, command: commands.MarkAnswered) -> Result:
        act.question(command.question).mark_answered(by=act.by, at=act.at)
        return {}

    def start_answering(self, act: Act, command: commands.StartAnswering) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.start_answering(by=act.by, at=act.at)
        return {}

    def finish_answering(self, act: Act, command: commands.FinishAnswering) -> Result:
        question = act.question(command.question)
        act.must_take_part()
        question.finish_answering(by=act.by, at=act.at)
        return {}


def checked_link(url: str) -> str:
    """Return a link that leads to a page of the web and nowhere else, or an empty one."""
    try:
        parts = urlsplit(url)
        leads_there = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        leads_there = False
    if url and (not leads_there or "@" in parts.netloc or not url.isprintable() or " " in url):
        raise Invalid("a link begins with http:// or https://, and holds no name", field="url")
    return url
