import * as z from 'zod/mini'
import { option, parseOptions } from '../../options.ts'
import { createRandom } from '../../random.ts'
import { isToBeStopped, type Stopping } from '../../tune/asha.ts'
import { importances } from '../../tune/importance.ts'
import { isIn, type Point, randomPoint, requireSpace, type Space } from '../../tune/space.ts'
import { suggestByTpe } from '../../tune/tpe.ts'
import { bestFirst, type Report, type Trial } from '../../tune/trial.ts'
import { differingNames } from '../reports/differing-settings.ts'
import { UsageError } from '../usage-error.ts'
import {
  changeTrial,
  createStudy,
  createTrial,
  type JournalStudy,
  type JournalTrial,
  readJournal,
  repairJournal,
} from './journal.ts'

/** How the settings of the next trial are chosen. */
export type SamplerName = 'tpe' | 'random'

/** What a search is. */
export interface SearchOptions {
  /** What is searched. */
  space: Space
  /** `tpe` chooses by the results so far, `random` draws. Default `tpe`. */
  sampler?: SamplerName
  /** When trials that do badly are stopped. Default: never. */
  stopping?: Stopping
  /** Seed of what the sampler draws. Default 0. */
  seed?: number
  /** Name of the study in the journal. Default `search`. */
  name?: string
  /** Whatever else must be the same for the search to resume. */
  about?: Record<string, unknown>
}

export const samplerOption = option(
  z._default(z.enum(['tpe', 'random']), 'tpe'),
  "How settings are chosen: 'tpe' by the results so far, 'random' at random",
  "'tpe' or 'random'",
)

const searchSchema = z.strictObject({
  space: option(
    z.record(z.string(), z.looseObject({})),
    'What is searched',
    'a table of settings, each { low, high } or { choices }',
  ),
  sampler: samplerOption,
  stopping: option(
    z.optional(
      z.strictObject({
        firstRung: z.number().check(z.positive()),
        reduction: z.number().check(z.minimum(2)),
      }),
    ),
    'When trials that do badly are stopped',
    '{ firstRung, reduction }, a number above 0 and one of at least 2',
  ),
  seed: option(
    z._default(z.int().check(z.minimum(0), z.maximum(0xffffffff)), 0),
    'Seed of what the sampler draws',
    'a whole number from 0 to 4294967295',
  ),
  name: option(
    z._default(z.string().check(z.minLength(1)), 'search'),
    'Name of the study in the journal',
    'a text',
  ),
  about: option(
    z._default(z.record(z.string(), z.unknown()), {}),
    'What else must be the same',
    'a table of names and values',
  ),
})

/** A trial of a search. */
export interface SearchTrial extends Trial {
  /** Why it failed, as far as it could say. */
  message?: string
}

/** A search whose trials are made by whoever asks for them. Every call reads and writes its journal, so that nothing is lost. */
export interface Search {
  /** All trials, in the order of their numbers. */
  trials(): SearchTrial[]
  /** Begins the next trial: what to try. */
  next(): SearchTrial
  /**
   * Writes down an evaluation of a trial on its way.
   * @returns whether the trial is to be stopped; it has then ended
   */
  report(number: number, report: Report): boolean
  /** Ends a trial with its last evaluation. */
  complete(number: number, report: Report): void
  /** Ends a trial that came to nothing. */
  fail(number: number, message: string): void
}

/** Under this name, the journal says what the search is. */
const DEFINITION = 'search'

/**
 * Begins a search for settings, or resumes it, in a journal that Optuna opens.
 * @param journal path of the file
 * @throws OptionError if an option is not allowed or the space is not one, UsageError if the journal is of another search
 * @example
 * const search = openSearch('search.log', { space: { x: { low: -1, high: 1 } } })
 * for (let i = 0; i < 20; i++) {
 *   const { number, point } = search.next()
 *   search.complete(number, { step: 1, value: -((Number(point.x) - 0.5) ** 2) })
 * }
 * console.log(bestTrial(search.trials()))
 */
