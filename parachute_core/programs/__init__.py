"""Programs of the owner's, started by the bot: their settings, what they inherit, and that nothing of them is left."""
