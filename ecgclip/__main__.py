"""`python -m ecgclip`: the command line."""

from ecgclip.cli import program

if __name__ == "__main__":
    program()
