"""Asks the bot that runs, over its admin API."""

import http.client
import json
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from parachute_core.cli.exits import Failure
from parachute_core.home import Home
from parachute_core.model.errors import ConfigError, ParachuteError

PATIENCE = 15
"""Seconds that an answer may take."""
NO_QUERY: Mapping[str, object] = MappingProxyType({})


def path_of(*segments: str) -> str:
    """A path with each segment quoted, slashes in it included."""
    return "/" + "/".join(quote(one, safe="") for one in segments)


class RunningBot:
    """The bot that runs with a home."""

    def __init__(self, home: Home) -> None:
        """Raises `Failure` when none runs, or its key cannot be read."""
        # The key goes only to a process that holds the home's lock: another program may listen on that port by now.
        url = home.running_at()
        if url is None and home.in_use():
            raise Failure(f"the bot with the home {home.path} is starting or stopping; try again in a moment")
        if url is None:
            raise Failure(f"no bot is running with the home {home.path} (start it with `parachute-core run`, or name another with --home)")
        self.url = url
        self._key = _key(home)

    def ask(
        self, method: str, path: str, body: object = None, query: Mapping[str, object] = NO_QUERY, *, absent: str | None = None
    ) -> dict[str, Any]:
        """Ask, with what of `query` is not None.

        Returns the JSON object of a successful answer. Raises `Failure` with what the bot says is wrong, or that it does not answer.
        `absent` is what it means that there is no such route; None: what the bot says.
        """
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        status, answer = self._exchange(method, f"{path}?{asked}" if asked else path, body)
        if not isinstance(answer, dict):
            raise Failure(f"the bot at {self.url} answered with {status} and no JSON object")
        if status == 404 and absent is not None:
            raise Failure(absent)
        if status >= 400 or answer.get("success") is False:
            raise Failure(str(answer.get("error") or f"the bot answered with {status}"))
        return answer

    def _exchange(self, method: str, path: str, body: object) -> tuple[int, Any]:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"the bot at {self.url} does not answer: {error or type(error).__name__}") from error
        except ValueError:
            return answer.status, None
        finally:
            connection.close()


def _key(home: Home) -> str:
    explicit = _configured_key(home)
    if explicit is not None:
        return explicit
    from parachute_core.admin.key import read_key

    try:
        return read_key(home.key_path)
    except ConfigError as error:
        raise Failure(str(error)) from error


def _configured_key(home: Home) -> str | None:
    from parachute_core.config.read import read_config
    from parachute_core.connectors.catalog import Catalog

    try:
        return read_config(home.config_path, os.environ, Catalog().sections()).config.admin.key
    except ParachuteError:
        # The bot runs with what it read before the file was broken, most often with the generated key.
        return None
