/**
 * `node dist/tools/print-fingerprint.js [--wide] [OPTIONS [STEPS]]`: prints the fingerprint of a training run, by default
 * of the whole one. OPTIONS are hyperparameters as JSON; with `--wide` kernels are as wide as they can be had, and it is
 * an error if that leaves no wide ones, or flags of V8 other than before.
 */
import { cachedDataVersionTag } from 'node:v8'
import { allowWideKernels } from '../src/graph/wasm/wide-tiles.ts'
import { fingerprint } from './fingerprint.ts'

const args = process.argv.slice(2)
if (args[0] === '--wide') {
  args.shift()
  const before = cachedDataVersionTag()
  if (!(await allowWideKernels())) throw new Error('There are no wide kernels here.')
  if (cachedDataVersionTag() !== before) throw new Error('Flags of V8 are not as they were.')
}
const [options = '{}', steps] = args
console.log(await fingerprint(JSON.parse(options), steps === undefined ? undefined : Number(steps)))
