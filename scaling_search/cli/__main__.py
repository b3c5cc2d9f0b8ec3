"""Runs the command line as ``python -m scaling_search.cli``."""

from scaling_search.cli import main

if __name__ == "__main__":
    main()
