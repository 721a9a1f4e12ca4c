"""`parachute-core desk …`: who may see the owner's page of the bot that runs."""

import click

from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import result, table
from parachute_core.home import Home

API = ("api", "logins")


@click.group()
def desk() -> None:
    """Get to the owner's page, see which browsers are logged in to it, and log them out."""


@desk.command()
@home_option
@json_option
def link(home: Home, as_json: bool) -> None:
    """Print a link to the owner's page that logs in one browser, once, within 24 hours."""
    from parachute_core.cli.client import RunningBot, path_of

    bot = RunningBot(home)
    url = bot.url + str(bot.ask("POST", path_of(*API, "link"))["path"])
    result({"url": url}, as_json=as_json, text=url)


@desk.command()
@home_option
@json_option
def logins(home: Home, as_json: bool) -> None:
    """List the browsers that are logged in, newest first."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of(*API))
    rows = [
        (one["id"], one["made_at"][:16].replace("T", " "), one["seen_at"][:16].replace("T", " "), one["agent"]) for one in answer["logins"]
    ]
    text = table(("BROWSER", "SINCE (UTC)", "LAST USED (UTC)", "CALLS ITSELF"), rows) if rows else "no browser is logged in"
    result(answer, as_json=as_json, text=text)


@desk.command()
@home_option
@click.argument("browser", required=False)
@click.option("--all", "everywhere", is_flag=True, help="Log out every browser.")
@json_option
def logout(home: Home, browser: str | None, everywhere: bool, as_json: bool) -> None:
    """Log out BROWSER, by its id, or every one."""
    from parachute_core.cli.client import RunningBot, path_of

    if everywhere == bool(browser):  # an empty name is none: it does not mean all of them
        raise click.UsageError("name a browser, or give --all")
    answer = RunningBot(home).ask("DELETE", path_of(*API, *([browser] if browser else [])))
    result(answer, as_json=as_json, text=f"logged out: {answer['ended']}")
