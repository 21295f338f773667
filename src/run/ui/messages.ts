/** What the server of `sac ui` and its page say to each other, as JSON. Types alone, so that the page can import them. */
import type { Diagnosis } from '../../doctor/diagnose.ts'
import type { MetricName } from '../metrics.ts'
import type { RunStatus } from '../reports/run-summary.ts'

/** A run in the table. Texts in it come from the run's files, which anybody may have written. */
export interface RunRow {
  /** Its directory as seen from the folder, with `/` on every system; `.` if the folder itself is the run. */
  id: string
  environment: string
  algorithm: string
  seed: number
  status: RunStatus
  /** Why it stopped or crashed, as far as it could say. */
  message?: string
  /** Taken so far, and to be taken in all. */
  steps: number
  totalSteps: number
  /** Mean returns of training episodes; missing before the first ended, the best also until all lines were read. */
  bestReturn?: number
  lastReturn?: number
  /** The last evaluation. */
  evaluation?: { step: number; mean: number; standardDeviation: number }
  /** ISO 8601; missing if the run does not say. */
  startedAt?: string
  /** How long it was at work; missing until all lines were read. */
  seconds?: number
  /** Settings that differ from the defaults of its algorithm, without seed and steps. */
  changed: Record<string, unknown>
  /** The same for runs that differ only in their seeds. */
  experiment: string
  tags: string[]
  note: string
  archived: boolean
  /** How many lines of its metrics cannot be read. */
  damaged: number
}

/** A directory that cannot be read as a run, and why. */
export interface Fault {
  id: string
  message: string
}

/** What `GET /api/runs` answers. */
export interface RunList {
  folder: string
  rows: RunRow[]
  faults: Fault[]
  /** Whether every directory has been read; the others follow as changes. */
  complete: boolean
}

/** What has changed since the last message: an event of `GET /api/events`. */
export interface Changes {
  rows: RunRow[]
  faults: Fault[]
  removed: string[]
  complete: boolean
}

/** What can be the x axis of a chart. */
export type XAxis = 'steps' | 'updates' | 'time'

/** How the seeds of an experiment become one curve. */
export type Gathering = 'none' | 'mean' | 'iqm'

/** What `POST /api/curves` takes. */
export interface CurvesQuery {
  runs: string[]
  metrics: MetricName[]
  x: XAxis
  gather: Gathering
  /** Weight of what came before in the exponential mean, in [0, 1); 0 for none. */
  smoothing: number
  /** The part of the x axis to draw; missing for all of it. */
  range?: [from: number, to: number]
  /** Largest number of points of a curve, about. */
  points: number
}

/** A line of a chart. Arrays of one curve have the same length; null where there is nothing. */
export interface Curve {
  /** The run, or the first one of those gathered. */
  id: string
  /** The runs in it. */
  runs: string[]
  x: number[]
  y: (number | null)[]
  /** The values before they were smoothed. */
  raw?: (number | null)[]
  /** Bounds of the 95 % bootstrap interval over the runs gathered. */
  low?: (number | null)[]
  high?: (number | null)[]
}

/** What `POST /api/curves` answers: the curves of each metric that some run has logged. */
export type Curves = Partial<Record<MetricName, Curve[]>>

/** What `POST /api/gathered` answers: the results of an experiment over its seeds. */
export interface GatheredRow {
  experiment: string
  runs: string[]
  /** Mean or interquartile mean, with its interval where there are several values. */
  results: Record<'bestReturn' | 'lastReturn' | 'evaluation', Estimate | undefined>
}

export interface Estimate {
  value: number
  low?: number
  high?: number
  /** How many runs have such a value. */
  count: number
}

/** What `GET /api/run` answers: one run in full. */
export interface RunDetails {
  row: RunRow
  /** All settings, side by side, and which of them are not defaults. */
  settings: Record<string, unknown>
  changed: string[]
  /** Where and how it was made, as its `config.json` says. */
  made: Record<string, string>
  metrics: MetricName[]
  examinations: { step: number; diagnoses: Diagnosis[] }[]
  evaluations: { step: number; mean: number; standardDeviation: number; returns: number[] }[]
  policies: PolicyEntry[]
  /** Programs that the run names and its environment would execute; empty for built-in environments. */
  programs: string[]
  trusted: boolean
  /** Options for `makeEnv` in the page; missing if its environment cannot be made there. */
  inPage?: { environment: string; options: Record<string, unknown>; timeLimit?: number; stackFrames: number }
}

/** A policy of a run that can act in the page. */
export interface PolicyEntry {
  /** To fetch it with. */
  name: string
  /** Environment steps it has learned from. */
  step: number
  kind: 'last' | 'best' | 'snapshot'
}

/** A training that was started from the page. */
export interface Launch {
  id: string
  /** What was started, as one would type it. */
  command: string
  /** The run, once its directory is there. */
  run?: string
  state: 'starting' | 'training' | 'stopping' | 'ended' | 'failed'
  /** What it said last, or why it failed. */
  message?: string
}

/** An answer that is a question: what would be executed that was not made here. Ask, then send it again with `trust`. */
export interface Question {
  question: string
  programs: string[]
}

/** A run that was deleted and can be brought back. */
export interface Deleted {
  /** To bring it back with. */
  key: string
  id: string
  deletedAt: string
}

/** A setting of a run, for a form. */
export interface SettingField {
  name: string
  description: string
  allowed: string
  preset?: unknown
  group: 'training' | 'hyperparameters'
}
