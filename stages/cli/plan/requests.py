"""What a plan says of the requests of a stage."""

from stages.core.row import Record

# The stages that ask a model, by their entry in dvc.yaml; bounds.py says of each how often.
ASKING = frozenset(
    [
        *("seed", "evolve", "screen", "enhance", "calibrate", "label", "judge"),
        *("predict", "predict_other", "grade", "grade_other", "pairwise", "conduct", "conduct_other"),
    ]
)


class Requests(Record):
    """What a stage asks of one model; `exact` is false where a number is the most it can be, None where nothing limits it."""

    place: str
    model: str
    backend: str
    exact: bool
    new: int | None
    recorded: int | None  # of those that are known now
    cached: int | None
    unanswered: int | None  # neither recorded nor cached, and nobody is asked
    prompt_tokens: int | None  # of the new ones, about: in Qwen's vocabulary
    answer_tokens_at_most: int | None
    priced: bool  # whether params.yaml has the model's price
    price_at_most: float | None
    fault: str = ""  # what would end the stage before it asks
