"""Under which names a talk tells who speaks: to the room, to the desk, and to themselves."""

import json

import pytest
from builders import ANN, BOB, HAL, MIA
from deciding_room import Watched

from domain import commands as c
from domain.errors import Invalid, NotAllowed, NotFound
from domain.undoing import INVERSES
from projections.talk_views import DESK

NOBODY = {"id": "", "name": ""}


@pytest.fixture
def room() -> Watched:
    return Watched()


def everything_told(room: Watched) -> str:
    """Tell all that the room and the desk are shown."""
    return json.dumps([room.document(), room.document(DESK)])


def test_an_anonymous_line_is_nobodys_in_the_room_and_at_the_desk(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="anonymous"))

    line = room(ANN, c.PostLine(text="I disagree"))["line"]
    room(MIA, c.Hide(item=line, why="rude"))

    assert room.document(DESK)["items"][line]["by"] == NOBODY
    assert '"ann"' not in everything_told(room)
    assert "Ann" not in everything_told(room)


def test_the_desk_knows_who_it_is_where_the_policy_says_so(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="anonymous", names_at_desk=True))

    line = room(ANN, c.PostLine(text="I disagree"))["line"]

    assert room.document()["feed"][line]["by"] == NOBODY
    assert room.document(DESK)["authors"] == {line: {"id": ANN, "name": "Ann"}}
    room(MIA, c.Hide(item=line, why="rude"))
    assert room.document(DESK)["items"][line]["by"] == {"id": ANN, "name": "Ann"}
    assert room.document(DESK)["authors"] == {}


def test_a_question_asked_anonymously_is_nobodys(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="anonymous"))

    question = room(ANN, c.AskQuestion(text="Why?"))["question"]
    reply = room(ANN, c.Reply(question=question, text="Really, why?"))["reply"]

    assert room.document()["questions"][question]["by"] == NOBODY
    assert room.document()["feed"][reply]["by"] == NOBODY


def test_a_nickname_stands_in_place_of_the_name(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="nickname"))
    room(ANN, c.ChooseNickname(nickname=" Fox "))

    line = room(ANN, c.PostLine(text="Hello"))["line"]
    room(MIA, c.Hide(item=line, why="rude"))

    assert room.document(DESK)["items"][line]["by"] == {"id": ANN, "name": "Fox"}
    assert room.document(DESK)["people"][ANN]["name"] == "Fox"
    assert "Ann" not in everything_told(room)


def test_who_chose_no_nickname_has_no_name_at_all(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="nickname"))

    line = room(ANN, c.PostLine(text="Hello"))["line"]

    assert room.document()["feed"][line]["by"] == {"id": ANN, "name": ""}


def test_the_desk_may_know_who_is_behind_a_nickname(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="nickname", names_at_desk=True))
    room(ANN, c.ChooseNickname(nickname="Fox"))

    line = room(ANN, c.PostLine(text="Hello"))["line"]

    assert room.document()["feed"][line]["by"]["name"] == "Fox"
    assert room.document(DESK)["authors"][line]["name"] == "Ann"


def test_another_rule_holds_for_what_is_said_from_then_on(room: Watched) -> None:
    first = room(ANN, c.PostLine(text="By name"))["line"]
    room(HAL, c.SetPolicy(names="anonymous"))
    second = room(ANN, c.PostLine(text="By nobody"))["line"]
    room(HAL, c.SetPolicy(names="named", names_at_desk=True))

    feed = room.document()["feed"]

    assert (feed[first]["by"]["name"], feed[second]["by"]) == ("Ann", NOBODY)
    assert second not in room.document(DESK)["authors"]


def test_a_promoted_line_stays_as_anonymous_as_it_was_posted(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="anonymous"))
    line = room(ANN, c.PostLine(text="But why?"))["line"]
    room(HAL, c.SetPolicy(names="named"))

    question = room(MIA, c.PromoteLine(line=line))["question"]

    assert room.document()["questions"][question]["by"] == NOBODY


def test_answers_and_notices_are_given_by_name(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="anonymous"))
    question = room(ANN, c.AskQuestion(text="Why?"))["question"]

    notice = room(MIA, c.Announce(text="Ten minutes"))["notice"]
    room(MIA, c.AnswerInWriting(question=question, text="Because"))

    feed = room.document()["feed"]
    assert feed[notice]["by"]["name"] == feed[f"{question}.answer"]["by"]["name"] == "Mia"


