"""The owner hears of requests in a chat, and decides them there."""
