"""Packages of npm that link to libraries of the system or start programs, and what programs build.

As of November 2026, from the packages' documentation. Libraries are named by Debian's development
packages, which runtime_libraries.toml knows.
"""

from __future__ import annotations

LINKED: dict[str, tuple[str, ...]] = {
    "kerberos": ("libkrb5-dev",),
    "libpq": ("libpq-dev",),
    "libxmljs": ("libxml2-dev",),
    "odbc": ("unixodbc-dev",),
    "pg-native": ("libpq-dev",),
}
# Debian's packages of programs that they start, and of libraries that they look for by name.
CALLS: dict[str, tuple[str, ...]] = {
    "@prisma/client": ("openssl",),
    "gm": ("imagemagick",),
    "imagemagick": ("imagemagick",),
    "prisma": ("openssl",),
    "simple-git": ("git",),
}
# Need more of a system than can be said.
UNKNOWN_NEEDS = frozenset(
    """
    canvas electron ibm_db node-rdkafka nodegit oracledb phantomjs playwright playwright-core
    puppeteer
    """.split()  # noqa: SIM905 - one to a line is a page
)
# Programs and the packages that have them, where the names differ.
PACKAGE_OF = {
    "medusa": "@medusajs/medusa",
    "nest": "@nestjs/cli",
    "ng": "@angular/cli",
    "remix-serve": "@remix-run/serve",
    "sequelize": "sequelize-cli",
    "strapi": "@strapi/strapi",
    "tsc": "typescript",
    "vue-cli-service": "@vue/cli-service",
}
# Build, or watch sources, when they run.
BUILD_WHEN_RUN = frozenset(
    """
    babel-node bun esbuild gatsby gulp grunt nest ng nodemon nuxi parcel react-scripts rollup swc
    ts-node ts-node-dev tsc tsc-watch tsx vite vue-cli-service webpack webpack-dev-server turbo nx
    """.split()  # noqa: SIM905 - one to a line is a page
)
# Programs that serve a folder, and their options that take the next word.
SERVERS: dict[str, tuple[str, ...]] = {
    "http-server": ("-p", "-a", "-c", "-e", "-P", "-C", "-K", "--port"),
    "serve": ("-l", "-p", "-c", "-L", "--listen", "--port", "--config"),
}
# Global installations that only build.
BUILDERS = frozenset(
    """
    typescript @angular/cli @vue/cli @nestjs/cli gulp gulp-cli grunt grunt-cli bower webpack
    webpack-cli node-gyp create-react-app lerna turbo nx parcel rollup vite esbuild node-pre-gyp
    """.split()  # noqa: SIM905 - likewise
)
# Global installations that are package managers: needed where the command starts one.
MANAGERS = frozenset(("npm", "pnpm", "yarn", "corepack", "npm-check-updates"))
