"""The agent spends no more than its budget."""
