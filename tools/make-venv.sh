#!/bin/sh
# Makes a virtual environment with the packages of a requirements file, or does nothing if it is there already:
#   make-venv.sh [REQUIREMENTS [DIRECTORY]]     by default what test/interop compares with, in .venv
set -eu
cd "$(dirname "$0")/.."
requirements=${1:-test/interop/requirements.txt}
venv=${2:-.venv}
stamp=$venv/requirements.txt
if cmp -s "$requirements" "$stamp"; then exit 0; fi
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$requirements"
cp "$requirements" "$stamp"
