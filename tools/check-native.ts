/**
 * `node dist/tools/check-native.js product.node [CASES]`: computes products with a built add-on, one of each instruction
 * set that this processor has, and compares every bit with the definition. The hash shows that platforms agree.
 */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { difference, layOut, type NativeAddon, type NativeCase } from './native-product.ts'

const [file, cases = '200'] = process.argv.slice(2)
if (!file || !/^\d+$/.test(cases)) {
  console.error('usage: node dist/tools/check-native.js product.node [CASES]')
  process.exit(2)
}
const addon: NativeAddon = createRequire(import.meta.url)(resolve(file))
const memory = new ArrayBuffer(2 ** 23)
const sizes = [1, 2, 6, 12, 15, 16, 17, 23, 31, 32, 33, 48, 64, 100]
const terms = [...sizes, 255, 256, 257, 300]

/** Cases that go through all sizes, forms and finishes, each combination differently. */
const caseOf = (index: number): NativeCase => ({
  transposeA: index % 2 === 1,
  transposeB: index % 4 >= 2,
  m: sizes[(index * 5) % sizes.length]!,
  n: sizes[(index * 3 + Math.floor(index / sizes.length)) % sizes.length]!,
  k: terms[(index * 7) % terms.length]!,
  bias: index % 3 > 0,
  relu: index % 5 > 2,
  mask: index % 7 > 4,
  scratch: index % 8 > 3,
  gaps: [index % 3, index % 4, index % 5, index % 2],
  seed: index + 1,
  shift: index % 16,
})

console.log(
  `${process.platform} ${process.arch}, Node ${process.version}: ${addon.instructionSets.join(', ') || 'none'}`,
)
let failed = addon.instructionSets.length === 0
for (const instructionSet of addon.instructionSets) {
  const hash = createHash('sha256')
  for (let index = 0; index < Number(cases); index++) {
    const given = caseOf(index)
    const found = difference(addon, instructionSet, memory, given)
    if (found) {
      console.log(`${instructionSet}: ${found}`)
      failed = true
    }
    const { at } = layOut(given)
    // The bits of NaN are the one thing in which platforms differ.
    const c = new Float32Array(memory, 4 * at.c, at.bias - at.c).map(x => (Number.isNaN(x) ? Infinity : x))
    hash.update(new Uint8Array(c.buffer))
  }
  console.log(`${instructionSet}: ${cases} products, ${hash.digest('hex')}`)
}
process.exitCode = failed ? 1 : 0
