import { join } from 'node:path'
import { environmentIds } from '../../envs/registry.ts'
import { changedSettings } from '../reports/differing-settings.ts'
import { RUN_FILES } from '../run-directory.ts'
import { flattenSettings, type RunSettings } from '../settings.ts'
import { isTrusted, programsOf } from '../trust.ts'
import { metricsOf, type RunColumns } from './columns.ts'
import { readRegularFile } from './inside.ts'
import type { RunDetails, RunRow } from './messages.ts'
import { policiesOf } from './policies.ts'
import { ownSettings } from './run-row.ts'

/**
 * One run in full.
 * @throws UsageError if its settings cannot be read
 */
export function detailsOf(directory: string, row: RunRow, columns: RunColumns): RunDetails {
  const settings = ownSettings(directory)
  const programs = programsOf(directory, settings)
  return {
    row,
    settings: flattenSettings(settings),
    changed: Object.keys(changedSettings(settings)),
    made: madeBy(directory),
    metrics: metricsOf(columns),
    examinations: columns.examinations.map(({ step, diagnoses }) => ({ step, diagnoses })),
    evaluations: columns.evaluations.map(({ step, mean, standardDeviation, returns }) => ({
      step,
      mean,
      standardDeviation,
      returns,
    })),
    policies: policiesOf(directory),
    programs,
    trusted: isTrusted(directory, programs),
    inPage: inPage(settings),
  }
}

/** What the page needs to make the environment itself; only built-in ones, and none that reads a file. */
function inPage({
  environment,
  environmentOptions,
  timeLimit,
  stackFrames,
}: RunSettings): RunDetails['inPage'] {
  if (!environmentIds().includes(environment) || environmentOptions.xmlFile !== undefined) return undefined
  return {
    environment,
    options: environmentOptions,
    ...(timeLimit !== 'own' && { timeLimit }),
    stackFrames,
  }
}

/** The texts of `run` in its `config.json`. */
function madeBy(directory: string): Record<string, string> {
  const text = readRegularFile(join(directory, RUN_FILES.config), 1 << 20)?.toString() ?? '{}'
  const { run } = JSON.parse(text) as { run?: Record<string, unknown> | null }
  return Object.fromEntries(
    Object.entries(run ?? {}).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}
