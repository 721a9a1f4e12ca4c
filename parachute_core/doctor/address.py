"""Where the bot listens."""

import errno
import ipaddress
import os
import socket
from collections.abc import Iterator

from parachute_core.config.schema import is_loopback
from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity


class AddressUnusable(Check):
    """Nothing can listen there."""

    id = "address-unusable"
    severity = Severity.ERROR
    means = "the bot does not run, and could not listen on its address and port"
    advice = "end the program that has the port, or choose another (`admin.port`, `--port`, `$PARACHUTE_PORT`)"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.admin is None or case.running or case.silent:
            return
        port = case.admin.port if case.port is None else case.port
        if trouble := _trouble(case.admin.host, port):
            yield f"{case.admin.host}:{port}: {trouble}"


class AddressPublic(Check):
    """Others on the network reach it, unencrypted."""

    id = "address-public"
    severity = Severity.WARNING
    means = "`admin.host` is no loopback address: the key and what is said in the web chat pass the network unencrypted"
    advice = "listen on 127.0.0.1, with a proxy that ends TLS in front (docs/web-chat.md)"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.admin and not is_loopback(case.admin.host):
            yield f"admin.host is {case.admin.host}"


def _trouble(host: str, port: int) -> str | None:
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        family = socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "another program listens there"
            return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    return None