def test_the_author_of_an_anonymous_line_is_muted_and_unmuted_by_the_line(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="anonymous"))
    line = room(ANN, c.PostLine(text="Shout"))["line"]

    room(MIA, c.Mute(attendee=line, why="shouting"))

    assert room.views.people.people[ANN].muted_until
    assert '"ann"' not in everything_told(room)
    room(MIA, c.Unmute(attendee=line))
    assert not room.views.people.people[ANN].muted_until


def test_the_asker_of_an_anonymous_question_is_banned_by_the_question(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="anonymous"))
    question = room(ANN, c.AskQuestion(text="Why?"))["question"]

    room(MIA, c.Ban(attendee=question, why="threats"))

    assert room.views.people.people[ANN].banned
    at = max(p for p, f in enumerate(room.work.facts, 1) if type(f) in INVERSES)
    room(MIA, c.Undo(position=at))
    assert not room.views.people.people[ANN].banned
    with pytest.raises(NotFound) as refused:
        room(MIA, c.Ban(attendee="nobody", why="threats"))
    assert refused.value.field == "attendee"


def test_an_author_is_told_which_anonymous_items_are_theirs(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="anonymous"))
    told = {}
    room.on_me = told.update

    line = room(ANN, c.PostLine(text="Mine"))["line"]

    assert told[ANN]["own"] == {line: True}
    room(ANN, c.RetractLine(line=line))
    assert told[ANN]["own"] == {line: None}
    assert BOB not in told


def test_a_nickname_with_a_term_that_waits_is_refused(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="nickname", terms=["darn"]))

    with pytest.raises(Invalid) as refused:
        room(ANN, c.ChooseNickname(nickname="Darn it"))

    assert refused.value.field == "nickname"
    assert "darn" not in refused.value.detail.lower()


def test_a_nickname_that_is_cleared_goes_from_all_that_was_said_under_one(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="nickname"))
    room(ANN, c.ChooseNickname(nickname="Rude"))
    line = room(ANN, c.PostLine(text="Hello"))["line"]
    question = room(MIA, c.PromoteLine(line=line))["question"]
    room(ANN, c.ChooseNickname(nickname="Ruder"))
    told = {}
    room.on_me = told.update

    room(MIA, c.ClearNickname(attendee=ANN, why="rude"))

    assert room.document()["feed"][line]["by"] == {"id": ANN, "name": ""}
    assert room.document()["questions"][question]["by"] == {"id": ANN, "name": ""}
    assert "Rude" not in everything_told(room)
    assert told == {ANN: {"nickname": ""}}


def test_a_cleared_nickname_is_not_chosen_again_but_another_is(room: Watched) -> None:
    room(HAL, c.SetPolicy(names="nickname"))
    room(ANN, c.ChooseNickname(nickname="Rude"))
    line = room(ANN, c.PostLine(text="Hello"))["line"]
    room(MIA, c.ClearNickname(attendee=line, why="rude"))

    with pytest.raises(Invalid, match="choose another") as refused:
        room(ANN, c.ChooseNickname(nickname="RUDE"))
    room(ANN, c.ChooseNickname(nickname="Fox"))
    later = room(ANN, c.PostLine(text="Sorry"))["line"]

    assert refused.value.field == "nickname"
    feed = room.document()["feed"]
    assert (feed[line]["by"]["name"], feed[later]["by"]["name"]) == ("", "Fox")


def test_who_was_given_a_nickname_back_may_choose_it_again(room: Watched) -> None:
    room(ANN, c.ChooseNickname(nickname="Fox"))
    room(MIA, c.ClearNickname(attendee=ANN, why="a mistake"))
    room(MIA, c.Undo(position=room.position))
    room(ANN, c.ChooseNickname(nickname="Cat"))

    room(ANN, c.ChooseNickname(nickname="Fox"))

    assert room.views.people.people[ANN].nickname == "Fox"


def test_there_is_nothing_to_clear_where_no_nickname_was_chosen(room: Watched) -> None:
    room(ANN, c.PostLine(text="Hello"))
    before = room.position

    room(MIA, c.ClearNickname(attendee=ANN, why="rude"))

    assert room.position == before


def test_the_nickname_of_a_host_is_cleared_by_hosts_alone(room: Watched) -> None:
    room(HAL, c.ChooseNickname(nickname="Boss"))

    with pytest.raises(NotAllowed):
        room(MIA, c.ClearNickname(attendee=HAL, why="rude"))


def test_the_same_nickname_again_changes_nothing(room: Watched) -> None:
    room(ANN, c.ChooseNickname(nickname="Fox"))
    before = room.position

    room(ANN, c.ChooseNickname(nickname="Fox"))

    assert room.position == before
