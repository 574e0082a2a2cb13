"""Who has logged in, and who has guessed wrong how often. In memory alone: a restart logs everybody out."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_address

Clock = Callable[[], float]
IDLE_SECONDS, LONGEST_SECONDS = 12 * 3600, 7 * 24 * 3600
_MOST_SESSIONS = 10_000
FREE_FAILURES, _LONGEST_WAIT, _FORGOTTEN_AFTER = 5, 900.0, 3600.0
_MOST_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class _Session:
    opened: float
    seen: float


class Sessions:
    """Open sessions by the hash of their token; each ends after 12 idle hours, 7 days, or its log-out."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        """None is open yet."""
        self._clock = clock
        self._open: OrderedDict[bytes, _Session] = OrderedDict()

    def open(self) -> str:
        """A new session's token, 256 random bits; beyond 10,000 sessions the one unused for longest ends."""
        token, now = secrets.token_urlsafe(32), self._clock()
        self._open[digest(token)] = _Session(now, now)
        if len(self._open) > _MOST_SESSIONS:
            self._open.popitem(last=False)
        return token

    def holds(self, token: str) -> bool:
        """Whether the token is of an open session, which this use keeps from becoming idle."""
        key, now = digest(token), self._clock()
        session = self._open.get(key)
        if session is None:
            return False
        if now - session.seen > IDLE_SECONDS or now - session.opened > LONGEST_SECONDS:
            del self._open[key]
            return False
        self._open[key] = replace(session, seen=now)
        self._open.move_to_end(key)
        return True

    def close(self, token: str) -> None:
        """End a session, if there is one."""
        self._open.pop(digest(token), None)


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: float
    until: float


class Throttle:
    """Slows guessing: after 5 failures an address waits 2, 4, 8 … seconds, at most 15 minutes, for its next try.

    An address is forgotten an hour after its last failure, and beyond 10,000 addresses those that failed longest ago.
    An IPv6 client is counted by its network (/64), in which it may choose its address.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        """Nobody has failed yet."""
        self._clock = clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def seconds_to_wait(self, address: str) -> float:
        """How long the address must wait before its next try; 0 if it need not."""
        known = self._failures.get(network(address))
        return max(0.0, known.until - self._clock()) if known else 0.0

    def failed(self, address: str) -> None:
        """Count a failure."""
        key, now = network(address), self._clock()
        known = self._failures.pop(key, None)
        count = known.count + 1 if known and now - known.last < _FORGOTTEN_AFTER else 1
        wait = min(_LONGEST_WAIT, 2.0 ** min(count - FREE_FAILURES + 1, 30)) if count >= FREE_FAILURES else 0.0
        self._failures[key] = _Failures(count, now, now + wait)
        if len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the failures of an address."""
        self._failures.pop(network(address), None)


def digest(token: str) -> bytes:
    """What a token is known by, from which it cannot be told."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def network(address: str) -> str:
    """What an address is counted by: an IPv6 client may choose its own within a /64."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(known) >> 64 << 64)) if isinstance(known, IPv6Address) else address
