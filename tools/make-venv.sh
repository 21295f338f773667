#!/bin/sh
# Makes .venv with what test/interop compares with, or does nothing if it is there already.
set -eu
cd "$(dirname "$0")/.."
requirements=test/interop/requirements.txt
stamp=.venv/requirements.txt
if cmp -s "$requirements" "$stamp"; then exit 0; fi
[ -x .venv/bin/python ] || "${PYTHON:-python3}" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$requirements"
cp "$requirements" "$stamp"
