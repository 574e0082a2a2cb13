"""Who may use the server: the settings of the command line, checked; and where a request comes from."""

import os
import stat
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from socket import gethostname
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from indexer import QuotewireError

PASSWORD_VARIABLE = "QUOTEWIRE_PASSWORD"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Access:
    """How visitors prove that they may come in: by the password, or by the header that the proxy alone may set.

    `anyone` lets everybody in who reaches the server; `names` are the host names that it answers to besides addresses,
    `localhost` and this machine's own name.
    """

    password: str = field(default="", repr=False)
    proxy: str = ""
    header: str = ""
    names: tuple[str, ...] = ()
    anyone: bool = False

    @property
    def asks(self) -> bool:
        """Whether visitors have to prove anything."""
        return bool(self.password or self.header)

    def must_be_safe_on(self, host: str, *, loopback: bool) -> None:
        """Raises `QuotewireError` where anybody on the network could come in and nobody has said so."""
        if not (loopback or self.asks or self.anyone):
            raise QuotewireError(
                f"{host} can be reached from other machines: set a password in {PASSWORD_VARIABLE} or with "
                "--password-file FILE, or let anybody in with --no-auth"
            )


NOTHING_ASKED = Access()


def access_settings(
    password_file: Path | None = None,
    proxy: str = "",
    header: str = "",
    names: Sequence[str] = (),
    *,
    anyone: bool = False,
    environment: MutableMapping[str, str] = os.environ,
) -> Access:
    """The settings; the password is taken out of the environment, so that no other program inherits it.

    Raises `QuotewireError` for a password that cannot be read or is empty, for what is no address, and for settings
    that contradict each other.
    """
    from_environment = environment.pop(PASSWORD_VARIABLE, None)
    password = _password_in(password_file) if password_file else from_environment or ""
    if from_environment == "" and not password_file:
        raise QuotewireError(f"{PASSWORD_VARIABLE}: is empty; put a password there, or unset it")
    if header and not proxy:
        raise QuotewireError("--trusted-header: anybody could send it; name the proxy that sets it by --trusted-proxy")
    if proxy and not (header or password):
        raise QuotewireError("--trusted-proxy: is of no use without a password or --trusted-header NAME; add one")
    if anyone and (password or header):
        raise QuotewireError("--no-auth: contradicts a password or --trusted-header; leave one of them out")
    try:
        proxy = str(ip_address(proxy)) if proxy else ""
    except ValueError as error:
        raise QuotewireError(f"--trusted-proxy: “{proxy}” is no IP address; write it like 10.0.0.5") from error
    return Access(password, proxy, header.lower(), tuple(name.lower().rstrip(".") for name in names), anyone)


def _password_in(path: Path) -> str:
    try:
        if path.stat().st_mode & stat.S_IRWXO:
            raise QuotewireError(f"{path}: other users of this machine can open it; run chmod o= {path}")
        password = path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise QuotewireError(
            f"{path}: the password cannot be read ({error.strerror}); check --password-file"
        ) from error
    except UnicodeDecodeError as error:
        raise QuotewireError(f"{path}: is not UTF-8; write the password there as plain text") from error
    if not password:
        raise QuotewireError(f"{path}: is empty; write the password there")
    return password


class Caller:
    """Where a request comes from. What a header says of that counts only if the trusted proxy has sent it."""

    def __init__(self, connection: HTTPConnection, settings: Access) -> None:
        """Look at the head of a request."""
        self._headers, self._settings = connection.headers, settings
        self._method = str(connection.scope.get("method", "WEBSOCKET"))
        peer = _plain_address(connection.client.host if connection.client else "")
        self._by_proxy = bool(settings.proxy) and peer == settings.proxy
        forwarded = _plain_address(self._forwarded("x-forwarded-for")) if self._by_proxy else ""
        self.address = forwarded or peer
        scheme = self._forwarded("x-forwarded-proto").lower() if self._by_proxy else ""
        self.secure = (scheme or connection.url.scheme) in ("https", "wss")

    @property
    def is_secure_context(self) -> bool:
        """Whether its browser trusts the connection: https, or this machine."""
        name = _host_name(self._headers.get("host", ""))
        address = _plain_address(name)
        return self.secure or name == "localhost" or (bool(address) and ip_address(address).is_loopback)

    @property
    def user(self) -> str:
        """Who the trusted proxy says it is, once and in the trusted header; "" if it does not."""
        said = self._headers.getlist(self._settings.header) if self._settings.header and self._by_proxy else []
        return said[0].strip() if len(said) == 1 else ""

    @property
    def is_vouched_for(self) -> bool:
        """Whether the trusted proxy says who it is."""
        return bool(self.user)

    @property
    def is_misdirected(self) -> bool:
        """Whether it asks for a host that is not ours: a page whose name was made to lead here (DNS rebinding).

        With a password alone this is no danger, since nobody has logged in under that name.
        """
        if self._settings.password and not self._settings.header:
            return False
        asked = self._headers.getlist("host")
        return len(asked) != 1 or not self._is_ours(_host_name(asked[0]))

    @property
    def is_cross_site(self) -> bool:
        """Whether a page of another site is behind it, which may follow links to us and nothing more."""
        changes = self._method not in _SAFE_METHODS
        if changes and self._headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return True
        return any(not self._is_own_origin(origin) for origin in self._headers.getlist("origin"))

    def _is_own_origin(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
            own = [self._headers.get("host", ""), self._forwarded("x-forwarded-host") if self._by_proxy else ""]
            if parts.scheme not in ("http", "https") or not parts.hostname:
                return False
            return parts.hostname in self._settings.names or _without_port(parts.netloc) in map(_without_port, own)
        except ValueError:
            return False

    def _is_ours(self, name: str) -> bool:
        machine = gethostname().lower()
        if name in ("localhost", machine, f"{machine}.local", *self._settings.names) or name.endswith(".localhost"):
            return True
        return bool(_plain_address(name))

    def _forwarded(self, header: str) -> str:
        """The last entry, which the proxy itself has added."""
        values = self._headers.getlist(header)
        return values[-1].split(",")[-1].strip() if values else ""


def _plain_address(text: str) -> str:
    """An IP address in its one form, IPv4 within IPv6 as IPv4; "" for anything else."""
    try:
        address = ip_address(text.split("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _without_port(netloc: str) -> str:
    """Host and port, without a port that is the usual one."""
    lower = netloc.lower()
    return lower.removesuffix(":80").removesuffix(":443")
