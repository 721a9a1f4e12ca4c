"""Files that people sent: getFile, and where they are downloaded."""

import itertools
from collections.abc import Mapping
from typing import Any

from parachute_core.testing.http import Answer, Request
from parachute_core.testing.telegram.refusals import Refused

LARGEST = 20 * 1024 * 1024
"""Bytes that a bot may download (Bot API, getFile)."""


class Files:
    """What is kept, by file_id."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.hides_sizes = False
        """Leave file_size out of the answer, as the Bot API may (File.file_size is optional), and give out any size."""
        self._numbers = itertools.count(1)

    def add(self, content: bytes) -> str:
        """Keep a file; returns its file_id."""
        file_id = f"file{next(self._numbers)}"
        self.kept[file_id] = content
        return file_id

    async def get_file(self, asked: Mapping[str, str]) -> Any:
        """A file_path below `/file/bot<token>/` (Bot API, getFile); 400 for an unknown id and above 20 MB (observed)."""
        file_id = asked.get("file_id", "")
        content = self.kept.get(file_id)
        if content is None:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(content) > LARGEST and not self.hides_sizes:
            raise Refused(400, "Bad Request: file is too big")
        size = {} if self.hides_sizes else {"file_size": len(content)}
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_path": f"voice/{file_id}", **size}

    def answer(self, request: Request) -> Answer:
        """A download; 404 for a path that is not there (observed)."""
        content = self.kept.get(request.params["name"])
        if content is None:
            return 404, {}, {"ok": False, "error_code": 404, "description": "Not Found"}
        return 200, {}, content
