"""Who hears of a turn while it is made."""

import logging

from parachute_core.engine.ledger import Ledger
from parachute_core.engine.tally import Tally
from parachute_core.engine.telling import Tell
from parachute_core.model.errors import StoreError
from parachute_core.model.turn_report import TurnReport, TurnStage
from parachute_core.store.usage import UsageBook

log = logging.getLogger(__name__)


class TurnReports:
    """The tally, the book of what was used, and the plugins, in this order."""

    def __init__(self, tally: Tally, book: UsageBook, ledger: Ledger, on_turn: Tell) -> None:
        self._tally = tally
        self._book = book
        self._ledger = ledger
        self._on_turn = on_turn

    async def tell(self, report: TurnReport) -> None:
        """Tell them of one step. That what was used cannot be written stops nothing; the log says so."""
        self._tally.told(report)
        used = self._book.add(report) if report.stage is TurnStage.USAGE else None
        if used is not None:
            try:
                await self._ledger.write(used)
            except StoreError as error:
                log.error("what a turn used could not be kept", extra={"session_id": report.session_id, "error": str(error)})
        await self._on_turn(report)
