#!/bin/sh
# Checkov's rules for Azure over the Bicep, in an environment of its own: it pins other versions than the project does.
# Then once more over a copy that is broken on purpose: a check that lets that through checks nothing.
set -eu
cd "$(dirname "$0")/../.."
version=3.3.30
python=.checkov/bin/python

if [ "$("$python" -c 'from importlib.metadata import version; print(version("checkov"))' 2>/dev/null)" != "$version" ]; then
    echo "Installing checkov $version into .checkov ..." >&2
    rm -rf .checkov
    .venv/bin/python -m venv .checkov
    if ! "$python" -m pip install --quiet --quiet --disable-pip-version-check "checkov==$version"; then
        rm -rf .checkov
        echo "Checkov could not be installed; pip's own words are above. Is the package index reachable from here?" >&2
        exit 1
    fi
fi

check() { .checkov/bin/checkov --directory "$1" --framework bicep --compact --quiet --skip-download; }

check infra/azure

broken=$(mktemp -d)
trap 'rm -rf "$broken"' EXIT
cp -R infra/azure/. "$broken"
sed -i.old "s/httpsOnly: true/httpsOnly: false/" "$broken/modules/app.bicep"
sed -i.old "s/'TLS1_2'/'TLS1_0'/" "$broken/modules/storage.bicep"
sed -i.old "s/enablePurgeProtection: true/enablePurgeProtection: false/" "$broken/modules/vault.bicep"
if said=$(check "$broken" 2>&1); then
    echo "Checkov let a broken copy through." >&2
    exit 1
fi
for rule in CKV_AZURE_14 CKV_AZURE_44 CKV_AZURE_110; do
    case $said in
    *"Check: $rule"*) ;;
    *)
        echo "Checkov did not find what rule $rule is for in a broken copy." >&2
        exit 1
        ;;
    esac
done
echo "Checkov: nothing to say, and all that is wrong in a broken copy is found."
