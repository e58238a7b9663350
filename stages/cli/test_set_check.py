"""Whether the rows of a test set are what they say: facts that their references state, marks of unseen requirements, forms."""

from collections.abc import Iterable, Iterator

from stages.answers import grounding, numerals
from stages.answers.formats import parse
from stages.evaluation.similarity.statements import states, states_at_once
from stages.library.domain_pack import Tasks
from stages.rows.instruction import Ask, Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample, Reference
from stages.rows.statement import Statement


def mark_faults(items: Iterable[Instruction], tasks: Tasks) -> Iterator[str]:
    """Yield the instructions that are marked as unseen in training and are not, or are and lack the mark."""
    for item in items:
        held_out = (item.task, item.requirement) in tasks.held_out
        if item.unseen and not held_out:
            yield f"{item.id} is marked unseen, and tasks.yaml does not hold out {item.requirement}; take the mark or mark the requirement"
        elif held_out and not item.unseen:
            yield f'{item.id} asks for {item.requirement}, which tasks.yaml holds out, and lacks "unseen": true; add it'


def statement_faults(reference: Reference, ask: Ask) -> Iterator[str]:
    """Yield what is wrong with a reference's facts and near misses as such, and in its own answer."""
    every = [*reference.facts, *reference.wrong]
    if every and ask.kind == "label":
        yield "has facts, and a bare label states none; take them out"
    if reference.wrong and not reference.facts:
        yield "has near misses and no facts, so nothing is scored; write its facts"
    said = [each.says for each in every]
    for says in sorted({says for says in said if said.count(says) > 1}):
        yield f'has the statement "{says}" twice; take one out'
    for fact in reference.facts if ask.kind != "label" else ():
        if not states(reference.answer, fact):
            yield f'has the fact "{fact.says}", which its own answer does not state by {_lacking(reference.answer, fact)}; mend keys or answer'
    for each in reference.wrong:
        if states_at_once(reference.answer, each):
            yield f'has the near miss "{each.says}", which its own answer states by these keys; narrow them'


def ground_faults(row: LabeledSample, reference: Reference) -> Iterator[str]:
    """Yield the facts that the conversation does not hold and that are not marked as derived, and figures of the answer from nowhere."""
    for fact in reference.facts:
        if not fact.derived and not states(row.given, fact):
            yield f'has the fact "{fact.says}", of which the conversation lacks {_lacking(row.given, fact)}; add a key in its words, or "derived": true'
    for figure in sorted(figures_not_said(row, reference)):
        yield f"has the figure {figure} in its answer, which the conversation lacks; mend it, or name it in the keys of a derived fact"


def row_faults(row: LabeledSample, reference: Reference) -> Iterator[str]:
    """Yield everything wrong with a row and its reference: form, language, facts, ground."""
    from stages.samples.rules.rules import Limits, flags  # noqa: PLC0415 - seconds to import, and `check` has no use for it

    if parse(row.answer, row.ask) is None:
        names = ", ".join(row.ask.labels or row.ask.fields)
        names = f" with {names}" if names else ""
        yield f"has an answer that is no {row.ask.kind}{names}; mend its form"
    elif found := flags(row, Limits(grounding=0.0, coverage=1.0)):
        yield f"has an answer with the flags {', '.join(found)}; mend it"
    yield from statement_faults(reference, row.ask)
    yield from ground_faults(row, reference)


def stored_faults(prompts: Iterable[Prompt], references: dict[str, Reference]) -> Iterator[str]:
    """Yield what is wrong with the statements of stored references, as far as it shows without the conversations."""
    for prompt in prompts:
        if prompt.pair in references:
            for fault in statement_faults(references[prompt.pair], prompt.ask):
                yield f"{prompt.pair} {fault}"


def figures_not_said(row: LabeledSample, reference: Reference) -> set[str]:
    """Return the figures in digits of an answer that neither the conversation nor a derived fact holds in any form."""
    derived = [key for fact in reference.facts if fact.derived for group in fact.keys for key in group]
    answer, said = (grounding.PLACEHOLDER.sub(" ", text) for text in (row.answer, "\n".join([row.given, *derived])))
    answer, values = grounding.GRADE.sub(" ", grounding.NUMBERING.sub(" ", answer)), numerals.stated(said)
    written = (found[0].strip() for found in numerals.DIGITS.finditer(answer))
    return {figure for figure in written if not all(one & values for one in numerals.written(figure))}


def _lacking(text: str, fact: Statement) -> str:
    groups = [group for group in fact.keys if not states(text, fact.model_copy(update={"keys": (group,)}))]
    return " and ".join("any of " + ", ".join(f'"{key}"' for key in group) for group in groups)
