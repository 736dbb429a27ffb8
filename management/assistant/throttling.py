"""How often one client may connect to the assistant."""

from rest_framework.throttling import UserRateThrottle


class ConnectThrottle(UserRateThrottle):
    """Counts handshakes by user, or by address where nobody is logged in."""

    scope = "assistant_connect"
