"""How the Bot API says no."""


class Refused(Exception):
    """The Bot API answers with an error: status, `description`, and `parameters` (Bot API, "Making requests", ResponseParameters)."""

    def __init__(self, status: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters
