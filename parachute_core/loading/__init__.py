"""Load for a bot's web chat: visitors with WebSockets of their own, what they say, and what they read."""
