"""`python -m ecgclip`: the command line."""

import sys

from ecgclip.cli import main

if __name__ == "__main__":
    sys.exit(main())
