"""Words: frozen records, the table of states, the error tree. Imports nothing of this project but the clock."""
