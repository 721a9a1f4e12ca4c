"""A chat cannot spend more than its share of the bot."""
