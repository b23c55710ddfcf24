"""The command line: main.py runs a command, parser.py reads the words, one file a command; nothing else prints.

Each command has `run(request, console) -> exit status`. Only the heavy ones import TensorFlow.
"""
