"""The services on FastAPI: pydantic by hand, and a list of the members of a room, as its guide writes it."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from tests.benchmarks.targets.messages import RECEIVED, Posted, Say, answer, refusal

application = FastAPI()


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            try:
                reply = answer(RECEIVED.validate_json(text)).model_dump_json()
            except ValidationError as error:
                reply = refusal(error).model_dump_json()
            await websocket.send_text(reply)
    except WebSocketDisconnect:
        pass


application.websocket("/echo")(echo)
application.websocket("/anonymous")(echo)

rooms: dict[str, list[WebSocket]] = {}


@application.websocket("/rooms/{room}")
async def serve_room(websocket: WebSocket, room: str) -> None:
    await websocket.accept()
    members = rooms.setdefault(room, [])
    members.append(websocket)
    try:
        while True:
            message = Say.model_validate_json(await websocket.receive_text())
            text = Posted(payload=message.payload).model_dump_json()
            for member in members.copy():
                await member.send_text(text)
    except WebSocketDisconnect:
        pass
    finally:
        members.remove(websocket)
