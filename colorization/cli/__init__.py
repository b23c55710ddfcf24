"""The command line: main.py runs a command, parser.py reads the words, one file a command; nothing else prints.

Each command has `run(request, console) -> exit status`. Only the heavy ones import TensorFlow.
"""

import os

# Read when numpy is imported. Pictures have threads of their own; those of BLAS find little to do in matrices as small
# as ours, and keep a core busy while they wait for more.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
