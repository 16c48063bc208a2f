"""Known vulnerabilities of packages, from files and services of several kinds."""
