"""Strangers ask to talk to the bot; its owner approves, denies or revokes; what nobody answers expires."""
