"""What turns speech into text. Each module has `Settings` (a pydantic model) and `make_transcriber(context) -> Transcriber`."""
