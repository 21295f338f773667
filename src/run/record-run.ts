/** What a policy does, recorded: as pictures, as transitions to learn from, or as both at once. */
import { existsSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import { createTransitionWriter, WRITABLE, type WritableFormat } from '../data/write.ts'
import { drawAction } from '../env/action-space.ts'
import type { Env } from '../env/env.ts'
import { recordTransitions } from '../env/record-transitions.ts'
import type { Policy } from '../policy/policy.ts'
import { createRandom } from '../random.ts'
import { EVALUATION_STEPS, evaluate } from '../training/evaluate.ts'
import { UsageError } from './usage-error.ts'
import { type OpenPolicyOptions, openRunPolicy } from './use-run.ts'
import { writeFileAtomically } from './write-file.ts'

/** What is recorded, and where. At least one of the two files is named. */
export interface RecordOptions {
  /** The film: `.gif`, or `.png` for its last picture. Replaced if it is there. Default: none. */
  film?: string
  /** Every step, for `readTransitions` and `sac train --demonstrations`: `.jsonl` or `.npz`, likewise. Default: none. */
  transitions?: string
  /** Whole episodes, unless `maxSteps` cuts them off. Default 1. */
  episodes?: number
  /** Steps after which an episode is cut off. Default 10,000. */
  maxSteps?: number
  /** Seed of the environment's first reset; later episodes continue from there. Default 0, of a run its own. */
  seed?: number
  /** Width of the film in pixels. Default 320. */
  width?: number
  /** Height of the film in pixels. Default 240. */
  height?: number
  /** Largest number of pictures per second of the simulation. Default 25. */
  fps?: number
}

/** What came of a recording. */
export interface Recorded {
  /** Return of each episode. */
  returns: number[]
  /** Of all episodes. */
  steps: number
  /** Episodes that did not end by themselves, but after `maxSteps` steps. */
  cutOff: number
  /** Pictures in the film, if there is one. */
  pictures?: number
  /** Size of the film, if there is one. */
  bytes?: number
  /** Transitions in their file, if there is one. */
  transitions?: number
}

const FILMS = ['.gif', '.png']

/**
 * Checks where a recording is to go, before anything is done for it.
 * @throws UsageError for a name of no known kind, or in a directory that is not there
 */
export function requireRecording({ film, transitions }: RecordOptions): void {
  if (film === undefined && transitions === undefined) {
    throw new UsageError('Name the file of a recording: film, transitions or both.')
  }
  if (film !== undefined) requireWritable(film, FILMS)
  if (transitions === undefined) return
  requireWritable(
    transitions,
    WRITABLE.map(format => `.${format}`),
  )
}

/**
 * Records what a policy does in an environment; without chance, unless the policy has its own.
 * @throws UsageError for files that cannot be written, an environment without `scene()`, or a package that is needed and
 *   missing
 * @throws EnvironmentError if the environment throws or answers with something that is not finite
 * @example
 * const env = await makeEnv('Pendulum-v1')
 * await recordPolicy(randomPolicy(env, 0), env, { transitions: 'random.npz', episodes: 10 })
 */
export async function recordPolicy(policy: Policy, env: Env, options: RecordOptions): Promise<Recorded> {
  requireRecording(options)
  const { film, transitions, episodes = 1, maxSteps = EVALUATION_STEPS, seed = 0 } = options
  const { width = 320, height = 240, fps = 25 } = options
  const writer =
    transitions === undefined
      ? undefined
      : createTransitionWriter(extname(transitions).slice(1) as WritableFormat)
  const recorded = writer && recordTransitions(env, writer.add)
  const result = film === undefined ? await play() : await filmTo(film)
  if (!(writer && recorded)) return result
  recorded.finish()
  writeFileAtomically(transitions!, writer.finish())
  return { ...result, transitions: writer.count }

  async function play(): Promise<Recorded> {
    const {
      returns,
      lengths,
      cutOff = 0,
    } = await evaluate(policy, recorded ?? env, { episodes, maxSteps, seed })
    return { returns: [...returns], steps: lengths.reduce((a, b) => a + b), cutOff }
  }

  async function filmTo(file: string): Promise<Recorded> {
    // Loaded here, because transitions alone need no pictures.
    const { saveFilm } = await import('./film/save-film.ts')
    return saveFilm(policy, recorded ?? env, file, { width, height }, { episodes, maxSteps, seed, fps })
  }
}

function requireWritable(file: string, kinds: readonly string[]): void {
  if (!kinds.includes(extname(file))) {
    throw new UsageError(`The recording ${file} must have a name that ends in ${kinds.join(' or ')}.`)
  }
  if (!existsSync(dirname(file))) throw new UsageError(`There is no directory ${dirname(file)} for ${file}.`)
}

/** How `recordRun` records: what `recordPolicy` takes, and how the policy is opened. */
export interface RecordRunOptions extends RecordOptions, OpenPolicyOptions {}

/**
 * Records what the policy of a run does in its environment, in one call.
 * @throws UsageError as `recordPolicy` and `openRunPolicy`
 * @example
 * await recordRun('runs/Pendulum-v1-seed1', { film: 'pendulum.gif', transitions: 'demo.npz', episodes: 10 })
 */
export async function recordRun(
  directory: string,
  { best, environmentOptions, trust, ...options }: RecordRunOptions,
): Promise<Recorded> {
  requireRecording(options)
  const { policy, env, seed, close } = await openRunPolicy(directory, { best, environmentOptions, trust })
  try {
    return await recordPolicy(policy, env, { ...options, seed: options.seed ?? seed })
  } finally {
    await close()
  }
}

/**
 * A policy of uniformly random actions, always the same ones for a seed.
 * @example
 * const { mean } = await evaluate(randomPolicy(env, 0), env)
 */
export function randomPolicy({ actionSpace }: Pick<Env, 'actionSpace'>, seed: number): Policy {
  const random = createRandom(seed, 'recording')
  return { act: () => drawAction(actionSpace, random) }
}
