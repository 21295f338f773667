/** What a study has found so far, read from the runs in its directory. */
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { packageVersion } from '../../version.ts'
import type { Metrics } from '../metrics-file.ts'
import { type RunSummary, summarizeRun } from '../reports/run-summary.ts'
import { RUN_FILES } from '../run-directory.ts'
import { UsageError } from '../usage-error.ts'
import { type Cell, type Study, type Training, trainingsOf } from './study-file.ts'

/** An evaluation during training, or the last one. */
export interface ScorePoint {
  /** Environment steps. */
  step: number
  /** Mean return of its episodes. */
  score: number
  /** Processor seconds that training had taken by then, evaluations not counted. */
  processorSeconds: number
}

/** One training as far as it has come. */
export interface TrainingResult extends Cell {
  /** Its seed. */
  seed: number
  /** `failed`: an error ended it, such as divergence; it is not tried again. `open`: still to be made or resumed. */
  status: 'finished' | 'failed' | 'open'
  /** Why it failed. */
  message?: string
  /** Environment steps so far. */
  steps: number
  /** Wall-clock seconds, evaluations included, over all sessions. */
  seconds?: number
  /** Its evaluations, by steps. */
  points: ScorePoint[]
}

/** Everything that the page of a study is made from; survives JSON. */
export interface StudyResults {
  /** What it asks. */
  study: Study
  /** Where trainings were made. */
  machine: string
  /** Of the repository that it was made in, if it was made in one. */
  commit?: string
  /** One for each training. */
  results: TrainingResult[]
}

/** Where trainings were made: on which machine, and at which commit if the working directory is a repository. */
export type Origin = Pick<StudyResults, 'machine' | 'commit'>

/** This machine, and this package. */
export function originHere(commit?: string): Origin {
  const [{ model } = { model: 'unknown processor' }] = cpus()
  const machine = `${model.trim()}, ${cpus().length} cores, Node ${process.version}, version ${packageVersion}`
  return { machine, ...(commit && { commit }) }
}

/** Reads the runs of a study. */
export const collectResults = (study: Study, directory: string, origin: Origin): StudyResults => ({
  study,
  ...origin,
  results: trainingsOf(study).map(training => resultOf(training, join(directory, training.directory))),
})

/** The state of one training. */
export function resultOf({ task, variant, sweep, seed }: Training, directory: string): TrainingResult {
  const cell = { task, variant, ...(sweep && { sweep }), seed }
  const summary = summaryOf(directory)
  if (!summary) return { ...cell, status: 'open', steps: 0, points: [] }
  const { metrics, steps, seconds, status, message } = summary
  const failed = metrics.end?.reason === 'error'
  return {
    ...cell,
    status: status === 'finished' ? 'finished' : failed ? 'failed' : 'open',
    ...(failed && { message }),
    steps,
    seconds: Math.round(seconds),
    points: pointsOf(metrics),
  }
}

function summaryOf(directory: string): RunSummary | undefined {
  if (!existsSync(join(directory, RUN_FILES.metrics))) return undefined
  try {
    return summarizeRun(directory)
  } catch (error) {
    if (error instanceof UsageError) return undefined
    throw error
  }
}

function pointsOf({ train, evaluations }: Metrics): ScorePoint[] {
  let line = 0
  let spent = 0
  return evaluations.map(({ step, mean }) => {
    for (; line < train.length && train[line].step <= step; line++) spent += train[line].processorSeconds ?? 0
    return { step, score: mean, processorSeconds: round(spent) }
  })
}

const round = (value: number) => Math.round(value * 100) / 100
