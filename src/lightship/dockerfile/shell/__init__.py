"""The shell inside RUN: which commands a text runs, and how they are joined."""
