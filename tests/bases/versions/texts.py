"""Versions as people write them, and made-up ones that are close to each other."""

import random

DEBIAN = """
1.0 1.0-1 1.0-1+deb12u1 1.0-1+deb12u10 1.0-1~bpo12+1 1.0~rc1-1 1.0~~-1 1:0.9-1 0:1.0-1 1.0+dfsg-1
1.0+dfsg2-1 2.36-9+deb12u4 2.36-9+deb12u10 2.36-9 3.0.11-1~deb12u2 3.0.17-1~deb12u2 5.2.15-2+b2
5.2.15-2+b7 1:2.35.2-2 1:9.2p1-2+deb12u2 1.34~git20200101-1 20230311 20230311+deb12u1 0-1 0-0 00-0
1-0 1 1- 1.0-1-1 1.0a 1.0A 1.0+ 1.0. 1.0.0 01.00 1.0-1.1 7.88.1-10+deb12u5 1.15.12 1.10 1.9 1.09
""".split()  # noqa: SIM905 - read more easily


def made(seed: int, count: int, letters: str) -> list[str]:
    """Versions from a small alphabet: many are equal or nearly so."""
    generator = random.Random(seed)  # noqa: S311 - test data, reproducible
    return sorted(
        {
            generator.choice("0123456789")
            + "".join(generator.choice(letters) for _ in range(generator.randrange(9)))
            for _ in range(count)
        }
    )
