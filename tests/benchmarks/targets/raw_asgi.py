"""The echo as an ASGI application without any framework: pydantic by hand, from text to text."""

from typing import Any

from pydantic import ValidationError

from tests.benchmarks.targets.messages import RECEIVED, answer, refusal


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        try:
            text = answer(RECEIVED.validate_json(event["text"])).model_dump_json()
        except ValidationError as error:
            text = refusal(error).model_dump_json()
        await send({"type": "websocket.send", "text": text})
