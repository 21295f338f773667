import type { Env } from '../env/env.ts'
import { requireFlag } from '../env/require.ts'
import { box } from '../env/spaces.ts'
import { cos, sin } from '../portable-math.ts'
import { cartPoleScene } from './cart-pole-scene.ts'
import { choiceEnv } from './choices.ts'

const GRAVITY = 9.8
const POLE_MASS = 0.1
const TOTAL_MASS = 1 + POLE_MASS
/** Half the length of the pole. */
const LENGTH = 0.5
const FORCE = 10
const TIME_STEP = 0.02
const MAX_POSITION = 2.4
const MAX_ANGLE = (12 * 2 * Math.PI) / 360

/** What `createCartPole` takes. */
export interface CartPoleOptions {
  /** Reward 0 at each step and -1 at the last one, as in the book of Sutton and Barto; false by default. */
  suttonBartoReward?: boolean
}

/**
 * `CartPole-v1` of Gymnasium: keep a pole upright on a cart by pushing the cart left or right.
 *
 * Observation: position of the cart in m, its velocity, angle of the pole in rad, its angular velocity. Action: 0 pushes
 * to the left, 1 to the right, both with 10 N. Reward: 1 at every step. Terminates where the cart is further than 2.4 m
 * from the middle or the pole further than 12 degrees from upright. Starts with all four numbers in [-0.05, 0.05]. Has
 * no time limit of its own; `makeEnv('CartPole-v1')` adds that of 500 steps.
 *
 * Answers at once. The same in every JavaScript engine, bit for bit. `step` throws before the first `reset`, or if the
 * action is not a vector of the one number 0 or 1.
 *
 * @throws TypeError if `suttonBartoReward` is neither true nor false
 */
export function createCartPole({ suttonBartoReward = false }: CartPoleOptions = {}): Env {
  requireFlag('suttonBartoReward', suttonBartoReward)
  const high = [2 * MAX_POSITION, Infinity, 2 * MAX_ANGLE, Infinity]
  return choiceEnv({
    id: 'CartPole-v1',
    observationSpace: box({ low: high.map(bound => -bound), high }),
    actions: 2,
    stateSize: 4,
    begin: random => Array.from({ length: 4 }, () => random.uniform(-0.05, 0.05)),
    observe: state => Float32Array.from(state),
    scene: ([position, , angle], choice) =>
      cartPoleScene({
        position,
        angle,
        choice,
        length: 2 * LENGTH,
        limit: MAX_POSITION,
        timeStep: TIME_STEP,
      }),

    advance([x, v, angle, w], choice) {
      const force = choice === 1 ? FORCE : -FORCE
      const [c, s] = [cos(angle), sin(angle)]
      const push = (force + POLE_MASS * LENGTH * (w * w) * s) / TOTAL_MASS
      const turning = (GRAVITY * s - c * push) / (LENGTH * (4 / 3 - (POLE_MASS * (c * c)) / TOTAL_MASS))
      const acceleration = push - (POLE_MASS * LENGTH * turning * c) / TOTAL_MASS
      const state = [
        x + TIME_STEP * v,
        v + TIME_STEP * acceleration,
        angle + TIME_STEP * w,
        w + TIME_STEP * turning,
      ]
      const terminated = Math.abs(state[0]) > MAX_POSITION || Math.abs(state[2]) > MAX_ANGLE
      const reward = suttonBartoReward ? (terminated ? -1 : 0) : 1
      return { state, reward, terminated }
    },
  })
}
