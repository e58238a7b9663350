"""`dial-insight retain`: the verdict on any two runs, outside of the graph (docs/retain.md)."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from stages.cli.output import say, tell
from stages.core.errors import DialInsightError


def retain(
    *,
    base: Annotated[Path, Parameter(help="The model before: a log, or a folder of logs.")],
    tuned: Annotated[Path, Parameter(help="The model after, asked the same.")],
    noise: Annotated[
        list[Path] | None,
        Parameter(help="The base once or twice more through the same path.", consume_multiple=True, negative=""),
    ] = None,
    format: Annotated[
        Literal["lm-eval", "inspect", "evalscope", "plain", "bench", "grades"] | None,
        Parameter(help="What wrote the logs; by default told from them."),
    ] = None,
    metric: Annotated[str, Parameter(help="Which metric, scorer or score says right; by default the task's own.")] = "",
    common: Annotated[bool, Parameter(help="Go on with the items that both have.", negative="")] = False,
    any_prompt: Annotated[bool, Parameter(help="Go on where questions were put in other words.", negative="")] = False,
    chance: Annotated[
        float, Parameter(help="Of a guess where no log tells it: 0.25 where a letter of four is written.")
    ] = 0.0,
    margin: Annotated[float | None, Parameter(help="Loss of accuracy or score that may be; 0.05 by default.")] = None,
    likelihood_margin: Annotated[
        float | None, Parameter(help="The same of right answers, nats a character; 0.2 by default.")
    ] = None,
    perplexity_margin: Annotated[
        float | None, Parameter(help="Rise of perplexity that may be, as a share; 0.1 by default.")
    ] = None,
    confidence: Annotated[float | None, Parameter(help="Of each interval; 0.95 by default.")] = None,
    params: Annotated[Path | None, Parameter(help="Settings from section retain of this params.yaml.")] = None,
    json: Annotated[Path | None, Parameter(help="Write the figures.")] = None,
    markdown: Annotated[Path | None, Parameter(help="Write the table as Markdown.")] = None,
    html: Annotated[Path | None, Parameter(help="Write a page.")] = None,
) -> int:
    """Say whether anything collapsed between two runs of lm-eval, inspect, EvalScope or plain JSONL, paired by item.

    Exit code: 0 retained, 2 collapsed, 3 inconclusive, 4 nothing measurable; 1 where the logs cannot be read or compared.
    """
    from stages.cli.two_runs import command, shown  # noqa: PLC0415 - NumPy; the other commands start without it

    limits = {"margin": margin, "likelihood_margin": likelihood_margin, "perplexity_margin": perplexity_margin}
    try:
        logs = command.Logs(base, tuned, noise or [], format, metric, common, any_prompt, chance)
        found = command.judge(logs, params, {**limits, "confidence": confidence})
        command.write(found, json, markdown, html)
    except DialInsightError as error:
        tell([str(error)], "")
        return command.FAULT
    say(shown.text(found))
    return command.EXIT[found.verdict]
