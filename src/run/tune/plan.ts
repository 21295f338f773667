import { join } from 'node:path'
import * as z from 'zod/mini'
import { availableCores } from '../../available-cores.ts'
import { option, parseOptions } from '../../options.ts'
import type { Stopping } from '../../tune/asha.ts'
import { isChoices, type Space } from '../../tune/space.ts'
import { environmentName } from '../environment-path.ts'
import { closeAll, environmentOf } from '../environments/environment.ts'
import { resolveSettings } from '../preset-settings.ts'
import type { RunSettings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import { presetSpace } from './preset-space.ts'
import { type SamplerName, type SearchTrial, samplerOption } from './search.ts'
import { parseSpace, type SpaceInput } from './space-file.ts'

const count = 'a whole number of at least 1'
const atLeastOne = z.int().check(z.minimum(1))

/** What a search is told besides what it is about; the flags of `sac tune`. */
export const tuneSchema = z.strictObject({
  trials: option(z._default(atLeastOne, 40), 'Trials in all, those of earlier calls included', count),
  jobs: option(
    z.optional(atLeastOne),
    'Trials at once, each with one thread; without it as many as there are cores',
    count,
  ),
  sampler: samplerOption,
  stopping: option(
    z._default(z.enum(['asha', 'none']), 'asha'),
    "Whether trials that do badly are stopped early, by successive halving: 'asha' or 'none'",
    "'asha' or 'none'",
  ),
  firstRung: option(
    z.optional(atLeastOne),
    'Steps after which a trial is first compared with others; without it a ninth of all, or twice the most learningStarts if ' +
      'that is more',
    count,
  ),
  reduction: option(
    z._default(z.int().check(z.minimum(2)), 3),
    'One of so many trials goes on at each comparison; the next one is after so many times the steps',
    'a whole number of at least 2',
  ),
  seed: option(
    z._default(z.int().check(z.minimum(0), z.maximum(0xffffffff)), 100),
    'Seed of the sampler and of the first trial; each trial has the next one',
    'a whole number from 0 to 4294967295',
  ),
})

/** What `tune` takes. */
export interface TuneOptions {
  /** An id, a file or one of Gymnasium, as `sac train` takes it. */
  environment: string
  /** Settings of every trial that differ from the environment's preset, as a config file has them. Default: none. */
  settings?: Record<string, unknown>
  /** What is searched. Default: around the preset. */
  space?: SpaceInput
  /** How many trials there are to be in all, those of earlier calls included. Default 40. */
  trials?: number
  /** Trials at once, each in a process of its own with one thread. Default: as many as there are cores. */
  jobs?: number
  /** `tpe` chooses by the results so far, `random` draws. Default `tpe`. */
  sampler?: SamplerName
  /** Whether trials that do badly are stopped: `asha` or `none`. Default `asha`. */
  stopping?: 'asha' | 'none'
  /**
   * With `asha`, environment steps after which a trial is first compared with the others. Default: a ninth of all steps, or twice the
   * most `learningStarts` if that is more.
   */
  firstRung?: number
  /** With `asha`, one of so many trials goes on after each comparison. Default 3. */
  reduction?: number
  /** Seed of the sampler and of the first trial; each trial has a seed of its own, one above that of the last. Default 100. */
  seed?: number
  /** Where its journal and its runs go, or are. Default `runs/tune-<environment>`. */
  directory?: string
  /** Stops all trials, which save; the same call resumes them. */
  signal?: AbortSignal
  /** Receives what happens. */
  onEvent?: (event: TuneEvent) => void
}

/** What happens in a search. */
export type TuneEvent =
  /** A trial begins, or is resumed. */
  | { type: 'begin'; trial: SearchTrial }
  /** A trial has ended. */
  | { type: 'end'; trial: SearchTrial }
  /** A process ended, and left its trial open; the same call resumes it. */
  | { type: 'interrupted'; trial: SearchTrial; message: string }
  /** Something that people may want to know. */
  | { type: 'note'; text: string }

/** Options with their defaults, checked. */
export interface Plan {
  name: string
  directory: string
  settings: Record<string, unknown>
  space: Space
  sampler: SamplerName
  stopping?: Stopping
  steps: number
  evaluateEvery: number
  seed: number
  trials: number
  jobs: number
}

/** The first of all steps, as a part, at which trials are compared. */
const FIRST = 9
/** Evaluations of a trial that is never stopped. */
const EVALUATIONS = 10

/**
 * Fills in defaults, and checks everything before anything is made.
 * @throws OptionError naming each fault, and what is allowed
 */
export async function planOf({
  environment,
  settings: fixed = {},
  space: input,
  directory,
  signal: _,
  onEvent: __,
  ...own
}: TuneOptions): Promise<Plan> {
  const { seed: named, ...others } = fixed
  const settings = { ...others, environment }
  const given = { ...(named !== undefined && { seed: named }), ...own }
  const { trials, jobs, sampler, seed, ...early } = parseOptions(tuneSchema, withoutUndefined(given))
  const resolve = (named: Record<string, unknown>) => resolveSettings(undefined, named)
  const common = resolve(settings)
  const space = parseSpace(input ?? presetSpace(common, Object.keys(settings)), settings, resolve)
  if (seed + trials - 1 > 0xffffffff) {
    throw new UsageError(`${trials} trials from seed ${seed} on go beyond the last seed, 4294967295.`)
  }
  // Tried once first, so that a mistake is reported once.
  await closeAll([await environmentOf(common)])
  const { steps, evaluateEvery } = common
  const stopping = early.stopping === 'none' ? undefined : stoppingOf(early, common, space)
  const every = stopping?.firstRung ?? Math.ceil(steps / EVALUATIONS)
  const name = environmentName(common.environment)
  return {
    name,
    directory: directory ?? join('runs', `tune-${name.replace(/[^\w.-]+/g, '-')}`),
    settings,
    space,
    sampler,
    stopping,
    steps,
    evaluateEvery: evaluateEvery === 'never' ? every : evaluateEvery,
    seed,
    trials,
    jobs: jobs ?? availableCores(),
  }
}

function stoppingOf(
  { firstRung, reduction }: { firstRung?: number; reduction: number },
  { steps, options }: RunSettings,
  space: Space,
): Stopping {
  const searched = space.learningStarts
  const starts = searched ? mostOf(searched) : options.learningStarts
  return { firstRung: firstRung ?? Math.max(Math.ceil(steps / FIRST), 2 * starts), reduction }
}

const mostOf = (part: Space[string]) => (isChoices(part) ? Math.max(...part.choices.map(Number)) : part.high)

const withoutUndefined = (table: object) =>
  Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined))
