/**
 * Soft Actor-Critic for TypeScript and JavaScript, for Node and browsers: the public API, one flat list.
 * @module soft-actor-critic
 */

export type { Activation } from './arithmetic.ts'
export { DataError } from './data/data-error.ts'
export { readTransitions } from './data/read.ts'
export type { DataFile, DataSource, NamedBytes, NamedStream } from './data/source.ts'
export { createTransitionWriter, type TransitionWriter, WRITABLE, type WritableFormat } from './data/write.ts'
export { type Acted, type ActForOptions, actFor } from './distributed/act.ts'
export type { Presence, RunDescription, Weights } from './distributed/board.ts'
export { createInProcessTransport, type InProcessOptions } from './distributed/in-process.ts'
export { beginningOf, type IntakeNotice } from './distributed/intake.ts'
export { type LearnFromActorsOptions, learnFromActors } from './distributed/learn.ts'
export { type Lease, type TakeLeaseOptions, takeLease } from './distributed/lease.ts'
export { type ReplayLogOptions, replayLog } from './distributed/replay-log.ts'
export { RunChangedError, RunError } from './distributed/run-error.ts'
export type { RunExplorer } from './distributed/run-explorer.ts'
export { awaitRun, type RunSurvey, surveyRun } from './distributed/survey.ts'
export type { BoardEntry, LogEntry, Transport } from './distributed/transport.ts'
export type { Diagnosis } from './doctor/diagnose.ts'
export {
  createDoctor,
  type Doctor,
  type DoctorOptions,
  type DoctorState,
  type Examination,
} from './doctor/doctor.ts'
export type { Vitals, VitalsPeriod, VitalsState } from './doctor/vitals.ts'
export {
  type DecodedTensors,
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type NamedTensors,
} from './encoding/safetensors.ts'
export { SafetensorsError } from './encoding/safetensors-header.ts'
export { type CheckOptions, checkEnv, type Finding } from './env/check-env.ts'
export {
  type Discrete,
  type DiscreteOptions,
  discrete,
  type MultiDiscreteOptions,
  multiDiscrete,
} from './env/discrete.ts'
export type {
  Awaitable,
  Env,
  Goals,
  Handle,
  ResetOptions,
  ResetResult,
  StepResult,
  Vector,
} from './env/env.ts'
export { type Dict, dict, type Parts } from './env/parts.ts'
export { type RecordedEnv, type RecordedTransition, recordTransitions } from './env/record-transitions.ts'
export type * from './env/scene.ts'
export { type ActionSpace, type Box, type BoxOptions, box, contains, type Spaces } from './env/spaces.ts'
export {
  type EpisodeStatistics,
  episodeStatistics,
  rescaleAction,
  scaleReward,
  stackFrames,
  timeLimit,
} from './env/wrappers.ts'
export type { EnvAbout, EnvEntry, EnvFactory, EnvOptions, Maker } from './envs/entry.ts'
export type * from './envs/environment-options.ts'
export { environments } from './envs/environments.ts'
export type { MujocoModel } from './envs/mujoco/model-file.ts'
export {
  type AnyId,
  environmentIds,
  makeEnv,
  type OptionsOf,
  registerEnv,
  UnknownEnvironmentError,
} from './envs/registry.ts'
export { allowWideKernels } from './graph/wasm/wide-tiles.ts'
export { ModelFileError } from './import/model-file-error.ts'
export { type ImportedAgent, type ImportOptions, importStableBaselines3 } from './import/stable-baselines3.ts'
export { OptionError } from './options.ts'
export type { Head } from './policy/head.ts'
export { policyModuleTypes, policyToModule } from './policy/module.ts'
export type { ActorNetwork } from './policy/network.ts'
export type { Normalizer } from './policy/normalizer.ts'
export { type OnnxOptions, policyToOnnx } from './policy/onnx.ts'
export {
  type ActOptions,
  type Policy,
  type PolicyNetwork,
  type PolicySource,
  policyFromParameters,
} from './policy/policy.ts'
export {
  type LoadedPolicy,
  type LoadPolicyOptions,
  loadPolicy,
  policyToSafetensors,
  readPolicy,
} from './policy/policy-file.ts'
export { createRandom, type Random, type RandomState } from './random.ts'
export { type CanvasContext, drawScene } from './render/canvas.ts'
export type { PictureSize } from './render/picture-size.ts'
export { createRayCaster, type RayCaster } from './render/ray-caster.ts'
export type { HindsightOptions } from './replay/future-goals.ts'
export type { StoredLane } from './replay/lane.ts'
export type { PrioritiesState } from './replay/priorities.ts'
export type { PrioritizedDraw } from './replay/replay-buffer.ts'
export {
  createReplayBuffer,
  type ReplayBuffer,
  type ReplayBufferOptions,
  type ReplayBufferState,
} from './replay/replay-buffer.ts'
export type { StorageOptions, StorageState } from './replay/storage.ts'
export type { Batch, Transition } from './replay/transition.ts'
export type { ActionStatistics } from './sac/action-statistics.ts'
export { type AgentState, type LearnFromOptions, SAC, type Timings } from './sac/agent.ts'
export type { AgentCounters, Streams } from './sac/agent-state.ts'
export type { EpisodeNoise, ExplorationNoise } from './sac/exploration-noise.ts'
export type { AgentSpaces } from './sac/hindsight.ts'
export type { LiveOptions } from './sac/live-options.ts'
export { DivergenceError, type UpdateMetrics } from './sac/metrics.ts'
export {
  ALGORITHMS,
  type AlgorithmName,
  type SacOptions,
  type SacOptionsInput,
  sacOptionsSchema,
} from './sac/options.ts'
export { parseSacOptions } from './sac/parse-options.ts'
export { createProbe, type Probe } from './sac/probe.ts'
export type { Moments, RunningStatistics, RunningStatisticsState } from './sac/running-statistics.ts'
export type { StoredTransitions } from './sac/stored-experience.ts'
export {
  type LoadAgentOptions,
  loadAgent,
  type SaveAgentOptions,
  saveAgent,
  trainingStateIn,
} from './training/agent-file.ts'
export { type EpisodeResult, type EvaluateOptions, type Evaluation, evaluate } from './training/evaluate.ts'
export type * from './training/events.ts'
export { EnvironmentError } from './training/guarded-env.ts'
export type { ActorState, ExperienceState, LaneState, TrainingState } from './training/lanes.ts'
export { type Preset, presetFor, presetOptions } from './training/presets.ts'
export { train } from './training/train.ts'
export { type TrainAgentOptions, type TrainedAgent, trainAgent } from './training/train-agent.ts'
export type { TrainOptions } from './training/train-options.ts'
