"""The one entry: `python main.py COMMAND ...`, and `python main.py --model unet` trains."""

import sys

from colorization.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
