"""The desk: what moderators see beside the room, and what single people are told."""

from builders import ANN, BOB, HAL, MIA
from telling import Telling

from domain.participation import Participation
from domain.question import Question
from domain.talk import Talk


def test_a_hidden_line_lies_on_the_desk_with_the_reason() -> None:
    told = Telling()
    told.joins(BOB)
    told.posts("l1", second=5)
    told.change()

    told.person(Participation.LineHidden, BOB, by=MIA, line="l1", why="off topic", second=8)

    assert told.desk() == {
        "items": {
            "l1": {
                "kind": "line",
                "by": {"id": "bob", "name": "Bob"},
                "text": "Says l1",
                "at": "2026-03-14T12:00:05.000Z",
                "position": 5,
                "about": "",
                "source": "",
                "url": "",
                "state": "hidden",
                "because": "",
                "release_at": "",
                "why": "off topic",
                "decided_by": "mia",
                "decided_at": "2026-03-14T12:00:08.000Z",
            }
        },
        "people": {"bob": {"name": "Bob", "roles": {}, "muted_until": "", "banned": False}},
    }


def test_a_restored_line_leaves_the_desk() -> None:
    told = Telling()
    told.posts("l1")
    told.person(Participation.LineHidden, BOB, by=HAL, line="l1", why="rude")
    told.change()

    told.person(Participation.LineRestored, BOB, by=HAL, line="l1")

    assert told.desk() == {"items": {"l1": None}}


def test_a_withdrawn_question_leaves_the_desk_for_good() -> None:
    told = Telling()
    told.asks("q1")
    told.question(Question.Hidden, "q1", why="again?")
    told.change()

    told.question(Question.Withdrawn, "q1", by=BOB)

    changes = told.change()
    assert changes.views["desk"] == {"items": {"q1": None}}
    assert changes.redacts


def test_whoever_has_a_role_is_on_the_desk_and_stays() -> None:
    told = Telling()
    told.joins(MIA)
    told.talk(Talk.RoleGranted, attendee=MIA, role="moderator")
    granted = {
        "name": "Mia",
        "roles": {"moderator": True},
        "muted_until": "",
        "banned": False,
    }
    assert told.desk() == {"people": {"mia": granted}}

    told.talk(Talk.RoleWithdrawn, attendee=MIA, role="moderator")

    assert told.desk() == {"people": {"mia": {"roles": {"moderator": None}}}}


def test_the_host_is_on_the_desk_from_the_beginning() -> None:
    assert Telling().views.document("desk")["people"]["hal"]["roles"] == {"host": True}


def test_a_reason_is_erased_with_who_gave_it() -> None:
    told = Telling()
    told.posts("l1")
    told.person(Participation.LineHidden, BOB, by=MIA, line="l1", why="rude")
    told.change()

    told.person(Participation.Erased, MIA)

    assert told.desk() == {"items": {"l1": {"why": "[erased]"}}}


def test_a_voter_is_told_of_their_own_votes_alone() -> None:
    told = Telling()
    told.asks("q1")
    told.change()

    told.votes(ANN, "q1")
    told.votes(BOB, "q1")
    told.person(Participation.VoteWithdrawn, BOB, question="q1")

    assert told.change().me == {ANN: {"votes": {"q1": True}}, BOB: {"votes": {"q1": None}}}


def test_an_author_is_told_that_their_line_was_hidden_and_restored() -> None:
    told = Telling()
    told.posts("l1")
    told.person(Participation.LineHidden, BOB, by=HAL, line="l1", why="rude")
    hidden = {"kind": "line", "text": "Says l1", "state": "hidden", "why": "rude"}
    assert told.change().me[BOB] == {"items": {"l1": hidden}}

    told.person(Participation.LineRestored, BOB, by=HAL, line="l1")

    assert told.change().me == {BOB: {"items": {"l1": None}}}


def test_whoever_joins_is_told_who_they_are() -> None:
    told = Telling()

    told.joins(ANN)

    assert told.change().me == {ANN: {"attendee": "ann", "name": "Ann"}}
