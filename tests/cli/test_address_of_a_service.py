"""What `bots.yaml` may say of a service: what cannot be used is one clear line, before anything is started."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from parachute_core.cli import main

CONFIG = "web: {{enabled: true}}\norchestrator: {{use: {use}, model: m, api_key: some-api-key, base_url: '{url}'}}\n"
NO_ADDRESSES = (
    "http://host:notaport",
    "http://host:99999",
    "http://[::bad",
    "https://☃.example",
    "https://a.example/v1?key=x",
    "https://a.example/#v1",
    "ftp://a.example",
    "",
)


def checked(home: Path, use: str, url: str) -> tuple[int, str]:
    (home / "bots.yaml").write_text(CONFIG.format(use=use, url=url))
    (home / "bots.yaml").chmod(0o600)
    done = CliRunner().invoke(main, ["check", "--home", str(home)], env={"NO_COLOR": "1"})
    return done.exit_code, done.stderr


@pytest.mark.parametrize("use", ["anthropic", "openai"])
@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_is_one_clear_line(tmp_path: Path, use: str, url: str) -> None:
    code, told = checked(tmp_path, use, url)
    (line,) = told.splitlines()
    assert code == 78
    assert line.startswith("error: bots.yaml:2:")
    assert "orchestrator.base_url: expected an address such as" in line


@pytest.mark.parametrize("use", ["anthropic", "openai"])
@pytest.mark.parametrize(
    "url", ["http://localhost:11434/v1", "https://xn--n3h.example/v1/", "http://[::1]:8000", "https://user:word@a_b.example"]
)
def test_an_address_is_taken_as_it_is(tmp_path: Path, use: str, url: str) -> None:
    assert checked(tmp_path, use, url) == (0, "")
