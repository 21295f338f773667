import { createRandom, type Random } from '../random.ts'
import { aboutOtherSpace, drawAction, faultOfDiscrete } from './action-space.ts'
import { checkChoices } from './check-choices.ts'
import { checkGoals } from './check-goals.ts'
import { checkObservations } from './check-observations.ts'
import type { Env, StepResult, Vector } from './env.ts'
import { faultOfGoals } from './goals.ts'
import { describe, isFiniteFloat32 } from './require.ts'
import { type ActionSpace, type Box, firstOutside } from './spaces.ts'
import { successOf } from './success.ts'

/** Something wrong with an environment. */
export interface Finding {
  /** `error`: training would fail or learn the wrong thing. `warning`: likely not what was meant. */
  severity: 'error' | 'warning'
  /** What was seen, and where. */
  problem: string
  /** How to fix it. */
  remedy: string
}

/** What `checkEnv` takes. */
export interface CheckOptions {
  /** Steps to try, 2000 by default. An environment whose episodes are longer gets a warning. */
  steps?: number
  /** Seed of the environment and of the random actions. */
  seed?: number
}

/**
 * Tries an environment out with random actions and reports what commonly goes wrong with environments.
 *
 * An empty list means that nothing was found. Errors in the spaces or methods are reported first and alone, because
 * nothing else can be tried before they are fixed. Each kind of problem is reported once, where it was first
 * seen. A faulty environment never makes this throw; the environment is left open, somewhere in an episode.
 *
 * @example
 * for (const { severity, problem, remedy } of await checkEnv(env)) console.log(severity, problem, remedy)
 */
export async function checkEnv(env: Env, { steps = 2000, seed = 0 }: CheckOptions = {}): Promise<Finding[]> {
  const findings = new Map<string, Finding>()
  const report: Report = (kind, severity, problem, remedy) => {
    if (!findings.has(kind)) findings.set(kind, { severity, problem, remedy })
  }
  try {
    checkMembers(env, report)
    if (findings.size === 0) {
      const first = await tryOut(env, steps, seed, report)
      if (first) {
        if (!first.ended) {
          report(
            'endless',
            'warning',
            `no episode ended within ${steps} steps`,
            'wrap the environment in timeLimit(env, maxSteps) or train with --time-limit, so that training sees more ' +
              'than one start and evaluations end',
          )
        }
        const sound = [...findings.values()].every(({ severity }) => severity === 'warning')
        if (sound) {
          const observations = first.trace.map(record => record.slice(0, env.observationSpace.size))
          checkObservations(observations, first.longest === 1, report)
          if (env.goals) await checkGoals(env.goals, stepsIn(first, observations), report)
        }
        const again = sound && (await tryOut(env, Math.min(steps, 200), seed, report))
        if (again) compareRuns(first.trace, again.trace, report)
        if (again && env.actionSpace.kind === 'discrete') {
          await checkChoices(
            env.actionSpace,
            action =>
              tryOut(
                env,
                30,
                seed,
                () => {},
                () => action,
              ),
            report,
          )
        }
      }
    }
  } catch (error) {
    report(
      'crash',
      'error',
      `reading the environment failed: ${describe(error)}`,
      'return plain objects of the types that Env documents',
    )
  }
  return [...findings.values()]
}

/** What keeps an object from being used as an environment, seen from its spaces and methods alone. */
export function missingMembers(env: unknown): string[] {
  const problems: string[] = []
  checkMembers(env as Env, (_kind, _severity, problem) => problems.push(problem))
  return problems
}

/** Records a finding, unless one of the same kind was recorded before. */
export type Report = (kind: string, severity: Finding['severity'], problem: string, remedy: string) => void

