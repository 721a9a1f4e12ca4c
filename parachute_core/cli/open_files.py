"""How many files this process may hold open: each visitor of the web chat is one."""

import resource

ENOUGH = 16_384


def allow_many() -> None:
    """As many as the system lets us have, up to `ENOUGH`; many systems start with 1,024 for the sake of very old programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
