"""How much may be lost and still count as retained: the margins of params.yaml, for where there is no params.yaml."""

from collections.abc import Mapping
from pathlib import Path

from stages.core.errors import ParamsError
from stages.core.params import load_all
from stages.evaluation.retain import Retain

SHIPPED: Mapping[str, object] = {  # as in params.yaml, where each is explained (tests/cli/two_runs)
    "margin": 0.05,
    "likelihood_margin": 0.2,
    "perplexity_margin": 0.1,
    "kl_margin": 0.7,
    "disagreement_margin": 0.5,
    "conduct_margin": 0.1,
    "conduct_failures": 0.2,
    "confidence": 0.95,
    "resamples": 10000,
    "seed": 1,
    "gate": "report",
}


def margins(params: Path | None, changes: Mapping[str, object]) -> Retain:
    """Return what is shipped, with section `retain` of a params.yaml and then the given options in its place."""
    section = load_all(params).get("retain") if params else SHIPPED
    if not isinstance(section, dict):
        raise ParamsError(f"{params}: no section retain; take a params.yaml of this project, or leave --params out")
    given = {key: value for key, value in changes.items() if value is not None}
    try:
        return Retain.parse("retain", {**SHIPPED, **section, **given})
    except ParamsError as error:
        place = f"{params}: retain." if params else "retain."
        raise ParamsError(str(error).replace("params.yaml: retain.", place)) from None