function checkMembers(env: Env, report: Report): void {
  for (const name of ['reset', 'step'] as const) {
    if (typeof env?.[name] !== 'function') {
      report(
        name,
        'error',
        `the environment has no method ${name}()`,
        `add ${name}() as the interface Env says`,
      )
    }
  }
  for (const name of ['observationSpace', 'actionSpace'] as const) {
    const space: ActionSpace | undefined = env?.[name]
    if (name === 'actionSpace' && space?.kind !== 'box' && typeof space?.kind === 'string') {
      const fault = space.kind === 'discrete' ? faultOfDiscrete(space) : aboutOtherSpace((space as Box).kind)
      if (fault) report(name, 'error', fault, 'make actionSpace with box, discrete or multiDiscrete')
      continue
    }
    const remedy =
      space?.kind === 'discrete'
        ? `give one element, 0 or 1, for each of its ${space.n} values: box({ low: 0, high: 1, shape: [${space.n}] })`
        : `make ${name} with box({ low, high, shape })`
    if (space?.kind !== 'box' || !isVector(space.low) || !isVector(space.high)) {
      report(name, 'error', `${name} is not a box with low and high`, remedy)
      continue
    }
    const { low, high, size, shape } = space
    if (!Array.isArray(shape) || shape.reduce((a, b) => a * b, 1) !== size || !(size > 0)) {
      report(
        name,
        'error',
        `${name} has shape [${shape}] and size ${size}: size must be their product`,
        remedy,
      )
    } else if (low.length !== size || high.length !== size) {
      report(
        name,
        'error',
        `${name} has ${low.length} lower and ${high.length} upper bounds for ${size} elements`,
        remedy,
      )
    } else {
      checkBounds(name, space, report)
    }
  }
  const fault = env?.goals !== undefined && env.observationSpace?.kind === 'box' && faultOfGoals(env)
  if (fault) {
    report('goals', 'error', fault, 'describe goals as the interface Goals says, or leave goals out')
  }
}

function checkBounds(
  name: 'observationSpace' | 'actionSpace',
  { low, high, size }: Box,
  report: Report,
): void {
  for (let i = 0; i < size; i++) {
    const bounds = `element ${i} of ${name} is bounded by ${low[i]} and ${high[i]}`
    if (name === 'observationSpace' ? !(low[i] <= high[i]) : !(low[i] < high[i])) {
      report(name, 'error', bounds, 'let low be below high, and neither of them NaN')
    } else if (name === 'actionSpace' && high[i] - low[i] === Infinity) {
      report(name, 'error', `${bounds}: actions cannot be scaled to it`, 'give actions finite bounds')
    }
  }
}

/** What a run showed: one record for each reset and step, and whether an episode ended. */
interface Run {
  trace: number[][]
  ended: boolean
  /** Steps of the longest episode. */
  longest: number
}

/** The steps of a run, without its resets; observations are of both. */
const stepsIn = ({ trace }: Run, observations: readonly (readonly number[])[]) =>
  trace.flatMap((record, i) =>
    record.length === observations[i].length
      ? []
      : [{ observation: observations[i], reward: record[observations[i].length] }],
  )

