"""Which names this server answers to, and which pages may make a browser call it: against DNS rebinding and foreign web pages.

It covers every request and every WebSocket of the app, the web chat's too, but for what platforms bring to `/webhook/…`: they know the
bot by its public name, and prove who they are by a secret that no web page has.
"""

import ipaddress
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from quart import Quart, Request, Response, Websocket, request, websocket

from parachute_core.admin.auth import is_protected
from parachute_core.admin.errors import error_response
from parachute_core.admin.services import AdminServices
from parachute_core.admin.webhook import is_delivery
from parachute_core.config.schema import is_loopback

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
OWN = frozenset({"same-origin", "none"})
"""Values of `Sec-Fetch-Site` of our own pages and of what a person typed."""


class Authority(NamedTuple):
    """A host and a port as a header names them. `port` None: none was named."""

    host: str
    port: int | None


def make_guard(services: AdminServices) -> "Guard":
    """The guard of a bot's server, which knows the names that its config lists at the moment."""

    def hosts() -> tuple[str, ...]:
        return services.config.current.config.admin.allowed_hosts

    return Guard(services.bound_host, hosts)


def install_guard(app: Quart, guard: "Guard") -> None:
    """Refuse foreign hosts and origins before anything else is looked at."""

    @app.before_request
    async def check_request() -> Response | None:
        return None if is_delivery(request) else guard(request, changes=request.method not in SAFE)

    @app.before_websocket
    async def check_websocket() -> Response | None:
        return guard(websocket, changes=True)


class Guard:
    """Judges a request's `Host`, `Origin` and `Sec-Fetch-Site`."""

    def __init__(self, bound: str, allowed_hosts: Callable[[], tuple[str, ...]]) -> None:
        self._bound = bound.lower()
        self._everywhere = _address(bound) is not None and _is_unspecified(bound)
        self._allowed_hosts = allowed_hosts

    def __call__(self, incoming: Request | Websocket, *, changes: bool) -> Response | None:
        """None: go on; else the refusal. `changes`: a WebSocket, or a method that may change something."""
        named = incoming.headers.getlist("Host")
        host = parse_authority(named[0]) if len(named) == 1 else None
        if host is None or not self.answers_to(host):
            return error_response(421, "host not allowed: add the name to admin.allowed_hosts in bots.yaml")
        if (changes or is_protected(incoming.path)) and not self._own_page(incoming, host):
            return error_response(403, "origin not allowed: this page may not call the bot")
        return None

    def answers_to(self, host: Authority) -> bool:
        """Whether a request may name us so."""
        if means_this_machine(host.host) or host.host == self._bound or self._listed(host):
            return True
        # Bound to every address of the machine: each of them is the bound one. A page can rebind a name, never an address.
        return self._everywhere and _address(host.host) is not None

    def _own_page(self, incoming: Request | Websocket, host: Authority) -> bool:
        site = incoming.headers.get("Sec-Fetch-Site")
        if site is not None and site.strip().lower() not in OWN:
            return False
        origins = incoming.headers.getlist("Origin")
        return all(self._same(origin, host) for origin in origins)

    def _same(self, origin: str, host: Authority) -> bool:
        """Host and port decide: behind a proxy that ends TLS we do not know our own scheme. A listed name may be ours there, too."""
        try:
            parts = urlsplit(origin.strip())
        except ValueError:
            return False
        if parts.scheme not in ("http", "https"):
            return False  # "null" among others
        page = parse_authority(parts.netloc)
        if page is None:
            return False
        standard = 443 if parts.scheme == "https" else 80
        same_port = page.port == host.port or {page.port, host.port} == {None, standard}
        return (page.host == host.host and same_port) or self._listed(page)

    def _listed(self, named: Authority) -> bool:
        """Whether the config lists it; an entry without a port stands for every port."""
        entries = [parse_authority(entry) for entry in self._allowed_hosts()]
        return any(entry is not None and entry.host == named.host and entry.port in (None, named.port) for entry in entries)


def parse_authority(text: str) -> Authority | None:
    """Read `host`, `host:port`, `[v6]` or `[v6]:port`; None where it is none of these. The host comes back in lower case."""
    text = text.strip().lower()
    if text.count(":") > 1 and _address(text) is not None:
        return Authority(text, None)  # an IPv6 address without brackets, as people write it in a config
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or _address(host) is None:
            return None
    else:
        host, colon, port = text.partition(":")
        rest = colon + port
        host = host.removesuffix(".")
    if not host or any(sign in host for sign in "/@?#\\ ,"):
        return None
    if not rest:
        return Authority(host, None)
    digits = rest[1:]
    if rest[0] != ":" or not (digits.isascii() and digits.isdigit()) or int(digits[:6]) > 65535:
        return None
    return Authority(host, int(digits))


def means_this_machine(host: str) -> bool:
    """Whether the name or address means this machine alone, without asking any name server; browsers take `*.localhost` for such."""
    return host.lower().endswith(".localhost") or is_loopback(host)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_unspecified(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_unspecified
