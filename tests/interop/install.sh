#!/usr/bin/env bash
# Installs the clients that the tests run: Debian's packages as root, the others beside the tests.
set -euo pipefail
cd "$(dirname "$0")"

missing=()
php -m 2>/dev/null | grep -qi '^soap$' || missing+=(php-cli php-soap)
php -m 2>/dev/null | grep -qi '^simplexml$' || missing+=(php-xml)
perl -MSOAP::Lite -e 1 2>/dev/null || missing+=(libsoap-lite-perl)
command -v mcs >/dev/null || missing+=(mono-mcs)
command -v wsdl >/dev/null || missing+=(mono-devel)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v mvn >/dev/null || missing+=(maven default-jdk-headless)
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing ${missing[*]}"
    apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
fi
for folder in node camunda; do
    [ $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ] \
        || (cd $folder && npm ci --no-audit --no-fund --silent)
done
for folder in camunda openapi; do
    [ $folder/.venv/installed -nt $folder/requirements.txt ] || {
        python3 -m venv $folder/.venv
        $folder/.venv/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r $folder/requirements.txt
        touch $folder/.venv/installed
    }
done
