"""``python -m feedserver`` is the ``feedserver`` command."""

from feedserver.cli import main

if __name__ == "__main__":
    main()
