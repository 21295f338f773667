/**
 * Runs on disk, for Node: what `sac` itself uses to train, save, resume, read, film and compare.
 * @module soft-actor-critic/run
 */

export type { PictureSize } from '../render/picture-size.ts'
export type { Stopping } from '../tune/asha.ts'
export type { Choice, Choices, Point, Range, Space } from '../tune/space.ts'
export type { Report, Trial } from '../tune/trial.ts'
export { CheckpointError } from './checkpoint-file.ts'
export type { Checkpoint } from './checkpoints.ts'
export type { NamedEnvironment } from './environment-path.ts'
export {
  closeAll,
  environmentOf,
  environmentsOf,
  makeUnchecked,
  type WrappedEnvironment,
} from './environments/environment.ts'
export { type TrainingEnvironments, trainingEnvironments } from './environments/training-environments.ts'
export { type FilmOptions, film, type Shot } from './film/film.ts'
export { type SavedFilm, saveFilm } from './film/save-film.ts'
export { type ImportedRun, type ImportRunOptions, importRun } from './import-run.ts'
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
export { presetSettings } from './preset-settings.ts'
export {
  type Recorded,
  type RecordOptions,
  type RecordRunOptions,
  randomPolicy,
  recordPolicy,
  recordRun,
} from './record-run.ts'
export { changedSettings, differingSettings } from './reports/differing-settings.ts'
export { type GoneProblem, goneProblems } from './reports/examinations.ts'
export { findRuns } from './reports/find-runs.ts'
export { type CurvePoint, type LearningCurve, learningCurves } from './reports/learning-curves.ts'
export { learningCurvesSvg } from './reports/learning-curves-svg.ts'
export { metricsToCsv } from './reports/metrics-csv.ts'
export { type RunStatus, type RunSummary, summarizeRun, summarizeRuns } from './reports/run-summary.ts'
export { type BootstrapOptions, bootstrapInterval, interquartileMean } from './reports/statistics.ts'
export { RUN_FILES, type RunFile, type RunPlace, runDirectories, saveAsRun } from './run-directory.ts'
export type { Origin, RunRecord } from './run-record.ts'
export { flattenSettings, parseSettings, type RunSettings, type RunSettingsInput } from './settings.ts'
export { findStoppedRun } from './stopped-runs.ts'
export { type MakeStudyOptions, makeStudy, type StudyJob } from './study/make-study.ts'
export { type Cell, parseStudy, type Study, type Training } from './study/study-file.ts'
export type { ScorePoint, StudyResults, TrainingResult } from './study/study-results.ts'
export { type TrainRunOptions, trainRun } from './train-run.ts'
export {
  type SeedRun,
  type SeedStatistics,
  seedStatistics,
  type TrainSeedsOptions,
  trainSeeds,
} from './train-seeds.ts'
export type { TrainingSettingsInput } from './training-settings-input.ts'
export { isTrusted, programsOf, trust } from './trust.ts'
export type { TuneEvent, TuneOptions } from './tune/plan.ts'
export {
  bestTrial,
  openSearch,
  type SamplerName,
  type Search,
  type SearchOptions,
  type SearchTrial,
  settingImportances,
} from './tune/search.ts'
export type { SpaceInput } from './tune/space-file.ts'
export { type BestTrial, type TuneResult, tune } from './tune/tune.ts'
export { type ServeRunsOptions, serveRuns } from './ui/serve-runs.ts'
export type { Ui } from './ui/server.ts'
export { UsageError } from './usage-error.ts'
export {
  type EvaluateRunOptions,
  evaluateRun,
  type OpenPolicyOptions,
  openRunPolicy,
  type RunPolicy,
} from './use-run.ts'
export { WriteError } from './write-file.ts'
