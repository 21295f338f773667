/** What a study trains: settings crossed with tasks and seeds, as its file describes them. */
import { join } from 'node:path'
import * as z from 'zod/mini'
import { option, parseOptions } from '../../options.ts'
import { UsageError } from '../usage-error.ts'

const withDefault = z._default
const table = z.record(z.string(), z.unknown())
const tables = z.record(
  z.string(),
  z.pipe(
    z.union([table, z.null()]),
    z.transform(value => value ?? {}),
  ),
)
const wholeNumber = z.int().check(z.minimum(1))
const text = z.string().check(z.minLength(1))
const nonEmpty = z.refine<object>(record => Object.keys(record).length > 0)
const range = z.tuple([z.number(), z.number()]).check(z.refine(([low, high]) => low < high))

const studySchema = z.strictObject({
  title: option(text, 'Heading of the page', 'a text'),
  about: option(withDefault(z.string(), ''), 'What it asks, in Markdown', 'a text'),
  seeds: option(
    wholeNumber,
    'How many seeds each cell is trained with, from 0',
    'a whole number of at least 1',
  ),
  settings: option(withDefault(table, {}), 'Settings of every training', 'a table of names and values'),
  tasks: option(
    tables.check(nonEmpty),
    'Environments, each with its settings',
    'a table with at least one environment',
  ),
  variants: option(
    tables.check(nonEmpty),
    'What is compared: names, each with the settings that make it',
    'a table with at least one name',
  ),
  sweeps: option(
    z.optional(
      z
        .record(z.string(), z.array(z.union([z.number(), z.string(), z.boolean()])).check(z.minLength(2)))
        .check(nonEmpty),
    ),
    'Settings, each with the values that every variant is trained at',
    'a table of settings, each with at least two values',
  ),
  charts: option(
    z.optional(z.record(z.string(), z.array(z.string()).check(z.minLength(1)))),
    'Learning curves: titles, each with the variants drawn; default one chart with all',
    'a table of titles, each with a list of variants',
  ),
  ranges: option(
    withDefault(z.record(z.string(), range), {}),
    'Returns that count as 0 and as 1 where tasks are averaged; default the lowest and the highest of the study',
    'a table of environments, each with a lower and a higher return',
  ),
  published: option(
    z.optional(
      z.record(
        z.string(),
        z.array(z.strictObject({ score: z.number(), steps: wholeNumber, by: text })).check(z.minLength(1)),
      ),
    ),
    'Figures of others, beside which the page sets its own',
    'a table of environments, each with a list of { score, steps, by }',
  ),
  processorTime: option(
    withDefault(z.boolean(), false),
    'Compare at equal processor time as well as at equal steps',
    'true or false',
  ),
})

/** A study as its file describes it. */
export interface Study {
  /** Heading of the page. */
  title: string
  /** What it asks, in Markdown. */
  about: string
  /** How many seeds each cell is trained with, from 0. */
  seeds: number
  /** Settings of every training. */
  settings: Record<string, unknown>
  /** Environments, each with its settings. */
  tasks: Record<string, Record<string, unknown>>
  /** What is compared: names, each with the settings that make it. */
  variants: Record<string, Record<string, unknown>>
  /** Settings, each with the values that every variant is trained at. */
  sweeps?: Record<string, (number | string | boolean)[]>
  /** Learning curves: titles, each with the variants drawn. */
  charts?: Record<string, string[]>
  /** Returns that count as 0 and as 1 where tasks are averaged, by environment. */
  ranges: Record<string, [low: number, high: number]>
  /** Figures of others, by environment. */
  published?: Record<string, { score: number; steps: number; by: string }[]>
  /** Whether it compares at equal processor time as well as at equal steps. */
  processorTime: boolean
}

/** What one or several trainings that differ in their seeds alone have in common. */
export interface Cell {
  /** Its environment. */
  task: string
  /** Which of the variants. */
  variant: string
  /** In a sweep: the setting, and its value here. */
  sweep?: { setting: string; value: number | string | boolean }
}

/** One training of a study. */
export interface Training extends Cell {
  /** Its seed. */
  seed: number
  /** The settings that the study names for it, side by side. */
  settings: Record<string, unknown> & { environment: string; seed: number }
  /** Directory of its run, within that of the study. */
  directory: string
}

/**
 * Checks a study.
 * @throws OptionError naming each faulty entry, its value and what is allowed
 * @throws UsageError for charts and ranges of what is not in it, and for names that share a directory
 * @example
 * const study = parseStudy({ title: 'Temperatures', seeds: 3, tasks: { 'Pendulum-v1': {} }, variants: { 'alpha 0': { temperature: 0 } } })
 */
export function parseStudy(input: Record<string, unknown>): Study {
  const study = parseOptions(studySchema, input)
  const drawn = Object.values(study.charts ?? {}).flat()
  requireKnown('charts draw', drawn, Object.keys(study.variants))
  requireKnown('published figures name', Object.keys(study.published ?? {}), Object.keys(study.tasks))
  requireKnown('ranges name', Object.keys(study.ranges), Object.keys(study.tasks))
  const directories = new Map<string, Training>()
  for (const training of trainingsOf(study)) {
    const other = directories.get(training.directory)
    if (other)
      throw new UsageError(`${nameOf(other)} and ${nameOf(training)} have names too alike; rename one.`)
    directories.set(training.directory, training)
  }
  return study
}

function requireKnown(what: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find(name => !known.includes(name))
  if (unknown === undefined) return
  throw new UsageError(`The study's ${what} ${unknown}, which is not in it; it has ${known.join(', ')}.`)
}

/**
 * All trainings, in the order in which they are worth making: each seed for every cell before the next seed, so that a
 * study that is cut short still compares everything.
 */
export function trainingsOf(study: Study): Training[] {
  const cells = cellsOf(study)
  return Array.from({ length: study.seeds }, (_, seed) =>
    cells.map(cell => trainingOf(study, cell, seed)),
  ).flat()
}

/** Every combination of task, variant and, in sweeps, value. */
export function cellsOf({ tasks, variants, sweeps }: Study): Cell[] {
  const points = sweeps
    ? Object.entries(sweeps).flatMap(([setting, values]) => values.map(value => ({ setting, value })))
    : [undefined]
  return Object.keys(tasks).flatMap(task =>
    Object.keys(variants).flatMap(variant =>
      points.map((sweep): Cell => ({ task, variant, ...(sweep && { sweep }) })),
    ),
  )
}

function trainingOf({ settings, tasks, variants }: Study, cell: Cell, seed: number): Training {
  const { task, variant, sweep } = cell
  const own = sweep ? { [sweep.setting]: sweep.value } : {}
  const all = { environment: task, ...settings, ...tasks[task], ...variants[variant], ...own, seed }
  const parts = [task, variant, ...(sweep ? [`${sweep.setting}=${sweep.value}`] : [])]
  return { ...cell, seed, settings: all, directory: join('runs', ...parts.map(fileName), `seed${seed}`) }
}

/** A name that every file system takes. */
const fileName = (text: string) => text.replace(/[^\w.+=-]+/g, '-').replace(/^[.-]+|-$/g, '')

/** `TD3 with tau 0.01 on Pendulum-v1`, for people to read. */
export const nameOf = ({ task, variant, sweep }: Cell): string =>
  `${variant}${sweep ? ` with ${sweep.setting} ${sweep.value}` : ''} on ${task}`
