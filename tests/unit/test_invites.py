"""Invitations: made by a host, accepted once by one person, taken back by undoing them."""

import pytest
from builders import ANN, BOB, HAL, MIA
from deciding_room import Watched

from domain import commands as c
from domain.errors import NotAllowed, NotFound, NotOpen
from projections.talk_views import DESK

DAY_S = 86_400


@pytest.fixture
def room() -> Watched:
    return Watched()


def invited(room: Watched, role: str = "moderator") -> str:
    return room(HAL, c.Invite(role=role))["invite"]  # type: ignore[arg-type]


def test_an_invitation_gives_its_role_to_one_person(room: Watched) -> None:
    invite = invited(room)

    room(ANN, c.AcceptInvite(invite=invite))

    room(ANN, c.Announce(text="I moderate"))
    with pytest.raises(NotOpen, match="accepted already"):
        room(BOB, c.AcceptInvite(invite=invite))
    with pytest.raises(NotAllowed):
        room(BOB, c.Announce(text="So do I"))


def test_the_same_person_may_bring_it_again(room: Watched) -> None:
    invite = invited(room)
    room(ANN, c.AcceptInvite(invite=invite))
    before = room.position

    room(ANN, c.AcceptInvite(invite=invite), at=2 * DAY_S)

    assert room.position == before


def test_a_refused_invitation_lets_nobody_join(room: Watched) -> None:
    invite = invited(room)

    with pytest.raises(NotOpen, match="expired"):
        room(ANN, c.AcceptInvite(invite=invite), at=DAY_S)
    with pytest.raises(NotFound) as refused:
        room(ANN, c.AcceptInvite(invite="made-up"))

    assert refused.value.field == "invite"
    assert room.work.recorded() == []


def test_the_desk_sees_what_became_of_each_invitation(room: Watched) -> None:
    first, second = invited(room, "panelist"), invited(room, "host")
    room(ANN, c.AcceptInvite(invite=first))

    told = room.document(DESK)["invites"]

    assert (told[first]["state"], told[first]["role"]) == ("accepted", "panelist")
    assert told[second] == {
        "role": "host",
        "by": HAL,
        "at": "2026-03-14T12:00:00.000Z",
        "expires_at": "2026-03-15T12:00:00.000Z",
        "state": "open",
        "position": room.position - 3,  # since then Ann joined, accepted and got her role
    }


def test_an_invitation_taken_back_is_worth_nothing_until_that_is_undone(room: Watched) -> None:
    invite = invited(room)
    made_at = room.position

    room(HAL, c.Undo(position=made_at))

    with pytest.raises(NotOpen, match="withdrawn already"):
        room(ANN, c.AcceptInvite(invite=invite))
    room(HAL, c.Undo(position=room.position))
    room(ANN, c.AcceptInvite(invite=invite))
    assert room.document(DESK)["people"][ANN]["roles"] == {"moderator": True}


def test_an_accepted_invitation_is_taken_back_by_the_role(room: Watched) -> None:
    invite = invited(room)
    made_at = room.position
    room(ANN, c.AcceptInvite(invite=invite))

    with pytest.raises(NotOpen):
        room(HAL, c.Undo(position=made_at))

    room(HAL, c.WithdrawRole(attendee=ANN, role="moderator"))
    with pytest.raises(NotAllowed):
        room(ANN, c.Announce(text="Still here"))


def test_a_ticket_lets_a_guest_vote_and_nothing_else(room: Watched) -> None:
    question = room(HAL, c.AskQuestion(text="Why?"))["question"]
    room(HAL, c.SetPolicy(votes="ticket"))
    room(ANN, c.AcceptInvite(invite=invited(room, "attendee")))

    room(ANN, c.CastVote(question=question))

    assert room.votes(question) == 1
    with pytest.raises(NotAllowed):
        room(ANN, c.Announce(text="Hello"))


def test_only_hosts_invite(room: Watched) -> None:
    with pytest.raises(NotAllowed, match="host"):
        room(MIA, c.Invite(role="moderator"))
