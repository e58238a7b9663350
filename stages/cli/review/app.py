"""The review page: one row a screen, written by the server; a decision is on disk before the page says so."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from stages.cli.output import unusable
from stages.cli.review.desk import Desk
from stages.cli.review.filters import OWN, WAITING, Filters
from stages.cli.review.guard import Guard, is_ours, refused
from stages.cli.review.pages import Pages
from stages.cli.review.queue import Form, Refused
from stages.core.errors import DialInsightError

STATIC = Path(__file__).parent / "static"


class Site:
    """The routes of one desk; `token` is what its own forms bring along."""

    def __init__(self, desk: Desk) -> None:
        """Draw the token."""
        self.desk, self.token = desk, secrets.token_urlsafe(24)
        self.pages = Pages(desk, self.token)
        self.said = ""  # what the last request did, told on the next page, once

    async def start(self, request: Request) -> Response:
        """Go to the first row that fits."""
        filters = self._filters(request)
        _, first = self.desk.around("", filters)
        return HTMLResponse(self.pages.done(filters, self._told())) if first is None else self._to(first, filters)

    async def row(self, request: Request) -> Response:
        """Show a row."""
        entry = self.desk.at(request.path_params["key"])
        if entry is None:
            return HTMLResponse(self.pages.done(self._filters(request), "That row is not in the queue."), 404)
        return HTMLResponse(self.pages.row(entry, self._filters(request), self._told()))

    async def decide(self, request: Request) -> Response:
        """Record a decision, then show the next row; what cannot be recorded is said on the row, with what was typed."""
        form, key, filters = await _form(request), request.path_params["key"], self._filters(request)
        if not is_ours(self.token, form.get("token", "")):
            return refused("the form is not from this page; load the page again")
        _, after = self.desk.around(key, filters)
        try:
            decision = self.desk.decide(key, form, *map(request.query_params.get, ("about", "seen")))
        except Refused as error:
            return self._again(key, filters, error, form)
        self.said = self.pages.told(decision) + self.desk.queue.remark(key, form)
        return self._to(after, filters) if after else RedirectResponse(f"/{filters.query}", 303)

    async def undo(self, request: Request) -> Response:
        """Take back this reviewer's last decision, and show its row."""
        form, filters = await _form(request), self._filters(request)
        if not is_ours(self.token, form.get("token", "")):
            return refused("the form is not from this page; load the page again")
        last = self.desk.undo()
        self.said = self.pages.undone(last)
        return self._to(last, filters) if last else RedirectResponse(f"/{filters.query}", 303)

    async def stretch(self, request: Request) -> Response:
        """Record what a stretch of a row is, and show the row again."""
        form, key, filters = await _form(request), request.path_params["key"], self._filters(request)
        if not is_ours(self.token, form.get("token", "")):
            return refused("the form is not from this page; load the page again")
        try:
            self.said = self.desk.correct(key, form)
        except Refused as error:
            return self._again(key, filters, error, form)
        return self._to(key, filters)

    async def changes(self, request: Request) -> Response:
        """Show what a rewriting changes, word by word, while it is typed; nothing is recorded."""
        form = await _form(request)
        if not is_ours(self.token, form.get("token", "")):
            return refused("the form is not from this page; load the page again")
        entry = self.desk.at(request.path_params["key"])
        return HTMLResponse(self.pages.changes(entry.id, form)) if entry else HTMLResponse("", 404)

    async def checks(self, request: Request) -> Response:
        """Show what rules and judge say of a row, for a page that did not wait for it."""
        entry = self.desk.at(request.path_params["key"])
        return HTMLResponse(self.pages.checks(entry) if entry else "")

    def _filters(self, request: Request) -> Filters:
        facets = (choice.name for choice in self.desk.rows.choices)
        usual = (
            OWN if self.desk.queue.blind else WAITING
        )  # a comparison is everybody's own; elsewhere one word is enough
        return Filters.of(request.query_params, facets, self.desk.reviewer, usual)

    def _again(self, key: str, filters: Filters, error: Refused, form: Form) -> Response:
        entry, typed = self.desk.at(key), form.get("text") or form.get("answer")
        gone = f"{error}; what you had typed: {typed}" if typed else str(error)  # there is no field left for it
        page = (
            self.pages.row(entry, filters, str(error), form) if entry else self.pages.done(filters, gone, refused=True)
        )
        return HTMLResponse(page, 422, {"HX-Push-Url": "false"})  # the address stays the row's

    def _to(self, key: str, filters: Filters) -> Response:
        return RedirectResponse(f"/rows/{quote(key, safe='')}{filters.query}", 303)

    def _told(self) -> str:
        said, self.said = self.said, ""
        return said


async def _form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form; of one name given more than once, the values one a line. Files are not taken."""
    found: dict[str, str] = {}
    async with request.form(max_files=0, max_fields=100) as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                text = value.replace("\r\n", "\n")
                found[name] = f"{found[name]}\n{text}" if name in found else text
    return found


async def _broken(_: Request, error: Exception) -> Response:
    """Tell a fault of a file, such as a line of a merge that is no decision or a full disk, in one line."""
    return refused(unusable(error) if isinstance(error, OSError) else str(error), 500)


def application(desk: Desk, port: int) -> Starlette:
    """Return the page for the server that listens at this port."""
    site = Site(desk)
    routes = [
        Route("/", site.start),
        Route("/rows/{key}", site.row),
        Route("/rows/{key}/decision", site.decide, methods=["POST"]),
        Route("/rows/{key}/stretch", site.stretch, methods=["POST"]),
        Route("/rows/{key}/changes", site.changes, methods=["POST"]),
        Route("/rows/{key}/checks", site.checks),
        Route("/undo", site.undo, methods=["POST"]),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, port=port)],
        exception_handlers={DialInsightError: _broken, OSError: _broken},
    )
