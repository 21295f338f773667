#!/bin/sh
# Puts a nats-server of version 2.10 or later at .nats-server/nats-server: the one on the PATH, or else built from source by
# Go. Does nothing if it is there already.
set -eu
cd "$(dirname "$0")/.."
version=v2.15.2
folder=$PWD/.nats-server
[ -x "$folder/nats-server" ] && exit 0
mkdir -p "$folder"
present=$(command -v nats-server || true)
if [ -n "$present" ] && "$present" --version | grep -Eq 'v(2\.[1-9][0-9]|[3-9])'; then
  ln -s "$present" "$folder/nats-server"
  exit 0
fi
if ! command -v go >/dev/null; then
  echo 'nats-server 2.10 or later is needed: install it, or Go to build it with.' >&2
  exit 1
fi
GOBIN="$folder" GOFLAGS=-modcacherw go install "github.com/nats-io/nats-server/v2@$version"
