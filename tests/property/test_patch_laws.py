"""Laws of patches over the closed shapes that views have."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from projections.patch import apply, diff, merge

_ids = st.sampled_from(["a", "b", "c", "d"])
_texts = st.sampled_from(["", "x", "y"])
_by = st.fixed_dictionaries({"id": _texts, "name": _texts})
_item = st.fixed_dictionaries(
    {"kind": _texts, "by": _by, "text": _texts, "position": st.integers(1, 3)}
)
_question = st.fixed_dictionaries({"text": _texts, "by": _by, "votes": st.integers(0, 2)})
_topic = st.fixed_dictionaries({"title": _texts, "order": st.integers(1, 3)})
_talk = st.fixed_dictionaries(
    {
        "title": _texts,
        "topics": st.dictionaries(_ids, _topic, max_size=3),
        "media": st.fixed_dictionaries(
            {"url": _texts, "cuts": st.lists(st.just({"start_s": 1.0}), max_size=2)}
        ),
    }
)
_tallies = st.fixed_dictionaries({"people": st.integers(1, 3), "ticks": st.integers(1, 3)})
_pulse = st.fixed_dictionaries(
    {"from_s": st.integers(-1, 2), "kinds": st.dictionaries(_ids, _tallies, max_size=3)}
)
rooms: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "talk": _talk,
        "feed": st.dictionaries(_ids, _item, max_size=4),
        "questions": st.dictionaries(_ids, _question, max_size=4),
        "pulse": _pulse,
    }
)


@given(rooms, rooms)
def test_a_snapshot_and_its_patch_make_the_new_snapshot(old: Any, new: Any) -> None:
    assert apply(old, diff(old, new)) == new


@given(rooms)
def test_nothing_changed_is_the_empty_patch(room: Any) -> None:
    assert diff(room, room) == {}
    assert apply(room, {}) == room


@given(rooms)
def test_a_patch_from_nothing_is_the_whole_document(room: Any) -> None:
    assert apply({}, diff({}, room)) == room


@given(rooms, rooms, rooms)
def test_a_merged_patch_is_one_patch_and_then_the_other(one: Any, two: Any, three: Any) -> None:
    merged = merge(diff(one, two), diff(two, three))

    assert apply(one, merged) == three


@given(rooms, rooms, rooms, rooms)
def test_merging_is_associative(one: Any, two: Any, three: Any, four: Any) -> None:
    p, q, r = diff(one, two), diff(two, three), diff(three, four)

    assert apply(one, merge(merge(p, q), r)) == apply(one, merge(p, merge(q, r))) == four


@given(rooms, rooms)
def test_applying_a_patch_leaves_the_old_document_alone(old: Any, new: Any) -> None:
    copy = apply({}, diff({}, old))

    apply(old, diff(old, new))

    assert old == copy
