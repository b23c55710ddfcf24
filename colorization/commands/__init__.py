"""One file a command, each with `run(request, console) -> exit status`: the only code that talks to the user."""
