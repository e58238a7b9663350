"""An instruction rewritten in place: its words, and what it asks for."""

from collections.abc import Mapping
from typing import get_args

from stages.cli.review.queue import Form, Refused, names
from stages.library.domain_pack import lacking
from stages.reviews.decisions import Changes
from stages.rows.instruction import FormatKind, Instruction

FORMS: tuple[FormatKind, ...] = get_args(FormatKind)


def rewritten(row: Instruction, form: Form) -> Mapping[str, object]:
    """Return text and changes of a rewriting; Refused where nothing changes, nothing is left, or a form lacks the names it is made of."""
    text = form.get("text", "").strip()
    if not text:
        raise Refused("a rewriting needs a text; to drop the row, discard it")
    given = {name: names(form.get(name, ""), getattr(row, name)) for name in ("fields", "labels")}
    given["formats"] = _forms(row, names(form.get("formats", "")))
    if lack := lacking(given["formats"], given["fields"], given["labels"]):
        raise Refused(lack)
    changed = {name: value for name, value in given.items() if value != getattr(row, name)}
    if text == row.text and not changed:
        raise Refused("nothing is changed; to keep the row as it is, keep it")
    return {"text": text, "changes": Changes.model_validate(changed) if changed else None}


def _forms(row: Instruction, ticked: tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms that are ticked: those of the row in their order, which boxes do not tell, then the new ones."""
    if not ticked or not set(ticked) <= set(FORMS):
        raise Refused(f"a rewriting needs a form at least, of {', '.join(FORMS)}")
    return tuple(dict.fromkeys([*(one for one in row.formats if one in ticked), *ticked]))
