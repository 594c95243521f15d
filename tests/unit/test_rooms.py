"""A room sends each change once, to everybody, whatever single seats do."""

import pytest
from clocks import ManualClock
from seats import FakeWire, Reader, enter, hiding, line

from gateway.protocol import Message
from gateway.rooms import Change, Room, Seat

WINDOW_S = 0.05


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def room(clock: ManualClock) -> Room:
    """A room at position 10, with one line."""
    room = Room("t", "room", window_s=WINDOW_S, later=clock.later, now=clock.now)
    room.load("e", 10, {"talk": {"state": "live"}, "feed": {"l10": {"text": "line 10"}}})
    return room


def test_a_newcomer_gets_the_whole_view(room: Room) -> None:
    ann = enter(room, Reader())

    assert [frame["type"] for frame in ann.wire.sent] == ["snapshot"]
    assert (ann.epoch, ann.position, ann.view) == ("e", 10, room.document)


def test_newcomers_share_the_bytes_of_one_snapshot(room: Room) -> None:
    assert room.snapshot() is room.snapshot()


def test_the_first_change_goes_out_at_once(room: Room) -> None:
    ann = enter(room, Reader())

    assert room.change(line(11))

    assert ann.wire.sent[-1] == {
        "type": "patch",
        "epoch": "e",
        "prev": 10,
        "position": 11,
        "patch": {"feed": {"l11": {"text": "line 11"}}},
    }


def test_changes_within_the_window_leave_as_one(room: Room, clock: ManualClock) -> None:
    ann = enter(room, Reader())
    for position in range(11, 15):
        room.change(line(position))

    clock.pass_(WINDOW_S)

    assert [(p["prev"], p["position"]) for p in ann.wire.of("patch")] == [(10, 11), (11, 14)]
    assert ann.read().view == room.document


def test_after_a_quiet_window_a_change_goes_out_at_once(room: Room, clock: ManualClock) -> None:
    ann = enter(room, Reader())
    room.change(line(11))
    clock.pass_(WINDOW_S)

    room.change(line(12))

    assert ann.read().position == 12


def test_without_a_window_the_changes_of_one_turn_leave_as_one(clock: ManualClock) -> None:
    room = Room("t", "room", window_s=0, later=clock.later, now=clock.now)
    room.load("e", 0, {"feed": {}})
    ann = enter(room, Reader())
    for position in range(1, 4):
        room.change(line(position))

    clock.pass_(0)

    assert [p["position"] for p in ann.wire.of("patch")] == [1, 3]


def test_a_late_loop_makes_the_window_grow(room: Room, clock: ManualClock) -> None:
    ann = enter(room, Reader())
    room.change(line(11))
    room.change(line(12))
    clock.stall(WINDOW_S + 0.03)  # the loop was busy, sending
    assert ann.read().position == 11

    clock.pass_(0.03)

    assert ann.read().position == 12


def test_sending_takes_no_more_than_half_of_the_time(room: Room, clock: ManualClock) -> None:
    ann = enter(room, taking(WINDOW_S, clock))
    room.change(line(11))
    room.change(line(12))

    clock.pass_(WINDOW_S - 0.001)
    assert ann.read().position == 11

    clock.pass_(0.001)
    assert ann.read().position == 12


def test_the_time_of_sending_is_part_of_the_window(room: Room, clock: ManualClock) -> None:
    ann = enter(room, taking(WINDOW_S / 5, clock))
    room.change(line(11))
    room.change(line(12))

    clock.pass_(WINDOW_S * 4 / 5)

    assert ann.read().position == 12


def taking(seconds: float, clock: ManualClock) -> Reader:
    """Seat somebody with a wire that takes some seconds for each message after the first."""
    reader = Reader()
    write = reader.wire.write

    def slowly(message: Message) -> None:
        if reader.wire.sent:
            clock.now_s += seconds
        write(message)

    reader.wire.write = slowly  # type: ignore[method-assign]
    return reader


def test_all_who_keep_up_get_the_same_bytes(room: Room) -> None:
    ann, bob = enter(room, Reader()), enter(room, Reader())

    room.change(line(11))

    assert ann.wire.bytes == bob.wire.bytes


def test_who_comes_within_a_window_sees_what_it_holds_back(room: Room, clock: ManualClock) -> None:
    room.change(line(11))
    room.change(line(12))
    ann = enter(room, Reader())
    assert ann.view == room.document

    room.change(line(13))
    clock.pass_(WINDOW_S)

    assert ann.read().view == room.document
    assert not ann.missed_something


def test_a_known_change_is_ignored(room: Room) -> None:
    ann = enter(room, Reader())
    room.change(line(11))

    assert room.change(line(11))

    assert len(ann.wire.of("patch")) == 1


def test_a_change_that_reaches_over_known_ones_fits(room: Room) -> None:
    ann = enter(room, Reader())

    assert room.change(line(12, prev=8))

    assert ann.read().view == room.document


def test_a_missing_change_is_told(room: Room) -> None:
    assert not room.change(line(12))
    assert room.position == 10


def test_a_change_of_another_epoch_does_not_fit(room: Room) -> None:
    assert not room.change(line(11, epoch="another"))