export function openSearch(journal: string, options: SearchOptions): Search {
  const { sampler, stopping, seed, name, about } = parseOptions(searchSchema, { ...options })
  const { space } = options
  requireSpace(space)
  // As JSON has it, to compare it with what was written.
  const definition = JSON.parse(
    JSON.stringify({ space, sampler, stopping: stopping ?? 'none', seed, ...about }),
  )
  repairJournal(journal)
  const before = readJournal(journal, name)
  if (before) requireSame(journal, before, definition)
  else createStudy(journal, name, { [DEFINITION]: definition })

  const study = () => readJournal(journal, name)!
  const running = (number: number, report?: Report) => {
    if (report) requireReport(report)
    const trial = study().trials[number]
    if (trial?.state === 'running') return trial
    throw new RangeError(`Trial ${number} of ${journal} ${trial ? 'has ended' : 'does not exist'}.`)
  }

  return {
    trials: () => study().trials.map(publicPart),
    next() {
      const present = study()
      const number = present.trials.length
      const random = createRandom(seed, `trial ${number}`)
      // Others may have added trials of their own, with other settings.
      const known = present.trials.filter(({ point }) => isIn(space, point))
      const point: Point = sampler === 'tpe' ? suggestByTpe(space, known, random) : randomPoint(space, random)
      createTrial(journal, present, { space, point })
      return publicPart(study().trials[number])
    },
    report(number, report) {
      const trial = running(number, report)
      const reported = { ...trial, reports: [...trial.reports, report] }
      const stops = stopping !== undefined && isToBeStopped(reported, study().trials, stopping)
      // In one go: a search that is killed in between would let the trial go on.
      changeTrial(journal, trial, {
        report,
        ...(stops && { end: { state: 'stopped', value: report.value } }),
      })
      return stops
    },
    complete(number, report) {
      changeTrial(journal, running(number, report), {
        report,
        end: { state: 'complete', value: report.value },
      })
    },
    fail(number, message) {
      changeTrial(journal, running(number), { attributes: { message }, end: { state: 'failed' } })
    },
  }
}

const publicPart = ({ id: _, attributes: { message }, ...trial }: JournalTrial): SearchTrial => ({
  ...trial,
  ...(typeof message === 'string' && { message }),
})

/** JSON and Optuna have no others. */
function requireReport({ step, value }: Report): void {
  if (!(Number.isInteger(step) && step >= 0)) {
    throw new RangeError(`step is ${step}; it must be a whole number of at least 0.`)
  }
  if (!Number.isFinite(value)) throw new RangeError(`value is ${value}; it must be a finite number.`)
}

function requireSame(
  journal: string,
  { attributes }: JournalStudy,
  definition: Record<string, unknown>,
): void {
  const stored = (attributes[DEFINITION] ?? {}) as Record<string, unknown>
  const [name] = differingNames([definition, stored])
  if (name === undefined) return
  throw new UsageError(
    `The search in ${journal} was begun with another ${name}, ${JSON.stringify(stored[name])}: ask for the same, or name another place.`,
  )
}

/**
 * The trial with the highest value of those that are complete; undefined if none is.
 * @example
 * console.log(bestTrial(search.trials())?.point)
 */
export const bestTrial = <T extends Trial>(trials: readonly T[]): T | undefined =>
  bestFirst(trials).find(({ state }) => state === 'complete')

/** Trials without which importances say nothing. */
const FEWEST = 8
/** The share of them that counts as good. */
const GOOD = 0.25

/**
 * How much each setting decides whether a trial is among the best quarter (PED-ANOVA), most first; their sum is 1. Trials
 * that were stopped count as worse than those that went further. Undefined with fewer than 8 trials that ended.
 * @example
 * console.log(settingImportances(space, search.trials()))
 */
export function settingImportances(
  space: Space,
  trials: readonly Trial[],
): Record<string, number> | undefined {
  const points = bestFirst(trials)
    .filter(({ state, point }) => state !== 'failed' && isIn(space, point))
    .map(({ point }) => point)
  if (points.length < FEWEST) return undefined
  const all = importances(space, points.slice(0, Math.ceil(GOOD * points.length)), points)
  return Object.fromEntries(Object.entries(all).sort(([, a], [, b]) => b - a))
}
