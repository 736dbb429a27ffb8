"""What is measured: the same services, as each library has them written."""

from dataclasses import dataclass, field
from typing import Final

from tests.benchmarks.environments import CHANX_2, DCRF, FASTAPI, Peer

_FOLDER: Final = "tests.benchmarks.targets"


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A module with an ASGI application. Each module says which of the services it has."""

    name: str
    module: str
    #: The library whose environment runs it; None: this one.
    peer: Peer | None = None
    variables: dict[str, str] = field(default_factory=dict)


#: Channels' own consumer without any types: what a Django team has today, and the base of all ratios.
PLAIN: Final = Target("plain Channels, untyped", f"{_FOLDER}.plain")
BY_HAND: Final = Target("plain Channels + pydantic by hand", f"{_FOLDER}.plain_typed")
CHANX: Final = Target("chanx", f"{_FOLDER}.this_chanx")
UNCHECKED: Final = Target(
    "chanx without its checks of hostile input", f"{_FOLDER}.this_chanx", variables={"BENCHMARK_UNCHECKED": "1"}
)
PEER: Final = Target(CHANX_2.name, f"{_FOLDER}.peers.chanx_2", CHANX_2)
FAST_API: Final = Target(f"{FASTAPI.name} + pydantic", f"{_FOLDER}.peers.fast_api", FASTAPI)
REST: Final = Target(DCRF.name, f"{_FOLDER}.peers.dcrf", DCRF)
#: What is left when every framework is left out.
RAW: Final = Target("raw ASGI + pydantic by hand", f"{_FOLDER}.raw_asgi")
