"""The errors a person may see.

DialInsightError          anything that ends a stage in one clear line
├── UsageError            the command line of a stage
├── ParamsError           params.yaml: unknown key, wrong type, out of range, not declared
├── InputError            a file a person brought: place, expectation, remedy
│   └── PromptError       a prompt, template or domain pack
├── LedgerError           rows in ≠ rows kept + rows dropped
├── UndeclaredError       a stage opened a repository file its dvc.yaml entry does not name
├── WorkerError           a process that did a part of a stage's rows ended early
├── ModelError            a model folder, its source or its memory
└── EndpointError         a chat endpoint: refused, unreachable, over budget

Messages name the place, what was expected and the remedy; they never carry customer text or a key.
"""


class DialInsightError(Exception):
    """Ends a stage with exit code 2 and this message as its only line."""


class UsageError(DialInsightError):
    """A fault in a command line."""


class ParamsError(DialInsightError):
    """A fault in params.yaml."""


class InputError(DialInsightError):
    """A fault in a file that a person brought."""


class PromptError(InputError):
    """A fault in the prompt library or a domain pack."""


class LedgerError(DialInsightError):
    """A stage lost or invented rows."""


class UndeclaredError(DialInsightError):
    """A stage read what its entry in dvc.yaml does not declare."""


class WorkerError(DialInsightError):
    """A process that worked for a stage is gone."""


class ModelError(DialInsightError):
    """A model cannot be fetched, loaded or run."""


class EndpointError(DialInsightError):
    """A chat endpoint does not answer as asked."""
