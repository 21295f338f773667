import { box, createRandom, type Env, timeLimit } from 'soft-actor-critic'

const TIME_STEP = 0.05 // s
const RAIL = 1.5 // m to each side
const START = 1 // m at most from the mark

/** A cart on a short rail: drive to the mark in the middle and stop there, without falling off. */
export default function makeCart({ force = 3 }: { force?: number } = {}): Env {
  const random = createRandom(0, 'environment')
  let position = 0 // m from the mark
  let velocity = 0 // m/s

  const cart: Env = {
    id: 'Cart',
    observationSpace: box({ low: [-Infinity, -Infinity], high: [Infinity, Infinity] }),
    actionSpace: box({ low: -1, high: 1 }),

    reset({ seed } = {}) {
      if (seed !== undefined) random.restore(createRandom(seed, 'environment').state())
      position = random.uniform(-START, START)
      velocity = 0
      return { observation: [position, velocity] }
    },

    step([push]) {
      velocity += (force * push - 0.5 * velocity) * TIME_STEP
      position += velocity * TIME_STEP
      const fallen = Math.abs(position) > RAIL
      const reward = fallen ? -50 : -(position ** 2) - 0.1 * velocity ** 2
      return { observation: [position, velocity], reward, terminated: fallen, truncated: false }
    },

    getState: () => ({ position, velocity, random: random.state() }),

    setState(state) {
      const saved = state as { position: number; velocity: number; random: ReturnType<typeof random.state> }
      position = saved.position
      velocity = saved.velocity
      random.restore(saved.random)
    },
  }
  return timeLimit(cart, 100)
}
