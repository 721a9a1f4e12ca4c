"""Who may see the owner's page: links for one use, and browsers that are logged in."""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from datetime import timedelta

from parachute_core.clock import Clock
from parachute_core.engine.tokens import OneTimeTokens
from parachute_core.model.decision import OWNER, Decision, What
from parachute_core.model.errors import StoreError
from parachute_core.model.names import plain_text
from parachute_core.store.logins import Login, LoginRows
from parachute_core.store.unbroken import unbroken

LIFETIME = timedelta(days=30)
"""After that a browser has to log in again."""
IDLE = timedelta(days=7)
"""So does one that was not used for so long."""
MOST = 50
"""Browsers that are logged in at once; a further one logs out the oldest."""
TOUCHED_EVERY = timedelta(minutes=1)
"""How exact `Login.seen_at` is."""
LONGEST_AGENT = 120

log = logging.getLogger(__name__)


class Logins:
    """What a browser holds is random; kept is its hash, made with the admin key: with another key nobody is logged in."""

    def __init__(self, rows: LoginRows, clock: Clock, record: Callable[[Decision], None], key: str) -> None:
        self._rows = rows
        self._clock = clock
        self._record = record
        self._key = key.encode()
        self._links = OneTimeTokens(clock)

    def link_path(self) -> str:
        """A link that logs in one browser, once, within 24 hours; to be put behind the bot's address.

        Its token is in the fragment, which browsers send nowhere.
        """
        return f"/login#{self._links.issue()}"

    def is_key(self, given: str) -> bool:
        """Whether it is the admin key; takes as long for every other one."""
        return hmac.compare_digest(self._hash(given), self._hash_of(self._key))

    async def open_with_link(self, token: str, agent: str) -> str | None:
        """What the browser is to hold; None: the token is unknown, used or too old. Raises `StoreError`; the token stays good then."""
        until = self._links.take(token)
        if until is None:
            return None
        try:
            return await self._open(agent, "with a link for one use")
        except BaseException:
            self._links.put_back(token, until)
            raise

    async def open_with_key(self, key: str, agent: str) -> str | None:
        """What the browser is to hold; None: it is not the key. Raises `StoreError`."""
        return await self._open(agent, "with the key") if self.is_key(key) else None

    def find(self, held: str | None) -> Login | None:
        """The login of what a browser holds, unless it is over. Raises `StoreError`."""
        return self._rows.find(self._hash(held)) if held else None

    async def used(self, login: Login) -> None:
        """The browser asked for something. That it cannot be kept shuts nobody out."""
        if self._clock.now() - login.seen_at < TOUCHED_EVERY:
            return
        try:
            await self._rows.touch(login.id)
        except StoreError as error:
            log.warning("that a browser is in use could not be kept", extra={"login": login.id, "error": str(error)})

    def all(self) -> list[Login]:
        """Every login that is not over, newest first. Raises `StoreError`."""
        return self._rows.all()

    async def end(self, login_id: str | None) -> int:
        """Log one browser out, or every one (None); returns how many that were. Raises `StoreError`."""
        return await unbroken(self._end(login_id))

    def form_token(self, held: str) -> str:
        """What a form of a browser's pages carries: no other site knows it."""
        return hmac.new(self._key, b"form\0" + held.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()

    async def _open(self, agent: str, how: str) -> str:
        held, now = secrets.token_urlsafe(32), self._clock.now()
        login = Login(secrets.token_hex(4), now, now, now + LIFETIME, plain_text(agent, LONGEST_AGENT))
        await unbroken(self._keep(held, login, how))
        return held

    async def _keep(self, held: str, login: Login, how: str) -> None:
        await self._rows.open(self._hash(held), login, MOST)
        self._record(Decision(What.LOGGED_IN, OWNER, why=f"{how}: browser {login.id}"))
        log.info("a browser was logged in to the owner's page", extra={"login": login.id})

    async def _end(self, login_id: str | None) -> int:
        ended = await self._rows.end(login_id)
        if ended:
            self._record(Decision(What.LOGGED_OUT, why=f"browser {login_id}" if login_id else f"every browser: {ended}"))
        return ended

    def _hash(self, text: str) -> str:
        return self._hash_of(text.encode(errors="surrogatepass"))

    def _hash_of(self, text: bytes) -> str:
        return hmac.new(self._key, b"login\0" + text, hashlib.sha256).hexdigest()
