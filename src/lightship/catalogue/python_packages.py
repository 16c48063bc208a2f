"""Python distributions whose extensions link to libraries of the system, or that call programs.

As of November 2026, from their documentation and their wheels on PyPI. Names are normalized (PEP
503). Libraries are named by Debian's development packages, which runtime_libraries.toml knows.
"""

from __future__ import annotations

# Have no wheels, or load a library by its name.
LINKED: dict[str, tuple[str, ...]] = {
    "cairocffi": ("libcairo2-dev",),
    "cairosvg": ("libcairo2-dev",),
    "dbus-python": ("libdbus-1-dev", "libglib2.0-dev"),
    "gdal": ("libgdal-dev",),
    "lightgbm": ("openmp",),
    "m2crypto": ("libssl-dev",),
    "mod-wsgi": ("apache2-dev",),
    "mysqlclient": ("default-libmysqlclient-dev",),
    "opencv-contrib-python": ("libglib2.0-dev",),
    "opencv-python": ("libglib2.0-dev",),
    "psycopg-c": ("libpq-dev",),
    "psycopg2": ("libpq-dev",),
    "pycairo": ("libcairo2-dev",),
    "pycurl": ("libcurl4-openssl-dev",),
    "pygobject": ("libgirepository1.0-dev",),
    "pygraphviz": ("libgraphviz-dev",),
    "pylibmc": ("libmemcached-dev",),
    "pyodbc": ("unixodbc-dev",),
    "python-ldap": ("libldap2-dev", "libsasl2-dev"),
    "python-magic": ("libmagic-dev",),
    "python-snappy": ("libsnappy-dev",),
    "uwsgi": ("libxml2-dev", "libpcre2-dev", "libpcre3-dev"),
    "wand": ("libmagickwand-dev",),
    "weasyprint": ("libpango1.0-dev",),
    "xmlsec": ("libxmlsec1-dev",),
}
# Have wheels with all in them; a version from before those of a new Python is compiled.
COMPILED_WHEN_OLD: dict[str, tuple[str, ...]] = {
    "cffi": ("libffi-dev",),
    "cryptography": ("libssl-dev", "libffi-dev"),
    "h5py": ("libhdf5-dev",),
    "lxml": ("libxml2-dev", "libxslt1-dev"),
    "pillow": ("libjpeg-dev", "libtiff-dev", "zlib1g-dev"),
    "psycopg2-binary": ("libpq-dev",),
    "pyzmq": ("libzmq3-dev",),
    "pyyaml": ("libyaml-dev",),
    "tables": ("libhdf5-dev",),
}
# Start programs that small images lack: their packages.
CALLS: dict[str, str] = {
    "dvc": "git",
    "gitpython": "git",
    "mercurial": "mercurial",
    "pre-commit": "git",
}
# Compile when they run.
COMPILES = frozenset(
    (
        "aesara",
        "brian2",
        "cmdstanpy",
        "deepspeed",
        "pymc",
        "pystan",
        "pytensor",
        "pythran",
        "theano",
        "triton",
        "vllm",
    )
)
# Put files beside site-packages that they need: into share and etc.
SHARED_DATA = frozenset(
    ("ipykernel", "ipywidgets", "jupyter", "jupyterhub", "jupyterlab", "notebook", "voila")
)
