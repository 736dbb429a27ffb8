"""Measures in a process of its own what creating classes takes; prints CPU seconds as JSON.

A script: it runs in the environment of this repository, with the repository in PYTHONPATH.
"""

import json
import statistics
import time
from typing import Any, Final

_SERVICES: Final = 30
_HANDLERS: Final = 5

_MESSAGES: Final = "".join(
    f"""
class Received{number}(BaseMessage):
    action: Literal["received{number}"] = "received{number}"
    payload: int

class Sent{number}(BaseMessage):
    action: Literal["sent{number}"] = "sent{number}"
    payload: int
"""
    for number in range(_HANDLERS)
)
_CONSUMER: Final = "class Service(AsyncJsonWebsocketConsumer[{}]):{}".format(
    " | ".join(f"Received{number}" for number in range(_HANDLERS)),
    "".join(
        f"""
    @handler
    async def handle{number}(self, message: Received{number}) -> Sent{number}: ...
"""
        for number in range(_HANDLERS)
    ),
)


def main() -> None:
    import django
    from django.conf import settings

    settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"])
    django.setup()
    from chanx.generic.handlers import handler
    from chanx.generic.websocket import AsyncJsonWebsocketConsumer
    from chanx.messages.base import BaseMessage

    messages, consumer = compile(_MESSAGES, "messages", "exec"), compile(_CONSUMER, "consumer", "exec")
    taken: dict[str, list[float]] = {"messages": [], "consumer": []}
    # The first one brings modules of pydantic with it.
    for _ in range(_SERVICES + 1):
        names: dict[str, Any] = {
            "AsyncJsonWebsocketConsumer": AsyncJsonWebsocketConsumer,
            "BaseMessage": BaseMessage,
            "handler": handler,
        }
        exec("from typing import Literal", names)
        for kind, code in (("messages", messages), ("consumer", consumer)):
            start = time.process_time()
            exec(code, names)
            taken[kind].append(time.process_time() - start)
    print(json.dumps({kind: statistics.median(seconds[1:]) for kind, seconds in taken.items()}))


if __name__ == "__main__":
    main()
