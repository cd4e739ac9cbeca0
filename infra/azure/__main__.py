"""`python -m infra.azure`: check the Bicep as far as that goes without Azure; 1 when there is any offence."""

from __future__ import annotations

import sys
from pathlib import Path

from infra.azure.check import offences
from infra.azure.template import FOLDER


def main() -> int:
    """Print the offences; of another folder where one is named."""
    found = list(offences(Path(sys.argv[1]) if sys.argv[1:] else FOLDER))
    for offence in found:
        print(offence)
    print(f"The Bicep: {len(found)} offences." if found else "The Bicep: read, and in itself consistent.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
