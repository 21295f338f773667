/**
 * Trials in the format of Optuna's `JournalFileBackend`, one JSON object a line, so that Optuna and its dashboard open
 * them. Lines are operations; what a search is follows from all of them in order.
 */
import { existsSync, readFileSync } from 'node:fs'
import { type Choice, isChoices, type Point, type Range, type Space } from '../../tune/space.ts'
import type { Report, Trial } from '../../tune/trial.ts'
import { UsageError } from '../usage-error.ts'
import { appendToFile, writeFileAtomically } from '../write-file.ts'

/** What an operation does. Others are notes of people and programs, which mean nothing to a search. */
const OPERATION = {
  createStudy: 0,
  setStudyAttribute: 2,
  createTrial: 4,
  setParameter: 5,
  setState: 6,
  report: 7,
  setTrialAttribute: 8,
} as const

const STATES: Trial['state'][] = ['running', 'complete', 'stopped', 'failed']
const MAXIMIZE = 2

/** A trial as the journal has it. */
export interface JournalTrial extends Trial {
  /** Its number in the whole journal, which may have other studies too. */
  id: number
  /** What its author has written down about it. */
  attributes: Record<string, unknown>
}

/** A study in a journal. */
export interface JournalStudy {
  /** Its number in the whole journal. */
  id: number
  /** What its author has written down about it. */
  attributes: Record<string, unknown>
  trials: JournalTrial[]
}

type Line = Record<string, unknown> & { op_code: number }

interface NamedStudy extends JournalStudy {
  name: unknown
}

/**
 * Reads a study; undefined if there is none of this name.
 * @throws UsageError if the file is not a journal
 */
export const readJournal = (path: string, name: string): JournalStudy | undefined =>
  readStudies(path).find(study => study.name === name)

/**
 * All studies in a journal, which need not exist.
 * @throws UsageError if the file is not a journal
 */
export function readStudies(path: string): NamedStudy[] {
  if (!existsSync(path)) return []
  const text = readFileSync(path, 'utf8')
  const studies: NamedStudy[] = []
  const trials: JournalTrial[] = []
  // What follows the last line break is not yet a line.
  for (const [i, lineText] of text.split('\n').slice(0, -1).entries()) {
    try {
      apply(JSON.parse(lineText), studies, trials)
    } catch (cause) {
      throw new UsageError(`${path} is not a journal of Optuna: its line ${i + 1} cannot be read.`, { cause })
    }
  }
  return studies
}

function apply(line: Line, studies: NamedStudy[], trials: JournalTrial[]): void {
  const { op_code: operation, study_id, trial_id } = line
  if (!Number.isInteger(operation)) throw new TypeError('It has no operation.')
  if (operation === OPERATION.createStudy) {
    if (studies.some(study => study.name === line.study_name)) return
    studies.push({ id: studies.length, name: line.study_name, attributes: {}, trials: [] })
  }
  if (operation === OPERATION.setStudyAttribute) {
    Object.assign(studies[Number(study_id)].attributes, line.user_attr)
  }
  if (operation === OPERATION.createTrial) {
    const study = studies[Number(study_id)]
    const trial = { ...createdTrial(line), id: trials.length, number: study.trials.length }
    study.trials.push(trial)
    trials.push(trial)
  }
  const trial = trials[Number(trial_id)]
  // Optuna changes no trial that has ended.
  if (trial?.state !== 'running') return
  if (operation === OPERATION.setParameter) {
    const { param_name, param_value_internal, distribution } = line
    const value = externalValue(Number(param_value_internal), String(distribution))
    trial.point = { ...trial.point, [String(param_name)]: value }
  }
  if (operation === OPERATION.report) {
    const report = { step: Number(line.step), value: Number(line.intermediate_value) }
    trial.reports = [...trial.reports.filter(({ step }) => step !== report.step), report]
  }
  if (operation === OPERATION.setTrialAttribute) Object.assign(trial.attributes, line.user_attr)
  if (operation === OPERATION.setState) {
    trial.state = STATES[Number(line.state)] ?? 'running'
    if (Array.isArray(line.values)) trial.value = Number(line.values[0])
  }
}

