import { signal } from '@preact/signals'
import type { Learned, Progress } from './reports.ts'

/** Beyond as many points, every other one is dropped: a chart is no wider than its screen. */
const MOST = 2000
/** Episodes over which the share that reached their goal is taken. */
export const SUCCESS_EPISODES = 20

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
  const episodes = createColumns(['return', 'promised', 'earned', 'success'])
  const evaluations = createColumns(['mean', 'success'])
  /** Of the last episodes, whether they reached their goal. */
  let successes: boolean[] = []
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
    /** All as it is now, whatever comes. */
    copy(): Columned {
      return structuredClone({
        episodes: episodes.columns,
        evaluations: evaluations.columns,
        learned: learned.columns,
      })
    },
    add(progress: Progress): void {
      for (const { success, ...row } of progress.ended) {
        if (success !== undefined) successes = [...successes.slice(1 - SUCCESS_EPISODES), success]
        const share = successes.filter(Boolean).length / successes.length
        episodes.add({ ...row, ...(success !== undefined && { success: share }) })
      }
      for (const row of progress.evaluations) evaluations.add(row)
      if (progress.learned) learned.add(progress.learned satisfies Learned)
      changes.value++
    },
    clear(): void {
      for (const columns of [episodes, evaluations, learned]) columns.clear()
      successes = []
      changes.value++
    },
  }
}

/** The columns of all charts. */
export interface Columned {
  episodes: Columns<'return' | 'promised' | 'earned' | 'success'>
  evaluations: Columns<'mean' | 'success'>
  learned: Columns<(typeof LEARNED)[number]>
}

export type Curves = ReturnType<typeof createCurves>
