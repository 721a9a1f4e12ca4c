"""The admin app: guard, key, routes of core and plugins, the web chat's page and the owner's."""

import logging
import traceback
from typing import Any

from quart import Quart, Response, request
from typing_extensions import override

from parachute_core.admin import activity, audit, bots, deliveries, health, logins, people, plugins, reload, sessions, usage
from parachute_core.admin.auth import install_auth, make_check
from parachute_core.admin.body import BODY_WITHIN
from parachute_core.admin.chat import chat_blueprint
from parachute_core.admin.desk.pages import install_desk
from parachute_core.admin.errors import error_response, install_error_handlers
from parachute_core.admin.guard import install_guard, make_guard
from parachute_core.admin.headers import install_headers
from parachute_core.admin.metrics import Metrics, add_metrics_route
from parachute_core.admin.openapi import Description
from parachute_core.admin.redaction import install_redaction
from parachute_core.admin.routes import mount, mount_plugins
from parachute_core.admin.services import AdminServices
from parachute_core.admin.webhook import LARGEST_DELIVERY, BoundedRequest, add_webhook_routes, is_delivery

LARGEST_BODY = 64 * 1024
"""Bytes of a request body that are read."""
TOO_LARGE = "the request body is too large: at most {} bytes"

log = logging.getLogger(__name__)


class AdminApp(Quart):
    """A Quart app that logs an unhandled error without what its text may carry."""

    request_class = BoundedRequest

    @override
    def log_exception(self, exception_info: Any) -> None:
        """The class of the error and where it arose; the traceback at DEBUG alone, since texts of errors may quote messages."""
        kind, error, trace = exception_info
        frames = traceback.extract_tb(trace)
        where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None
        log.error("unhandled error in the admin app", extra={"error": getattr(kind, "__name__", None), "where": where})
        log.debug("unhandled error in the admin app", exc_info=error)


def make_app(services: AdminServices, metrics: Metrics | None = None) -> Quart:
    """The app, ready to be served. `metrics` None: what shows them is not installed.

    Raises `PluginError` where a plugin's routes cannot be had.
    """
    app = AdminApp(__name__, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        BODY_TIMEOUT=BODY_WITHIN,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        PROPAGATE_EXCEPTIONS=False,
    )
    # A URL means one thing: no redirects between spellings of it, which a check of the path might see differently.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = False

    install_error_handlers(app)
    guard = make_guard(services)
    install_guard(app, guard)
    install_auth(app, make_check(services))
    _install_body_limit(app)
    # Quart runs these in reverse: the redaction sees the response last.
    install_redaction(app, services.redactor)
    install_headers(app)

    health.add_health_routes(app, services)
    add_metrics_route(app, metrics)
    add_webhook_routes(app, services)
    app.register_blueprint(chat_blueprint(lambda: services.fleet.live("web")))
    mount(app, bots.make_bots_blueprint(services))
    mount(app, reload.make_reload_blueprint(services))
    mount(app, plugins.make_plugins_blueprint(services))
    mount(app, sessions.make_sessions_blueprint(services))
    mount(app, usage.make_usage_blueprint(services))
    mount(app, deliveries.make_deliveries_blueprint(services))
    mount(app, audit.make_audit_blueprint(services))
    mount(app, logins.make_logins_blueprint(services))
    mount(app, people.make_people_blueprint(services))
    mount(app, activity.make_activity_blueprint(services))
    description = Description(app)
    mounted = mount_plugins(app, services.hooks)
    install_desk(app, services, guard)

    described = [one.OPENAPI for one in (health, bots, reload, plugins, sessions, usage, deliveries, audit, logins, people, activity)]
    description.publish([*described, *(getattr(one, "openapi", {}) for one in mounted)])
    return app


def _install_body_limit(app: Quart) -> None:
    @app.before_request
    async def check_length() -> Response | None:
        # Quart refuses a body as it is read; this also refuses one that a route would not have looked at.
        length, most = request.content_length, LARGEST_DELIVERY if is_delivery(request) else LARGEST_BODY
        return error_response(413, TOO_LARGE.format(most)) if length is not None and length > most else None
