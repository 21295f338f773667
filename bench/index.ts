/** `npm run bench`: measures and prints a table; `-- --json FILE` writes the same figures; `-- NAME ...` runs only some. */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { checkpoint } from './checkpoint.ts'
import { chromium } from './chromium.ts'
import { demonstrations } from './demonstrations.ts'
import { distributed } from './distributed.ts'
import { engineStart, matrixProduct } from './engine.ts'
import { environments } from './environments.ts'
import { exported } from './exported.ts'
import { family } from './family.ts'
import { faults } from './faults.ts'
import type { Row } from './measure.ts'
import { npmStart } from './npm-start.ts'
import { page } from './page.ts'
import { recording } from './recording.ts'
import { act, replay } from './replay-and-act.ts'
import { storedData } from './stored-data.ts'
import { trainAgentCost } from './train-agent.ts'
import { memoryGrowth, updateStep } from './update-step.ts'

const benches: Record<string, () => Promise<Row[]>> = {
  'update-step': updateStep,
  family,
  'matrix-product': matrixProduct,
  'engine-start': engineStart,
  replay,
  act,
  checkpoint,
  exported,
  'memory-growth': memoryGrowth,
  'npm-start': npmStart,
  chromium,
  page,
  environments,
  recording,
  demonstrations,
  'stored-data': storedData,
  'train-agent': trainAgentCost,
}

/** They need a NATS server (tools/nats-server.sh) and take minutes: they run when they are named. */
const onlyNamed: Record<string, () => Promise<Row[]>> = { distributed, faults }

const format = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 })

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true })
const known = { ...benches, ...onlyNamed }
const unknown = positionals.filter(name => !Object.hasOwn(known, name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${Object.keys(known).join(', ')}.`)
  process.exit(2)
}

const processor = `${cpus()[0].model.trim()}, ${cpus().length} cores, Node ${process.version}`
console.log(processor)
const rows: Row[] = []
for (const name of positionals.length > 0 ? new Set(positionals) : Object.keys(benches)) {
  for (const row of await known[name]()) {
    rows.push(row)
    const best = row.best === undefined ? '' : `best ${format(row.best)}`
    const reach = row.reach ? `${row.reached ? 'reached' : 'MISSED '}  ${row.reach}` : ''
    const figures = `${`${format(row.value)} ${row.unit}`.padStart(18)}  ${best.padEnd(11)}`
    console.log(`${row.what.padEnd(66)}${figures}  ${reach}`.trimEnd())
  }
}
if (values.json)
  writeFileSync(
    values.json,
    `${JSON.stringify({ processor, date: new Date().toISOString(), rows }, null, 2)}\n`,
  )
