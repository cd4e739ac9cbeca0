#!/bin/sh
# Known vulnerabilities in what the project pins, and secrets in its files. Offline, what cannot be asked is said and let
# through; what is found is not. The tools live in .audit: they pin other versions than the project does.
set -eu
cd "$(dirname "$0")/../.."
python=.audit/bin/python
tools="detect-secrets==1.5.0 pip-audit==2.10.1"

if [ "$(cat .audit/.stamp 2>/dev/null)" != "$tools" ]; then
    rm -rf .audit
    .venv/bin/python -m venv .audit
    # shellcheck disable=SC2086 - two words are two tools
    if ! "$python" -m pip install --quiet --quiet --disable-pip-version-check $tools; then
        rm -rf .audit
        echo "NOT AUDITED: the tools could not be installed. Is the package index reachable from here?" >&2
        exit 0
    fi
    printf '%s' "$tools" > .audit/.stamp
fi
failed=0

# --- secrets: every file in git, against what is known and harmless ---------------------------------------------------
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
# Put together here, so that this file holds none itself.
printf 'aws_access_key_id = "AKIA%s"\n' "IOSFODNN7EXAMPL3" > "$planted/planted.py"
if .audit/bin/detect-secrets-hook "$planted/planted.py" > /dev/null 2>&1; then
    echo "The secret scan let a planted key through." >&2
    exit 1
fi
if git ls-files -z | xargs -0 .audit/bin/detect-secrets-hook --baseline .secrets.baseline; then
    echo "Secrets: none but what .secrets.baseline knows to be harmless."
else
    echo "Take the secret out of the file and out of use. If it is none, let this write it down, and review the change:" >&2
    echo "    .audit/bin/detect-secrets scan --baseline .secrets.baseline" >&2
    failed=1
fi

# --- known vulnerabilities ---------------------------------------------------------------------------------------------
said=$(mktemp)
audit() {
    name=$1
    shift
    if "$@" > "$said" 2>&1 && ! grep -q 'could not be audited' "$said"; then
        echo "Vulnerabilities: none known in $name."
    elif grep -Eiq '[1-9][0-9]* ((known|[a-z]+ severity) )?vulnerabilit' "$said"; then
        cat "$said" >&2
        failed=1
    else
        tail -n 1 "$said" >&2
        echo "NOT AUDITED: $name; the vulnerability service did not answer for all of it." >&2
    fi
}
for lock in infra/package/locks/*.txt; do
    audit "$lock" .audit/bin/pip-audit --requirement "$lock" --disable-pip --require-hashes --progress-spinner off --timeout 15
done
if command -v npm > /dev/null; then
    audit package-lock.json npm audit --audit-level=high
fi
rm -f "$said"
exit $failed