/** Runs with random actions for a number of steps; undefined if the environment does not allow that. */
async function tryOut(
  env: Env,
  steps: number,
  seed: number,
  report: Report,
  draw = (random: Random) => drawAction(env.actionSpace, random),
): Promise<Run | undefined> {
  const random = createRandom(seed, 'check')
  const trace: number[][] = []
  let ended = false
  let length = 0
  let longest = 0
  const returned = new WeakSet<Vector>()
  let previous: { observation: Vector; copy: number[] } | undefined

  /** Checks an observation against its space and against the one before; false if it is of no use. */
  function look(observation: unknown, where: string): observation is Vector {
    const space = env.observationSpace
    if (!isVector(observation) || observation.length !== space.size) {
      const got = isVector(observation) ? `${observation.length} numbers` : describe(observation)
      report(
        'length',
        'error',
        `${where} returned an observation of ${got} where observationSpace has ${space.size}`,
        'return one flat array with as many numbers as observationSpace has',
      )
      return false
    }
    const values = Array.from(observation)
    const unusable = values.findIndex(value => !isFiniteFloat32(value))
    const outside = firstOutside(space, observation)
    if (unusable !== -1) {
      report(
        'finite',
        'error',
        `${where} returned observation[${unusable}] = ${describe(values[unusable])}`,
        'every element must be a number that float32 holds (at most 3.4e38): look for divisions by zero and unstable physics',
      )
    } else if (outside !== -1) {
      report(
        'outside',
        'error',
        `${where} returned observation[${outside}] = ${values[outside]}, outside observationSpace ` +
          `[${space.low[outside]}, ${space.high[outside]}]`,
        'clip the observation, or widen observationSpace (bounds may be infinite)',
      )
    }
    if (previous && (returned.has(observation) || changed(previous))) {
      report(
        'reused',
        'error',
        `${where} reused the array of an observation returned before`,
        'return a new array each time, e.g. state.slice()',
      )
    }
    returned.add(observation)
    previous = { observation, copy: values }
    return true
  }

  async function begin(options?: { seed: number }): Promise<boolean> {
    const where = options ? 'reset({ seed })' : 'reset()'
    try {
      const result = await env.reset(options)
      if (!look(result?.observation, where)) return false
      trace.push(Array.from(result.observation))
      return true
    } catch (error) {
      report(
        'reset throws',
        'error',
        `${where} threw ${describe(error)}`,
        'let reset() begin an episode at any time',
      )
      return false
    }
  }

  if (!(await begin({ seed }))) return
  for (let step = 1; step <= steps; step++) {
    const where = `step() number ${step}`
    const action = draw(random)
    const given = action.slice()
    let result: StepResult
    try {
      result = await env.step(action)
    } catch (error) {
      report(
        'step throws',
        'error',
        `${where} threw ${describe(error)} for the action [${given}]`,
        'let step() take any action within actionSpace',
      )
      return
    }
    if (action.some((value, i) => value !== given[i])) {
      report('action', 'error', `${where} wrote to its action`, 'copy the action before you clip or scale it')
    }
    if (!look(result?.observation, where)) return
    if (!isFiniteFloat32(result.reward)) {
      report(
        'reward',
        'error',
        `${where} returned reward ${describe(result.reward)}`,
        'return a number that float32 holds (at most 3.4e38)',
      )
    }
    for (const flag of ['terminated', 'truncated'] as const) {
      if (typeof result[flag] !== 'boolean') {
        report(
          flag,
          'error',
          `${where} returned ${flag} = ${describe(result[flag])}`,
          `return true or false: terminated where the task itself ended, truncated where time ran out`,
        )
      }
    }
    checkSuccess(env, result, where, report)
    const end = Boolean(result.terminated || result.truncated)
    trace.push([...Array.from(result.observation), result.reward, Number(result.terminated), Number(end)])
    longest = Math.max(longest, ++length)
    if (end) {
      ended = true
      length = 0
      if (!(await begin())) return
    }
  }
  return { trace, ended, longest }
}

function checkSuccess(env: Env, { info, terminated }: StepResult, where: string, report: Report): void {
  const success = successOf(info)
  if (info?.is_success !== undefined && success === undefined) {
    report(
      'success',
      'warning',
      `${where} returned info.is_success = ${describe(info.is_success)}, which is not counted in success rates`,
      'make it true or false, or 1 or 0',
    )
  }
  if (!env.goals || !success || terminated !== true) return
  report(
    'goal ends',
    'warning',
    `${where} terminated the episode because its goal was reached, which it would not have been for another goal: with ` +
      'hindsight, transitions are learned from with other goals, and stay terminated',
    'let the episode go on until its time limit',
  )
}

function compareRuns(first: number[][], again: number[][], report: Report): void {
  for (const [i, record] of again.entries()) {
    if (record.length === first[i].length && record.every((value, k) => Object.is(value, first[i][k])))
      continue
    report(
      'seed',
      'warning',
      `two runs from reset({ seed }) with the same seed and actions differ ${i === 0 ? 'from the start' : `after ${i} calls`}`,
      'draw every random number from one stream that reset({ seed }) restarts (createRandom), ' +
        'and let reset() clear all state: runs cannot be repeated otherwise',
    )
    return
  }
}

function isVector(value: unknown): value is Vector {
  return typeof value === 'object' && value !== null && typeof (value as Vector).length === 'number'
}

function changed({ observation, copy }: { observation: Vector; copy: number[] }): boolean {
  return copy.some((value, i) => !Object.is(value, observation[i]))
}
