import type { Env, ResetResult, StepResult } from '../env/env.ts'
import { isFiniteFloat32, requireNumber, requireVector } from '../env/require.ts'
import { box } from '../env/spaces.ts'
import { cos, sin } from '../portable-math.ts'
import { createRandom, type RandomState } from '../random.ts'
import { pendulumScene, tipOf } from './pendulum-scene.ts'

const MAX_SPEED = 8
const MAX_TORQUE = 2
const TIME_STEP = 0.05
const MASS = 1
const LENGTH = 1

/** What `createPendulum` takes. */
export interface PendulumOptions {
  /** Acceleration of free fall in m/s^2. */
  gravity?: number
}

/** The exact state of a pendulum. */
export interface PendulumState {
  /** Angle from upright in rad, counted on over full turns. */
  angle: number
  /** Angular velocity in rad/s, within [-8, 8]. */
  velocity: number
  random: RandomState
}

/**
 * `Pendulum-v1` of Gymnasium: swing a rod up and hold it upright with a motor too weak to lift it at once.
 *
 * Observation: cos and sin of the angle from upright, angular velocity in [-8, 8] rad/s. Action: torque in
 * [-2, 2] N m, clipped. Reward, from the state before the step: -(angle^2 + 0.1 velocity^2 + 0.001 torque^2)
 * with the angle in [-pi, pi), so from -16.27 to 0. Starts at any angle with a velocity in [-1, 1]. Never
 * terminates and has no time limit of its own; `makeEnv('Pendulum-v1')` adds that of 200 steps.
 *
 * Answers at once. The same in every JavaScript engine, bit for bit. Until the first `reset` with a seed the
 * starts are random ones. `step` throws before the first `reset`, or if the action is not one number.
 *
 * @throws RangeError if gravity is not a finite number
 */
export function createPendulum({ gravity = 10 }: PendulumOptions = {}): Env {
  requireNumber('gravity', gravity)
  const random = createRandom(Math.floor(Math.random() * 2 ** 32), 'environment')
  let angle = NaN
  let velocity = NaN
  // To look at only.
  let lastTorque = 0
  /** Angular acceleration of the next step by hand, in rad/s^2. */
  let pushed = 0

  const observe = () => Float32Array.of(cos(angle), sin(angle), velocity)

  return {
    id: 'Pendulum-v1',
    observationSpace: box({ low: [-1, -1, -MAX_SPEED], high: [1, 1, MAX_SPEED] }),
    actionSpace: box({ low: -MAX_TORQUE, high: MAX_TORQUE }),
    seedBits: 32,

    reset({ seed } = {}): ResetResult {
      if (seed !== undefined) random.restore(createRandom(seed, 'environment').state())
      angle = random.uniform(-Math.PI, Math.PI)
      velocity = random.uniform(-1, 1)
      lastTorque = 0
      pushed = 0
      return { observation: observe() }
    },

    step(action): StepResult {
      if (Number.isNaN(angle)) throw new Error('Pendulum-v1: call reset() before the first step()')
      if (action.length !== 1 || !isFiniteFloat32(action[0])) {
        throw new TypeError(`Pendulum-v1: an action is one number, the torque in N m, not [${action}]`)
      }
      const torque = clip(action[0], MAX_TORQUE)
      const fromUpright = wrapAngle(angle)
      const cost = fromUpright * fromUpright + 0.1 * velocity * velocity + 0.001 * torque * torque
      const acceleration =
        ((3 * gravity) / (2 * LENGTH)) * sin(angle) + (3 / (MASS * LENGTH * LENGTH)) * torque + pushed
      velocity = clip(velocity + acceleration * TIME_STEP, MAX_SPEED)
      angle += velocity * TIME_STEP
      lastTorque = torque
      pushed = 0
      return { observation: observe(), reward: -cost, terminated: false, truncated: false }
    },

    getState: (): PendulumState => ({ angle, velocity, random: random.state() }),

    setState(state) {
      const given = state as PendulumState | null
      if (!Number.isFinite(given?.angle) || !Number.isFinite(given?.velocity)) {
        throw new TypeError('the state of Pendulum-v1 is { angle, velocity, random }, as getState returns')
      }
      random.restore(given!.random)
      angle = given!.angle
      velocity = given!.velocity
      lastTorque = 0
      pushed = 0
    },

    handles() {
      if (Number.isNaN(angle)) throw new Error('Pendulum-v1: call reset() before handles()')
      const [x, y] = tipOf(angle, LENGTH)
      return [
        {
          name: 'tip',
          position: [x, y],
          push(acceleration) {
            requireVector('acceleration', acceleration, 2)
            // Its share across the rod, which turns counterclockwise from [0, length].
            pushed += (-y * acceleration[0] + x * acceleration[1]) / (LENGTH * LENGTH)
          },
        },
      ]
    },

    scene() {
      if (Number.isNaN(angle)) throw new Error('Pendulum-v1: call reset() before scene()')
      return pendulumScene({ angle, torque: lastTorque / MAX_TORQUE, length: LENGTH, timeStep: TIME_STEP })
    },
  }
}

const clip = (x: number, limit: number) => Math.max(-limit, Math.min(limit, x))

/** The angle less whole turns, in [-pi, pi). */
function wrapAngle(x: number): number {
  const turn = 2 * Math.PI
  const rest = (x + Math.PI) % turn
  return (rest < 0 ? rest + turn : rest) - Math.PI
}
