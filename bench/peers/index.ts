/**
 * `npm run bench:peers`: this project against Stable-Baselines3, SBX and plain PyTorch, the same work in turn on the
 * same cores. `-- --only updates,latency` runs parts, `--quick` takes fewer cases and rounds, `--json FILE` and
 * `--svg FILE` write the figures and the curves of growth. `--readme FILE` writes what a FILE of figures says into the
 * README, and measures nothing.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { Row } from '../measure.ts'
import { floor } from './floor.ts'
import { type Growth, growth } from './growth.ts'
import { growthChart } from './growth-chart.ts'
import { type Extent, firstUpdate, latency, learning, memory, training, updates } from './measures.ts'
import { withComparison } from './readme-table.ts'
import { hasPeers, PEERS, startSubject, TITLES } from './subjects.ts'
import { print, type Table } from './table.ts'

const COMPARED: Record<string, (extent: Extent) => Promise<Table[]>> = {
  updates,
  training,
  'first-update': firstUpdate,
  latency,
  memory,
  learning,
}
const PARTS = [...Object.keys(COMPARED), 'floor', 'growth']

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    svg: { type: 'string' },
    readme: { type: 'string' },
  },
})
if (options.readme) {
  const figures = JSON.parse(readFileSync(options.readme, 'utf8'))
  writeFileSync('README.md', withComparison(readFileSync('README.md', 'utf8'), figures))
  process.exit(0)
}
const parts = options.only?.split(',') ?? PARTS
const unknown = parts.filter(part => !PARTS.includes(part))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}; there are ${PARTS.join(', ')}.`)
  process.exit(2)
}

const made = spawnSync('tools/make-venv.sh', ['bench/peers/requirements.txt', '.venv-peers'], {
  stdio: ['ignore', 'inherit', 'inherit'],
})
const peers = made.status === 0 && hasPeers()
if (!peers) console.log('The peers could not be installed (see above): only this project is measured.\n')
const extent: Extent = { peers, quick: options.quick, rounds: options.quick ? 3 : 7, seconds: 0.4 }

const processor = `${cpus()[0].model.trim()}, ${cpus().length} cores`
const versions: Record<string, string> = { Node: process.version }
for (const library of peers ? PEERS : []) {
  const subject = startSubject(library, 1)
  Object.assign(versions, await subject.ask('versions'))
  await subject.stop()
}
console.log(processor)
console.log(
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', '),
)
console.log('Medians over rounds, lowest to highest; ratios are medians of those within each round.')

const tables: Table[] = []
let floorRows: Row[] = []
let growths: Growth[] = []
for (const [name, measure] of Object.entries(COMPARED)) {
  if (!parts.includes(name)) continue
  for (const table of await measure(extent)) {
    tables.push(table)
    print(table)
  }
}
if (parts.includes('floor')) {
  floorRows = await floor(extent)
  console.log('\nWhat a step consists of, 17 observations, 6 actions, 2x256, batch 256')
  for (const { what, value, unit, reach, reached } of floorRows) {
    const verdict = reach ? `  (reach ${reach}: ${reached ? 'yes' : 'MISSED'})` : ''
    console.log(`  ${what.padEnd(70)}${value.toFixed(2).padStart(8)} ${unit}${verdict}`)
  }
}
if (parts.includes('growth')) {
  growths = await growth(extent)
  for (const { against, unit, values, curves } of growths) {
    console.log(`\n${against} [${unit}]`)
    console.log(`  ${''.padEnd(30)}${values.map(value => `${value}`.padStart(9)).join('')}`)
    for (const { library, rates } of curves) {
      const figures = rates.map(rate => rate.toFixed(rate < 10 ? 2 : 0).padStart(9))
      console.log(`  ${TITLES[library].padEnd(30)}${figures.join('')}`)
    }
  }
  if (options.svg) writeFileSync(options.svg, growthChart(growths))
}
if (options.json) {
  const date = new Date().toISOString()
  const figures = { processor, versions, date, tables, floor: floorRows, growth: growths }
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`)
}
