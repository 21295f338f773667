/**
 * Runs on disk, for Node: what `sac` itself uses to train, save, resume, read, film and compare.
 * @module soft-actor-critic/run
 */

export type { PictureSize } from '../render/picture-size.ts'
export { CheckpointError } from './checkpoint-file.ts'
export type { Checkpoint } from './checkpoints.ts'
export type { NamedEnvironment } from './environment-path.ts'
export {
  closeAll,
  environmentOf,
  environmentsOf,
  type WrappedEnvironment,
} from './environments/environment.ts'
export { type FilmOptions, film, type Shot } from './film/film.ts'
export { type SavedFilm, saveFilm } from './film/save-film.ts'
export { type LoadedRun, loadRun, loadRunPolicy, loadSettings } from './load-run.ts'
export type * from './metrics.ts'
export { endOf, type Metrics, readMetrics } from './metrics-file.ts'
export {
  type BeginRunInput,
  beginRun,
  type OpenRun,
  type ResumeRunInput,
  type RunInput,
  resumeRun,
} from './open-run.ts'
export { openTransitions } from './open-transitions.ts'
export { findRuns } from './reports/find-runs.ts'
export { type CurvePoint, type LearningCurve, learningCurves } from './reports/learning-curves.ts'
export { type RunStatus, type RunSummary, summarizeRun } from './reports/run-summary.ts'
export { type BootstrapOptions, bootstrapInterval, interquartileMean } from './reports/statistics.ts'
export { RUN_FILES, type RunFile, type RunPlace, runDirectories, saveAsRun } from './run-directory.ts'
export type { Origin, RunRecord } from './run-record.ts'
export { parseSettings, type RunSettings, type RunSettingsInput } from './settings.ts'
export { findStoppedRun } from './stopped-runs.ts'
export { type TrainRunOptions, trainRun } from './train-run.ts'
export type { TrainingSettingsInput } from './training-settings-input.ts'
export { isTrusted, programsOf, trust } from './trust.ts'
export { UsageError } from './usage-error.ts'
export {
  type EvaluateRunOptions,
  evaluateRun,
  type OpenPolicyOptions,
  openRunPolicy,
  type RunPolicy,
} from './use-run.ts'
export { WriteError } from './write-file.ts'
