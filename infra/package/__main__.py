"""`python -m infra.package [--python-version 3.13] [--to FILE]`: make the deployment package, say how large it is."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.package.build import build
from infra.package.target import DEFAULT, ROOT, PackageError, Target


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 1 with a sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__)
    parser.add_argument("--python-version", default=DEFAULT, help=f"the Python that runs it in Azure ({DEFAULT})")
    parser.add_argument("--to", type=Path, help="the zip (dist/severa-calendar-sync-VERSION.zip)")
    options = parser.parse_args(arguments)
    to = options.to or ROOT / "dist" / f"severa-calendar-sync-{options.python_version}.zip"
    try:
        built = build(Target(options.python_version), to)
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    content = to.read_bytes()
    print(f"everything that is installed  {built.whole}")
    print(f"without what is never loaded  {built.pruned}")
    print(f"with bytecode                 {built.compiled}")
    print(f"the zip                       {len(content) / 1e6:.1f} MB  {to}")
    print(f"sha256                        {hashlib.sha256(content).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
