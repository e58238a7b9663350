"""A pack's draft with what the writer proposes: scenes with weights, roles, customers, requirements, instructions, in this order."""

from collections import Counter
from collections.abc import Sequence

from stages.cli.new_domain import fitting, forms, sorting
from stages.cli.new_domain.instructing import with_instructions, with_requirements
from stages.cli.new_domain.pack_draft import TODO, Block, Heading, PackDraft, todo
from stages.cli.new_domain.sampling import shown
from stages.cli.new_domain.writer import Question, Writer, described, left
from stages.core.dropped import Reason
from stages.library.domain_pack import Role, Scene
from stages.rows.dialogue import Dialogue

MOST_SCENES, MOST_ROLES = 4, 3


def proposed(draft: PackDraft, writer: Writer, known: Counter[str], kept: Sequence[Scene] = ()) -> PackDraft:
    """Return the draft with all that the writer's answers give; `known`: how many records name which scene.

    Of scenes that are `kept` none is proposed: conversations are sorted into these.
    """
    draft = _with_scenes(draft, writer, known, kept)
    draft = _with_people(draft, writer)
    draft = with_requirements(draft, writer)
    return with_instructions(draft, writer)


def _with_scenes(draft: PackDraft, writer: Writer, known: Counter[str], kept: Sequence[Scene]) -> PackDraft:
    """Take over the proposed scenes, weigh them by how many conversations are of each, and let every role serve all of them."""
    blocks = [Block(scene) for scene in kept] or _scenes(writer, known)
    unasked = [block for block in draft.scenes if block.value.id not in {TODO, *(row.value.id for row in blocks)}]
    found = sorting.scene_of(blocks, writer) if not known else {}
    counts, everything = known or Counter(found.values()), (*blocks, *unasked)
    weighted = sorting.weighed(everything, counts) if counts and len(everything) > 1 else everything
    served = {"scenes": tuple(block.value.id for block in weighted)}
    roles = tuple(Block(block.value.model_copy(update=served), block.notes) for block in draft.roles)
    return draft.but(scenes=weighted, roles=roles, sorted_into=found)


def _scenes(writer: Writer, known: Counter[str]) -> list[Block[Scene]]:
    """Ask once for all conversations that name no scene, and once for each scene that records name."""
    groups = {key: [row for row in writer.dialogues if row.scene == key] for key in (*known, TODO)}
    asked = {key: rows for key, rows in groups.items() if rows}
    questions = [_about_scenes(key, rows, writer) for key, rows in asked.items()]
    blocks = list[Block[Scene]]()
    for (key, rows), (answer, beside) in zip(asked.items(), writer.ask(questions, forms.Scenes), strict=True):
        items = () if isinstance(answer, Reason) else answer.scenes[: _most(key)]
        for item in items:
            blocks.append(_scene(item, key, [block.value.id for block in blocks], shown(rows), beside, writer))
        if not items:
            blocks.append(_open_scene(key, writer, answer))
    return blocks


def _about_scenes(key: str, rows: Sequence[Dialogue], writer: Writer) -> Question:
    fields = {"excerpts": shown(rows), "most": _most(key), "texts": writer.texts}
    return Question("scenes", writer.main, fields, forms.scenes(writer.languages, _most(key)))


def _most(key: str) -> int:
    return MOST_SCENES if key == TODO else 1


def _open_scene(key: str, writer: Writer, answer: object) -> Block[Scene]:
    text = todo(writer.languages)
    return Block(Scene(id=key, weight=1.0, name=text, description=text), (left("answer on scenes:", answer),))


def _scene(
    item: dict[str, object], key: str, taken: list[str], excerpts: str, beside: str, writer: Writer
) -> Block[Scene]:
    name = fitting.text(item.get("name"), writer.languages, excerpts, beside)
    description = fitting.text(item.get("description"), writer.languages, excerpts, beside)
    given = fitting.identifier(item.get("id"), taken, f"{TODO}_{len(taken) + 1}") if key == TODO else key
    faults = [("name", name.fault), ("description", description.fault)]
    notes = [writer.note, *(left(what, fault) for what, fault in faults if fault)]
    return Block(Scene(id=given, weight=1.0, name=name.text, description=description.text), tuple(notes))


def _with_people(draft: PackDraft, writer: Writer) -> PackDraft:
    """Ask for the title, the roles and the customers' names; a single role that records name keeps its id."""
    known = [block.value.id for block in draft.roles if block.value.id != TODO]
    most = 1 if known else MOST_ROLES
    excerpts = shown(writer.dialogues)
    told = {"excerpts": excerpts, "scenes": described(draft.scenes, writer.main), "most": most}
    question = Question(
        "people",
        writer.main,
        told | {"texts": writer.texts, "words": writer.words},
        forms.people(writer.languages, most),
    )
    [(answer, beside)] = writer.ask([question], forms.People)
    if isinstance(answer, Reason):
        note = (left("answer on roles:", answer),)
        return draft.but(roles=tuple(Block(block.value, note) for block in draft.roles))
    title = fitting.text(answer.title, writer.languages, excerpts, beside)
    notes = [writer.note, *([left("title", title.fault)] if title.fault else [])]
    heading = Heading(title=title.text, customers=fitting.words(answer.customers, writer.languages))
    roles = tuple(_roles(answer.roles[:most], draft, known, excerpts, beside, title.text[writer.main], writer))
    return draft.but(heading=Block(heading, tuple(notes)), roles=roles or _open_roles(draft))


def _open_roles(draft: PackDraft) -> tuple[Block[Role], ...]:
    note = left("roles", "are none that can be told apart and speak for you")
    return tuple(Block(block.value, (note,)) for block in draft.roles)


def _roles(
    items: Sequence[dict[str, object]],
    draft: PackDraft,
    known: list[str],
    excerpts: str,
    beside: str,
    title: str,
    writer: Writer,
) -> list[Block[Role]]:
    """Return the proposed roles; where records name several, theirs stay open, as nobody can tell which is which.

    A role that is called as the domain is (`title`) is none, nor is the customer or "the provider".
    """
    if len(known) > 1:
        return []
    blocks, served = list[Block[Role]](), tuple(block.value.id for block in draft.scenes)
    for item in items:
        taken = [block.value.id for block in blocks]
        name = fitting.text(item.get("name"), writer.languages, excerpts, f"{beside}\n{title}")
        description = fitting.text(item.get("description"), writer.languages, excerpts, beside)
        key = known[0] if known else fitting.identifier(item.get("id"), taken, f"{TODO}_{len(taken) + 1}")
        if fitting.is_general(key):
            continue
        faults = [("name", name.fault), ("description", description.fault)]
        notes = (writer.note, *(left(what, fault) for what, fault in faults if fault))
        blocks.append(Block(Role(id=key, scenes=served, name=name.text, description=description.text), notes))
    return blocks
