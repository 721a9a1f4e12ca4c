"""Commands that have commands."""

import click
from typing_extensions import override


class ListUnlessTold(click.Group):
    """A group whose command is `list` where none is named."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See `click.Command.parse_args`."""
        of_list = not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names)
        return super().parse_args(ctx, ["list", *args] if of_list else args)
