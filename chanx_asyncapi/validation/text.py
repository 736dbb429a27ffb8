"""Words for findings."""

# A message of jsonschema repeats the value that it is about, which can be half of the document.
_LONGEST = 200


def brief(message: str) -> str:
    """Return ``message``, without its middle if it is long."""
    if len(message) <= _LONGEST:
        return message
    return f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"
