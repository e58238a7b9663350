"""A figure that is no number ends a stage in one line."""

from math import inf, nan

import pytest

from stages.core.errors import ModelError
from stages.models.finite import finite


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_number_is_the_models_fault(value: float) -> None:
    with pytest.raises(ModelError, match=f"^bench: the model gives {value} where .*: fetch or train it again$"):
        finite(value, "bench")
    assert finite(-3.5, "bench") == -3.5
