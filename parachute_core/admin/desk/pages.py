"""The pages at `/`, and the forms on them."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from quart import Blueprint, Quart, Response, abort, g, request
from quart.typing import ResponseReturnValue

from parachute_core.admin.desk.actions import ACTIONS
from parachute_core.admin.desk.entrance import Entrance, held
from parachute_core.admin.desk.inside import Inside, Reading
from parachute_core.admin.desk.notices import Notices
from parachute_core.admin.desk.paper import add_paper, render
from parachute_core.admin.desk.pulse import Pulse
from parachute_core.admin.desk.views import VIEWS, View, badges
from parachute_core.admin.errors import error_response
from parachute_core.admin.guard import Guard
from parachute_core.admin.services import AdminServices

WATCHED = ("status", "since", "last_error", "last_proof_at", "last_message_time", "next_attempt_at", "enabled", "allowed_users_count")
"""What of a platform is shown."""
SAID = "said"
"""The parameter of a URL that names a notice."""


def install_desk(app: Quart, services: AdminServices, guard: Guard) -> None:
    """Add the owner's page to the app, which has all its API routes by now."""
    inside = Inside(app, services.key)
    entrance = Entrance(services.logins, guard, services.clock)
    notices = Notices()
    views = tuple(view for view in VIEWS if view.needs is None or inside.has(*view.needs))
    actions = {name: one for name, one in ACTIONS.items() if inside.has(one.method, one.rule)}
    blueprint = Blueprint("desk", __name__, template_folder="templates")
    entrance.stand_before(blueprint)
    add_paper(blueprint, services.clock)

    async def show(view: View) -> Response:
        query = {name: value for name, value in request.args.items() if name != SAID}
        api = Reading(inside)
        return await render(
            f"{view.name}.html",
            view=view,
            views=views,
            actions=actions.keys(),
            badges=await badges(api, views),
            notice=notices.take(g.login.id, request.args.get(SAID, "")),
            here=_url(view.path, query),
            query=query,
            form_token=g.form_token,
            login=g.login,
            **await view.load(api, query),
        )

    def add(view: View) -> None:
        @blueprint.get(view.path, endpoint=view.name)
        async def shown() -> ResponseReturnValue:
            return await show(view)

    for view in views:
        add(view)

    async def look() -> object:
        return (
            services.audit.newest(),
            [[report[key] for key in WATCHED] for report in services.fleet.statuses().values()],
            await services.failures.counts(),
            await services.sessions.list(1, 0),
        )

    pulse = Pulse(look, services.clock, services.ending)

    @blueprint.get("/events")
    async def events() -> Response:
        if pulse.full:
            return error_response(503, "too many pages listen at once", {"Retry-After": "60"})
        own = held()
        response = Response(pulse.listen(lambda: services.logins.find(own) is not None), mimetype="text/event-stream")
        response.headers["Cache-Control"] = "no-store"
        response.timeout = None
        return response

    @blueprint.post("/act/<name>")
    async def act(name: str) -> ResponseReturnValue:
        if name not in actions:
            abort(404)
        fields = {key: value for key, value in (await request.form).items() if key not in ("form", "back")}
        notice = await actions[name].do(inside, fields)
        number = notices.put(g.login.id, notice)
        back = _back((await request.form).get("back", ""), views)
        return Response("", 303, {"Location": f"{back}{'&' if '?' in back else '?'}{SAID}={number}", "Cache-Control": "no-store"})

    app.register_blueprint(blueprint)


def _url(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _back(wanted: str, views: tuple[View, ...]) -> str:
    """Where the form was; our own pages alone."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    fits = not parts.scheme and not parts.netloc and parts.path in {view.path for view in views}
    return _url(parts.path, dict(parse_qsl(parts.query))) if fits else "/"
