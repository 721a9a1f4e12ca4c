"""The route as the admin API describes it at `/api/openapi.json`. Statuses that any route may answer are added there."""

from typing import Any, Final

AMOUNT: Final = {"type": "number", "minimum": 0}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties}


ACCOUNT: Final = _object(
    platform={"type": ["string", "null"], "description": "null: the account of all"},
    id={"type": ["string", "null"], "description": "The platform's id of the user or chat; null: the account of all"},
    spent=AMOUNT,
    reserved={**AMOUNT, "description": "What turns that run now are taken to cost"},
)
BUDGET: Final = _object(
    per={"enum": ["user", "chat", "all"]},
    period={"enum": ["day", "month"]},
    measure={"enum": ["turns", "tokens", "money"]},
    limit=AMOUNT,
    start={"type": "string", "description": "The day or month that runs: `2026-03-29`, `2026-03`"},
    next_start={"type": "string", "format": "date-time"},
    accounts={"type": "array", "items": ACCOUNT, "maxItems": 100, "description": "Those that spent most; who spent nothing is not listed"},
)
OPENAPI: Final[dict[str, Any]] = {
    "paths": {
        "/budget": {
            "get": {
                "summary": "The budgets, and what is spent of them in the day or month that runs",
                "responses": {
                    "200": {
                        "description": "The budgets; money is in whole units of the currency",
                        "content": {
                            "application/json": {
                                "schema": _object(
                                    timezone={"type": "string"},
                                    currency={"type": ["string", "null"], "description": "null: no prices are set"},
                                    budgets={"type": "array", "items": {"$ref": "#/components/schemas/Budget"}},
                                )
                            }
                        },
                    }
                },
            }
        }
    },
    "schemas": {"Budget": BUDGET},
}