def test_a_view_read_again_leaves_as_the_difference(room: Room) -> None:
    ann = enter(room, Reader())
    now = {"talk": {"state": "ended"}, "feed": {}}

    room.load("e", 20, now)

    assert ann.wire.sent[-1]["patch"] == {"talk": {"state": "ended"}, "feed": {"l10": None}}
    assert ann.read().view == room.document == now


def test_a_view_read_again_that_did_not_change_sends_nothing(room: Room) -> None:
    ann = enter(room, Reader())
    room.load("e", 20, room.document)
    assert ann.wire.of("patch") == []

    room.change(line(21, prev=10))

    assert ann.read().view == room.document
    assert not ann.missed_something


def test_who_comes_back_from_where_nothing_changed_since_gets_nothing(room: Room) -> None:
    room.load("e", 20, room.document)
    ann = Reader()
    ann.epoch, ann.position = "e", 15

    enter(room, ann)

    assert ann.wire.sent == []


def test_a_view_that_was_read_too_early_changes_nothing(room: Room) -> None:
    room.change(line(11))
    before = room.document

    room.load("e", 10, {})

    assert (room.position, room.document) == (11, before)


def test_another_epoch_begins_with_a_snapshot_for_all(room: Room) -> None:
    ann = enter(room, Reader())

    room.load("f", 3, {"feed": {}})

    assert (ann.read().epoch, ann.position, ann.view) == ("f", 3, {"feed": {}})


def test_who_comes_back_gets_only_what_was_missed(room: Room, clock: ManualClock) -> None:
    ann = enter(room, Reader())
    room.leave(ann.seat)
    for position in range(11, 14):
        room.change(line(position))
    clock.pass_(WINDOW_S)

    again = enter(room, ann.reconnected())

    assert [frame["type"] for frame in again.wire.sent] == ["patch"]
    assert again.view == room.document


def test_who_comes_back_and_missed_nothing_gets_nothing(room: Room) -> None:
    ann = enter(room, Reader())
    room.leave(ann.seat)

    again = enter(room, ann.reconnected())

    assert again.wire.sent == []


def private(position: int) -> Change:
    return Change("e", position - 1, position, {"talk": {"policy": {"access": "private"}}})


def test_when_a_talk_lets_in_others_everybody_is_looked_at_again(room: Room) -> None:
    looked_at: list[str] = []
    seat = Seat(FakeWire(), on_rights=lambda: looked_at.append("ann"))
    room.enter(seat)

    room.change(line(11))
    assert looked_at == []

    room.change(private(12))
    assert looked_at == ["ann"]

    room.load("f", 3, {"talk": {"policy": {"access": "public"}}, "feed": {}})
    assert looked_at == ["ann", "ann"]


@pytest.mark.parametrize(("epoch", "position"), [("another", 10), ("e", 9), ("e", 999), ("", -1)])
def test_who_comes_back_from_out_of_reach_gets_the_whole(
    room: Room, epoch: str, position: int
) -> None:
    ann = Reader()
    ann.epoch, ann.position = epoch, position

    enter(room, ann)

    assert [frame["type"] for frame in ann.wire.sent] == ["snapshot"]


def test_what_is_remembered_has_bounds(clock: ManualClock) -> None:
    room = Room(
        "t", "room", window_s=0, later=clock.later, now=clock.now, ring_changes=3, ring_bytes=10_000
    )
    room.load("e", 0, {"feed": {}})
    ann = enter(room, Reader())
    room.leave(ann.seat)
    for position in range(1, 5):
        room.change(line(position))

    again = enter(room, ann.reconnected())

    assert [frame["type"] for frame in again.wire.sent] == ["snapshot"]


def test_large_changes_are_forgotten_sooner(clock: ManualClock) -> None:
    room = Room(
        "t", "room", window_s=0, later=clock.later, now=clock.now, ring_changes=99, ring_bytes=1_000
    )
    room.load("e", 0, {"feed": {}})
    ann = enter(room, Reader())
    room.leave(ann.seat)
    for position in range(1, 4):
        room.change(line(position, "x" * 500))

    again = enter(room, ann.reconnected())

    assert [frame["type"] for frame in again.wire.sent] == ["snapshot"]


def test_a_slow_seat_holds_nobody_and_catches_up_with_one_patch(
    room: Room, clock: ManualClock
) -> None:
    slow, quick = enter(room, Reader()), enter(room, Reader())
    slow.wire.is_full = True
    for position in range(11, 31):
        room.change(line(position))
        clock.pass_(WINDOW_S)
    assert quick.read().view == room.document
    assert slow.wire.of("patch") == []

    slow.wire.drain()

    assert [p["position"] for p in slow.wire.of("patch")] == [11, 30]
    assert slow.read().view == room.document
    room.change(line(31))
    assert slow.read().view == room.document


