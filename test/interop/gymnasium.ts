import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const python = join(import.meta.dirname, '..', '..', '.venv', 'bin', 'python')
const script = join(import.meta.dirname, 'gymnasium_rollouts.py')

/** What to do in Gymnasium, from a state of MuJoCo. */
export interface MujocoRequest {
  id: string
  /** For `gymnasium.make`. */
  options?: Record<string, unknown>
  qpos: number[]
  qvel: number[]
  actions: number[][]
  /** Instead of the solver of the model. */
  solver?: 'Newton'
  iterations?: number
}

/** What to do in Gymnasium, from a state of classic control. */
export interface ClassicRequest {
  id: string
  state: number[]
  actions: number[][]
}

/** What an environment showed: observations before and after each step, rewards and endings of the steps. */
export interface Rollout {
  observations: ArrayLike<number>[]
  rewards: number[]
  terminated: boolean[]
}

/** Rollouts in real Gymnasium. */
export function gymnasiumRollouts(requests: (MujocoRequest | ClassicRequest)[]): Rollout[] {
  if (!existsSync(python)) throw new Error(`there is no ${python}: run the tests with npm run test:interop`)
  const { status, stdout, stderr } = spawnSync(python, [script], {
    input: JSON.stringify(requests),
    encoding: 'utf8',
    maxBuffer: 2 ** 29,
  })
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`)
  return JSON.parse(stdout)
}

/** Largest difference between two vectors, of each element relative to 1 + its size. */
export function deviation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`vectors of ${a.length} and ${b.length} elements`)
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]) / (1 + Math.abs(b[i]))
    // Written so that NaN counts as endlessly far.
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference
  }
  return largest
}
