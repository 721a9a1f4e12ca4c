"""Commands that have commands."""

import click
from typing_extensions import override


class ListUnlessTold(click.Group):
    """A group whose command is `list` where none is named."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See `click.Command.parse_args`."""
        named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])