def test_a_seat_that_slept_too_long_gets_a_snapshot(clock: ManualClock) -> None:
    restarted: list[object] = []
    room = Room(
        "t",
        "room",
        window_s=0,
        later=clock.later,
        now=clock.now,
        ring_changes=2,
        on_snapshot=restarted.append,
    )
    room.load("e", 0, {"feed": {}})
    slow = enter(room, Reader())
    slow.wire.is_full = True
    for position in range(1, 9):
        room.change(line(position))

    slow.wire.drain()

    assert slow.wire.sent[-1]["type"] == "snapshot"
    assert slow.read().view == room.document
    assert restarted == [slow.seat]


def test_a_wire_that_takes_one_message_at_a_time_gets_all_in_the_end(
    room: Room, clock: ManualClock
) -> None:
    ann = Reader()
    ann.wire.is_full = True
    room.change(line(11))
    room.change(line(12))  # held back by the window
    enter(room, ann)

    for position in range(13, 20):
        room.change(line(position))
        ann.wire.drain()
        ann.wire.is_full = True
    clock.pass_(WINDOW_S)
    ann.wire.drain()

    assert ann.read().view == room.document
    assert not ann.missed_something


def test_nothing_hidden_is_sent_again_to_who_comes_back(room: Room, clock: ManualClock) -> None:
    ann = enter(room, Reader())
    room.leave(ann.seat)
    room.change(line(11, "a secret"))
    clock.pass_(WINDOW_S)
    room.change(hiding(12, line=11))

    again = enter(room, ann.reconnected())

    assert b"secret" not in again.wire.bytes
    assert again.view == room.document


def test_nothing_hidden_is_sent_again_to_who_was_slow(room: Room, clock: ManualClock) -> None:
    slow = enter(room, Reader())
    slow.wire.is_full = True
    room.change(line(11, "a secret"))
    clock.pass_(WINDOW_S)
    room.change(hiding(12, line=11))

    slow.wire.drain()

    assert b"secret" not in slow.wire.bytes
    assert slow.read().view == room.document


def test_a_hiding_that_shows_nothing_is_not_sent_but_forgets(room: Room) -> None:
    ann = enter(room, Reader())
    room.change(line(11))

    room.change(Change("e", 11, 12, {}, redacts=True))
    room.change(line(13))

    assert [p["position"] for p in ann.wire.of("patch")] == [11]
    late = Reader()
    late.epoch, late.position = "e", 10
    assert enter(room, late).wire.sent[0]["type"] == "snapshot"


def test_after_a_change_that_shows_nothing_the_next_one_fits(
    room: Room, clock: ManualClock
) -> None:
    ann = enter(room, Reader())
    room.change(Change("e", 10, 11, {}, redacts=True))
    clock.pass_(WINDOW_S)

    room.change(line(12))

    assert ann.read().view == room.document
    assert not ann.missed_something


def test_what_is_hidden_within_the_window_never_leaves(room: Room, clock: ManualClock) -> None:
    ann = enter(room, Reader())
    room.change(line(11))
    room.change(line(12, "a secret"))
    room.change(hiding(13, line=12))

    clock.pass_(WINDOW_S)

    assert b"secret" not in ann.wire.bytes
    assert ann.read().view == room.document


def test_what_concerns_a_person_waits_merged_while_the_wire_is_full(room: Room) -> None:
    ann = enter(room, Reader("ann"))
    ann.seat.introduce({"attendee": "ann", "votes": {}})
    ann.wire.is_full = True
    room.change(line(11))
    for vote in (True, None, True):
        ann.seat.concern({"votes": {"q": vote}})

    ann.wire.drain()

    assert ann.wire.of("me")[1:] == [{"type": "me", "votes": {"q": True}}]
    assert ann.read().me == {"attendee": "ann", "votes": {"q": True}}


def test_a_change_that_comes_before_the_whole_is_part_of_it(room: Room) -> None:
    ann = Reader("ann")
    ann.seat.concern({"votes": {"q": True}})
    assert ann.wire.sent == []

    enter(room, ann)
    ann.seat.introduce({"attendee": "ann", "votes": {}})

    assert ann.read().me == {"attendee": "ann", "votes": {"q": True}}


def test_the_whole_told_again_leaves_as_the_difference(room: Room) -> None:
    ann = enter(room, Reader("ann"))
    ann.seat.introduce({"votes": {"q": True}})

    ann.seat.introduce({"votes": {"r": True}})

    assert ann.wire.sent[-1] == {"type": "me", "votes": {"q": None, "r": True}}


def test_a_beat_tells_the_last_patch_that_was_sent(room: Room) -> None:
    ann = enter(room, Reader())
    room.change(line(11))
    room.change(line(12))

    room.beat(present=3)

    assert ann.wire.sent[-1] == {"type": "beat", "position": 11, "present": 3}


def test_a_seat_may_leave_twice(room: Room) -> None:
    ann = enter(room, Reader())

    room.leave(ann.seat)
    room.leave(ann.seat)
    room.change(line(11))

    assert len(room) == 0
    assert ann.wire.of("patch") == []


def test_an_unseen_change_of_many_fields_is_folded_as_the_projector_does(room: Room) -> None:
    ann = enter(room, Reader())

    room.change(Change("e", 10, 11, {"talk": {"state": "ended"}, "feed": {"l10": None}}))

    assert ann.read().view == {"talk": {"state": "ended"}, "feed": {}}
