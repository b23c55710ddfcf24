"""`serve`: a page and an HTTP endpoint that colorize pictures."""

import importlib.util
import sys

from colorization.errors import InputError
from colorization.inference.bundled import bundled_model
from colorization.serving.address import bound_socket, is_local, url
from colorization.serving.chosen_models import named_models

NEEDED = ("gradio", "fastapi", "uvicorn")  # what serving/ imports of requirements-serve.txt


def run(request, console) -> int:
    """Serve until Ctrl-C or SIGTERM, which end it as they end every command.

    Raises:
        InputError: Gradio is not installed, the address cannot be had, there is no such model.
    """
    options = request.options
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(f"serve needs {missing[0]}: in the clone, run `{sys.executable} -m pip install '.[serve]'`")
    models = named_models(options.model or [bundled_model()])
    with bound_socket(options.host, options.port) as bound:
        console.say(f"loading {', '.join(map(str, models.values()))}; the page is there in some seconds")
        if not is_local(bound):
            console.warn(f"--host {options.host}: anyone who reaches this address may use it; nothing is encrypted")
        from colorization.serving import (
            server,  # the page's library takes seconds, which a taken port need not wait for
        )

        server.serve(models, options, bound, lambda: console.say(f"{url(bound)} (Ctrl-C ends it)"))
    return 0
