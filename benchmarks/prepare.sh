#!/bin/sh
# An environment for the benchmarks, .bench: it holds what they are measured against, which the service never needs.
set -eu
cd "$(dirname "$0")/.."
stamp=$(cat requirements.txt requirements-dev.txt benchmarks/requirements.txt | cksum)
[ -f .bench/.stamp ] && [ "$(cat .bench/.stamp)" = "$stamp" ] && exit 0
.venv/bin/python -m venv --clear .bench
.bench/bin/python -m pip --quiet --disable-pip-version-check install -r benchmarks/requirements.txt
printf '%s' "$stamp" > .bench/.stamp
