"""Every error is a JSON object with `success: false`, `error` and `detail`. What an exception says reaches no client unless it is ours."""

import logging
from collections.abc import Callable, Mapping
from typing import NoReturn

from quart import Quart, Response, jsonify
from werkzeug.exceptions import HTTPException, default_exceptions

from parachute_core.model.errors import (
    AlreadyRunning,
    ConfigError,
    ConnectorError,
    InvalidTransition,
    NotConfigured,
    ParachuteError,
    PluginError,
    PluginRequired,
    StoreError,
    Undecidable,
    UnknownDelivery,
    UnknownPlatform,
)

LONGEST_TEXT = 2000
"""Characters of an error's text that a client gets."""

INTERNAL = "internal error; the log has more"
TEXTS: Mapping[int, str] = {
    400: "bad request",
    404: "not found",
    405: "method not allowed",
    408: "the request body did not come in time",
    413: "the request body is too large",
    500: INTERNAL,
}

log = logging.getLogger(__name__)


class ApiError(Exception):
    """Ends a request with this status and text; raised by routes."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def refuse(status: int, text: str) -> NoReturn:
    """End the request with an error. The text is shown to the client."""
    raise ApiError(status, text)


def error_object(text: str) -> dict[str, object]:
    """What a client reads of an error."""
    shown = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    return {"success": False, "error": shown, "detail": shown}


def error_response(status: int, text: str, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """The error object as a response; for hooks of the app, which answer instead of raising."""
    response = jsonify({**error_object(text), **more})
    response.status_code = status
    response.headers.update(headers or {})
    return response


def install_error_handlers(app: Quart) -> None:
    """Make each way in which a request can fail answer the error object, for plugins' routes too."""
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(HTTPException, _http_error)
    for kind, status in STATUSES.items():
        app.register_error_handler(kind, _own_error(status))
    for kind in (PluginError, StoreError, ParachuteError):
        app.register_error_handler(kind, _hidden_error)


STATUSES: Mapping[type[ParachuteError], int] = {
    UnknownPlatform: 400,
    NotConfigured: 400,
    AlreadyRunning: 409,
    InvalidTransition: 409,
    ConfigError: 422,
    PluginRequired: 409,
    ConnectorError: 502,
    UnknownDelivery: 404,
    Undecidable: 409,
}
"""Errors whose text was written for whoever asked."""


def _api_error(error: ApiError) -> Response:
    return error_response(error.status, error.text)


def _own_error(status: int) -> Callable[[Exception], Response]:
    def handler(error: Exception) -> Response:
        return error_response(status, str(error))

    return handler


def _hidden_error(error: Exception) -> Response:
    """The text of these may carry another library's or a plugin's words: they go to the log alone."""
    log.error("a request failed", extra={"error": type(error).__name__})
    log.debug("a request failed", exc_info=error)
    if isinstance(error, StoreError):
        return error_response(503, "the database cannot be used; the log has more")
    if isinstance(error, PluginError):
        return error_response(500, f"plugin {error.plugin} failed; the log has more")
    return error_response(500, INTERNAL)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    standard = default_exceptions.get(status, HTTPException).description
    # A description of a route's own is meant for the client; the library's are prose about HTML pages.
    text = error.description if error.description and error.description != standard and status < 500 else None
    headers = {name: value for name, value in error.get_headers() if name.lower() in ("allow", "retry-after", "www-authenticate")}
    return error_response(status, text or TEXTS.get(status) or error.name.lower(), headers)
