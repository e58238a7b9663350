"""What an endpoint's error says: by status and codes, and what of it may be shown."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from stages.chat.parameters import complaint

if TYPE_CHECKING:
    import openai

UNPAID = {"insufficient_quota", "Arrearage"}  # OpenAI, Alibaba
REFUSED = {  # OpenAI, Azure, Alibaba (compatible mode, native)
    "content_filter",
    "content_policy_violation",
    "ResponsibleAIPolicyViolation",
    "data_inspection_failed",
    "DataInspectionFailed",
}
TOO_LONG = {"context_length_exceeded", "exceed_context_size_error"}  # OpenAI, llama.cpp
TOO_LONG_WORDS = re.compile(r"maximum context length|input length should be", re.I)  # vLLM, Alibaba
NAMED = re.compile(r"[A-Za-z0-9_. ]{1,40}")  # what may be shown of an error


class Refusal(NamedTuple):
    """An error that came in an answer's place."""

    status: int
    codes: set[str]
    said: str  # all of it, to be searched, never to be shown
    kind: str  # what may be shown: status, code, and the endpoint's own sentence about a parameter
    headers: Mapping[str, str]

    @property
    def filtered(self) -> bool:
        """Whether a content filter refused the question."""
        return not self.codes.isdisjoint(REFUSED)

    @property
    def too_long(self) -> bool:
        """Whether the question does not fit into the model's context."""
        return not self.codes.isdisjoint(TOO_LONG) or (
            self.status in (400, 413, 422) and bool(TOO_LONG_WORDS.search(self.said))
        )

    @property
    def unpaid(self) -> bool:
        """Whether no credit is left."""
        return self.status == 402 or not self.codes.isdisjoint(UNPAID)

    @classmethod
    def of(cls, error: "openai.APIStatusError", sent: Mapping[str, Any], key: str) -> Self:
        """Return an error status; `sent` is the body that was refused, `key` what must not be shown."""
        said, found = json.dumps(error.body, ensure_ascii=False), complaint(error.body, sent, key)
        kind = " ".join(filter(NAMED.fullmatch, (f"HTTP {error.status_code}", error.code or "")))
        quote = f": “{found.sentence}”" if found and found.sentence and 400 <= error.status_code < 500 else ""
        return cls(error.status_code, _codes(error.body), said, kind + quote, error.response.headers)

    @classmethod
    def within(cls, error: object) -> Self:
        """Return an error under status 200: by its own code if that is a status, else one that may pass."""
        told = str(error.get("code", "")) if isinstance(error, dict) else ""
        status = int(told) if re.fullmatch("[45][0-9][0-9]", told) else 500
        named = f"status 200 with error {told}" if NAMED.fullmatch(told) else "status 200 with an error"
        return cls(status, _codes(error), json.dumps(error, ensure_ascii=False), named, {})


def _codes(body: object) -> set[str]:
    """Return the codes that name an error, Azure's inner one included."""
    outer = body if isinstance(body, dict) else {}
    inner = outer.get("innererror")
    found = (outer.get("code"), outer.get("type"), inner.get("code") if isinstance(inner, dict) else None)
    return {code for code in found if isinstance(code, str)}
