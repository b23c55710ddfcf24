"""The address that is served at: taken before anything heavy is imported, so that a taken one is told at once."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket

from colorization.errors import InputError


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that has the address but does not listen yet; raises InputError if it cannot have it."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise InputError(f"--host {host} is no address: {getattr(error, 'strerror', None) or error}") from error
    bound = socket.socket(family)
    if os.name == "posix":  # an address is free as soon as its server has ended; on Windows it would be two servers'
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"--port {port} is taken; give another one, or 0 for any that is free") from error
        raise InputError(f"--host {host} --port {port}: {os.strerror(error.errno)}") from error
    return bound


def is_local(bound: socket.socket) -> bool:
    """Return whether only this machine can reach the address."""
    return ipaddress.ip_address(bound.getsockname()[0].split("%")[0]).is_loopback


def url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
