"""What WebSockets add to a channel. The binding defines nothing for servers, operations and messages."""

from typing import Literal

from chanx_asyncapi.spec.base import ExtensibleObject, JsonSchema


class WebSocketChannelBinding(ExtensibleObject):
    """The handshake of a WebSocket: its query and its headers, each the schema of an object.

    https://github.com/asyncapi/bindings/blob/master/websockets/README.md#channel-binding-object
    """

    method: Literal["GET", "POST"] | None = None
    query: JsonSchema | None = None
    headers: JsonSchema | None = None
    binding_version: Literal["0.1.0"] | None = None


class ChannelBindings(ExtensibleObject):
    """The bindings of a channel. Of the specification's protocols only WebSockets concern us.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#channelBindingsObject
    """

    ws: WebSocketChannelBinding | None = None
