#!/usr/bin/env bash
# Installs what tests need besides Python packages (see tests/support/tools.py): Debian's packages as root, the others
# beside the tests. PYTHON is one that the project is installed for.
set -euo pipefail
PYTHON=$(realpath -s "${PYTHON:-$(dirname "$0")/../../.venv/bin/python}")
cd "$(dirname "$0")"

missing=()
command -v curl >/dev/null || missing+=(curl)
php -r 'exit(class_exists("SoapClient") ? 0 : 1);' 2>/dev/null || missing+=(php-cli php-soap)
php -r 'exit(class_exists("SimpleXMLElement") ? 0 : 1);' 2>/dev/null || missing+=(php-xml)
perl -MSOAP::Lite -e 1 2>/dev/null || missing+=(libsoap-lite-perl)
command -v mcs >/dev/null || missing+=(mono-mcs)
command -v wsdl >/dev/null || missing+=(mono-devel)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v mvn >/dev/null || missing+=(maven)
command -v pgbouncer >/dev/null || missing+=(pgbouncer)
command -v haproxy >/dev/null || missing+=(haproxy)
command -v javac >/dev/null || missing+=(default-jdk-headless)
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
command -v soapcpp2 >/dev/null || missing+=(gsoap)
echo '#include <stdsoap2.h>' | gcc -E -xc - >/dev/null 2>&1 || missing+=(libgsoap-dev)
ruby -e 'require "soap/wsdlDriver"' 2>/dev/null || missing+=(ruby ruby-soap4r)
command -v go >/dev/null || missing+=(golang-go)
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
        "$PYTHON" -m venv $folder/.venv
        $folder/.venv/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r $folder/requirements.txt
        touch $folder/.venv/installed
    }
done
[ go/client -nt go/main.go ] && [ go/client -nt go/go.sum ] || (cd go && go build -buildvcs=false -o client .)
# built and run once, so that a test needs no network
for folder in java axis2 spring; do
    [ java/repository/$folder-installed -nt $folder/pom.xml ] && continue
    work=$(mktemp -d)
    "$PYTHON" -m gateway wsdl >"$work/srv.wsdl"
    mvn -B -q -C -f $folder/pom.xml -Dmaven.repo.local=java/repository "-Dwork=$work" compile exec:java
    rm -r "$work"
    touch java/repository/$folder-installed
done
[ java/repository/camunda-installed -nt camunda/java/pom.xml ] || {
    work=$(mktemp -d)
    for version in 8.8.14 8.9.0; do
        mvn -B -q -C -f camunda/java/pom.xml -Dmaven.repo.local=java/repository "-Dwork=$work" "-Dcamunda.version=$version" \
            compile exec:java
    done
    rm -r "$work"
    touch java/repository/camunda-installed
}
for project in model spring; do
    [ java/repository/camunda-$project-installed -nt camunda/$project/pom.xml ] || {
        work=$(mktemp -d)
        mvn -B -q -C -f camunda/$project/pom.xml -Dmaven.repo.local=java/repository "-Dwork=$work" compile exec:java
        rm -r "$work"
        touch java/repository/camunda-$project-installed
    }
done
[ java/repository/feel-installed -nt feel/pom.xml ] || {
    work=$(mktemp -d)
    echo '{"text": "1 + 1"}' >"$work/questions"
    mvn -B -q -C -f feel/pom.xml -Dmaven.repo.local=java/repository "-Dwork=$work" \
        "-Dexec.args=$work/questions $work/answers" compile exec:java
    rm -r "$work"
    touch java/repository/feel-installed
}
