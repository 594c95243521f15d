"""What hosts may do: run the talk, set its rules, and choose its highlights."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import msgspec

from domain import clock, commands, text
from domain.act import Act, Result
from domain.deciding.dispatching import Dispatching
from domain.errors import Invalid


class Hosts(Dispatching):
    """The rules of the stage."""

    def set_policy(self, act: Act, command: commands.SetPolicy) -> Result:
        act.talk.set_policy(changes(command), by=act.by, at=act.at)
        return {}

    def open_doors(self, act: Act, _: commands.OpenDoors) -> Result:
        act.talk.open_doors(by=act.by, at=act.at)
        return {}

    def start_talk(self, act: Act, _: commands.StartTalk) -> Result:
        act.talk.start(by=act.by, at=act.at)
        return {}

    def end_talk(self, act: Act, _: commands.EndTalk) -> Result:
        act.talk.end(by=act.by, at=act.at)
        return {}

    def introduce_topic(self, act: Act, command: commands.IntroduceTopic) -> Result:
        act.talk.must_not_have_ended()
        title = text.checked(command.title, limit=text.TITLE_LIMIT, field="title")
        topic = act.new_id()
        act.talk.introduce_topic(topic, title, by=act.by, at=act.at)
        return {"topic": topic}

    def order_topics(self, act: Act, command: commands.OrderTopics) -> Result:
        act.talk.order_topics(command.topics, by=act.by, at=act.at)
        return {}

    def open_topic(self, act: Act, command: commands.OpenTopic) -> Result:
        act.talk.topic_title(command.topic)
        act.must_take_part()
        act.talk.open_topic(command.topic, by=act.by, at=act.at)
        return {}

    def close_topic(self, act: Act, command: commands.CloseTopic) -> Result:
        if command.topic:
            act.talk.topic_title(command.topic)
        act.must_take_part()
        if command.topic in {"", act.talk.topic}:
            act.talk.close_topic(by=act.by, at=act.at)
        return {}

    def introduce_panelist(self, act: Act, command: commands.IntroducePanelist) -> Result:
        act.talk.must_not_have_ended()
        name = text.checked(command.name, limit=text.NAME_LIMIT, field="name")
        about = text.checked(command.about, field="about") if command.about else ""
        panelist = act.new_id()
        act.talk.introduce_panelist(panelist, name, about, by=act.by, at=act.at)
        return {"panelist": panelist}

    def grant_role(self, act: Act, command: commands.GrantRole) -> Result:
        act.other(command.attendee)
        act.talk.grant_role(command.attendee, command.role, by=act.by, at=act.at)
        return {}

    def withdraw_role(self, act: Act, command: commands.WithdrawRole) -> Result:
        act.other(command.attendee)
        act.talk.withdraw_role(command.attendee, command.role, by=act.by, at=act.at)
        return {}

    def invite(self, act: Act, command: commands.Invite) -> Result:
        expires_at = clock.iso(act.at + timedelta(seconds=command.expires_in_s))
        invite = act.new_id()
        act.talk.invite(invite, command.role, expires_at, by=act.by, at=act.at)
        return {"invite": invite, "expires_at": expires_at}

    def withdraw_invite(self, act: Act, command: commands.WithdrawInvite) -> Result:
        act.talk.withdraw_invite(command.invite, by=act.by, at=act.at)
        return {}

    def renew_invite(self, act: Act, command: commands.RenewInvite) -> Result:
        act.talk.renew_invite(command.invite, by=act.by, at=act.at)
        return {}

    def attach_recording(self, act: Act, command: commands.AttachRecording) -> Result:
        if urlsplit(command.url).scheme not in {"http", "https", ""}:
            raise Invalid("a recording lies at an http(s) address or a path", field="url")
        started_at = checked_moment(command.started_at, field="started_at")
        cuts = [{"start_s": cut.start_s, "end_s": cut.end_s} for cut in command.cuts]
        act.talk.attach_recording(command.url, started_at, cuts, by=act.by, at=act.at)
        return {}

    def correct_clock(self, act: Act, command: commands.CorrectClock) -> Result:
        pieces = [{"offset_s": one.offset_s, "media_s": one.media_s} for one in command.pieces]
        if any(
            then["offset_s"] <= now["offset_s"] or then["media_s"] < now["media_s"]
            for now, then in pairwise(pieces)
        ):
            raise Invalid(
                "pieces go on in the talk, and never back in the recording", field="pieces"
            )
        delay_s = -1.0 if command.delay_s is None else command.delay_s
        act.talk.correct_clock(command.shift_s, pieces, delay_s, by=act.by, at=act.at)
        return {}

    def pin_highlight(self, act: Act, command: commands.PinHighlight) -> Result:
        if command.end_s <= command.start_s:
            raise Invalid("a highlight ends after it starts", field="end_s")
        title = text.checked(command.title, limit=text.TITLE_LIMIT, field="title")
        highlight = act.new_id()
        act.highlights().pin(highlight, command.start_s, command.end_s, title, by=act.by, at=act.at)
        return {"highlight": highlight}

    def rename_highlight(self, act: Act, command: commands.RenameHighlight) -> Result:
        highlights = act.highlights(command.highlight)
        title = text.checked(command.title, limit=text.TITLE_LIMIT, field="title")
        highlights.rename(command.highlight, title, by=act.by, at=act.at)
        return {}

    def retitle_highlight(self, act: Act, command: commands.RetitleHighlight) -> Result:
        highlights = act.highlights(command.highlight)
        highlights.rename(command.highlight, command.title, by=act.by, at=act.at)
        return {}

    def drop_highlight(self, act: Act, command: commands.DropHighlight) -> Result:
        act.highlights(command.highlight).drop(command.highlight, by=act.by, at=act.at)
        return {}

    def restore_highlight(self, act: Act, command: commands.RestoreHighlight) -> Result:
        act.highlights(command.highlight).restore(command.highlight, by=act.by, at=act.at)
        return {}


def changes(command: commands.SetPolicy) -> dict[str, Any]:
    """Tell what a change of policy names."""
    named = msgspec.structs.asdict(command)
    if command.hashtags is not None:
        named["hashtags"] = [tag.removeprefix("#") for tag in command.hashtags]
    return {rule: value for rule, value in named.items() if value is not None}


def checked_moment(moment: str, *, field: str) -> str:
    """Return a moment in its one written form."""
    try:
        return clock.iso(clock.parse(moment))
    except ValueError:
        raise Invalid("a moment is written like 2026-11-23T23:01:02Z", field=field) from None
