"""The homeserver that the trials of Matrix run on."""

from tests.homeserver import homeserver as homeserver
