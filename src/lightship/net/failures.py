"""What an exception of the libraries below means to a user.

Their texts are not passed on: they may quote URLs with their queries, and headers.
"""

from __future__ import annotations

import errno
import http.client
import os
import re
import socket
import ssl
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

from lightship.net.errors import RequestError
from lightship.net.heads import MalformedHeadError
from lightship.net.sockets import RefusedAddressError

if TYPE_CHECKING:
    from lightship.net.options import NetOptions
    from lightship.net.origins import Origin, Target
    from lightship.net.proxies import Proxy

TROUBLES = (HTTPError, http.client.HTTPException, OSError, ValueError)
"""What the libraries below raise for a connection that does not do."""

_TUNNEL = re.compile(r"Tunnel connection failed: ([1-9][0-9]{2})")
_NO_TLS = frozenset(
    (
        "WRONG_VERSION_NUMBER",
        "HTTP_REQUEST",
        "HTTPS_PROXY_REQUEST",
        "UNKNOWN_PROTOCOL",
        "RECORD_LAYER_FAILURE",
        "PACKET_LENGTH_TOO_LONG",
    )
)
# X509_V_ERR_... of OpenSSL's x509_vfy.h
_UNKNOWN_AUTHORITY = frozenset((2, 18, 19, 20, 21, 27))
_EXPIRED = frozenset((9, 10))
_OTHER_NAME = frozenset((62, 63, 64))


def connecting(
    problem: Exception, target: Target, proxy: Proxy | None, options: NetOptions
) -> RequestError:
    """Why there is no connection."""
    cause = _root(problem)
    if target.socket is not None:
        return RequestError(str(target), *_no_socket(cause))
    what, hint = _no_connection(cause, proxy.origin if proxy else target.origin, target, options)
    if proxy is not None:
        what = f"through the proxy {proxy.origin.netloc}: {what}"
    dropped = isinstance(cause, ssl.SSLEOFError | ConnectionResetError | BrokenPipeError)
    return RequestError(str(target), what, hint, passing=dropped)


def exchanging(problem: Exception, target: Target, options: NetOptions) -> RequestError:
    """Why there is no answer, or no whole one."""
    what, hint, passing = _no_answer(_root(problem), target, options)
    return RequestError(str(target), what, hint, passing=passing)


def _root(problem: BaseException) -> BaseException:
    while isinstance(problem, HTTPError) and problem.__cause__ is not None:
        problem = problem.__cause__
    return problem


def _no_socket(problem: BaseException) -> tuple[str, str]:
    running = "Is the engine running, and its socket there?"
    if isinstance(problem, FileNotFoundError):
        return "there is no such socket", running
    if isinstance(problem, PermissionError):
        return "permission denied", "Ask for access to the engine's socket, or run it rootless."
    if isinstance(problem, ConnectionRefusedError):
        return "nobody listens at the socket", running
    if isinstance(problem, TimeoutError | BlockingIOError):  # the latter for a full backlog
        return "the socket does not answer", running
    return f"no connection ({_reason(problem)})", running


def _no_connection(
    problem: BaseException, origin: Origin, target: Target, options: NetOptions
) -> tuple[str, str]:
    if isinstance(problem, RefusedAddressError):
        return f"a redirect leads to {problem}", "It is not followed; the server is at fault."
    if isinstance(problem, ssl.SSLError | CertificateError):
        return _no_trust(problem, target)
    if isinstance(problem, socket.gaierror | UnicodeError):
        return (
            f"the name {origin.host} cannot be resolved",
            "Check its spelling and this machine's network.",
        )
    if isinstance(problem, TimeoutError):
        return (
            f"no connection within {options.connect_seconds:g} s",
            "Check the host, the port, and proxies.",
        )
    if isinstance(problem, ConnectionResetError | BrokenPipeError):
        return "the connection was dropped", "Try again later."
    if isinstance(problem, ConnectionRefusedError):
        return "the connection was refused", "Check the host and the port, and that it is running."
    if isinstance(problem, OSError):
        if tunnel := _TUNNEL.match(str(problem)):
            return (
                f"the proxy answers {tunnel[1]} instead of letting us through",
                "Check the proxy variables, and NO_PROXY for hosts that need none.",
            )
        return f"no connection ({_reason(problem)})", "Check the host, the port, and proxies."
    return "no connection", "Check the host, the port, and proxies."


