import type { Env, ResetResult, StepResult } from '../../env/env.ts'
import { requireVector } from '../../env/require.ts'
import type { Point2 } from '../../env/scene.ts'
import { box } from '../../env/spaces.ts'
import { cos, sin } from '../../portable-math.ts'
import { createRandom, type RandomState } from '../../random.ts'
import { planarReachScene } from './planar-reach-scene.ts'
import { goalStep, type SparseGoalOptions, sparseGoals } from './sparse-goals.ts'

const ID = 'PlanarReach-v0'
const LINK = 0.5 // m
const TIME_STEP = 0.05 // s
const MAX_ACCELERATION = 30 // rad/s^2
const DAMPING = 5 // 1/s
const MAX_SPEED = MAX_ACCELERATION / DAMPING // rad/s
/** Distance of goals from the shoulder in m. */
const GOALS = { nearest: 0.2, farthest: 0.95 }

/** The exact state of an arm and its goal. */
export interface PlanarReachState {
  /** Angle of the upper arm from the x axis, and of the forearm from the upper arm, in rad, counted on over full turns. */
  angles: number[]
  /** rad/s. */
  velocities: number[]
  /** x and y in m. */
  goal: number[]
  random: RandomState
}

/**
 * `PlanarReach-v0`: move the tip of an arm of two links, each 0.5 m long, to a point in its plane and keep it there.
 *
 * Observation: cos and sin of both joint angles, both angular velocities in rad/s, then the goals: where the tip is and
 * where it should be, x and y in m from the shoulder. Action: what accelerates either joint, in [-1, 1] times
 * 30 rad/s^2, clipped. Reward: 0 where the tip is within `tolerance` (0.05 m) of the goal, -1 elsewhere. Starts at rest
 * with any angles; goals are 0.2 to 0.95 m away from the shoulder. Never terminates and has no time limit of its own;
 * `makeEnv('PlanarReach-v0')` adds that of 50 steps.
 *
 * Answers at once. The same in every JavaScript engine, bit for bit. Until the first `reset` with a seed the starts are
 * random ones. `step` throws before the first `reset`, or if the action is not two numbers.
 *
 * @throws RangeError if the tolerance is not a finite number above 0
 */
export function createPlanarReach({ tolerance = 0.05 }: SparseGoalOptions = {}): Env {
  const goals = sparseGoals(2, tolerance)
  const random = createRandom(Math.floor(Math.random() * 2 ** 32), 'environment')
  let angles: number[] = []
  let velocities: number[] = []
  let goal: number[] = []
  /** What somebody's hand adds to the accelerations of the next step, in rad/s^2. */
  let pushed = [0, 0]

  /** Shoulder, elbow and tip. */
  function joints(): Point2[] {
    const [shoulder, elbow] = angles
    const middle: Point2 = [LINK * cos(shoulder), LINK * sin(shoulder)]
    return [
      [0, 0],
      middle,
      [middle[0] + LINK * cos(shoulder + elbow), middle[1] + LINK * sin(shoulder + elbow)],
    ]
  }

  const observe = () =>
    Float32Array.of(
      ...angles.flatMap(angle => [cos(angle), sin(angle)]),
      ...velocities,
      ...joints()[2],
      ...goal,
    )

  const requireReset = (call: string) => {
    if (goal.length === 0) throw new Error(`${ID}: call reset() before ${call}`)
  }

  return {
    id: ID,
    observationSpace: box({
      low: [-1, -1, -1, -1, -MAX_SPEED, -MAX_SPEED, ...Array(4).fill(-1)],
      high: [1, 1, 1, 1, MAX_SPEED, MAX_SPEED, ...Array(4).fill(1)],
    }),
    actionSpace: box({ low: -1, high: 1, shape: [2] }),
    seedBits: 32,
    goals,

    reset({ seed } = {}): ResetResult {
      if (seed !== undefined) random.restore(createRandom(seed, 'environment').state())
      angles = [random.uniform(-Math.PI, Math.PI), random.uniform(-Math.PI, Math.PI)]
      velocities = [0, 0]
      pushed = [0, 0]
      // Of the square, so that goals are spread evenly over the area.
      const distance = Math.sqrt(random.uniform(GOALS.nearest ** 2, GOALS.farthest ** 2))
      const direction = random.uniform(-Math.PI, Math.PI)
      goal = [distance * cos(direction), distance * sin(direction)]
      return { observation: observe() }
    },

    step(action): StepResult {
      requireReset('the first step()')
      requireVector(`action of ${ID}`, action, 2)
      for (let i = 0; i < 2; i++) {
        const acceleration = MAX_ACCELERATION * Math.max(-1, Math.min(1, action[i])) + pushed[i]
        velocities[i] += (acceleration - DAMPING * velocities[i]) * TIME_STEP
        angles[i] += velocities[i] * TIME_STEP
      }
      pushed = [0, 0]
      return goalStep(goals, observe())
    },

    getState: (): PlanarReachState => ({
      angles: [...angles],
      velocities: [...velocities],
      goal: [...goal],
      random: random.state(),
    }),

    setState(state) {
      const given = state as PlanarReachState | null
      for (const name of ['angles', 'velocities', 'goal'] as const) {
        const numbers = given?.[name]
        if (Array.isArray(numbers) && numbers.length === 2 && numbers.every(Number.isFinite)) continue
        throw new TypeError(`the state of ${ID} is { angles, velocities, goal, random }, as getState returns`)
      }
      random.restore(given!.random)
      angles = [...given!.angles]
      velocities = [...given!.velocities]
      goal = [...given!.goal]
      pushed = [0, 0]
    },

    handles() {
      requireReset('handles()')
      const [, elbow, tip] = joints()
      return [
        {
          name: 'tip',
          position: tip,
          push(acceleration) {
            requireVector('acceleration', acceleration, 2)
            // Each joint gets its share across the line from there to the tip.
            const across = ([x, y]: Point2) =>
              (-(tip[1] - y) * acceleration[0] + (tip[0] - x) * acceleration[1]) / (LINK * LINK)
            pushed = [pushed[0] + across([0, 0]), pushed[1] + across(elbow)]
          },
        },
      ]
    },

    scene() {
      requireReset('scene()')
      return planarReachScene({ joints: joints(), goal: [goal[0], goal[1]], tolerance, timeStep: TIME_STEP })
    },
  }
}
