import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { environmentName, GYMNASIUM, isModulePath } from '../environment-path.ts'
import { loadSettings } from '../load-run.ts'
import { changedSettings } from '../reports/differing-settings.ts'
import type { RunStatus } from '../reports/run-summary.ts'
import { RUN_FILES } from '../run-directory.ts'
import { isTraining } from '../run-lock.ts'
import { experimentOf, type RunSettings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import { readAnnotations } from './annotations.ts'
import { readRegularFile } from './inside.ts'
import type { RunRow } from './messages.ts'
import { type Scan, secondsOf } from './scan.ts'

/** What a row takes from the settings of a run; they change only when it is resumed with another number of steps. */
export type SettingsPart = Pick<
  RunRow,
  'environment' | 'algorithm' | 'seed' | 'totalSteps' | 'changed' | 'experiment'
>

/** A config file larger than this is none. */
const MOST_BYTES = 1 << 20

/**
 * Reads the settings of a run from its own `config.json`, which must be a file and not a link to one.
 * @throws UsageError if there is none, or it is damaged
 */
export function ownSettings(directory: string): RunSettings {
  if (readRegularFile(join(directory, RUN_FILES.config), MOST_BYTES) === undefined) {
    throw new UsageError(
      `${join(directory, RUN_FILES.config)} cannot be used: it is not a file of at most 1 MB.`,
    )
  }
  return loadSettings(directory)
}

/**
 * Reads them. Runs that differ in seed and steps alone share what is worked out from the rest.
 * @throws UsageError as `ownSettings` does
 */
export function settingsPart(directory: string): SettingsPart {
  const alike = withoutOwn(directory)
  const known = alike && parts.get(alike.key)
  if (known) return { ...known, seed: alike.seed, totalSteps: alike.steps }
  const part = partOf(ownSettings(directory))
  if (alike) {
    if (parts.size >= MOST_PARTS) parts.clear()
    parts.set(alike.key, part)
  }
  return part
}

const parts = new Map<string, SettingsPart>()
const MOST_PARTS = 300

function partOf(settings: RunSettings): SettingsPart {
  const { environment, steps, options } = settings
  const { algorithm, seed: _, ...changed } = changedSettings(settings)
  return {
    environment: environmentName(environment),
    algorithm: (algorithm as string | undefined) ?? 'sac',
    seed: options.seed,
    totalSteps: steps,
    changed,
    experiment: digest(JSON.stringify(experimentOf(settings))),
  }
}

/** A config file without what each run has of its own; undefined if its meaning depends on its place, or on these. */
function withoutOwn(directory: string): { key: string; seed: number; steps: number } | undefined {
  try {
    const text = readRegularFile(join(directory, RUN_FILES.config), MOST_BYTES)
    const { seed, steps, run: _, ...rest } = JSON.parse(String(text))
    const { environment, environmentOptions = {}, initFrom } = rest
    const isPlain =
      typeof environment === 'string' &&
      !isModulePath(environment) &&
      !environment.startsWith(GYMNASIUM) &&
      initFrom === undefined &&
      environmentOptions?.xmlFile === undefined &&
      [seed, steps].every(Number.isInteger) &&
      seed >= 0 &&
      seed <= 0xffffffff &&
      steps >= 1
    return isPlain ? { key: JSON.stringify(rest), seed, steps } : undefined
  } catch {
    // Reading it as settings says what is wrong with it.
    return undefined
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** How a run stands, from what its metrics say and whether a process trains it. */
export function statusOf(directory: string, scan: Pick<Scan, 'end'>): RunStatus {
  if (scan.end) return ({ steps: 'finished', aborted: 'stopped', error: 'crashed' } as const)[scan.end.reason]
  const training = isTraining(directory)
  if (training === undefined) return 'unknown'
  return training ? 'running' : 'crashed'
}

/**
 * A row of the table.
 * @param whole whether all lines of its metrics were read, and not just the last ones
 */
export function rowOf(
  id: string,
  directory: string,
  settings: SettingsPart,
  scan: Scan,
  whole: boolean,
): RunRow {
  const status = statusOf(directory, scan)
  return {
    id,
    ...settings,
    status,
    message: scan.end?.message,
    steps: scan.steps,
    bestReturn: scan.bestReturn,
    lastReturn: scan.lastReturn,
    evaluation: scan.evaluation,
    startedAt: scan.startedAt,
    seconds: whole ? secondsOf(scan, status === 'running') : undefined,
    ...readAnnotations(directory),
    damaged: scan.damaged,
  }
}
