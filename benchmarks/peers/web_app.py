"""A Quart app with the one route that is measured, for hypercorn."""

from quart import Quart

app = Quart(__name__)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}
