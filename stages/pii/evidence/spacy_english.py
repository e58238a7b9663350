"""People, places and organizations in English texts, by spaCy's small model: the catalog's `en-core-web-sm`.

spaCy is the optional extra `names` of the project. The model is a folder of data that is fetched once, proven by its hash and
never installed as a package.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from stages.catalog import folders
from stages.core.errors import ModelError
from stages.core.params import PARAMS
from stages.pii.evidence.suggestion import SuggestedKind, Suggestion

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

PLACE = f"{PARAMS}: anonymize.evidence.en"
MODEL = "en-core-web-sm"
UNUSED = (
    "tok2vec",
    "tagger",
    "parser",
    "senter",
    "attribute_ruler",
    "lemmatizer",
)  # the entity recognizer needs none of them
KINDS: Mapping[str, SuggestedKind] = MappingProxyType(
    {
        "PERSON": "person",
        "GPE": "place",
        "LOC": "place",
        "FAC": "place",
        "ORG": "organization",
        "PRODUCT": "organization",
    }
)


def suggest(texts: Sequence[str]) -> list[list[Suggestion]]:
    """Return what the model takes for what in each text, in text order."""
    return [list(_suggestions(document)) for document in _model().pipe(texts)]


def _suggestions(document: "Doc") -> Iterator[Suggestion]:
    for entity in document.ents:
        if entity.label_ in KINDS:
            yield Suggestion(entity.start_char, entity.end_char, KINDS[entity.label_])


@cache
def _model() -> "Language":
    try:
        import spacy  # noqa: PLC0415 - an extra, needed only where it is asked for
    except ImportError:
        raise ModelError(
            f"{PLACE}: spacy is not installed; run pip install -e '.[names]', or write null there"
        ) from None
    folder = folders.fetched(MODEL, PLACE)
    try:
        return spacy.load(folder, exclude=UNUSED)
    except (OSError, ValueError):
        raise ModelError(
            f"{folder}: spaCy {spacy.__version__} cannot read it; delete it, and it is fetched again"
        ) from None
