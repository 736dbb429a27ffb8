"""Keys that an object holds twice."""

import pytest

from chanx.repeated_keys import repeated_key

ENVELOPE = ("action", "payload", "id")


@pytest.mark.parametrize(
    ("text", "in_envelope", "anywhere"),
    [
        ("{}", None, None),
        ('{"action":1,"payload":2,"id":3}', None, None),
        ('{"id":1,"id":1}', "id", "id"),
        ('{"action":"a","payload":1,"action":"b"}', "action", "action"),
        ('{"payload":[],"payload":{}}', "payload", "payload"),
        (r'{"id":1,"\u0069d":2}', "id", "id"),
        (' { "id" : 1 , "x" : [ ] , "id" : 2 } ', "id", "id"),
        ('{"id":1,"id":2,"id":3,"action":1,"action":2}', "id", "id"),
        # Not of the envelope.
        ('{"other":1,"other":2}', None, "other"),
        ('{"payload":{"id":1,"id":2}}', None, "id"),
        ('{"payload":[{"action":1},{"a":1,"b":2,"a":3}]}', None, "a"),
        ('{"payload":{"id":{"id":{"id":1}}},"id":2}', None, None),
        ('{"payload":[{"id":1},{"id":2}],"action":"id"}', None, None),
        # Keys are compared as texts.
        ('{"Id":1,"id":2,"id ":3,"":4}', None, None),
        ('{"":1,"":2}', None, ""),
        # No object, or no JSON at all.
        ('[{"id":1,"x":2}]', None, None),
        ('"id"', None, None),
        ("", None, None),
        ('{"id":1,"id":2', None, None),
        ("[" * 100_000, None, None),
        ('{"id":%s}' % ("1" * 5000), None, None),
    ],
)
def test_the_first_repeated_key(text: str, in_envelope: str | None, anywhere: str | None) -> None:
    assert repeated_key(text, ENVELOPE) == in_envelope
    assert repeated_key(text) == anywhere


def test_nothing_is_among_no_keys() -> None:
    assert repeated_key('{"id":1,"id":2}', ()) is None
