"""A heavy command that does not end in order after a signal, because no Python runs, is ended all the same."""

import signal
import subprocess
import sys

import pytest

COMMAND = """
import atexit, hashlib, signal, sys, time
from colorization.cli import main
from colorization.cli.console import Console
from colorization.cli.deadline import Deadline

def work(console):
    console.how_to_go_on = "stopped; go on"
    with Deadline(console):
        {work}
    return 0

main._run = lambda request, console: work(console)
sys.exit(main.main(["prepare", "--dataset", "samples"]))
"""
STEP = (
    'print("begun", flush=True); hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)'  # minutes without a signal heard
)
END = 'atexit.register(hashlib.pbkdf2_hmac, "sha256", b"", b"", 2**31 - 1); print("begun", flush=True); time.sleep(600)'


@pytest.mark.parametrize("work", [STEP, END], ids=["a long step", "a long end of Python"])
@pytest.mark.parametrize(("sent", "status", "name"), [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")])
def test_a_signal_ends_what_does_not_hear_it(work, sent, status, name):
    command = [sys.executable, "-c", COMMAND.format(work=work)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (status, "stopped; go on\n", f"stopped by {name}\n")


def test_an_ended_command_leaves_signals_as_they_were():
    command = COMMAND.format(work="pass").replace("return 0", "assert signal.set_wakeup_fd(-1) == -1; return 0")
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
