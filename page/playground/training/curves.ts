import { signal } from '@preact/signals'
import type { Learned, Progress } from './reports.ts'

/** Beyond as many points, every other one is dropped: a chart is no wider than its screen. */
const MOST = 2000

/** Columns that grow together, as charts take them. */
export type Columns<Name extends string> = Record<Name, (number | null)[]> & { step: number[] }

const LEARNED = [
  'temperature',
  'entropy',
  'targetEntropy',
  'q',
  'criticLoss',
  'actorLoss',
  'saturation',
] as const

function createColumns<Name extends string>(names: readonly Name[]) {
  const empty = () =>
    Object.fromEntries(['step', ...names].map(name => [name, []])) as unknown as Columns<Name>
  let columns = empty()
  return {
    get columns() {
      return columns
    },
    add(row: { step: number } & Partial<Record<Name, number>>): void {
      columns.step.push(row.step)
      for (const name of names) columns[name].push(row[name] ?? null)
      if (columns.step.length <= MOST) return
      const all = columns as Record<string, unknown[]>
      for (const name of Object.keys(all)) all[name] = all[name].filter((_, i) => i % 2 === 1)
    },
    clear() {
      columns = empty()
    },
  }
}

/** All that charts show of a run. `changes` counts additions, so that charts know of them. */
export function createCurves() {
  const episodes = createColumns(['return', 'promised', 'earned'])
  const evaluations = createColumns(['mean'])
  const learned = createColumns(LEARNED)
  const changes = signal(0)

  return {
    changes,
    get episodes() {
      return episodes.columns
    },
    get evaluations() {
      return evaluations.columns
    },
    get learned() {
      return learned.columns
    },
    add(progress: Progress): void {
      for (const row of progress.ended) episodes.add(row)
      for (const row of progress.evaluations) evaluations.add(row)
      if (progress.learned) learned.add(progress.learned satisfies Learned)
      changes.value++
    },
    clear(): void {
      for (const columns of [episodes, evaluations, learned]) columns.clear()
      changes.value++
    },
  }
}

export type Curves = ReturnType<typeof createCurves>
