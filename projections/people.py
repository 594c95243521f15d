"""Who takes part: their names, and the roles granted to them in the talk."""

from collections.abc import Mapping
from typing import ClassVar

from domain.aggregate import Fact
from domain.clock import iso
from domain.participation import FOREVER, Participation
from domain.policy import ANONYMOUS, NAMED, NICKNAME
from domain.social import SocialPost
from domain.talk import Talk
from projections.records import ERASED, Person
from projections.stage import Fold, Stage, attendee_of


class People:
    """Folds who joined, as whom, and with which roles."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.people: dict[str, Person] = {}
        self.touched: set[Person] = set()

    def load(self, people: list[Person]) -> None:
        """Take up where the rows are."""
        self.people = {person.attendee: person for person in people}
        self.touched = set(people)

    def name_of(self, attendee: str) -> str:
        """Tell the name an attendee goes by."""
        return self.people[attendee].name if attendee in self.people else ""

    def nickname_of(self, attendee: str) -> str:
        """Tell the nickname an attendee chose, if they did."""
        return self.people[attendee].nickname if attendee in self.people else ""

    @property
    def are_unknown_to_desk(self) -> bool:
        """Tell whether the rules keep from the desk who it is that speaks."""
        rules = self._stage.card.policy
        return rules["names"] == ANONYMOUS and not rules["names_at_desk"]

    def name_at_desk(self, person: Person) -> str:
        """Tell the name of somebody as the rules tell it to the desk; who has a role has a name."""
        rules = self._stage.card.policy
        is_told = person.source or has_office(person)
        if rules["names"] == NAMED or rules["names_at_desk"] or is_told:
            return person.name
        return person.nickname if rules["names"] == NICKNAME else ""

    def is_signed_in(self, attendee: str) -> bool:
        """Tell whether an attendee is signed in at the host site; others are guests."""
        return attendee in self.people and self.people[attendee].signed_in

    def bring_to_desk(self, attendee: str) -> None:
        """Let moderators know about somebody, from now on."""
        person = self._touch(attendee)
        person.on_desk = True

    def _touch(self, attendee: str) -> Person:
        person = self.people.get(attendee)
        if person is None:
            person = self.people[attendee] = Person(attendee)
        self.touched.add(person)
        return person

    # Folds.

    def _joined(self, fact: Participation.Joined, _: int) -> None:
        person = self._touch(fact.attendee)
        person.name = fact.name
        person.signed_in = fact.signed_in
        person.joined_at = iso(fact.timestamp)

    def _renamed(self, fact: Participation.Renamed, _: int) -> None:
        person = self._touch(attendee_of(fact))
        if not person.erased:
            person.name = fact.name

    def _nickname_chosen(self, fact: Participation.NicknameChosen, _: int) -> None:
        person = self._touch(attendee_of(fact))
        if not person.erased:
            person.nickname = fact.nickname

    def _nickname_cleared(self, fact: Participation.NicknameCleared, _: int) -> None:
        self._meet(fact).nickname = ""

    def _nickname_given_back(self, fact: Participation.NicknameGivenBack, _: int) -> None:
        person = self._touch(fact.attendee)
        if not person.erased:
            person.nickname = fact.nickname

    def _policy_set(self, _: Talk.PolicySet, __: int) -> None:
        self.touched |= {person for person in self.people.values() if person.on_desk}

    def _erased(self, fact: Participation.Erased, _: int) -> None:
        person = self._touch(attendee_of(fact))
        person.name = ERASED
        person.nickname = ERASED if person.nickname else ""
        person.erased = True

    def _muted(self, fact: Participation.Muted, _: int) -> None:
        self._meet(fact).muted_until = fact.until or FOREVER

    def _unmuted(self, fact: Participation.Unmuted, _: int) -> None:
        self._meet(fact).muted_until = ""

    def _banned(self, fact: Participation.Banned, _: int) -> None:
        self._meet(fact).banned = True

    def _unbanned(self, fact: Participation.Unbanned, _: int) -> None:
        self._meet(fact).banned = False

    def _meet(self, fact: Participation.Event) -> Person:
        person = self._touch(attendee_of(fact))
        person.on_desk |= not self.are_unknown_to_desk
        return person

    def _scheduled(self, fact: Talk.Scheduled, _: int) -> None:
        self._grant(fact.by, "host")

    def _role_granted(self, fact: Talk.RoleGranted, _: int) -> None:
        self._grant(fact.attendee, fact.role)

    def _grant(self, attendee: str, role: str) -> None:
        person = self._touch(attendee)
        person.roles = {**person.roles, role: True}
        person.on_desk = True

    def _role_withdrawn(self, fact: Talk.RoleWithdrawn, _: int) -> None:
        person = self._touch(fact.attendee)
        person.roles = {role: True for role in person.roles if role != fact.role}

    def _wrote_elsewhere(self, fact: SocialPost.Caught | SocialPost.Held, _: int) -> None:
        self._touch(fact.author).source = fact.source

    FOLDS: ClassVar[Mapping[type[Fact], Fold]] = {
        Participation.Joined: _joined,
        Participation.Renamed: _renamed,
        Participation.NicknameChosen: _nickname_chosen,
        Participation.NicknameCleared: _nickname_cleared,
        Participation.NicknameGivenBack: _nickname_given_back,
        Participation.Erased: _erased,
        Participation.Muted: _muted,
        Participation.Unmuted: _unmuted,
        Participation.Banned: _banned,
        Participation.Unbanned: _unbanned,
        SocialPost.Caught: _wrote_elsewhere,
        SocialPost.Held: _wrote_elsewhere,
        Talk.Scheduled: _scheduled,
        Talk.PolicySet: _policy_set,
        Talk.RoleGranted: _role_granted,
        Talk.RoleWithdrawn: _role_withdrawn,
    }


def has_office(person: Person) -> bool:
    """Tell whether somebody speaks for the desk or the panel; being invited is no office."""
    return bool(person.roles.keys() - {"attendee"})
