import type { Env } from '../env/env.ts'
import { box } from '../env/spaces.ts'
import { cos, sin } from '../portable-math.ts'
import { acrobotScene } from './acrobot-scene.ts'
import { choiceEnv } from './choices.ts'

const GRAVITY = 9.8
const MASS = 1
const LENGTH = 1
/** From a link's joint to the middle of its mass. */
const CENTRE = 0.5
const INERTIA = 1
const TIME_STEP = 0.2
const MAX_VELOCITIES = [4 * Math.PI, 9 * Math.PI]
const TORQUES = [-1, 0, 1]

/**
 * `Acrobot-v1` of Gymnasium: swing the free end of two hanging links up over a line, with a motor in the joint between
 * them.
 *
 * Observation: cos and sin of the first link's angle from hanging down, cos and sin of the second's from the first, and
 * both angular velocities, limited to 4 pi and 9 pi rad/s. Action: torque of the motor, 0 is -1 N m, 1 none, 2 is 1 N m.
 * Reward: -1 at every step but the last. Terminates where the free end is more than 1 m above the axle. Starts with
 * both angles and velocities in [-0.1, 0.1]. Has no time limit of its own; `makeEnv('Acrobot-v1')` adds that of 500 steps.
 *
 * Answers at once. The same in every JavaScript engine, bit for bit. `step` throws before the first `reset`, or if the
 * action is not a vector of one number from 0 to 2.
 */
export function createAcrobot(): Env {
  const high = [1, 1, 1, 1, ...MAX_VELOCITIES]
  return choiceEnv({
    id: 'Acrobot-v1',
    observationSpace: box({ low: high.map(bound => -bound), high }),
    actions: 3,
    stateSize: 4,
    // Gymnasium draws the start in float32, and computes with float64 from there.
    begin: random => Array.from({ length: 4 }, () => Math.fround(random.uniform(-0.1, 0.1))),
    observe: ([a, b, v, w]) => Float32Array.of(cos(a), sin(a), cos(b), sin(b), v, w),
    scene: ([first, second], choice) =>
      acrobotScene({
        angles: [first, first + second],
        torque: TORQUES[choice ?? 1],
        length: LENGTH,
        timeStep: TIME_STEP,
      }),

    advance(before, choice) {
      const [a, b, v, w] = rungeKutta(state => motion(state, TORQUES[choice]), before, TIME_STEP)
      const state = [wrap(a), wrap(b), bound(v, MAX_VELOCITIES[0]), bound(w, MAX_VELOCITIES[1])]
      const terminated = -cos(state[0]) - cos(state[1] + state[0]) > 1
      return { state, reward: terminated ? 0 : -1, terminated }
    },
  })
}

/** Derivatives of both angles and angular velocities (Sutton and Barto, Reinforcement Learning, section 11.3). */
function motion([a, b, v, w]: readonly number[], torque: number): number[] {
  const [cosB, sinB] = [cos(b), sin(b)]
  const d1 =
    MASS * CENTRE ** 2 + MASS * (LENGTH ** 2 + CENTRE ** 2 + 2 * LENGTH * CENTRE * cosB) + INERTIA + INERTIA
  const d2 = MASS * (CENTRE ** 2 + LENGTH * CENTRE * cosB) + INERTIA
  const phi2 = MASS * CENTRE * GRAVITY * cos(a + b - Math.PI / 2)
  const phi1 =
    -MASS * LENGTH * CENTRE * (w * w) * sinB -
    2 * MASS * LENGTH * CENTRE * w * v * sinB +
    (MASS * CENTRE + MASS * LENGTH) * GRAVITY * cos(a - Math.PI / 2) +
    phi2
  const second =
    (torque + (d2 / d1) * phi1 - MASS * LENGTH * CENTRE * (v * v) * sinB - phi2) /
    (MASS * CENTRE ** 2 + INERTIA - (d2 * d2) / d1)
  return [v, w, -(d2 * second + phi1) / d1, second]
}

/** One step of the classic method of Runge and Kutta of order 4. */
function rungeKutta(f: (y: readonly number[]) => number[], y: readonly number[], h: number): number[] {
  const from = (k: readonly number[], share: number) => y.map((value, i) => value + share * k[i])
  const k1 = f(y)
  const k2 = f(from(k1, h / 2))
  const k3 = f(from(k2, h / 2))
  const k4 = f(from(k3, h))
  return y.map((value, i) => value + (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]))
}

const bound = (x: number, limit: number) => Math.min(Math.max(x, -limit), limit)

/** The angle less whole turns, in [-pi, pi]. */
function wrap(angle: number): number {
  let x = angle
  while (x > Math.PI) x -= 2 * Math.PI
  while (x < -Math.PI) x += 2 * Math.PI
  return x
}
