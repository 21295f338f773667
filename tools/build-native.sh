#!/bin/sh
# Builds the native matrix product, by default for every platform, into native/packages/PLATFORM/product.node:
#   build-native.sh [--out DIRECTORY] [PLATFORM ...]
#   build-native.sh --check PLATFORM ...    builds aside, and fails where the file that is there is another
# The compiler is Zig's, which builds for all platforms on any of them. It is installed from PyPI, outside this folder.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=native/packages check=''
case ${1:-} in
  --out)
    out=$2
    shift 2
    ;;
  --check)
    out=$work/built check=yes
    shift
    ;;
esac
if [ $# -eq 0 ]; then set -- linux-x64 linux-arm64 darwin-x64 darwin-arm64 win32-x64; fi

zig_venv=${XDG_CACHE_HOME:-$HOME/.cache}/soft-actor-critic/zig
tools/make-venv.sh native/requirements.txt "$zig_venv"
zig() { "$zig_venv/bin/python" -m ziglang "$@"; }

export ZIG_GLOBAL_CACHE_DIR="${ZIG_GLOBAL_CACHE_DIR:-$zig_venv/cache}" ZIG_LOCAL_CACHE_DIR="$work/cache"
headers=node_modules/node-api-headers

# object NAME SOURCE FLAG...: nothing of this machine (paths, dates, processor) may show in what is built.
object() {
  name=$1 source=$2
  shift 2
  zig cc -target "$target" -std=c17 -O3 -g0 -fPIC -fvisibility=hidden -ffp-contract=fast -fno-builtin -fno-sanitize=all \
    -fno-stack-protector -Wall -Wextra -Werror -I "$headers/include" "$@" -c "native/src/$source" -o "$work/$name.o"
  objects="$objects $name.o"
}

build() {
  platform=$1 objects=''
  case $platform in
    # Nothing is linked but what Node itself exports, so one file serves glibc and musl.
    linux-x64) target=x86_64-linux-gnu.2.17 link='-nostdlib' ;;
    linux-arm64) target=aarch64-linux-gnu.2.17 link='-nostdlib' ;;
    darwin-x64) target=x86_64-macos.11.0 link='-Wl,-undefined,dynamic_lookup -Wl,-install_name,@rpath/product.node' ;;
    darwin-arm64) target=aarch64-macos.11.0 link='-Wl,-undefined,dynamic_lookup -Wl,-install_name,@rpath/product.node' ;;
    win32-x64)
      target=x86_64-windows-gnu link='node.lib'
      zig dlltool -m i386:x86-64 -D node.exe -d "$headers/def/node_api.def" -l "$work/node.lib"
      ;;
    *)
      echo "build-native.sh: there is no platform '$platform'; there are the folders of native/packages" >&2
      exit 2
      ;;
  esac
  object addon addon.c
  object instruction-sets instruction-sets.c
  case $platform in
    *-x64)
      object multiply-avx2 multiply.c -mcpu=x86_64_v3
      # The compiler avoids 512-bit vectors unless it is talked out of that.
      object multiply-avx512 multiply.c -mcpu=x86_64_v4-prefer_256_bit
      ;;
    *-arm64) object multiply-neon multiply.c ;;
  esac
  # shellcheck disable=SC2086 # lists of words
  (cd "$work" && zig cc -target "$target" -shared -s $objects $link -o product.node)
  mkdir -p "$out/$platform"
  install -m 644 "$work/product.node" "$out/$platform/product.node"
}

for platform in "$@"; do
  build "$platform"
  if [ "$check" ] && ! cmp "$out/$platform/product.node" "native/packages/$platform/product.node"; then
    echo "native/packages/$platform/product.node is not what native/src gives: run tools/build-native.sh $platform" >&2
    exit 1
  fi
done
