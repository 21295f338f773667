/**
 * `npm run bench:peers`: this project against Stable-Baselines3, SBX, CleanRL's algorithm, plain PyTorch and rl_tools,
 * the same work in turn, on one core and on two. `-- --only updates,latency` runs parts, `--quick` takes fewer cases and
 * rounds, `--json FILE` and `--svg FILE` write the figures and the curves of growth. `--documents FILE` writes what a
 * FILE of figures says into the documents that quote it, and measures nothing.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { Row } from '../measure.ts'
import { npmStart } from '../npm-start.ts'
import { documents, withFigures } from './documents.ts'
import { floor } from './floor.ts'
import { type Growth, growth } from './growth.ts'
import { growthChart } from './growth-chart.ts'
import {
  type Extent,
  firstUpdate,
  latency,
  learning,
  memory,
  packed,
  pendulum,
  training,
  updates,
} from './measures.ts'
import { allowedProcessors, parallelism } from './processors.ts'
import { type Cores, hasPeers, type Library, OURS, PEERS, startSubject, TITLES } from './subjects.ts'
import { print, type Table } from './table.ts'

const COMPARED: Record<string, (extent: Extent) => Promise<Table[]>> = {
  updates,
  packed,
  training,
  pendulum,
  'first-update': firstUpdate,
  latency,
  memory,
  learning,
}
const ROWS: Record<string, (extent: Extent) => Promise<Row[]>> = { floor, 'npm-start': npmStart }
const PARTS = [...Object.keys(COMPARED), ...Object.keys(ROWS), 'growth']
/** Minutes each, so they run when they are named. */
const LONG = ['learning', 'growth']
const QUICK = ['updates', 'packed', 'pendulum', 'floor']

/** Two threads that do less than this many times the work of one have no two processors. */
const ENOUGH_PARALLELISM = 1.6

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    svg: { type: 'string' },
    documents: { type: 'string' },
  },
})
if (options.documents) {
  const figures = JSON.parse(readFileSync(options.documents, 'utf8'))
  for (const [file, text] of Object.entries(documents(figures))) {
    writeFileSync(file, withFigures(readFileSync(file, 'utf8'), text))
  }
  process.exit(0)
}
const parts = options.only?.split(',') ?? (options.quick ? QUICK : PARTS.filter(part => !LONG.includes(part)))
const unknown = parts.filter(part => !PARTS.includes(part))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}; there are ${PARTS.join(', ')}.`)
  process.exit(2)
}

/** Which subjects can be measured here, and their versions. */
async function find(): Promise<{ libraries: Library[]; versions: Record<string, string> }> {
  const made = spawnSync('tools/make-venv.sh', ['bench/peers/requirements.txt', '.venv-peers'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const peers = made.status === 0 && hasPeers()
  if (!peers) console.log('The peers could not be installed (see above): only this project is measured.\n')
  const versions: Record<string, string> = {}
  const libraries: Library[] = []
  for (const library of [...OURS, ...(peers ? ([...PEERS, 'rl_tools'] as const) : [])]) {
    try {
      const subject = startSubject(library, 1)
      const found = await subject.ask('versions')
      // An engine that is not there says so when it is to be used.
      if (library !== 'rl_tools') await subject.ask('create', { sizes: [3, 1], hidden: [8], batch: 8 })
      await subject.stop()
      for (const [name, version] of Object.entries(found)) {
        const isNewer = versions[name] !== undefined && versions[name] !== version
        versions[isNewer ? `newer ${name}` : name] = version
      }
      libraries.push(library)
    } catch (error) {
      console.log(`Not measured: ${error instanceof Error ? error.message.trim() : error}\n`)
    }
  }
  return { libraries, versions }
}

const began = performance.now()
const { libraries, versions } = await find()
const gain = await parallelism(allowedProcessors().slice(0, 2))
const cores: Cores[] = gain >= ENOUGH_PARALLELISM ? [1, 2] : [1]
const processor = `${cpus()[0].model.trim()}, ${cpus().length} cores`
console.log(processor)
console.log(
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', '),
)
console.log(`Two busy threads on two processors do ${gain.toFixed(2)} times the work of one.`)
if (cores.length === 1) {
  console.log(`That is less than ${ENOUGH_PARALLELISM}, so there are no figures of two cores.`)
}
console.log('Medians over rounds, lowest to highest; ratios are medians of those within each round.')

const rounds = options.quick ? 3 : 7
const extent: Extent = {
  libraries,
  cores,
  quick: options.quick,
  rounds,
  seconds: options.quick ? 0.25 : 0.35,
}
const tables: Table[] = []
const rows: Row[] = []
let growths: Growth[] = []

/** After every part, because the next one may fail after many minutes. */
function save(): void {
  if (!options.json) return
  const date = new Date().toISOString()
  const figures = { processor, versions, date, parallelism: gain, tables, rows, growth: growths }
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`)
}

for (const [name, measure] of Object.entries(COMPARED)) {
  if (!parts.includes(name)) continue
  for (const table of await measure(extent)) {
    tables.push(table)
    print(table)
  }
  save()
}
for (const [name, measure] of Object.entries(ROWS)) {
  if (!parts.includes(name)) continue
  const found = await measure(extent)
  rows.push(...found)
  console.log(`\n${name}`)
  for (const { what, value, unit, reach, reached } of found) {
    const verdict = reach ? `  (${reach}: ${reached ? 'reached' : 'MISSED'})` : ''
    console.log(`  ${what.padEnd(70)}${value.toFixed(2).padStart(8)} ${unit}${verdict}`)
  }
  save()
}
if (parts.includes('growth')) {
  growths = await growth(extent)
  save()
  for (const { against, unit, values, curves } of growths) {
    console.log(`\n${against} [${unit}]`)
    console.log(`  ${''.padEnd(50)}${values.map(value => `${value}`.padStart(9)).join('')}`)
    for (const { library, rates } of curves) {
      const figures = rates.map(rate => rate.toFixed(rate < 10 ? 2 : 0).padStart(9))
      console.log(`  ${TITLES[library].padEnd(50)}${figures.join('')}`)
    }
  }
  if (options.svg) writeFileSync(options.svg, growthChart(growths))
}
console.log(`\n${((performance.now() - began) / 60_000).toFixed(1)} minutes`)
// Threads that wait for the next step would keep the process alive.
process.exit(0)
