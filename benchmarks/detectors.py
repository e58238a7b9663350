"""What finds personal data and is compared: this project's rules, the rules with evidence of models, and presidio-analyzer."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from pydantic import BaseModel

from benchmarks.marked_talks import dialogue_of, texts
from stages.core.errors import DialInsightError, InputError
from stages.core.row import Language
from stages.dialogues.anonymize import FEW, Anonymize, anonymize
from stages.pii.gold import Placed
from stages.pii.values.spans import KINDS
from stages.rows.dialogue import Dialogue

Find = Callable[[Sequence[Dialogue]], list[list[Placed]]]

# presidio's names of what is a kind of ours; DATE_TIME, NRP and URL are none and are left out.
TYPES = {
    "PERSON": "person",
    "LOCATION": "address",
    "PHONE_NUMBER": "phone",
    "EMAIL_ADDRESS": "email",
    "CREDIT_CARD": "bank_card",
    "IBAN_CODE": "account",
    "US_BANK_NUMBER": "account",
}
OTHER_TYPE = "id_number"  # passports, licenses, health and tax numbers of many countries
NO_KIND = {"DATE_TIME", "NRP", "URL"}
HERE = FEW // 2  # dialogues at a time: no more than are anonymized in this process, whose CPU seconds are counted


class Detector(NamedTuple):
    """A name for the tables, and what finds."""

    name: str
    find: Find


def ours(evidence: Mapping[str, str | None]) -> Find:
    """Return the anonymizer of every kind, with what `anonymize.evidence` is set to, by language."""
    given = {"evidence": dict(evidence)} if "evidence" in Anonymize.model_fields else {}
    params = Anonymize.model_validate({"kinds": KINDS, **given})
    return lambda dialogues: [
        row.detected for n in range(0, len(dialogues), HERE) for row in anonymize(dialogues[n : n + HERE], params)
    ]


def offered(section: type[BaseModel] = Anonymize) -> dict[str, str | None]:
    """Return the first model that `evidence` of a section can be set to in each language, of none None; empty without this param."""
    field = section.model_fields.get("evidence")
    models: Mapping[str, Any] = getattr(field.annotation, "model_fields", {}) if field else {}
    names = {language: _literals(each.annotation) for language, each in models.items()}
    return {language: found[0] if found else None for language, found in names.items()}


def loadable(evidence: Mapping[str, str | None], say: Callable[[str], object]) -> dict[str, str | None]:
    """Return `evidence` with None for each model that cannot be loaded, and `say` why."""
    kept = dict(evidence)
    for language, name in evidence.items():
        probe = dialogue_of("probe", cast(Language, language), "any", [("customer", "?")])
        try:
            ours({**dict.fromkeys(evidence), language: name})([probe])
        except DialInsightError as error:
            say(f"{name} is left out: {error}\n")
            kept[language] = None
    return kept


def _literals(annotation: object) -> list[str]:
    """Return the strings of a type such as `Literal["lac"] | None`."""
    return [
        name
        for part in get_args(annotation)
        for name in ([part] if isinstance(part, str) else _literals(part))
        if isinstance(name, str)
    ]


def presidio(model: str) -> Find:
    """Return presidio-analyzer with all of its recognizers, in English, over a spaCy model: a folder or a package."""
    try:
        from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415 - an optional package, and seconds to load
        from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415
    except ImportError as error:
        raise InputError(
            f"presidio: package {error.name} is not there; pip install presidio-analyzer, or leave out --spacy-model"
        ) from None
    if "/" in model and not (Path(model) / "config.cfg").exists():
        raise InputError(f"{model}: no spaCy model (config.cfg is not there); name the folder that holds it")
    logging.getLogger("tldextract").setLevel(logging.CRITICAL)  # it asks for a list over the network, and has its own
    models = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model}]}
    loaded = NlpEngineProvider(nlp_configuration=models).create_engine()
    engine = AnalyzerEngine(nlp_engine=loaded, supported_languages=["en"])

    return lambda dialogues: [_analyzed(dialogue, partial(engine.analyze, language="en")) for dialogue in dialogues]


def _analyzed(dialogue: Dialogue, analyze: Callable[[str], Any]) -> list[Placed]:
    return [
        Placed(turn=n, start=r.start, end=r.end, kind=TYPES.get(r.entity_type, OTHER_TYPE), placeholder="[X]")
        for n, text in enumerate(texts(dialogue))
        for r in analyze(text)
        if r.entity_type not in NO_KIND
    ]
