"""`python -m parachute_core`."""

from parachute_core.cli import main

main(prog_name="parachute-core")
