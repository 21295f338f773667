import { isDeepStrictEqual } from 'node:util'
import { flattenSettings, parseSettings, type RunSettings } from '../settings.ts'
import type { RunSummary } from './run-summary.ts'

/**
 * Settings that differ from the defaults of their member of the family, side by side.
 * @example
 * changedSettings(loadSettings('runs/Pendulum-v1-seed1')) // { environment: 'Pendulum-v1', gamma: 0.98, ... }
 */
export function changedSettings(settings: RunSettings): Record<string, unknown> {
  const { environment, steps, options } = settings
  const defaults: Record<string, unknown> = { ...defaultsOf(options.algorithm), environment, steps }
  return Object.fromEntries(
    Object.entries(flattenSettings(settings)).filter(([name, value]) =>
      name === 'algorithm' ? value !== 'sac' : !isDeepStrictEqual(value, defaults[name]),
    ),
  )
}

const known = new Map<string, Record<string, unknown>>()

/** Worked out once, because a table may have a thousand runs. */
function defaultsOf(algorithm: string): Record<string, unknown> {
  const defaults =
    known.get(algorithm) ?? flattenSettings(parseSettings({ environment: '', steps: 1, algorithm }))
  known.set(algorithm, defaults)
  return defaults
}

/** Names under which these tables do not all say the same, in the order of their first appearance. */
export function differingNames(tables: readonly Record<string, unknown>[]): string[] {
  const [first = {}, ...others] = tables
  const names = new Set(tables.flatMap(table => Object.keys(table)))
  return [...names].filter(name => others.some(other => !isDeepStrictEqual(first[name], other[name])))
}

/**
 * Names of the settings in which runs differ, hyperparameters among them, in the order of their first appearance.
 * @example
 * const { runs } = summarizeRuns(findRuns('runs'))
 * for (const name of differingSettings(runs)) console.log(name, runs.map(run => flattenSettings(run.settings)[name]))
 */
export const differingSettings = (runs: readonly Pick<RunSummary, 'settings'>[]): string[] =>
  differingNames(runs.map(({ settings }) => flattenSettings(settings)))
