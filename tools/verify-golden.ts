/**
 * `npm run verify:golden -- FILE.json ... [--engine wasm|wasm-fast|native] [--threads N]`: replays reference updates and
 * prints every quantity's largest errors. Without --engine every engine that trains here is tried.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadNativeProduct } from '../src/graph/wasm/native-product.ts'
import type { Engine } from '../src/sac/engine.ts'
import { replayGolden } from './golden.ts'

const native: Engine['kind'][] = loadNativeProduct().product ? ['native'] : []
const ENGINES: Engine['kind'][] = ['wasm', 'wasm-fast', ...native]

const { values, positionals: files } = parseArgs({
  options: { engine: { type: 'string' }, threads: { type: 'string', default: '1' } },
  allowPositionals: true,
})
const engines = values.engine ? [values.engine as Engine['kind']] : ENGINES
if (files.length === 0 || !engines.every(engine => ['wasm', 'wasm-fast', 'native'].includes(engine))) {
  console.error(
    'usage: npm run verify:golden -- FILE.json ... [--engine wasm|wasm-fast|native] [--threads N]',
  )
  process.exit(2)
}

let passed = 0
let failed = 0
for (const [file, engine] of files.flatMap(file => engines.map(engine => [file, engine] as const))) {
  console.log(`${file} on ${engine}`)
  console.log('update  quantity                     largest error, absolute   relative')
  for (const row of await replayGolden(
    JSON.parse(readFileSync(file, 'utf8')),
    engine,
    Number(values.threads),
  )) {
    const errors = `${row.absolute.toExponential(2).padStart(22)}${row.relative.toExponential(2).padStart(13)}`
    console.log(
      `${String(row.update).padStart(6)}  ${row.quantity.padEnd(26)}${errors}  ${row.passed ? 'ok' : 'FAILED'}`,
    )
    if (row.passed) passed++
    else failed++
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
