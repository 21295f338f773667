import type { Env } from '../../env/env.ts'
import type { Color } from '../../env/scene.ts'
import { cos, sin } from '../../portable-math.ts'
import { createMujocoEnv, type View } from './environment.ts'
import { cart, ground, rail } from './inverted-pendulum.ts'
import { type ModelDefinition, type Range, segment } from './mjcf.ts'
import type { AnyModel } from './model-file.ts'
import { type CommonOptions, withDefaults } from './options.ts'
import { addNormal, addUniform } from './terms.ts'

const pole = (color: Color) => segment(0.045, [0, 0, 0], [0, 0, 0.6], { color })

/** Two poles, one on the other, on a cart. */
export const invertedDoublePendulumModel: ModelDefinition = {
  name: 'inverted-double-pendulum',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.01, gravity: [1e-5, 0, -9.81] },
  defaults: { joint: { armature: 0, damping: 0.05 }, geom: { contype: 0, conaffinity: 0 } },
  world: [ground, rail],
  bodies: [
    {
      name: 'cart',
      joints: [{ name: 'slider', type: 'slide', axis: [1, 0, 0], range: [-1, 1], margin: 0.01 }],
      geoms: [cart],
      bodies: [
        {
          name: 'pole',
          joints: [{ name: 'hinge', type: 'hinge', axis: [0, 1, 0] }],
          geoms: [pole('#d2635c')],
          bodies: [
            {
              name: 'pole_2',
              pos: [0, 0, 0.6],
              joints: [{ name: 'hinge_2', type: 'hinge', axis: [0, 1, 0] }],
              geoms: [pole('#e6a54a')],
              sites: { tip: [0, 0, 0.6] },
            },
          ],
        },
      ],
    },
  ],
  motors: { slider: 500 },
  ctrlrange: [-1, 1],
}

/** From the side. */
const view: View = { position: [0, -3.6, 0.8], target: [0, 0, 0.55], fieldOfView: 40 }

/** What `createInvertedDoublePendulum` takes. */
export interface InvertedDoublePendulumOptions extends CommonOptions {
  /** Reward of each step that ends with the tip above 1 m. */
  healthyReward?: number
  /** Extent of the noise at the start of an episode. */
  resetNoiseScale?: number
}

export const invertedDoublePendulumDefaults: Required<InvertedDoublePendulumOptions> = {
  frameSkip: 5,
  healthyReward: 10,
  resetNoiseScale: 0.1,
}

/** Velocities and forces are clipped to this range in the observation. */
const OBSERVED: Range = [-10, 10]

/**
 * `InvertedDoublePendulum-v5` of Gymnasium: balance two poles, one on the other, on a cart.
 *
 * Observation, 9: position of the cart; sin of the angles of both poles, the second relative to the first; cos of
 * these; velocities and the force of the constraints on the cart, clipped to [-10, 10]. Action, 1 in [-1, 1]: force
 * on the cart. Reward: 10 while up - 0.01 x^2 - (z - 2)^2 - 0.001 v1^2 - 0.005 v2^2, where (x, z) is the tip and v1
 * and v2 the velocities of the poles. Terminates when the tip is not above 1 m.
 */
export function createInvertedDoublePendulum(
  given: InvertedDoublePendulumOptions = {},
  model: AnyModel = invertedDoublePendulumModel,
): Promise<Env> {
  const { frameSkip, healthyReward, resetNoiseScale } = withDefaults(given, invertedDoublePendulumDefaults)
  const definition = { id: 'InvertedDoublePendulum-v5', model, frameSkip, view }
  return createMujocoEnv(definition, () => ({
    start({ qpos, qvel }, random) {
      addUniform(qpos, random, resetNoiseScale)
      addNormal(qvel, random, resetNoiseScale)
    },
    observe({ qpos, qvel, qfrc_constraint }, observation) {
      observation.add(qpos[0])
      observation.add(sin(qpos[1]))
      observation.add(sin(qpos[2]))
      observation.add(cos(qpos[1]))
      observation.add(cos(qpos[2]))
      observation.addClipped(qvel, OBSERVED)
      observation.addClipped(qfrc_constraint, OBSERVED, 0, 1)
    },
    step(simulation, action) {
      simulation.advance(action)
      const { qvel, site_xpos } = simulation
      const [x, z] = [site_xpos[0], site_xpos[2]]
      const terminated = z <= 1
      const rewardSurvive = terminated ? 0 : healthyReward
      const distancePenalty = -(0.01 * x ** 2 + (z - 2) ** 2)
      const velocityPenalty = -(1e-3 * qvel[1] ** 2 + 5e-3 * qvel[2] ** 2)
      return {
        reward: rewardSurvive + distancePenalty + velocityPenalty,
        terminated,
        info: { rewardSurvive, distancePenalty, velocityPenalty },
      }
    },
  }))
}
