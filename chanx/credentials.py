"""When the credential that a request was authenticated with expires."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

#: Attributes that hold the moment: of django-oauth-toolkit's AccessToken, of knox's AuthToken, of chanx's Ticket and
#: whoever else likes the name.
_MOMENTS: Final = ("expires", "expiry", "expires_at")


def expiry_of(auth: Any) -> float | None:
    """The POSIX time at which ``request.auth`` expires; None when it does not say, or never does.

    Knows the claim ``exp`` of a JWT (RFC 7519, 4.1.4), in a mapping of claims or in a token of simplejwt, and an
    attribute ``expires``, ``expiry`` or ``expires_at`` that is a POSIX time or an aware datetime.
    """
    claims = getattr(auth, "payload", auth)
    if isinstance(claims, Mapping):
        return _posix(claims.get("exp"))
    for name in _MOMENTS:
        if (moment := _posix(getattr(auth, name, None))) is not None:
            return moment
    return None


def is_past(moment: float | None) -> bool:
    """Whether a POSIX time, if there is one, has come."""
    return moment is not None and time.time() >= moment


def _posix(moment: Any) -> float | None:
    match moment:
        case bool():
            return None
        case int() | float():
            return float(moment)
        case datetime():
            return moment.timestamp()
        case _:
            return None
