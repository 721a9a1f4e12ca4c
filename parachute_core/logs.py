"""The process's log: one handler on stderr, text or JSON, every finished line cleared of secrets."""

import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from typing_extensions import override

from parachute_core.correlation import concerned
from parachute_core.model.redaction import Redactor

OURS = "parachute_core"
NOISY = (
    *("aiosqlite", "anthropic", "hikari", "httpcore", "httpcore2", "httpx", "httpx2", "hypercorn", "nio", "openai", "quart", "telegram"),
    *("uvicorn", "websockets", "wsproto"),
)
"""Libraries that log URLs with tokens in them, whole requests or each statement; only their warnings are wanted."""
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
"""What every record has; the rest are fields that our own code added with `extra`."""


def configure(stream: TextIO, *, form: str, level: str, redactor: Redactor) -> None:
    """Log to `stream` as `form` ("text" or "json") from `level` on, in place of whatever was set up before.

    `level` is for the bot's own loggers; libraries are heard from INFO on at most, the noisy ones from WARNING on. Warnings and what
    nobody caught in any thread go the same way, so that no traceback passes around the redactor.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Redacting(_json_formatter(redactor) if form == "json" else TextFormatter(), redactor))
    handler.addFilter(correlate)
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    wanted = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(wanted, logging.INFO))
    logging.getLogger(OURS).setLevel(wanted)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(wanted, logging.WARNING))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda lost: _uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)
    threading.excepthook = lambda lost: _uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)


def correlate(record: logging.LogRecord) -> bool:
    """Give a record the facts that its task is about; what it says itself counts more. True: every record is kept."""
    for name, value in concerned().items():
        vars(record).setdefault(name, value)
    return True


class Redacting(logging.Formatter):
    """Passes whatever another formatter makes of a record, traceback included, through the redactor."""

    def __init__(self, inner: logging.Formatter, redactor: Redactor) -> None:
        super().__init__()
        self._inner = inner
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        return self._redactor(self._inner.format(record))


class TextFormatter(logging.Formatter):
    """`2026-01-31T12:00:00.000Z INFO parachute_core.engine: text field=value`, then the traceback if there is one."""

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        """The first line. Control characters are escaped, so that nobody's name or id can pretend to be another line."""
        fields = "".join(f" {name}={value!s}" for name, value in added(record).items())
        return f"{moment(record.created)} {record.levelname} {record.name}: {visible(record.message + fields)}"


def moment(created: float) -> str:
    """A record's time, UTC, to the millisecond."""
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def added(record: logging.LogRecord) -> dict[str, Any]:
    """The fields that came with `extra`."""
    return {name: value for name, value in vars(record).items() if name not in STANDARD}


def visible(text: str) -> str:
    """`text` with everything that does not print escaped: line ends, terminal controls, invisible direction marks."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _json_formatter(redactor: Redactor) -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter

    class Cleared(JsonFormatter):
        """Redacts the values too: in the finished line a secret may be spelt with escapes."""

        def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
            log_data["at"] = moment(record.created)
            super().add_fields(log_data, record, message_dict)

        @override
        def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
            return {name: _cleared(value, redactor) for name, value in log_data.items()}

    return Cleared(
        "%(levelname)s %(name)s %(message)s",
        rename_fields={"levelname": "level", "name": "logger"},
        json_ensure_ascii=False,
    )


def _cleared(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor(value)
    if isinstance(value, Mapping):
        return {str(name): _cleared(one, redactor) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleared(one, redactor) for one in value]
    return value if isinstance(value, int | float | bool | None) else redactor(str(value))


def _uncaught(kind: type[BaseException], error: BaseException | None, traceback: Any) -> None:
    if error is not None and not issubclass(kind, SystemExit):
        logging.getLogger(OURS).critical("an error was not caught", exc_info=(kind, error, traceback))
