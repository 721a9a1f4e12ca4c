"""Where the bot listens."""

from collections.abc import Iterator

from parachute_core.admin.server import bind
from parachute_core.config.schema import is_loopback
from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity
from parachute_core.model.errors import ConfigError


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
        try:
            bind(case.admin.host, port).close()
        except ConfigError as error:
            yield str(error)


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