function createdTrial(line: Line): Omit<JournalTrial, 'id' | 'number'> {
  const distributions = (line.distributions ?? {}) as Record<string, string>
  const parameters = Object.entries((line.params ?? {}) as Record<string, number>)
  const reports = Object.entries((line.intermediate_values ?? {}) as Record<string, number>)
  return {
    point: Object.fromEntries(
      parameters.map(([name, value]) => [name, externalValue(value, distributions[name])]),
    ),
    state: STATES[Number(line.state ?? 0)] ?? 'running',
    reports: reports.map(([step, value]) => ({ step: Number(step), value })),
    ...(typeof line.value === 'number' && { value: line.value }),
    attributes: { ...(line.user_attrs as object) },
  }
}

/** Choices are written as their places in the list of them. */
function externalValue(value: number, distribution: string): Choice {
  const { attributes } = JSON.parse(distribution)
  return Array.isArray(attributes.choices) ? attributes.choices[value] : value
}

function internalValue(part: Range | { choices: readonly Choice[] }, value: Choice): number {
  return isChoices(part) ? part.choices.indexOf(value) : Number(value)
}

/** What Optuna calls a part of a space. */
function distributionOf(part: Space[string]): string {
  if (isChoices(part)) {
    return JSON.stringify({ name: 'CategoricalDistribution', attributes: { choices: part.choices } })
  }
  const { low, high, log = false, step } = part
  const isWhole = step !== undefined && Number.isInteger(step) && Number.isInteger(low)
  const name = isWhole ? 'IntDistribution' : 'FloatDistribution'
  return JSON.stringify({ name, attributes: { step: step ?? null, low, high, log } })
}

/** Begins a study of trials of which larger values are better. */
export function createStudy(path: string, name: string, attributes: Record<string, unknown>): void {
  const id = readStudies(path).length
  const lines = Object.entries(attributes).map(([key, value]) => ({
    op_code: OPERATION.setStudyAttribute,
    study_id: id,
    user_attr: { [key]: value },
  }))
  append(path, [{ op_code: OPERATION.createStudy, study_name: name, directions: [MAXIMIZE] }, ...lines])
}

/** Begins a trial. */
export function createTrial(
  path: string,
  study: JournalStudy,
  { space, point }: { space: Space; point: Point },
): void {
  const names = Object.keys(space)
  const of = <T>(value: (name: string) => T) => Object.fromEntries(names.map(name => [name, value(name)]))
  append(path, [
    {
      op_code: OPERATION.createTrial,
      study_id: study.id,
      datetime_start: now(),
      state: STATES.indexOf('running'),
      value: null,
      values: null,
      distributions: of(name => distributionOf(space[name])),
      params: of(name => internalValue(space[name], point[name])),
      user_attrs: {},
      system_attrs: {},
      intermediate_values: {},
    },
  ])
}

/** What is new about a trial: all of it is written at once, or nothing. */
export interface TrialChange {
  report?: Report
  /** It ends with this value. */
  end?: { state: Exclude<Trial['state'], 'running'>; value?: number }
  attributes?: Record<string, unknown>
}

/** Writes down what is new about a trial. */
export function changeTrial(
  path: string,
  { id }: Pick<JournalTrial, 'id'>,
  { report, end, attributes = {} }: TrialChange,
): void {
  const lines: Line[] = Object.entries(attributes).map(([key, value]) => ({
    op_code: OPERATION.setTrialAttribute,
    trial_id: id,
    user_attr: { [key]: value },
  }))
  if (report) {
    const { step, value } = report
    lines.push({ op_code: OPERATION.report, trial_id: id, step, intermediate_value: value })
  }
  if (end) {
    const values = end.value === undefined ? null : [end.value]
    const state = STATES.indexOf(end.state)
    lines.push({ op_code: OPERATION.setState, trial_id: id, state, values, datetime_complete: now() })
  }
  append(path, lines)
}

/** Older versions of Python do not read the `Z` of JavaScript. */
const now = () => new Date().toISOString().replace('Z', '+00:00')

function append(path: string, lines: readonly Line[]): void {
  const texts = lines.map(line => `${JSON.stringify({ worker_id: 'soft-actor-critic', ...line })}\n`)
  appendToFile(path, texts.join(''))
}

/** Removes what a crash left half written at the end, to which Optuna and the next line would be appended. */
export function repairJournal(path: string): void {
  if (!existsSync(path)) return
  const text = readFileSync(path, 'utf8')
  const end = text.lastIndexOf('\n') + 1
  if (end < text.length) writeFileAtomically(path, text.slice(0, end))
}
