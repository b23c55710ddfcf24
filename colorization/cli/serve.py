"""`serve`: a page and an HTTP endpoint that colorize pictures."""

from colorization.inference.bundled import bundled_model
from colorization.serving.address import bound_socket, is_local, url
from colorization.serving.chosen_models import named_models


def run(request, console) -> int:
    """Serve until Ctrl-C or SIGTERM, which end it as they end every command.

    Raises:
        InputError: the address cannot be had, there is no such model.
    """
    options = request.options
    models = named_models(options.model or [bundled_model()])
    with bound_socket(options.host, options.port) as bound:
        if not is_local(bound):
            console.warn(f"--host {options.host}: anyone who reaches this address may use it; nothing is encrypted")
        from colorization.serving import server  # a taken port is told before its libraries are imported

        address = url(bound) + server.prefix(options.root_path)
        server.serve(models, options, bound, lambda: console.say(f"{address} (Ctrl-C ends it)"))
    return 0
