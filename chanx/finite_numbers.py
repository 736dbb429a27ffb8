"""Numbers that are none: what texts may not become in a received message.

JSON has no NaN and no infinities, and a frame that holds one is refused. But pydantic makes a number of a text where
a number is wanted, and of ``"nan"`` or ``"1e999"`` it makes what no frame could hold, nor any answer.
"""

from functools import partial
from typing import Any

from chanx.fail_fast import with_parts


def finite(schema: Any, *, allowed: bool = False) -> Any:
    """A core schema in which each float is finite, unless the field or its model says ``allow_inf_nan=True``.

    It is the very same object where nothing had to be changed. ``allowed``: the model around it says so. Keys of
    mappings are texts in any case, and stay what they are.
    """
    if isinstance(schema, list | tuple):
        items = [finite(item, allowed=allowed) for item in schema]
        is_same = all(new is old for new, old in zip(items, schema, strict=True))
        return schema if is_same else type(schema)(items)
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "float":
        return schema if allowed or "allow_inf_nan" in schema else {**schema, "allow_inf_nan": False}
    config = schema.get("config")
    if isinstance(config, dict):
        allowed = config.get("allow_inf_nan") is True
    found = with_parts(schema, partial(finite, allowed=allowed))
    if found is schema or "keys_schema" not in schema:
        return found
    return {**found, "keys_schema": schema["keys_schema"]}
