import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { readTransitions } from '../src/data/read.ts'
import { box } from '../src/env/spaces.ts'
import { createRandom, type Random } from '../src/random.ts'
import { openTransitions } from '../src/run/open-transitions.ts'
import { SAC } from '../src/sac/agent.ts'
import { atMost, median, processorSeconds, type Row } from './measure.ts'

const TRANSITIONS = 1_000_000
const ROUNDS = 3

/** Sizes of Pendulum-v1. */
const VECTORS = { observation: 3, action: 1, nextObservation: 3 }

/** Time to read a million transitions from Parquet into the replay buffer, from lists and from plain columns. */
export async function storedData(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sac-bench-'))
  try {
    const rows: Row[] = []
    for (const [what, columnsOf] of Object.entries({ lists, 'plain columns': plain })) {
      const file = join(folder, `${what}.parquet`)
      write(file, columnsOf)
      rows.push(...(await measure(`1,000,000 transitions from Parquet, ${what}`, file)))
      rmSync(file)
    }
    return rows
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(what: string, file: string): Promise<Row[]> {
  const space = (size: number, bound: number) => box({ low: -bound, high: bound, shape: [size] })
  const spaces = {
    observationSpace: space(VECTORS.observation, Infinity),
    actionSpace: space(VECTORS.action, 1),
  }
  const [seconds, processor]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    const agent = await SAC.create(spaces, { hiddenSizes: [8], engine: 'wasm', threads: 1 })
    globalThis.gc?.()
    const [started, spent] = [performance.now(), processorSeconds()]
    await agent.learnFrom(readTransitions(openTransitions(file), agent), { into: 'replay' })
    seconds.push((performance.now() - started) / 1000)
    processor.push(processorSeconds() - spent)
    if (agent.replay.size !== TRANSITIONS) throw new Error(`only ${agent.replay.size} transitions were read`)
    await agent.dispose()
  }
  const time = median(seconds)
  return [
    { what, value: time, best: Math.min(...seconds), unit: 's', ...atMost(5, time) },
    { what: `${what}: processor time`, value: median(processor), best: Math.min(...processor), unit: 's' },
    { what: `${what}: size of the file`, value: statSync(file).size / 1e6, unit: 'MB' },
  ]
}

interface Columns {
  columnData: { name: string; data: ArrayLike<unknown> }[]
  schema: SchemaElement[]
}

function write(file: string, columnsOf: (random: Random) => Columns): void {
  const { columnData, schema } = columnsOf(createRandom(0, 'bench'))
  const reward = new Float64Array(TRANSITIONS).fill(-1)
  const flags = Array.from({ length: TRANSITIONS }, (_, i) => i % 200 === 199)
  const all = [...columnData, { name: 'reward', data: reward }, { name: 'terminated', data: flags }]
  const own: SchemaElement[] = [
    { name: 'reward', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
    { name: 'terminated', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
  ]
  const bytes = parquetWriteBuffer({
    columnData: all as Parameters<typeof parquetWriteBuffer>[0]['columnData'],
    schema: [{ name: 'root', num_children: all.length }, ...schema, ...own],
    rowGroupSize: 2 ** 20,
    codec: 'SNAPPY',
  })
  writeFileSync(file, new Uint8Array(bytes))
}

/** As pandas and PyArrow write arrays. */
function lists(random: Random): Columns {
  const all = Object.entries(VECTORS)
  const columnData = all.map(([name, size]) => {
    const data = Array.from({ length: TRANSITIONS }, () => Array.from(uniform(random, size)))
    return { name, data }
  })
  const schema = all.flatMap(([name]): SchemaElement[] => [
    { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', type: 'FLOAT' },
  ])
  return { columnData, schema }
}

/** A column for each number. */
function plain(random: Random): Columns {
  const names = Object.entries(VECTORS).flatMap(([name, size]) =>
    Array.from({ length: size }, (_, i) => `${name}_${i}`),
  )
  const columnData = names.map(name => ({ name, data: uniform(random, TRANSITIONS) }))
  const schema = names.map((name): SchemaElement => ({ name, type: 'FLOAT', repetition_type: 'OPTIONAL' }))
  return { columnData, schema }
}

const uniform = (random: Random, size: number) => random.fillUniform(new Float32Array(size), -1, 1)
