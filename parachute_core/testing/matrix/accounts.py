"""Accounts of a test's homeserver, and what only its administrator may do."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import quote

from parachute_core.testing.matrix.calls import Calls
from parachute_core.testing.matrix.homeserver import Homeserver

REGISTER = "/_synapse/admin/v1/register"


@dataclass(frozen=True, slots=True)
class Account:
    """An account with one device."""

    user_id: str
    device_id: str
    access_token: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def localpart(self) -> str:
        """The id without its server."""
        return self.user_id[1:].partition(":")[0]


class Accounts:
    """Registers accounts and acts as the administrator, which is one more account, registered when it is needed first."""

    def __init__(self, homeserver: Homeserver, calls: Calls) -> None:
        self._homeserver = homeserver
        self._calls = calls
        self._admin: Account | None = None

    async def register(self, name: str = "user", *, exactly: bool = False, display: str | None = None, admin: bool = False) -> Account:
        """A new account; its localpart is `name` with something random behind it, unless it has to be `exactly` that."""
        localpart = name if exactly else f"{name}-{secrets.token_hex(4)}"
        password = secrets.token_hex(8)
        nonce = (await self._calls.call("GET", REGISTER))["nonce"]
        parts = [nonce, localpart, password, "admin" if admin else "notadmin"]
        mac = hmac.new(self._homeserver.shared_secret.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": localpart, "displayname": display or name, "password": password, "admin": admin, "mac": mac}
        made = await self._calls.call("POST", REGISTER, body)
        return Account(made["user_id"], made["device_id"], made["access_token"], password)

    async def log_in(self, account: Account, device_id: str | None = None) -> Account:
        """The same account on another device; None: one that the server names."""
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": account.user_id},
            "password": account.password,
            **({"device_id": device_id} if device_id else {}),
        }
        made = await self._calls.call("POST", "/_matrix/client/v3/login", body)
        return Account(made["user_id"], made["device_id"], made["access_token"], account.password)

    async def limit(self, account: Account, per_second: int, burst: int) -> None:
        """Limit how much the account may send; two zeros: as much as it likes."""
        body = {"messages_per_second": per_second, "burst_count": burst}
        await self._administer("POST", f"/_synapse/admin/v1/users/{quote(account.user_id)}/override_ratelimit", body)

    async def delete_device(self, account: Account) -> None:
        """Take the account's device away, and with it its token."""
        await self._administer("DELETE", f"/_synapse/admin/v2/users/{quote(account.user_id)}/devices/{quote(account.device_id)}")

    async def _administer(self, method: str, path: str, body: object = None) -> None:
        if self._admin is None:
            self._admin = await self.register("admin", admin=True)
        await self._calls.call(method, path, body, token=self._admin.access_token)
