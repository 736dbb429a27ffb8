"""Cores, CPU time and memory of processes, as Linux tells them."""

import ctypes
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_C: Final = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core does what: nobody who generates load takes time from the server that is measured."""

    #: The cores of the servers that are measured, and those of the load client and of Redis. None: wherever there is
    #: room.
    server: frozenset[int] | None
    client: frozenset[int] | None

    @classmethod
    def of_this_machine(cls) -> "Cores":
        """One core for the server and another one for the rest; no choice where there is only one."""
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) < 2:
            return cls(None, None)
        return cls(frozenset(usable[:1]), frozenset(usable[1:2]))

    def __str__(self) -> str:
        if self.server is None or self.client is None:
            return "server and load client share the cores"
        return f"server on core {_list(self.server)}, load client and Redis on core {_list(self.client)}"


def pin(cores: frozenset[int] | None, pid: int = 0) -> None:
    """Keeps a process, by default this one, on some cores."""
    if cores is not None:
        os.sched_setaffinity(pid, cores)


def cpu_seconds(pid: int) -> float:
    """The CPU time, of user and kernel, that a process and its children have taken until now.

    To the nanosecond, where ``/proc`` counts in hundredths of a second: the rounds of a benchmark are short.
    """
    return sum(time.clock_gettime(_cpu_clock(each)) for each in _family(pid))


def _cpu_clock(pid: int) -> int:
    clock = ctypes.c_int()
    error: int = _C.clock_getcpuclockid(pid, ctypes.byref(clock))
    if error:
        raise OSError(error, os.strerror(error))
    return clock.value


def memory_bytes(pid: int) -> int:
    """The memory that belongs to a process and its children alone, in bytes."""
    return sum(_private_bytes(each) for each in _family(pid))


def _private_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _list(cores: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(cores)))
