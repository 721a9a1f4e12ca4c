"""The plugin's tables, and the statements on them."""

from typing import Final

MIGRATIONS: Final = (
    # What each account stands at. What running turns hold is in it, so a crash leaves them charged.
    """
    CREATE TABLE budget_spent (
        period TEXT NOT NULL CHECK (period IN ('day', 'month')),
        start TEXT NOT NULL,
        per TEXT NOT NULL CHECK (per IN ('user', 'chat', 'all')),
        platform TEXT NOT NULL,
        id TEXT NOT NULL,
        turns INTEGER NOT NULL,
        tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        PRIMARY KEY (period, start, per, platform, id)
    ) WITHOUT ROWID
    """,
    # The turns that run, with what they hold, and the latest of those that were counted: one that is begun again is one turn.
    """
    CREATE TABLE budget_turns (
        number INTEGER PRIMARY KEY,
        platform TEXT NOT NULL,
        chat_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        day TEXT NOT NULL,
        month TEXT NOT NULL,
        running INTEGER NOT NULL CHECK (running IN (0, 1)),
        counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
        turns INTEGER NOT NULL,
        tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        told_tokens INTEGER NOT NULL DEFAULT 0,
        told_cost INTEGER NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX budget_turns_running ON budget_turns (number) WHERE running = 1",
    # What was said already, so that it is said once in a period.
    """
    CREATE TABLE budget_told (
        start TEXT NOT NULL,
        what TEXT NOT NULL,
        rule TEXT NOT NULL,
        platform TEXT NOT NULL,
        chat_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        PRIMARY KEY (start, what, rule, platform, chat_id, user_id)
    ) WITHOUT ROWID
    """,
)

ACCOUNTS: Final = """
    ('day', :day, 'user', :platform, :user_id), ('month', :month, 'user', :platform, :user_id),
    ('day', :day, 'chat', :platform, :chat_id), ('month', :month, 'chat', :platform, :chat_id),
    ('day', :day, 'all', '', ''), ('month', :month, 'all', '', '')"""

SPENT: Final = f"""
SELECT period, per, turns, tokens, cost FROM budget_spent
WHERE (period, start, per, platform, id) IN (VALUES {ACCOUNTS})"""  # noqa: S608 - nothing but the constant above

ADD: Final = f"""
INSERT INTO budget_spent (period, start, per, platform, id, turns, tokens, cost)
SELECT column1, column2, column3, column4, column5, :turns, :tokens, :cost FROM (VALUES {ACCOUNTS}) WHERE true
ON CONFLICT DO UPDATE SET turns = turns + excluded.turns, tokens = tokens + excluded.tokens, cost = cost + excluded.cost"""  # noqa: S608

BEGIN: Final = """
INSERT OR REPLACE INTO budget_turns (number, platform, chat_id, user_id, day, month, running, counted, turns, tokens, cost)
VALUES (:number, :platform, :chat_id, :user_id, :day, :month, 1, :counted, :turns, :tokens, :cost)"""

FIND: Final = "SELECT * FROM budget_turns WHERE number = :number"

HOLD: Final = """
UPDATE budget_turns SET tokens = :tokens, cost = :cost, told_tokens = :told_tokens, told_cost = :told_cost WHERE number = :number"""

END: Final = """
UPDATE budget_turns SET running = 0, counted = :counted, turns = 0, tokens = 0, cost = 0 WHERE number = :number"""

END_ALL: Final = "UPDATE budget_turns SET running = 0, counted = 1, turns = 0, tokens = 0, cost = 0 WHERE running = 1"

HELD: Final = """
SELECT COALESCE(SUM(turns), 0) AS turns, COALESCE(SUM(tokens), 0) AS tokens, COALESCE(SUM(cost), 0) AS cost
FROM budget_turns WHERE running = 1 AND CASE :period WHEN 'day' THEN day ELSE month END = :start
    AND (:per = 'all' OR platform = :platform AND CASE :per WHEN 'user' THEN user_id ELSE chat_id END = :id)"""

LARGEST: Final = """
SELECT platform, id, turns, tokens, cost FROM budget_spent WHERE period = :period AND start = :start AND per = :per
ORDER BY CASE :measure WHEN 'turns' THEN turns WHEN 'tokens' THEN tokens ELSE cost END DESC, platform, id LIMIT :most"""

TELL: Final = """
INSERT OR IGNORE INTO budget_told (start, what, rule, platform, chat_id, user_id)
VALUES (:start, :what, :rule, :platform, :chat_id, :user_id)"""

UNTELL: Final = """
DELETE FROM budget_told WHERE start = :start AND what = :what AND rule = :rule
    AND platform = :platform AND chat_id = :chat_id AND user_id = :user_id"""

# Not by age: a clock that was set years forward by mistake must not make the bot forget what was spent today.
PURGES: Final = (
    """
    DELETE FROM budget_spent WHERE period = 'day' AND start <> :day AND start NOT IN (
        SELECT DISTINCT start FROM budget_spent WHERE period = 'day' ORDER BY start DESC LIMIT 62)""",
    """
    DELETE FROM budget_spent WHERE period = 'month' AND start <> :month AND start NOT IN (
        SELECT DISTINCT start FROM budget_spent WHERE period = 'month' ORDER BY start DESC LIMIT 24)""",
    """
    DELETE FROM budget_told WHERE start NOT IN (:day, :month) AND start NOT IN (SELECT DISTINCT start FROM budget_spent)""",
    "DELETE FROM budget_turns WHERE running = 0 AND (counted = 0 OR number <= (SELECT MAX(number) FROM budget_turns) - 10000)",
)
