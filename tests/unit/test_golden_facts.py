"""Every stored form ever released still reads as it did."""

import pytest
from golden_facts import Golden, fixed_mapper, golden_facts, kinds_of_facts

from domain.aggregate import Fact

GOLDEN = golden_facts()


def version_of(kind: type[Fact]) -> int:
    return int(getattr(kind, "class_version", 1))


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.path.stem)
def test_a_stored_form_reads_as_it_did(golden: Golden) -> None:
    assert fixed_mapper().to_domain_event(golden.stored) == golden.fact


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.path.stem)
def test_a_fact_is_stored_as_its_newest_file_says(golden: Golden) -> None:
    if golden.class_version != version_of(type(golden.fact)):
        return  # an older form: it is read, and written no more

    assert fixed_mapper().to_stored_event(golden.fact).state.decode() == golden.state


def test_every_fact_and_version_has_a_file() -> None:
    there = {(golden.name, golden.class_version) for golden in GOLDEN}

    versions = {(kind, n) for kind in kinds_of_facts() for n in range(1, version_of(kind) + 1)}

    assert {(kind.TOPIC, n) for kind, n in versions} == there  # type: ignore[attr-defined]


def test_stored_names_are_written_down_and_differ() -> None:
    kinds = kinds_of_facts()

    names = {kind.__dict__.get("TOPIC") for kind in kinds}

    assert None not in names
    assert len(names) == len(kinds)
