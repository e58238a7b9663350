"""What the paper prints of its models (Table 4), and how many questions its benchmarks have."""

from pydantic import ConfigDict, Field

from stages.core.row import Record


class Benchmark(Record):
    """A published set of questions; `column` names it in the table, which does not say which split was asked."""

    name: str
    column: str
    split: str
    n: int = Field(ge=1)


class PaperModel(Record):
    """A row of Table 4: domain score 0 to 10, accuracies in percent by benchmark and shots; None where nothing is printed."""

    name: str
    rows: int | None = None  # of domain data it was tuned on
    general: int | None = None  # of general data mixed in
    domain: float | None = None
    ceval_0: float | None = None
    ceval_5: float | None = None
    mmlu_0: float | None = None
    mmlu_5: float | None = None
    cmmlu_0: float | None = None
    cmmlu_5: float | None = None

    def accuracy(self, column: str, shots: int) -> float | None:
        """Return an accuracy as a share of 1."""
        percent: float | None = getattr(self, f"{column}_{shots}")
        return None if percent is None else percent / 100

    @property
    def key(self) -> str:
        """Its name with the number of rows, where it was tuned: two rows of the table share a name."""
        return f"{self.name}_{self.rows}" if self.rows else self.name


class PaperTable(Record):
    """The part of data/paper.yaml that says whether the paper's models collapsed; the file's other parts are not read."""

    model_config = ConfigDict(extra="ignore")

    base: str  # the model that the others were tuned from
    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)
    models: tuple[PaperModel, ...]
