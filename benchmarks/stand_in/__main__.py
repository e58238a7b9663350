"""Serve the stand-in on loopback, for load only: `python -m benchmarks.stand_in --port 8001`. See README.md beside this file."""

import argparse
import socket
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic_core import from_json, to_json

from benchmarks.stand_in.answers import StandIn, told

MODEL = "stand-in"
LARGEST = 16 * 1024**2  # bytes of a request
PROMPTS = Path(__file__).parents[2] / "prompts"


def application(stand_in: StandIn) -> web.Application:
    """Return the chat API with the stand-in behind it; a request for another model is refused, so that no answer carries its name."""

    async def complete(request: web.Request) -> web.Response:
        body = from_json(await request.read())
        if body["model"] != MODEL:
            return web.Response(
                content_type="application/json",
                status=404,
                body=to_json({"error": {"message": f"the model here is {MODEL}", "code": "model_not_found"}}),
            )
        text = stand_in.answer(body)
        probabilities = told(text) if body.get("logprobs") else None
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
        }
        choice |= {"logprobs": {"content": probabilities}} if probabilities else {}
        asked = sum(len(message["content"]) for message in body["messages"]) // 4
        usage = {"prompt_tokens": asked, "completion_tokens": len(text) // 4, "total_tokens": asked + len(text) // 4}
        answer = {
            "id": MODEL,
            "object": "chat.completion",
            "created": 0,
            "model": MODEL,
            "choices": [choice],
            "usage": usage,
        }
        return web.Response(body=to_json(answer), content_type="application/json")

    async def models(_: web.Request) -> web.Response:
        return web.json_response(
            {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}]}
        )

    made = web.Application(client_max_size=LARGEST)
    made.add_routes([web.post("/v1/chat/completions", complete), web.get("/v1/models", models)])
    return made


def main() -> None:
    """Listen, print the address, and serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--prompts", type=Path, default=PROMPTS, help="the folder whose wordings tell what is asked")
    options = parser.parse_args()
    listening = socket.create_server(("127.0.0.1", options.port), backlog=1024)
    app = application(StandIn(options.prompts))
    web.run_app(
        app,
        sock=listening,
        access_log=None,
        print=lambda *_: print(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", flush=True),  # noqa: T201
    )


if __name__ == "__main__":
    main()
