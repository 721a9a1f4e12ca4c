"""Headers on every response that keep a browser from misusing it."""

from quart import Quart, Response, request

from parachute_core.admin.auth import is_protected

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FRAMES = "frame-ancestors 'none'"


def install_headers(app: Quart) -> None:
    """Set them unless a route set its own."""

    @app.after_request
    async def add_headers(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if not any("frame-ancestors" in policy for policy in response.headers.getlist("Content-Security-Policy")):
            response.headers.add("Content-Security-Policy", FRAMES)  # a further policy only ever adds restrictions
        if is_protected(request.path):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
