"""The journey of a message, in the order in which a message meets these files: inbound, access, turn, reply, outbound."""
