/** `npm run verify:golden -- FILE.json ...`: replays reference updates and prints every quantity's largest errors. */
import { readFileSync } from 'node:fs'
import { replayGolden } from './golden.ts'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: npm run verify:golden -- FILE.json [FILE.json ...]')
  process.exit(2)
}

let passed = 0
let failed = 0
for (const file of files) {
  console.log(file)
  console.log('update  quantity           largest error, absolute   relative')
  for (const row of await replayGolden(JSON.parse(readFileSync(file, 'utf8')))) {
    const errors = `${row.absolute.toExponential(2).padStart(22)}${row.relative.toExponential(2).padStart(13)}`
    console.log(
      `${String(row.update).padStart(6)}  ${row.quantity.padEnd(16)}${errors}  ${row.passed ? 'ok' : 'FAILED'}`,
    )
    if (row.passed) passed++
    else failed++
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
