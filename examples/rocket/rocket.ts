import { box, createRandom, type Env, timeLimit } from 'soft-actor-critic'

const TIME_STEP = 0.05 // s
const GRAVITY = 9.81 // m/s²
const THRUST = 20 // m/s², at full throttle
const SWING = 1.2 // rad/s², of the nozzle at full throttle and full gimbal
const DRAG = 0.2 // 1/s, of the rotation

/** A rocket in a vertical plane. Positions are of its feet, in metres from the middle of the pad; the angle is from upright. */
export interface Rocket {
  x: number
  y: number
  vx: number
  vy: number
  angle: number
  spin: number
  /** What the last action was: throttle from 0 to 1, gimbal from -1 to 1. */
  throttle: number
  gimbal: number
}

/** How bad a state is: far from the pad, fast, tilted. */
const badness = ({ x, y, vx, vy, angle, spin }: Rocket): number =>
  0.1 * Math.hypot(x, y) + 0.1 * Math.hypot(vx, vy) + Math.abs(angle) + 0.3 * Math.abs(spin)

/** What the agent sees: seven numbers of about 1. The last is the speed at which it could still stop, less its own. */
export const observe = ({ x, y, vx, vy, angle, spin }: Rocket): number[] => [
  x / 10,
  y / 20,
  vx / 5,
  vy / 10,
  angle,
  spin,
  (Math.sqrt(2 * (0.7 * THRUST - GRAVITY) * Math.max(y, 0)) + vy) / 10,
]

/** One time step, in place. */
export function fly(rocket: Rocket, { 0: throttle, 1: gimbal }: ArrayLike<number>): void {
  rocket.throttle = (throttle + 1) / 2
  rocket.gimbal = gimbal
  const push = THRUST * rocket.throttle
  rocket.vx += push * Math.sin(rocket.angle) * TIME_STEP
  rocket.vy += (push * Math.cos(rocket.angle) - GRAVITY) * TIME_STEP
  rocket.spin += (-SWING * rocket.throttle * gimbal * 4 - DRAG * rocket.spin) * TIME_STEP
  rocket.x += rocket.vx * TIME_STEP
  rocket.y += rocket.vy * TIME_STEP
  rocket.angle += rocket.spin * TIME_STEP
}

/** Whether it stands: on the pad, slowly, upright. */
export const hasLanded = ({ x, y, vx, vy, angle }: Rocket): boolean =>
  y <= 0 && Math.abs(x) < 4 && Math.hypot(vx, vy) < 2.5 && Math.abs(angle) < 0.2

/** How far a touchdown was from a good one: 0 is perfect. Of degrees one can learn, of yes or no hardly. */
const roughness = ({ x, vx, vy, angle }: Rocket): number =>
  1.5 * Math.max(0, Math.hypot(vx, vy) - 1.5) +
  10 * Math.max(0, Math.abs(angle) - 0.1) +
  Math.max(0, Math.abs(x) - 3)

const isLost = ({ x, y, angle }: Rocket): boolean =>
  y <= 0 || y > 40 || Math.abs(x) > 25 || Math.abs(angle) > 1.5

/** A rocket that falls from 20 m, to one side of its pad, tilted. */
export function dropRocket(uniform: (low: number, high: number) => number): Rocket {
  return {
    x: uniform(-8, 8),
    y: uniform(16, 24),
    vx: uniform(-2, 2),
    vy: uniform(-6, 0),
    angle: uniform(-0.3, 0.3),
    spin: 0,
    throttle: 0,
    gimbal: 0,
  }
}

/**
 * Land on the pad, upright and slowly. `policy.js` beside it is the best policy of
 *
 *   sac train rocket.ts --steps 80000 --hidden-sizes 64,64 --batch-size 64 --learning-rate 1e-3 --learning-starts 2000
 *     --learning-rate-schedule linear --evaluate-every 10000 --evaluation-episodes 50
 */
export default function makeRocket(): Env {
  const random = createRandom(0, 'environment')
  let rocket = dropRocket(random.uniform)

  const env: Env = {
    id: 'Rocket',
    observationSpace: box({ low: -Infinity, high: Infinity, shape: [7] }),
    actionSpace: box({ low: -1, high: 1, shape: [2] }),

    reset({ seed } = {}) {
      if (seed !== undefined) random.restore(createRandom(seed, 'environment').state())
      rocket = dropRocket(random.uniform)
      return { observation: observe(rocket) }
    },

    step(action) {
      const before = badness(rocket)
      fly(rocket, action)
      const landed = hasLanded(rocket)
      const terminated = landed || isLost(rocket)
      // Without a price on time it learns to hover just above the pad, because that is safe.
      const cost = 0.1 + 0.01 * rocket.throttle
      const end = !terminated ? 0 : rocket.y > 0 ? -10 : 10 - roughness(rocket)
      return {
        observation: observe(rocket),
        reward: before - badness(rocket) - cost + end,
        terminated,
        truncated: false,
        info: { is_success: landed },
      }
    },
  }
  return timeLimit(env, 200)
}
