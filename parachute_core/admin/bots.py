"""The platforms' connectors: status, settings, start, stop, test."""

from quart import Blueprint, Response, jsonify, request

from parachute_core.admin.body import json_object
from parachute_core.admin.bots_openapi import OPENAPI as OPENAPI
from parachute_core.admin.changes import read_wish
from parachute_core.admin.errors import error_response, refuse
from parachute_core.admin.services import AdminServices
from parachute_core.admin.settings import Client, Settings
from parachute_core.admin.status import bots_status
from parachute_core.admin.view import view
from parachute_core.config.read import LoadedConfig
from parachute_core.model.decision import Decision, What
from parachute_core.model.errors import ConnectorError, NotConfigured
from parachute_core.store.unbroken import unbroken


def make_bots_blueprint(services: AdminServices) -> Blueprint:
    """The seven routes below `/bots` that are the core's own; pairing belongs to a plugin."""
    blueprint = Blueprint("bots", __name__, url_prefix="/bots")
    settings = Settings(services)
    fleet = services.fleet

    @blueprint.get("/status")
    async def status() -> dict[str, object]:
        return await bots_status(services)

    @blueprint.get("/config")
    async def shown() -> Response:
        return _config_response(settings.show(_client()), [])

    @blueprint.put("/config")
    async def change() -> Response:
        wish = read_wish(await json_object(), fleet.platforms(), services.config.models)
        client, if_match = _client(), _if_match()
        # A client that hangs up must not leave the file and the bot apart.
        warnings = await unbroken(settings.change(wish, client, if_match))
        return _config_response(settings.show(client), warnings)

    @blueprint.post("/<platform>/start")
    async def start(platform: str) -> dict[str, object]:
        _known(services, platform)
        await unbroken(fleet.start(platform))
        return {"success": True, "message": f"{platform} is starting"}

    @blueprint.post("/<platform>/stop")
    async def stop(platform: str) -> dict[str, object]:
        _known(services, platform)
        await unbroken(fleet.stop(platform))
        return {"success": True, "message": f"{platform} is stopped"}

    @blueprint.post("/<platform>/test")
    async def test(platform: str) -> dict[str, object] | Response:
        _known(services, platform)
        try:
            found = await fleet.test(platform)
        except NotConfigured:
            raise
        except ConnectorError as error:
            return _failed_test(services, platform, str(error) or type(error).__name__)
        services.register.note(Decision(What.CONNECTOR_TESTED, platform=platform, why="it answered"))
        return {"success": True, **found}

    return blueprint


def _known(services: AdminServices, platform: str) -> None:
    platforms = services.fleet.platforms()
    if platform not in platforms:
        refuse(400, f"unknown platform: {platform[:64]}; expected one of {', '.join(sorted(platforms))}")


def _failed_test(services: AdminServices, platform: str, text: str) -> Response:
    """A test that was made and did not succeed is no error of the request."""
    services.register.note(Decision(What.CONNECTOR_TESTED, platform=platform, why=f"it failed: {text}"))
    response = error_response(200, text)
    response.status_code = 200
    return response


def _config_response(loaded: LoadedConfig, warnings: list[str]) -> Response:
    response = jsonify({**view(loaded), **({"warnings": warnings} if warnings else {})})
    response.headers["ETag"] = f'"{loaded.revision}"'
    return response


def _client() -> Client:
    return request.remote_addr, request.headers.get("User-Agent")


def _if_match() -> frozenset[str]:
    """The revisions that the client names in `If-Match`; empty without the header."""
    named = request.headers.get("If-Match")
    if named is None:
        return frozenset()
    return frozenset(one.strip().removeprefix("W/").strip('"') for one in named.split(","))
