"""What answers. Each module has `Settings` (a pydantic model) and `make_orchestrator(context) -> Orchestrator`."""
