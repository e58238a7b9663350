"""`dial-insight retain`: the verdict on any two runs, outside of the graph (docs/retain.md)."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from stages.cli.output import say, tell
from stages.core.errors import DialInsightError


def retain(
    *,
    base: Annotated[
        Path, Parameter(help="Logs of the model before: a file, a folder, or FOLDER@DATE of one of its runs.")
    ],
    tuned: Annotated[Path, Parameter(help="Logs of the model after, which was asked the same.")],
    noise: Annotated[
        list[Path] | None,
        Parameter(help="Logs of one or two more runs of the base model, made the same way.", consume_multiple=True),
    ] = None,
    format: Annotated[
        Literal["lm-eval", "inspect", "evalscope", "plain", "bench", "grades"] | None,
        Parameter(help="What wrote the logs; without it, recognized."),
    ] = None,
    metric: Annotated[
        str, Parameter(help="The metric, scorer or score that says what is right; without it the task's own.")
    ] = "",
    common: Annotated[
        bool, Parameter(help="Where the runs have different items, go on with those that both have.")
    ] = False,
    any_prompt: Annotated[bool, Parameter(help="Go on where the two runs worded a question differently.")] = False,
    chance: Annotated[
        float,
        Parameter(help="Share that a guess gets right, where no log tells: 0.25 where one of four letters is written."),
    ] = 0.0,
    margin: Annotated[
        float | None, Parameter(help="Loss of accuracy or score that is allowed; 0.05 without it.")
    ] = None,
    likelihood_margin: Annotated[
        float | None,
        Parameter(help="Loss of likelihood of right answers that is allowed, in nats a character; 0.2 without it."),
    ] = None,
    perplexity_margin: Annotated[
        float | None, Parameter(help="Rise of perplexity that is allowed, as a share; 0.1 without it.")
    ] = None,
    confidence: Annotated[float | None, Parameter(help="Confidence of each interval; 0.95 without it.")] = None,
    params: Annotated[Path | None, Parameter(help="Take the settings from section retain of this params.yaml.")] = None,
    json: Annotated[Path | None, Parameter(help="Write the figures as JSON.")] = None,
    markdown: Annotated[Path | None, Parameter(help="Write the table as Markdown.")] = None,
    html: Annotated[Path | None, Parameter(help="Write a page as HTML.")] = None,
) -> int:
    """Say whether anything collapsed between two runs of lm-eval, inspect, EvalScope or plain JSONL, paired by item.

    Exit code: 0 retained, 2 collapsed, 3 inconclusive, 4 nothing measurable; 1 where the logs cannot be read or compared.
    """
    from stages.cli.two_runs import command, shown  # noqa: PLC0415 - NumPy; the other commands start without it

    limits = {"margin": margin, "likelihood_margin": likelihood_margin, "perplexity_margin": perplexity_margin}
    try:
        logs = command.Logs(base, tuned, noise or [], format, metric, common, any_prompt, chance)
        command.refuse_inputs(logs, params, json=json, markdown=markdown, html=html)
        found = command.judge(logs, params, {**limits, "confidence": confidence})
        command.write(found, json, markdown, html)
    except DialInsightError as error:
        tell([str(error)], "")
        return command.FAULT
    say(shown.text(found))
    return command.EXIT[found.verdict]
