# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m wifirelay`."""

import sys

from wifirelay.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
