"""Who can reach the address that is served at."""

from types import SimpleNamespace

import pytest

from colorization.errors import InputError
from colorization.serving.address import bound_socket, is_local, url


@pytest.mark.parametrize(("host", "local"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False)])
def test_only_addresses_of_this_machine_are_local(host, local):
    with bound_socket(host, 0) as bound:
        assert is_local(bound) == local
        assert url(bound).startswith("http://")


def test_an_address_of_the_newer_kind_is_written_in_brackets():
    bound = SimpleNamespace(getsockname=lambda: ("::1", 7860, 0, 0))  # not every machine has one
    assert is_local(bound)
    assert url(bound) == "http://[::1]:7860"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "300.1.1.1", "a b"])
def test_what_is_no_address_is_told(host):
    with pytest.raises(InputError, match=f"--host {host} is no address: "):
        bound_socket(host, 0)
