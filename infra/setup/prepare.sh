#!/bin/sh
# Makes this machine ready: `prepare.sh python` the Python side (.venv), `prepare.sh python node` Azurite too.
# A side that is ready is left alone: its stamp is the digest of what it was made from.
# PYTHON names the interpreter; without it an existing .venv is kept, else python3.11 or another that fits is taken.
# Needs nothing but a POSIX shell. Everything that is missing is reported at once, with its remedy.
set -eu
cd "$(dirname "$0")/../.."

say() { printf '%s\n' "$*" >&2; }

problems=0
problem() {
    problems=$((problems + 1))
    say "$@"
}

python_version() { "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null; }

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

# --- Python -----------------------------------------------------------------------------------------------------------
choose_python() {
    python=
    if [ -n "${PYTHON:-}" ]; then
        if ! version=$(python_version "$PYTHON"); then
            problem "PYTHON=$PYTHON does not run. Name a Python 3.11, 3.12 or 3.13, for example: make setup PYTHON=python3.12"
        elif ! fits "$PYTHON"; then
            problem "PYTHON=$PYTHON is Python $version; this project runs on 3.11, 3.12 and 3.13. Name one of those."
        else
            python=$PYTHON
        fi
        return
    fi
    for candidate in .venv/bin/python python3.11 python3 python3.12 python3.13; do
        if fits "$candidate"; then
            python=$candidate
            return
        fi
    done
    found=$(python_version python3) && found="python3 here is Python $found" || found="there is no python3 here"
    problem "Python 3.11, 3.12 or 3.13 is needed; $found." \
        "On Debian 12: apt-get install python3 python3-venv. Or name another: make setup PYTHON=/path/to/python3.12"
}

python_stamp() { printf '%s %s' "$(python_version "$1")" "$(cat requirements.txt requirements-dev.txt | cksum)"; }

python_ready() {
    [ -f .venv/.stamp ] && version=$(python_version .venv/bin/python) && [ "$version" = "$(python_version "$python")" ] &&
        [ "$(cat .venv/.stamp)" = "$(python_stamp .venv/bin/python)" ]
}

# Debian ships Python without the parts that `venv` needs, in a package of their own.
can_make_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

no_venv() {
    say "$python (Python $(python_version "$python")) cannot make virtual environments: its venv package is missing." \
        "On Debian and Ubuntu: apt-get install python3-venv"
}

venv_usable() {
    [ "$(python_version .venv/bin/python || :)" = "$(python_version "$python")" ] &&
        .venv/bin/python -m pip --version >/dev/null 2>&1
}

check_python() {
    choose_python
    [ -n "$python" ] || return 0
    python_ready || venv_usable || can_make_venv || problem "$(no_venv 2>&1)"
}

make_venv() {
    if [ -e .venv ]; then
        say "Making .venv anew with Python $(python_version "$python") ..."
        # The interpreter inside .venv cannot make its own successor.
        [ "$python" != .venv/bin/python ] || python=$(.venv/bin/python -c 'import sys; print(sys._base_executable)')
        rm -rf .venv
    fi
    if ! "$python" -m venv .venv >.venv.log 2>&1; then
        rm -rf .venv
        if grep -q ensurepip .venv.log; then no_venv; else say "The virtual environment could not be made:" "$(cat .venv.log)"; fi
        rm -f .venv.log
        exit 1
    fi
    rm -f .venv.log
}

prepare_python() {
    ! python_ready || return 0
    venv_usable || make_venv
    say "Installing the Python packages into .venv ..."
    if ! .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --requirement requirements-dev.txt </dev/null; then
        say "The Python packages could not be installed; pip's own words are above. Is the package index reachable from here?"
        exit 1
    fi
    python_stamp .venv/bin/python >.venv/.stamp
}

# --- Node, for Azurite ------------------------------------------------------------------------------------------------
node_stamp() { printf '%s %s' "$(node --version)" "$(cat package.json package-lock.json .npmrc | cksum)"; }

check_node() {
    how="Install Node.js 20 or newer with npm (nodejs.org; on Debian 13: apt-get install nodejs npm)."
    if ! version=$(node --version 2>/dev/null); then
        problem "Node.js is missing; Azurite, the storage of the tests and the demo, runs on it. $how"
        return
    fi
    major=${version#v}
    major=${major%%.*}
    [ "$major" -ge 20 ] || problem "Node.js $version is too old for Azurite, the storage of the tests and the demo. $how"
    npm --version >/dev/null 2>&1 || problem "npm is missing beside Node.js $version; it installs Azurite. On Debian and Ubuntu: apt-get install npm"
}

prepare_node() {
    [ ! -f node_modules/.stamp ] || [ "$(cat node_modules/.stamp)" != "$(node_stamp)" ] || return 0
    say "Installing Azurite into node_modules ..."
    if ! npm ci --include=dev --loglevel=error </dev/null >&2; then
        say "Azurite could not be installed; npm's own words are above. Is the package registry reachable from here?"
        exit 1
    fi
    node_stamp >node_modules/.stamp
}

for side in "$@"; do "check_$side"; done
[ "$problems" = 0 ] || exit 1
for side in "$@"; do "prepare_$side"; done
