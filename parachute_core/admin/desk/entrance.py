"""Who gets in: whoever has the key, or a link for one use. Everything else of the page stands behind this."""

import hmac
import math
from typing import Any

from quart import Blueprint, Response, g, redirect, request
from quart.typing import ResponseReturnValue

from parachute_core.admin.desk.attempts import Attempts
from parachute_core.admin.desk.logins import LIFETIME, Logins
from parachute_core.admin.desk.paper import STATIC, render
from parachute_core.admin.errors import error_response
from parachute_core.admin.guard import Guard, parse_authority
from parachute_core.admin.health import about, wants_page
from parachute_core.clock import Clock
from parachute_core.engine.register import acting
from parachute_core.model.decision import OWNER

LOGIN = "/login"
OPEN = frozenset({LOGIN, *(f"/desk/{name}" for name in STATIC)})
"""What answers without a login."""
WRONG_KEY = "That is not the key. It stands in the file admin-key of the bot's home, or in its bots.yaml."
WRONG_LINK = "This link was used before, or is too old. Paste the key, or print another link: parachute-core desk link"
TOO_OFTEN = "Too many wrong tries. Try again in {} seconds."


class Entrance:
    """The login page, and the check in front of every other one."""

    def __init__(self, logins: Logins, guard: Guard, clock: Clock) -> None:
        self._logins = logins
        self._guard = guard
        self._attempts = Attempts(clock)

    def stand_before(self, blueprint: Blueprint) -> None:
        """Check each request to the blueprint's routes, and add those of the login."""
        blueprint.before_request(self._check)
        blueprint.get(LOGIN)(self._ask)
        blueprint.post(LOGIN)(self._let_in)
        blueprint.post("/logout")(self._let_out)

    async def _check(self) -> ResponseReturnValue | None:
        """What a person follows in a browser may come from anywhere, for it changes nothing; all else from our own pages alone."""
        if request.path == "/" and not wants_page():
            return about()
        followed = request.method in ("GET", "HEAD") and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        if not followed and (refusal := self._guard(request, changes=True)) is not None:
            return refusal
        if request.path in OPEN:
            return None
        own = held()
        login = self._logins.find(own)
        if login is None or own is None:
            return redirect(LOGIN, 303) if request.method == "POST" or wants_page() else error_response(401, "Unauthorized")
        await self._logins.used(login)
        g.login, g.form_token = login, self._logins.form_token(own)
        if request.method == "POST" and not await self._own_form():
            return await render("old-form.html", 403)
        return None

    async def _own_form(self) -> bool:
        given = (await request.form).get("form", "")
        return hmac.compare_digest(given.encode(errors="surrogatepass"), g.form_token.encode())

    async def _ask(self) -> ResponseReturnValue:
        # Not sent on where somebody is logged in: a link's token would stand in the address of the page that follows.
        return await render("login.html", logged_in=self._logins.find(held()) is not None)

    async def _let_in(self) -> ResponseReturnValue:
        form, agent = await request.form, request.headers.get("User-Agent", "")
        link = form.get("link", "").strip()
        with acting(OWNER):
            if link:  # nobody guesses those, so that a link works also while somebody guesses keys
                opened = await self._logins.open_with_link(link, agent)
            elif (wait := self._attempts.wait(request.remote_addr or "")) is not None:
                return await _too_often(math.ceil(wait))
            else:  # nothing is awaited from the look at the tries to their count: many at once are no more than one by one
                opened = await self._logins.open_with_key(form.get("key", "").strip(), agent)
        if opened is None:
            if not link:
                self._attempts.failed(request.remote_addr or "")
            return await render("login.html", 401, trouble=WRONG_LINK if link else WRONG_KEY)
        response = _to("/")
        response.set_cookie(_cookie(), opened, max_age=int(LIFETIME.total_seconds()), **_kept())
        return response

    async def _let_out(self) -> ResponseReturnValue:
        with acting(OWNER):
            await self._logins.end(g.login.id)
        response = _to(LOGIN)
        response.delete_cookie(_cookie(), **_kept())
        return response


async def _too_often(seconds: int) -> Response:
    response = await render("login.html", 429, trouble=TOO_OFTEN.format(seconds))
    response.headers["Retry-After"] = str(seconds)
    return response


def _to(path: str) -> Response:
    return Response("", 303, {"Location": path, "Cache-Control": "no-store"})


def held() -> str | None:
    """What the browser that asks holds of its login; None: nothing."""
    return request.cookies.get(_cookie())


def _kept() -> dict[str, Any]:
    """How the browser is to keep the cookie."""
    return {"path": "/", "secure": _secure(), "httponly": True, "samesite": "Strict"}


def _secure() -> bool:
    """Behind a proxy that ends TLS the browser alone knows the scheme: it is in its Origin, which the guard has compared with our name."""
    return request.scheme == "https" or request.headers.get("Origin", "").startswith("https://")


def _cookie() -> str:
    """Browsers tell apart hosts, not ports: two bots on one machine must not log each other out."""
    host = parse_authority(request.host)
    return f"parachute-{host.port}" if host is not None and host.port is not None else "parachute"