def _no_trust(problem: ssl.SSLError | CertificateError, target: Target) -> tuple[str, str]:
    origin = target.origin
    if isinstance(problem, CertificateError):
        code = 62
    elif isinstance(problem, ssl.SSLCertVerificationError):
        code = problem.verify_code
    elif isinstance(problem, ssl.SSLEOFError) or not problem.reason:
        # Without a reason it is the connection that failed, and not TLS.
        return (
            "the server broke off before there was TLS",
            f"If it speaks none and is to be spoken to so, say `--plain-http {origin.netloc}`.",
        )
    elif problem.reason in _NO_TLS:
        return (
            "the server does not speak TLS",
            f"If it is to be spoken to in the clear, say `--plain-http {origin.netloc}`.",
        )
    else:
        return f"no TLS with the server ({_tls_reason(problem)})", _certificates_hint(target)
    if code in _EXPIRED:
        return "its certificate has expired or is not valid yet", "Check this machine's clock too."
    if code in _OTHER_NAME:
        return (
            f"its certificate is not for {origin.host}",
            "Use the name that the certificate is for.",
        )
    if code in _UNKNOWN_AUTHORITY:
        return (
            "its certificate is of an authority that is not trusted here",
            "Name that authority's certificate with `--ca-file FILE`.",
        )
    return f"its certificate is not valid ({code})", "Tell whoever runs the server."


def _no_answer(
    problem: BaseException, target: Target, options: NetOptions
) -> tuple[str, str, bool]:
    if isinstance(problem, TimeoutError):
        what = f"the server sent nothing for {options.stall_seconds:g} s"
        return what, "Try again later.", True
    if isinstance(problem, MalformedHeadError):
        return f"the server's answer is not HTTP: {problem}", "", False
    if isinstance(problem, http.client.LineTooLong):
        return "the server's answer is not HTTP: a line of it is too long", "", False
    if isinstance(problem, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return "the server broke off the connection", "Try again later.", True
    if isinstance(problem, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionError):
        return "the server broke off the connection", "Try again later.", True
    if isinstance(problem, ssl.SSLError):
        # In TLS 1.3 a refused client certificate shows only here.
        return f"no TLS with the server ({_tls_reason(problem)})", _certificates_hint(target), False
    if isinstance(problem, http.client.BadStatusLine | http.client.UnknownProtocol):
        hint = "It may speak TLS only." if target.origin.scheme == "http" else ""
        return "the server's answer is not HTTP", hint, False
    if isinstance(problem, http.client.HTTPException):
        return "the server's answer is not HTTP: it has too many headers", "", False
    if isinstance(problem, OSError):
        return f"the connection broke ({_reason(problem)})", "Try again later.", True
    return "the server's answer is not HTTP", "", False


def _certificates_hint(target: Target) -> str:
    return (
        "If it asks for a client certificate, put it where Docker has it:"
        f" /etc/docker/certs.d/{target.origin.netloc}/client.cert and client.key."
    )


def _tls_reason(problem: ssl.SSLError) -> str:
    return (problem.reason or "handshake failed").replace("_", " ").lower()


def _reason(problem: BaseException) -> str:
    number = problem.errno if isinstance(problem, OSError) else None
    if number in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return "there is no way to that host"
    if number:
        return os.strerror(number)
    # The one text without a number that tells more than its type.
    return str(problem) if str(problem) == "AF_UNIX path too long" else "it failed"
