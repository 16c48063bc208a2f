"""Dockerfiles with something to find, for tests of `lint` and `fix`."""

FIXABLE = b"""\
FROM debian:13-slim
RUN apt-get update && apt-get install -y --no-install-recommends git
CMD ["git"]
"""
FIXED = b"""\
FROM debian:13-slim
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
CMD ["git"]
"""
UNUSED = b"""\
FROM debian:13-slim AS forgotten
FROM debian:13-slim AS final
CMD ["true"]
"""
GOOD = b"""\
FROM debian:13-slim
CMD ["true"]
"""
