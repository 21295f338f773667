/**
 * Environments of Gymnasium, in a Python of the user's own; for Node.
 * @module soft-actor-critic/gymnasium
 */
import { multiDiscrete } from '../env/discrete.ts'
import type { Env, ResetResult, StepResult } from '../env/env.ts'
import { goalsInBatches } from '../env/goals.ts'
import { describe, isFiniteFloat32, requireVector } from '../env/require.ts'
import { type ActionSpace, type Box, box } from '../env/spaces.ts'
import { type Host, startHost } from './host.ts'
import { GymnasiumError } from './python-process.ts'

export { GymnasiumError }

/** What `makeGymnasiumEnvs` takes. */
export interface GymnasiumOptions {
  /** How many environments to make, at least 1. Default 1. */
  count?: number
  /**
   * The Python to run, a path or the name of a program. By default the environment variable `SAC_PYTHON`, else
   * `python3` (on Windows `python`).
   */
  python?: string
  /** Keyword arguments of `gymnasium.make`, such as `{ max_episode_steps: 500 }`: values that survive JSON. */
  options?: Record<string, unknown>
}

/**
 * Makes environments of Gymnasium, all in one Python process, which ends when all of them are closed, or with
 * this program; only then are they closed there, all together. That Python needs the package gymnasium and what the environment needs.
 *
 * They answer with promises. What is asked of several of them in one tick travels in one message, so environments side
 * by side share the cost of a round trip. Observations are float64 and flat, whatever the shape of a `Box`; the parts of a
 * `Dict` or `Tuple` follow each other in the order of the space, and a choice has one element, 0 or 1, for each value.
 * A `Dict` with achieved_goal and desired_goal, of an environment with compute_reward, ends in the two (`Env.goals`). Of
 * an info, numbers, truth values and texts arrive. Nothing is converted into a number or a truth value. Actions arrive in
 * the type of their space, and those at a bound at that of the space itself, which may be float64. What the environments print
 * appears on standard error. They have no `getState`.
 *
 * @param id as `gymnasium.make` takes it: `HalfCheetah-v5`, or `my_module:MyEnv-v0` to import a module first
 * @throws RangeError for a count that is not a whole number of at least 1
 * @throws TypeError for an option that JSON does not hold, such as NaN
 * @throws GymnasiumError if Python or Gymnasium is missing, the id is unknown, an option is not taken, or a space is
 * of a kind that is not taken. Later calls throw it where Python raises an exception or ends.
 * @example
 * const [env, evaluationEnv] = await makeGymnasiumEnvs('HalfCheetah-v5', { count: 2 })
 */
export async function makeGymnasiumEnvs(
  id: string,
  { count = 1, python = defaultPython(), options = {} }: GymnasiumOptions = {},
): Promise<Env[]> {
  if (!(Number.isInteger(count) && count >= 1)) {
    throw new RangeError(`count is ${count}; it must be a whole number of at least 1.`)
  }
  const host = startHost(python)
  const open = new Set(Array.from({ length: count }, (_, number) => number))
  const close = async (number: number) => {
    if (open.delete(number) && open.size === 0) await host.end()
  }
  const made = await Promise.allSettled([...open].map(number => makeOne(host, number, id, options, close)))
  const failure = made.find(result => result.status === 'rejected')
  if (failure) {
    // An error of this is ignored, because the one that matters is why nothing could be made.
    await host.end().catch(() => {})
    throw failure.reason
  }
  return made.map(result => (result as PromiseFulfilledResult<Env>).value)
}

const defaultPython = () => process.env.SAC_PYTHON || (process.platform === 'win32' ? 'python' : 'python3')

/** What `make` of `host.py` returns besides bounds. */
interface Shapes {
  observationShape: number[]
  /** Of a `Box`. */
  actionShape?: number[]
  /** Of discrete actions: values of each number, and the smallest of each. */
  choices?: number[]
  start?: number[]
  /** Numbers in a goal, if it has goals. */
  goalSize?: number
}

/** Makes one of the environments of a host. */
async function makeOne(
  host: Host,
  number: number,
  id: string,
  options: Record<string, unknown>,
  close: (number: number) => Promise<void>,
): Promise<Env> {
  requireJson('options', options)
  const { numbers, result } = await host.call({ name: 'make', args: [number, id, options] })
  const shapes = result as Shapes
  const { observationShape, goalSize } = shapes
  const observationSize = sizeOf(observationShape)
  const actionSpace = actionSpaceOf(shapes, numbers.subarray(2 * observationSize))
  return {
    id: `gymnasium:${id}`,
    observationSpace: boxOf(observationShape, numbers.subarray(0, 2 * observationSize).map(orInfinite)),
    actionSpace,
    ...(goalSize !== undefined && {
      goals: goalsInBatches(goalSize, async (achieved, desired) => {
        const pairs = [...achieved, ...desired]
        return (await host.call({ name: 'computeRewards', args: [number], numbers: pairs })).numbers
      }),
    }),

    async reset(resetOptions = {}): Promise<ResetResult> {
      requireJson('options of reset', resetOptions)
      const { numbers, result } = await host.call({ name: 'reset', args: [number, resetOptions] })
      return { observation: numbers, ...result }
    },

    async step(action): Promise<StepResult> {
      requireVector('action', action, actionSpace.size)
      const { numbers, result } = await host.call({ name: 'step', args: [number], numbers: action })
      const reward = numbers[numbers.length - 1]
      return { observation: numbers.subarray(0, -1), reward, ...(result as StepFlags) }
    },

    close: () => close(number),
  }
}

type StepFlags = Pick<StepResult, 'terminated' | 'truncated' | 'info'>

/** Float64 spaces without bounds often have the largest finite number in their place. */
const orInfinite = (bound: number) => (isFiniteFloat32(bound) ? bound : bound * Infinity)

/** @throws TypeError for what JSON would leave out or turn into null, such as NaN; options given as undefined count as left out */
function requireJson(where: string, value: unknown): void {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return
  if (typeof value === 'number' && !Number.isNaN(value)) return
  const isTable = Object.prototype.toString.call(value) === '[object Object]'
  if (!isTable && !Array.isArray(value)) {
    throw new TypeError(
      `${where} is ${describe(value)}: options for Python are numbers other than NaN, strings, booleans, null, arrays and objects`,
    )
  }
  for (const [name, element] of isTable
    ? Object.entries(value as object)
    : [...(value as unknown[])].entries()) {
    if (isTable && element === undefined) continue
    requireJson(isTable ? `${where}.${name}` : `${where}[${name}]`, element)
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1)

const actionSpaceOf = ({ actionShape, choices, start }: Shapes, bounds: Float64Array): ActionSpace =>
  choices ? multiDiscrete(choices, { start }) : boxOf(actionShape!, bounds)

/** A space from its shape and `bounds`, which hold the lower ones, then the upper ones. */
function boxOf(shape: readonly number[], bounds: Float64Array): Box {
  const size = sizeOf(shape)
  // Gymnasium has boxes without an axis, of one number.
  return box({
    low: bounds.slice(0, size),
    high: bounds.slice(size, 2 * size),
    shape: shape.length > 0 ? shape : [1],
  })
}
