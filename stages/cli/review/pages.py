"""The page's HTML: all that comes from rows and people is escaped."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stages.cli.review.desk import Desk
from stages.cli.review.filters import STATES, Filters
from stages.cli.review.queue import Entry, Form
from stages.cli.review.word_diff import word_diff
from stages.reviews.decisions import Decision

TEMPLATES = Path(__file__).parent / "templates"
DONE: Mapping[str, str] = {"keep": "Kept", "discard": "Discarded", "rewrite": "Rewrote", "withdraw": "Withdrew"}


def environment() -> Environment:
    """Return the templates; a name that a template does not know is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["plain"] = plain
    made.filters["moment"] = moment
    made.globals["diff"] = word_diff
    return made


def plain(name: str) -> str:
    """Return a name of the data in words: `too_short` is too short."""
    return name.replace("_", " ")


def moment(time: datetime) -> str:
    """Return a time as people of this machine read it, to the minute."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M")


class Pages:
    """The pages of one desk."""

    def __init__(self, desk: Desk, token: str) -> None:
        """Write `token` into every form."""
        self.desk, self.token = desk, token
        self.templates = environment()

    def row(self, entry: Entry, filters: Filters, notice: str = "", draft: Form | None = None) -> str:
        """Return the page of a row; `draft` is what was typed and could not be recorded, then `notice` says why."""
        previous, following = self.desk.around(entry.id, filters)
        return self._page(
            self.desk.queue.template,
            filters,
            notice,
            entry=entry,
            state=self.desk.decided[entry.id],
            previous=previous,
            following=following,
            draft=draft or {},
            refused=draft is not None,
            about=self.desk.queue.about(entry.id),
            **self.desk.queue.shown(entry.id, self.desk.reviewer),
        )

    def done(self, filters: Filters, notice: str = "", *, refused: bool = False) -> str:
        """Return the page that says that nothing is left, under these filters or at all; `notice` may say why something is refused."""
        return self._page("done.html.j2", filters, notice, refused=refused, **self.desk.finished())

    def changes(self, key: str, form: Form) -> str:
        """Return what a rewriting changes, as a part of a page."""
        old, new = self.desk.queue.drafted(key, form)
        return self.templates.get_template("changes.html.j2").render(runs=word_diff(old, new))

    def checks(self, entry: Entry) -> str:
        """Return what rules and judge say, as a part of a page."""
        return self.templates.get_template("checks.html.j2").render(checks=self.desk.queue.checks(entry.id))

    def told(self, decision: Decision) -> str:
        """Return what was recorded."""
        if self.desk.queue.blind:
            return f"Your choice on {decision.id} is on disk."
        grade = f" as {decision.quality}" if decision.quality else ""
        why = f": {decision.reason}" if decision.reason else ""
        others = " Others say otherwise, so the row is in conflict." if self.desk.decided[decision.id].conflict else ""
        return f"{DONE[decision.action]} {decision.id}{grade}{why}. It is on disk.{others}"

    def undone(self, key: str | None) -> str:
        """Return what was taken back."""
        return f"Took back what you said of {key}." if key else "You have nothing left to take back."

    def _page(self, template: str, filters: Filters, notice: str, **values: object) -> str:
        desk = self.desk
        last = desk.last()
        return self.templates.get_template(template).render(
            queue=desk.queue,
            reviewer=desk.reviewer,
            token=self.token,
            progress=desk.progress(),
            choices=desk.rows.choices,
            states=[state for state in STATES if state != "conflict" or not desk.hides],
            filters=filters,
            fitting=len(desk.fitting(filters)),
            notice=notice,
            last=last,
            undoes=f"takes back what you said of {last}" if last else "nothing to take back",
            **values,
        )
