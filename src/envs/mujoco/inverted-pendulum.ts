import type { Env } from '../../env/env.ts'
import { createMujocoEnv, type View } from './environment.ts'
import { floor, type Geom, type ModelDefinition, segment } from './mjcf.ts'
import type { AnyModel } from './model-file.ts'
import { type CommonOptions, withDefaults } from './options.ts'
import { addUniform } from './terms.ts'

/** The body of a cart, along x. */
export const cart: Geom = { type: 'capsule', size: [0.1, 0.1], quat: [0.707, 0, 0.707, 0], color: '#3f6ea8' }

/** What a cart runs on: to look at only. */
export const rail: Geom & { name: string } = {
  name: 'rail',
  type: 'capsule',
  size: [0.02, 1],
  quat: [0.707, 0, 0.707, 0],
  color: '#8a8f94',
}

/** Below the rail: to look at only. */
export const ground = floor({}, [0, 0, -0.15], 0.5)

/** A pole on a cart. */
export const invertedPendulumModel: ModelDefinition = {
  name: 'inverted-pendulum',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.02 },
  defaults: { joint: { armature: 0, damping: 1 }, geom: { contype: 0, conaffinity: 0 } },
  world: [ground, rail],
  bodies: [
    {
      name: 'cart',
      joints: [{ name: 'slider', type: 'slide', axis: [1, 0, 0], range: [-1, 1] }],
      geoms: [cart],
      bodies: [
        {
          name: 'pole',
          joints: [{ name: 'hinge', type: 'hinge', axis: [0, 1, 0], range: [-90, 90] }],
          geoms: [segment(0.049, [0, 0, 0], [0.001, 0, 0.6], { color: '#d2635c' })],
        },
      ],
    },
  ],
  motors: { slider: 100 },
  ctrlrange: [-3, 3],
}

/** From the side. */
const view: View = { position: [0, -2.6, 0.5], target: [0, 0, 0.25], fieldOfView: 40 }

/** What `createInvertedPendulum` takes. */
export interface InvertedPendulumOptions extends CommonOptions {
  /** Extent of the noise at the start of an episode. */
  resetNoiseScale?: number
}

export const invertedPendulumDefaults: Required<InvertedPendulumOptions> = {
  frameSkip: 2,
  resetNoiseScale: 0.01,
}

/** The pole has fallen beyond this angle in rad. */
const FALLEN = 0.2

/**
 * `InvertedPendulum-v5` of Gymnasium: balance a pole on a cart.
 *
 * Observation, 4: position of the cart, angle of the pole, and their velocities. Action, 1 in [-3, 3]: force on the
 * cart. Reward: 1 for each step that ends upright. Terminates when the pole is more than 0.2 rad from upright.
 */
export function createInvertedPendulum(
  given: InvertedPendulumOptions = {},
  model: AnyModel = invertedPendulumModel,
): Promise<Env> {
  const { frameSkip, resetNoiseScale } = withDefaults(given, invertedPendulumDefaults)
  return createMujocoEnv({ id: 'InvertedPendulum-v5', model, frameSkip, view }, () => ({
    start({ qpos, qvel }, random) {
      addUniform(qpos, random, resetNoiseScale)
      addUniform(qvel, random, resetNoiseScale)
    },
    observe({ qpos, qvel }, observation) {
      observation.addSlice(qpos)
      observation.addSlice(qvel)
    },
    step(simulation, action) {
      simulation.advance(action)
      const terminated = Math.abs(simulation.qpos[1]) > FALLEN
      const reward = terminated ? 0 : 1
      return { reward, terminated, info: { rewardSurvive: reward } }
    },
  }))
}
