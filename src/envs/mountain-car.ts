import type { Env, ResetResult, StepResult } from '../env/env.ts'
import { isFiniteFloat32, requireNumber, requireVector } from '../env/require.ts'
import { box } from '../env/spaces.ts'
import { cos } from '../portable-math.ts'
import { createRandom, type RandomState } from '../random.ts'
import { choiceEnv } from './choices.ts'
import { carAt, mountainCarScene, TIME_STEP } from './mountain-car-scene.ts'

const MIN_POSITION = -1.2
const MAX_POSITION = 0.6
const MAX_SPEED = 0.07
const GOAL_POSITION = 0.45
const POWER = 0.0015
const GRAVITY = 0.0025

/** What `createMountainCar` takes. */
export interface MountainCarOptions {
  /** Velocity that the car must at least have at the goal, per step; 0 by default. */
  goalVelocity?: number
}

/** The exact state of a mountain car, both numbers in float32. */
export interface MountainCarState {
  /** Along the track, within [-1.2, 0.6]; the valley is at -pi/6, the goal at 0.45. */
  position: number
  /** Per step, within [-0.07, 0.07]. */
  velocity: number
  random: RandomState
}

/**
 * `MountainCarContinuous-v0` of Gymnasium: rock a car out of a valley with a motor too weak to climb at once.
 *
 * Observation: position in [-1.2, 0.6] and velocity in [-0.07, 0.07], in units of the track and per step. Action:
 * force in [-1, 1], clipped. Terminates at position 0.45 with at least the goal velocity. Reward: 100 there, less
 * 0.1 force^2 (the force as given, not clipped) at every step. Starts at rest, at a position in [-0.6, -0.4]. Has
 * no time limit of its own; `makeEnv('MountainCarContinuous-v0')` adds that of 999 steps.
 *
 * Answers at once. The same in every JavaScript engine, bit for bit. Until the first `reset` with a seed the
 * starts are random ones. `step` throws before the first `reset`, or if the action is not one number.
 *
 * @throws RangeError if the goal velocity is not a finite number
 */
export function createMountainCar({ goalVelocity = 0 }: MountainCarOptions = {}): Env {
  requireNumber('goalVelocity', goalVelocity)
  const random = createRandom(Math.floor(Math.random() * 2 ** 32), 'environment')
  let position = NaN
  let velocity = NaN
  /** Change of velocity in the next step by hand. */
  let pushed = 0

  return {
    id: 'MountainCarContinuous-v0',
    observationSpace: box({ low: [MIN_POSITION, -MAX_SPEED], high: [MAX_POSITION, MAX_SPEED] }),
    actionSpace: box({ low: -1, high: 1 }),
    seedBits: 32,

    reset({ seed } = {}): ResetResult {
      if (seed !== undefined) random.restore(createRandom(seed, 'environment').state())
      position = Math.fround(random.uniform(-0.6, -0.4))
      velocity = 0
      pushed = 0
      return { observation: Float32Array.of(position, velocity) }
    },

    step(action): StepResult {
      if (Number.isNaN(position)) {
        throw new Error('MountainCarContinuous-v0: call reset() before the first step()')
      }
      const force = action[0]
      if (action.length !== 1 || !isFiniteFloat32(force)) {
        throw new TypeError(`MountainCarContinuous-v0: an action is one number, the force, not [${action}]`)
      }
      const free = velocity + clip(force, -1, 1) * POWER - GRAVITY * cos(3 * position)
      let v = clip(free + pushed, -MAX_SPEED, MAX_SPEED)
      pushed = 0
      const x = clip(position + v, MIN_POSITION, MAX_POSITION)
      // The car stops at the wall on the left; there is none on the right.
      if (x === MIN_POSITION && v < 0) v = 0
      const terminated = x >= GOAL_POSITION && v >= goalVelocity
      const reward = (terminated ? 100 : 0) - 0.1 * force * force
      // Gymnasium keeps the state itself in float32.
      position = Math.fround(x)
      velocity = Math.fround(v)
      return { observation: Float32Array.of(position, velocity), reward, terminated, truncated: false }
    },

    getState: (): MountainCarState => ({ position, velocity, random: random.state() }),

    setState(state) {
      const given = state as MountainCarState | null
      if (!Number.isFinite(given?.position) || !Number.isFinite(given?.velocity)) {
        throw new TypeError(
          'the state of MountainCarContinuous-v0 is { position, velocity, random }, as getState returns',
        )
      }
      random.restore(given!.random)
      position = Math.fround(given!.position)
      velocity = Math.fround(given!.velocity)
      pushed = 0
    },

    handles() {
      if (Number.isNaN(position)) throw new Error('MountainCarContinuous-v0: call reset() before handles()')
      const { middle, slope } = carAt(position)
      return [
        {
          name: 'car',
          position: middle,
          push(acceleration) {
            requireVector('acceleration', acceleration, 2)
            // Its share along the track, and of that the share along x.
            const along = (acceleration[0] + acceleration[1] * slope) / (1 + slope * slope)
            pushed += along * TIME_STEP * TIME_STEP
          },
        },
      ]
    },

    scene() {
      if (Number.isNaN(position)) throw new Error('MountainCarContinuous-v0: call reset() before scene()')
      return mountainCarScene(position, { left: MIN_POSITION, right: MAX_POSITION, goal: GOAL_POSITION })
    },
  }
}

/** Where the goal is, and how strong the motor is, where one chooses between full force and none. */
const CHOICE_GOAL = 0.5
const CHOICE_POWER = 0.001

/**
 * `MountainCar-v0` of Gymnasium: the same valley, with full force to the left, none, or full force to the right.
 *
 * Observation as of `createMountainCar`. Action: 0 pushes to the left, 1 not at all, 2 to the right. Terminates at
 * position 0.5 with at least the goal velocity. Reward: -1 at every step. Starts at rest, at a position in [-0.6, -0.4].
 * Has no time limit of its own; `makeEnv('MountainCar-v0')` adds that of 200 steps.
 *
 * Answers at once. The same in every JavaScript engine, bit for bit. `step` throws before the first `reset`, or if the
 * action is not a vector of one number from 0 to 2.
 *
 * @throws RangeError if the goal velocity is not a finite number
 */
export function createChoiceMountainCar({ goalVelocity = 0 }: MountainCarOptions = {}): Env {
  requireNumber('goalVelocity', goalVelocity)
  return choiceEnv({
    id: 'MountainCar-v0',
    observationSpace: box({ low: [MIN_POSITION, -MAX_SPEED], high: [MAX_POSITION, MAX_SPEED] }),
    actions: 3,
    stateSize: 2,
    begin: random => [random.uniform(-0.6, -0.4), 0],
    observe: state => Float32Array.from(state),
    scene: ([position]) =>
      mountainCarScene(position, { left: MIN_POSITION, right: MAX_POSITION, goal: CHOICE_GOAL }),

    advance([position, velocity], choice) {
      const force = (choice - 1) * CHOICE_POWER
      let v = clip(velocity + (force + cos(3 * position) * -GRAVITY), -MAX_SPEED, MAX_SPEED)
      const x = clip(position + v, MIN_POSITION, MAX_POSITION)
      if (x === MIN_POSITION && v < 0) v = 0
      return { state: [x, v], reward: -1, terminated: x >= CHOICE_GOAL && v >= goalVelocity }
    },
  })
}

const clip = (x: number, low: number, high: number) => Math.max(low, Math.min(high, x))
