import type { Env, Handle, ResetResult, StepResult, Vector } from '../../env/env.ts'
import { requireVector } from '../../env/require.ts'
import { box } from '../../env/spaces.ts'
import { createRandom, type RandomState } from '../../random.ts'
import { planarPushScene } from './planar-push-scene.ts'
import { goalStep, type SparseGoalOptions, sparseGoals } from './sparse-goals.ts'

const ID = 'PlanarPush-v0'
const TIME_STEP = 0.05 // s
const MAX_SPEED = 2 // m/s
const FINGER = 0.1 // m, radius
const PUCK = 0.15 // m, radius
/** The finger can get behind a puck that lies at the edge of the table. */
const EDGE = { finger: 1.3, puck: 1 } // m from the middle
const STARTS = 0.6 // m from the middle, of the puck
const GOALS = 0.8 // m from the middle
/** A puck does not start at its goal. */
const SHORTEST = 0.3 // m

/** The exact state of a table; positions are x and y in m from its middle. */
export interface PlanarPushState {
  finger: number[]
  puck: number[]
  goal: number[]
  random: RandomState
}

/**
 * `PlanarPush-v0`: push a puck over a table to a point with a finger that can only push.
 *
 * Observation: position of the finger and of the puck from there, then the goals: where the puck is and where it should
 * be, each x and y in m. Action: velocity of the finger in x and y, in [-1, 1] times 2 m/s, clipped. The puck gives way
 * without friction between the two, and stops as soon as it is not pushed; at the edge of the table, 1 m from its middle,
 * it stays. Reward: 0 where the puck is within `tolerance` (0.1 m) of the goal, -1 elsewhere. Never terminates and has no
 * time limit of its own; `makeEnv('PlanarPush-v0')` adds that of 50 steps.
 *
 * Answers at once. The same in every JavaScript engine, bit for bit. Until the first `reset` with a seed the starts are
 * random ones. `step` throws before the first `reset`, or if the action is not two numbers.
 *
 * @throws RangeError if the tolerance is not a finite number above 0
 */
export function createPlanarPush({ tolerance = 0.1 }: SparseGoalOptions = {}): Env {
  const goals = sparseGoals(2, tolerance)
  const random = createRandom(Math.floor(Math.random() * 2 ** 32), 'environment')
  let finger: number[] = []
  let puck: number[] = []
  let goal: number[] = []
  /** How far somebody's hand moves finger and puck in the next step, in m. */
  let pushed = { finger: [0, 0], puck: [0, 0] }

  const observe = () => Float32Array.of(...finger, puck[0] - finger[0], puck[1] - finger[1], ...puck, ...goal)

  const requireReset = (call: string) => {
    if (goal.length === 0) throw new Error(`${ID}: call reset() before ${call}`)
  }

  const anywhere = (reach: number) => [random.uniform(-reach, reach), random.uniform(-reach, reach)]

  return {
    id: ID,
    observationSpace: box({
      low: [
        -EDGE.finger,
        -EDGE.finger,
        ...Array(2).fill(-EDGE.finger - EDGE.puck),
        ...Array(4).fill(-EDGE.puck),
      ],
      high: [
        EDGE.finger,
        EDGE.finger,
        ...Array(2).fill(EDGE.finger + EDGE.puck),
        ...Array(4).fill(EDGE.puck),
      ],
    }),
    actionSpace: box({ low: -1, high: 1, shape: [2] }),
    seedBits: 32,
    goals,

    reset({ seed } = {}): ResetResult {
      if (seed !== undefined) random.restore(createRandom(seed, 'environment').state())
      puck = anywhere(STARTS)
      pushed = { finger: [0, 0], puck: [0, 0] }
      do finger = anywhere(EDGE.finger)
      while (distance(finger, puck) < FINGER + PUCK)
      do goal = anywhere(GOALS)
      while (distance(goal, puck) < SHORTEST)
      return { observation: observe() }
    },

    step(action): StepResult {
      requireReset('the first step()')
      requireVector(`action of ${ID}`, action, 2)
      finger = finger.map((x, i) =>
        clip(x + MAX_SPEED * TIME_STEP * clip(action[i], 1) + pushed.finger[i], EDGE.finger),
      )
      puck = puck.map((x, i) => x + pushed.puck[i])
      pushed = { finger: [0, 0], puck: [0, 0] }
      puck = apart(finger, puck, 1).map(x => clip(x, EDGE.puck))
      // A puck that is stopped by the edge stops the finger.
      finger = apart(puck, finger, 0).map(x => clip(x, EDGE.finger))
      return goalStep(goals, observe())
    },

    getState: (): PlanarPushState => ({
      finger: [...finger],
      puck: [...puck],
      goal: [...goal],
      random: random.state(),
    }),

    setState(state) {
      const given = state as PlanarPushState | null
      for (const name of ['finger', 'puck', 'goal'] as const) {
        const numbers = given?.[name]
        if (Array.isArray(numbers) && numbers.length === 2 && numbers.every(Number.isFinite)) continue
        throw new TypeError(`the state of ${ID} is { finger, puck, goal, random }, as getState returns`)
      }
      random.restore(given!.random)
      finger = [...given!.finger]
      puck = [...given!.puck]
      goal = [...given!.goal]
      pushed = { finger: [0, 0], puck: [0, 0] }
    },

    handles() {
      requireReset('handles()')
      const handleOf = (name: 'finger' | 'puck', [x, y]: number[]): Handle => ({
        name,
        position: [x, y],
        push(acceleration: Vector) {
          requireVector('acceleration', acceleration, 2)
          pushed[name] = pushed[name].map((by, i) => by + acceleration[i] * TIME_STEP * TIME_STEP)
        },
      })
      return [handleOf('finger', finger), handleOf('puck', puck)]
    },

    scene() {
      requireReset('scene()')
      return planarPushScene({
        finger: { center: [finger[0], finger[1]], radius: FINGER },
        puck: { center: [puck[0], puck[1]], radius: PUCK },
        goal: { center: [goal[0], goal[1]], radius: tolerance },
        edge: EDGE.puck,
        timeStep: TIME_STEP,
      })
    },
  }
}

const clip = (x: number, limit: number) => Math.max(-limit, Math.min(limit, x))

const distance = ([ax, ay]: number[], [bx, by]: number[]) => Math.sqrt((bx - ax) ** 2 + (by - ay) ** 2)

/**
 * Where a disc is when another has pushed it aside, along the line of their middles.
 * @param direction x of that line if both are at one point
 */
function apart(pushing: number[], pushed: number[], direction: number): number[] {
  const gap = distance(pushing, pushed)
  if (gap >= FINGER + PUCK) return pushed
  const along = gap === 0 ? [direction, 1 - direction] : pushed.map((x, i) => (x - pushing[i]) / gap)
  return pushing.map((x, i) => x + (FINGER + PUCK) * along[i])
}
