"""Who a visitor is: a random id and a token that proves it. Nothing is kept here, so nothing grows with the number of visitors."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

RANDOM_BYTES = 16
TOKEN = re.compile(r"(web-[A-Za-z0-9_-]{22})\.([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor. Whoever presents `token` is `user_id`, so it never shows in a repr."""

    user_id: str
    token: str = field(repr=False)


class Identities:
    """Gives out visitors and recognises them again, after a restart too, by the bot's own secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def create(self) -> Visitor:
        """A visitor whose id was never given out before: 128 random bits."""
        return self._visitor(f"web-{secrets.token_urlsafe(RANDOM_BYTES)}")

    def recognise(self, token: str) -> Visitor | None:
        """The visitor that `token` was given to, or None when this bot did not give it out."""
        found = TOKEN.fullmatch(token)
        if not found:
            return None
        visitor = self._visitor(found.group(1))
        return visitor if hmac.compare_digest(visitor.token, token) else None

    def _visitor(self, user_id: str) -> Visitor:
        proof = hmac.new(self._secret, user_id.encode(), hashlib.sha256).hexdigest()
        return Visitor(user_id, f"{user_id}.{proof}")
