"""The people of one dialogue: who a mention means, so that each gets one pseudonym."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stages.pii.people.given_names import plain, same_given
from stages.pii.people.mention import Mention, PersonName
from stages.rows.dialogue import Party
from stages.text.languages import HAN_CHARACTER

MALE = {"mr", "sir", "mister", "uncle"}
FEMALE = {"mrs", "ms", "miss", "madam", "aunt", "auntie", "aunty", "granny"}
MALE_ZH = ("先生", "哥", "叔", "伯", "爷", "爷爷", "大爷", "叔叔", "生", "仔")
NEAR = 2  # turns
FEMALE_ZH = ("女士", "小姐", "太太", "太", "姐", "姨", "嫂", "奶奶", "妈", "夫人", "孃孃")


@dataclass(eq=False)
class Person:
    """What is known of somebody; `handle` is a speaker field that is no plain name, such as kev_liu."""

    given: str = ""
    surname: str = ""
    initial: str = ""
    single: str = ""
    handle: str = ""
    gender: str = ""
    parties: set[Party] = field(default_factory=set)

    def learn(self, name: PersonName) -> None:
        """Take over the parts not yet known."""
        self.gender = self.gender or gender_of(name.title)
        self.given = self.given or name.given
        self.surname = self.surname or name.surname
        if self.single and (name.given or name.surname):
            self.single = ""


class Roster:
    """People in the order they became known."""

    def __init__(self, speakers: Sequence[tuple[str, Party, PersonName]]) -> None:
        """Start with the speakers: (field as recorded, party, parsed name)."""
        self.people: list[Person] = []
        self.by_form: dict[tuple[str, str], Person] = {}  # who 小姜 was the first time
        self.by_field: dict[str, Person] = {}
        for recorded, party, name in speakers:
            handle = recorded if not (name.given and name.surname) else ""
            person = self.by_field.get(recorded) or self._speaker(name, handle)
            self.by_field[recorded] = person
            if is_short(name):
                self.by_form.setdefault((name.title, name.surname), person)
            person.parties.add(party)

    def _speaker(self, name: PersonName, handle: str) -> Person:
        person = Person(name.given, name.surname, name.initial, name.single, plain(handle), gender_of(name.title))
        self.people.append(person)
        return person

    def resolve(self, mentions: Sequence[Mention], speakers: Sequence[str], parties: Sequence[Party]) -> list[Person]:
        """Return the person of each mention; full names are settled first, as they explain the short ones."""
        resolved: dict[int, Person] = {}
        order = sorted(range(len(mentions)), key=lambda n: (-_fullness(mentions[n].name), n))
        for n in order:
            mention = mentions[n]
            speaker = self.by_field.get(speakers[mention.turn])
            near = _near(mentions, resolved, n)
            resolved[n] = self._who(mention, speaker, parties[mention.turn], near)
        return [resolved[n] for n in range(len(mentions))]

    def _who(self, mention: Mention, speaker: Person | None, party: Party, near: Sequence[Person]) -> Person:
        name = mention.name
        candidates = [person for person in self.people if _fits(person, name)]
        if mention.manner == "own" and speaker in candidates and speaker is not None:
            candidates = [speaker]
        elif mention.manner != "own" and name.title in MALE | FEMALE and speaker in candidates:
            candidates.remove(speaker)  # nobody calls themselves Mr Tran in passing: that is a relative
        candidates = self._settled(mention, candidates, party, near)
        if not candidates:
            person = self._newly_named(mention, speaker, party)
        else:
            gender = gender_of(name.title)
            candidates.sort(key=lambda person: (not gender or person.gender != gender) - _starts(person, name))
            others = [person for person in candidates if party not in person.parties]
            person = (others if mention.manner == "called" and others else candidates)[0]
        person.learn(name)
        if is_short(name):
            self.by_form.setdefault((name.title, name.surname), person)
        return person

    def _settled(
        self, mention: Mention, candidates: list[Person], party: Party, near: Sequence[Person]
    ) -> list[Person]:
        """Return whom 小姜 may mean where several are called 姜.

        As before, else the only one just mentioned, else the only one not yet called so, else somebody else.
        """
        if len(candidates) < 2 or mention.manner == "own" or not is_short(mention.name):
            return candidates
        others = [person for person in candidates if party not in person.parties]
        if mention.manner == "called" and len(others) == 1:
            return others
        before = self.by_form.get((mention.name.title, mention.name.surname))
        if before in candidates and before is not None:
            return [before]
        mentioned = [person for person in candidates if person in near]
        unnamed = [person for person in candidates if person not in self.by_form.values()]
        return next((only for only in (mentioned, unnamed) if len(only) == 1), [])

    def _newly_named(self, mention: Mention, speaker: Person | None, party: Party) -> Person:
        """Return the speaker or the only listener where the name can be theirs, else somebody new."""
        listeners = [person for person in self.people if person.parties and party not in person.parties]
        nearest = {"own": [speaker] if speaker else [], "called": listeners if len(listeners) == 1 else []}
        for person in nearest.get(mention.manner, []):
            if _may_be_called(person, mention.name):
                return person
        person = Person(mention.name.given, mention.name.surname, single=mention.name.single)
        self.people.append(person)
        return person


def _near(mentions: Sequence[Mention], resolved: Mapping[int, Person], n: int) -> list[Person]:
    """Return who is named in the same turn as mention `n` or the two before, as far as that is known."""
    turn = mentions[n].turn
    return [person for m, person in resolved.items() if turn - NEAR <= mentions[m].turn <= turn]


def is_short(name: PersonName) -> bool:
    """Whether it is a Chinese surname with a form of address, such as 小姜."""
    return bool(name.surname) and not name.given and HAN_CHARACTER.match(name.surname) is not None


def _fullness(name: PersonName) -> int:
    return 2 * bool(name.given and name.surname) + bool(name.surname)


def _same(left: str, right: str) -> bool:
    """Whether two surnames are the same, "the Garzas" included."""
    left, right = plain(left), plain(right)
    return bool(left) and left in {right, right.removesuffix("s")}


def gender_of(title: str) -> str:
    """Return m or f where a form of address says so, else nothing."""
    return (
        "m" if title in MALE or title.endswith(MALE_ZH) else "f" if title in FEMALE or title.endswith(FEMALE_ZH) else ""
    )


def _fits(person: Person, name: PersonName) -> bool:
    """Whether what is known of the person agrees with the name, and at least one part is the same."""
    if {person.gender, gender_of(name.title)} == {"m", "f"}:
        return False
    if name.first and person.given and not plain(person.given).startswith(plain(name.first)):
        return False
    if name.single:
        return (
            (bool(person.given) and (same_given(person.given, name.single) or _is_pet_name(name.single, person.given)))
            or _same(person.surname, name.single)
            or (bool(person.single) and same_given(person.single, name.single))
        )
    if name.given and name.surname:
        surname = _same(person.surname, name.surname) or (not person.surname and _initial_agrees(person, name))
        given = bool(person.given or person.single) and same_given(person.given or person.single, name.given)
        return (
            (surname and given)
            or (_same(person.surname, name.surname) and not person.given)
            or _same(person.single, name.surname)
        )
    if name.surname:
        return _same(person.surname, name.surname) or _same(person.single, name.surname)
    return (
        bool(name.given)
        and bool(person.given or person.single)
        and same_given(person.given or person.single, name.given)
    )


def _is_pet_name(single: str, given: str) -> bool:
    """Whether 阿坤 may be 家坤, and 蔓蔓 蔓."""
    return (
        len(single) == 2
        and single[0] in f"阿小{single[1]}"
        and HAN_CHARACTER.match(single[1]) is not None
        and given.endswith(single[1])
    )


def _starts(person: Person, name: PersonName) -> bool:
    """Whether the initial "J." is that of the person's given name."""
    return bool(name.first) and plain(person.given).startswith(plain(name.first))


def _initial_agrees(person: Person, name: PersonName) -> bool:
    return not person.initial or plain(name.surname).startswith(plain(person.initial))


def _may_be_called(person: Person, name: PersonName) -> bool:
    """Whether a speaker whose given name or surname is open may have this one."""
    if {person.gender, gender_of(name.title)} == {"m", "f"}:
        return False
    handle = "".join(char for char in person.handle if char.isalpha())
    called = plain(name.given or name.single)
    if name.surname and person.surname:
        return False
    if name.surname and not called:
        return not person.initial or _initial_agrees(person, name)
    if person.given and person.surname:
        return False
    if person.given or person.single:
        return bool(handle) and bool(called) and handle[:3] == called[:3]
    return not handle or handle[:1] == called[:1] or called in handle
