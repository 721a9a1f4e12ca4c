"""A process in which contestants of one environment run: reads a line of JSON, runs that case, writes what it gave.

usage: worker.py MODULE, in which CASES names functions; a coroutine is awaited, on a loop that lives as long as the process.
"""

import asyncio
import gc
import inspect
import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def main() -> None:
    """Answer until there are no more questions."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints is no answer
    cases: dict[str, Callable[..., Any]] = import_module(sys.argv[1]).CASES
    with asyncio.Runner() as runner:

        async def awaited(work: Any) -> Any:
            return await work

        runner.get_loop()
        for line in sys.stdin:
            asked = json.loads(line)
            gc.collect()
            got = cases[asked["case"]](**asked["arguments"])
            if inspect.isawaitable(got):
                got = runner.run(awaited(got))
            answers.write(json.dumps(got) + "\n")
        answers.flush()
        os._exit(0)  # threads that a library left behind do not matter


if __name__ == "__main__":
    main()
