"""What an endpoint takes of a request: all that the settings say, until it refuses a part; from then on it is asked without."""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from stages.chat.body import body
from stages.chat.messages import Request
from stages.chat.parameters import Complaint, complaint
from stages.chat.settings import OpenAI

FORM_WORDS = re.compile(r"response_format|json_schema|json_object|structured|guided|grammar", re.I)
LOOSER = {"json_schema": "json_object", "json_object": "none"}  # where an endpoint refuses a form
LIMITS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}  # two names of one thing
OPTIONAL = {"temperature", "top_p", "seed"}  # an answer comes without them, too


class Less(NamedTuple):
    """A form without what was refused, and the line that says so, empty if nobody need know."""

    form: "Form"
    line: str = ""


@dataclass(frozen=True)
class Form:
    """How an endpoint is asked."""

    settings: OpenAI  # `structured` and `token_limit` as far as it goes
    probabilities: bool = True
    without: frozenset[str] = field(default_factory=frozenset)  # optional fields, and the other name of the limit

    def body(self, request: Request) -> dict[str, Any]:
        """Return the body of `request` in this form."""
        return body(request, self.settings, self.probabilities, self.without)

    def less(self, told: object, request: Request) -> Less | None:
        """Return the form to try next after a refusal (`told`, as it came); None if it was of nothing that can be left out."""
        said = json.dumps(told, ensure_ascii=False)
        if self.probabilities and request.choices_after and "logprob" in said:
            return Less(replace(self, probabilities=False))
        if request.answer_schema is not None and self.settings.structured != "none" and FORM_WORDS.search(said):
            looser = LOOSER[self.settings.structured]
            return Less(
                self._with(structured=looser),
                f"takes no response_format {self.settings.structured}; from here on asked for: {looser}",
            )
        found = complaint(told, self.body(request), self.settings.key)
        return self._without(found) if found else None

    def _without(self, found: Complaint) -> Less | None:
        name, quote = found.name, f" (“{found.sentence}”)" if found.sentence else ""
        if name in LIMITS and found.unknown and LIMITS[name] not in self.without:
            form = replace(self._with(token_limit=LIMITS[name]), without=self.without | {name})
            return Less(form, f"takes no {name}{quote}; from here on asked by {LIMITS[name]}")
        if name in OPTIONAL and found.refuses:
            return Less(
                replace(self, without=self.without | {name}), f"takes no {name}{quote}; from here on asked without it"
            )
        return None

    def _with(self, **changes: object) -> "Form":
        return replace(self, settings=self.settings.model_copy(update=changes))
