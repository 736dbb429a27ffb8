"""drf-spectacular's components of serializers, made for frames in place of requests and responses.

What drf-spectacular's settings say about splitting components does not matter here: the two directions are always
apart, and a component is called by the dotted path of its serializer.
"""

from collections.abc import Mapping
from typing import Any, Literal, cast
from zlib import crc32

from drf_spectacular import plumbing
from drf_spectacular.drainage import get_override
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import spectacular_settings
from rest_framework.generics import GenericAPIView
from rest_framework.serializers import BaseSerializer, CharField, DictField, ListField, ListSerializer, Serializer

from chanx.messages.serializer_keys import camel_keys_of
from chanx_asyncapi.describe.draft7 import Schema
from chanx_asyncapi.describe.names import class_path

Direction = Literal["request", "response"]

_plumbing: Any = plumbing  # its functions have no annotations


class SerializerComponents(AutoSchema):
    """The components of serializers in one direction, in OpenAPI's words."""

    def __init__(self, direction: Direction, *, camelize: bool) -> None:
        super().__init__()
        self.registry = plumbing.ComponentRegistry()
        self._direction: Direction = direction
        self._camelize = camelize
        #: What is being described comes out of a method or another field that is no serializer: its keys are data.
        self._is_data = False
        # The operation that drf-spectacular believes to describe.
        self.method, self.path = "POST", "/"
        view: Any = GenericAPIView()
        view.format_kwarg = None
        view.request = spectacular_settings.GET_MOCK_REQUEST(self.method, self.path, view, None)
        self.view = view

    def schema(self, serializer: BaseSerializer[Any]) -> Schema:
        """The schema of a serializer's data: a reference to a component, or a list of such."""
        described: Schema | None = self._unwrap_list_serializer(serializer, self._direction)
        return {"type": "object"} if described is None else described

    def components(self) -> Mapping[str, Schema]:
        """The components so far, by name; one at which drf-spectacular has failed is not among them."""
        schemas: dict[str, Schema | None] = self.registry.build({}).get("schemas", {})
        return {name: schema for name, schema in schemas.items() if schema is not None}

    # -- what drf-spectacular leaves to its subclasses -------------------------------------------------------

    def _get_serializer_name(self, serializer: Any, direction: Direction, bypass_extensions: bool = False) -> str:
        """The name of a component as pydantic names core schemas: a path, and a number that tells equal paths apart."""
        if isinstance(serializer, ListSerializer):
            return self._get_serializer_name(serializer.child, direction)
        cls = type(serializer)
        path = class_path(cls)
        if name := self._name_by_extension(serializer, direction):
            path = f"{cls.__module__}.{name}"
        path += "-partial" if self._is_partial(serializer) else ""
        path += "-data" if self._is_data and self._camelize else ""
        # The same class may have several of these paths.
        return f"{path}:{id(cls)}{crc32(path.encode())}"

    def _map_serializer_field(self, field: Any, direction: Direction, bypass_extensions: bool = False) -> Any:
        generator: Any = super()
        outer, self._is_data = self._is_data, self._is_data or not isinstance(field, _MAY_HOLD_FIELDS)
        try:
            return generator._map_serializer_field(field, direction, bypass_extensions)
        finally:
            self._is_data = outer

    def _get_serializer_field_meta(self, field: Any, direction: Direction) -> Schema:
        generator: Any = super()
        meta: Schema = generator._get_serializer_field_meta(field, direction)
        if isinstance(field, CharField):
            meta.pop("minLength", None)
            if direction == "request" and not field.allow_blank:
                meta["minLength"] = 1
        return meta

    def _postprocess_serializer_schema(self, schema: Schema, serializer: Any, direction: Direction) -> Schema:
        unwanted = "readOnly" if direction == "request" else "writeOnly"
        keys = camel_keys_of(serializer) if self._has_wire_keys(serializer) else {}
        properties = {
            keys.get(name, name): part for name, part in schema.get("properties", {}).items() if not part.get(unwanted)
        }
        required = [keys.get(name, name) for name in schema.get("required", ())]
        required = [] if self._is_partial(serializer) else sorted(name for name in required if name in properties)
        others = {key: value for key, value in schema.items() if key not in ("properties", "required")}
        return {
            "title": self._title(serializer, direction),
            **others,
            **({"properties": properties} if properties else {}),
            **({"required": required} if required else {}),
        }

    def _title(self, serializer: Any, direction: Direction) -> str:
        own_name = getattr(getattr(serializer, "Meta", None), "ref_name", None) or type(serializer).__name__
        name = self._name_by_extension(serializer, direction) or get_override(serializer, "component_name", own_name)
        return str(name).removesuffix("Serializer")

    def _name_by_extension(self, serializer: Any, direction: Direction) -> str | None:
        extension: Any = OpenApiSerializerExtension.get_match(serializer)
        if extension is None:
            return None
        options = _plumbing.filter_supported_arguments(extension.get_name, auto_schema=self, direction=direction)
        return cast("str | None", extension.get_name(**options))

    def _is_partial(self, serializer: Any) -> bool:
        return self._direction == "request" and getattr(serializer, "partial", False)

    def _has_wire_keys(self, serializer: Any) -> bool:
        return self._camelize and not self._is_data and isinstance(serializer, Serializer)


#: Through these, and no other fields, the runtime finds the fields inside.
_MAY_HOLD_FIELDS = (BaseSerializer, DictField, ListField)
