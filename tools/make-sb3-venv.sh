#!/bin/sh
# Makes .venv-sb3 with Stable-Baselines3 on Debian's PyTorch, or does nothing if it is there already.
set -eu
cd "$(dirname "$0")/.."
requirements=test/interop/requirements-sb3.txt
stamp=.venv-sb3/requirements.txt
if cmp -s "$requirements" "$stamp"; then exit 0; fi
python=/usr/bin/python3
if ! "$python" -c 'import torch' 2>/dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'These tests need PyTorch 1.13 for /usr/bin/python3: on Debian 12, apt-get install python3-torch python3-venv' >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-torch python3-venv >/dev/null
fi
"$python" -m venv --system-site-packages .venv-sb3
.venv-sb3/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps -r "$requirements"
cp "$requirements" "$stamp"
