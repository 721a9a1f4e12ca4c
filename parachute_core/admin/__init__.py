"""The admin API: Quart below `/api`, served by uvicorn inside the bot's own event loop. One key, one host check, JSON throughout."""
