# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m wifirelay`, and what the command `wifirelay` starts."""

import sys

from wifirelay import __version__


def main() -> int:
    """The command line; `--version` alone is answered without loading anything."""
    if sys.argv[1:] == ["--version"]:
        print(f"wifirelay {__version__}")
        return 0
    from wifirelay.lazily import import_lazily

    import_lazily()
    from wifirelay.cli.main import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
