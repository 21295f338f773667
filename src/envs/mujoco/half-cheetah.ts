import type { Env } from '../../env/env.ts'
import type { Color } from '../../env/scene.ts'
import { createMujocoEnv, type View } from './environment.ts'
import {
  type Body,
  floor,
  type ModelDefinition,
  planarRoot,
  type Range,
  segment,
  type Vector3,
} from './mjcf.ts'
import type { AnyModel } from './model-file.ts'
import { type LocomotionOptions, withDefaults } from './options.ts'
import { addNormal, addUniform, sumOfSquares } from './terms.ts'

const RADIUS = 0.046

const COAT = '#e3a43f'
const BACK = '#c77f2a'
const FRONT = '#f0bd66'
const PAW = '#7a4b1e'

/** A capsule in the plane, turned about y. */
const bone = (pos: Vector3, angle: number, halfLength: number, color: Color) =>
  ({ type: 'capsule', size: [RADIUS, halfLength], pos, axisangle: [0, 1, 0, angle], color }) as const

const limb = (
  name: string,
  pos: Vector3,
  geom: Body['geoms'][number],
  [damping, stiffness]: readonly [number, number],
  range: Range,
  bodies: readonly Body[] = [],
): Body => ({
  name,
  pos,
  joints: [{ name, type: 'hinge', axis: [0, 1, 0], damping, stiffness, range }],
  geoms: [geom],
  bodies,
})

// biome-ignore format: a table reads better in lines
const legs: Body[] = [
  //    name      position            bone: position, angle, half length      damping, stiffness  range
  limb('bthigh', [-0.5, 0, 0],       bone([0.1, 0, -0.13], -3.8, 0.145, BACK),     [6, 240],           [-0.52, 1.05], [
    limb('bshin', [0.16, 0, -0.25],  bone([-0.14, 0, -0.07], -2.03, 0.15, BACK),   [4.5, 180],         [-0.785, 0.785], [
      limb('bfoot', [-0.28, 0, -0.14], bone([0.03, 0, -0.097], -0.27, 0.094, PAW), [3, 120],          [-0.4, 0.785]),
    ]),
  ]),
  limb('fthigh', [0.5, 0, 0],        bone([-0.07, 0, -0.12], 0.52, 0.133, FRONT),   [4.5, 180],         [-1, 0.7], [
    limb('fshin', [-0.14, 0, -0.24], bone([0.065, 0, -0.09], -0.6, 0.106, FRONT),   [3, 120],           [-1.2, 0.87], [
      limb('ffoot', [0.13, 0, -0.18], bone([0.045, 0, -0.07], -0.6, 0.07, PAW),   [1.5, 60],          [-0.5, 0.5]),
    ]),
  ]),
]

/** A two-legged runner in the plane of x and z. */
export const halfCheetahModel: ModelDefinition = {
  name: 'half-cheetah',
  angle: 'radian',
  totalMass: 14,
  option: { integrator: 'Euler', timestep: 0.01 },
  defaults: {
    joint: {
      armature: 0.1,
      damping: 0.01,
      stiffness: 8,
      solreflimit: [0.02, 1],
      solimplimit: [0, 0.8, 0.03],
    },
    geom: {
      contype: 1,
      conaffinity: 0,
      condim: 3,
      friction: [0.4, 0.1, 0.1],
      solref: [0.02, 1],
      solimp: [0, 0.8, 0.01],
    },
  },
  world: [floor({ conaffinity: 1 })],
  bodies: [
    {
      name: 'torso',
      pos: [0, 0, 0.7],
      joints: planarRoot(),
      geoms: [
        segment(RADIUS, [-0.5, 0, 0], [0.5, 0, 0], { color: COAT }),
        bone([0.6, 0, 0.1], 0.87, 0.15, COAT),
      ],
      bodies: legs,
    },
  ],
  motors: { bthigh: 120, bshin: 90, bfoot: 60, fthigh: 120, fshin: 60, ffoot: 30 },
  ctrlrange: [-1, 1],
}

/** From the side. */
const view: View = { follow: 'torso', position: [0.1, -3.2, 1], target: [0.1, 0, 0.5], fieldOfView: 40 }

/** What `createHalfCheetah` takes. */
export type HalfCheetahOptions = LocomotionOptions

export const halfCheetahDefaults: Required<HalfCheetahOptions> = {
  frameSkip: 5,
  forwardRewardWeight: 1,
  ctrlCostWeight: 0.1,
  resetNoiseScale: 0.1,
  excludeCurrentPositionsFromObservation: true,
}

/**
 * `HalfCheetah-v5` of Gymnasium: run forward.
 *
 * Observation, 17: positions without x, then velocities, of the torso (x, z, angle) and the joints of back and
 * front thigh, shin and foot. Action, 6 in [-1, 1]: torques at these joints. Reward: velocity along x - 0.1 |a|^2.
 * Never terminates.
 */
export function createHalfCheetah(
  given: HalfCheetahOptions = {},
  model: AnyModel = halfCheetahModel,
): Promise<Env> {
  const options = withDefaults(given, halfCheetahDefaults)
  return createMujocoEnv({ id: 'HalfCheetah-v5', model, frameSkip: options.frameSkip, view }, () => ({
    start({ qpos, qvel }, random) {
      addUniform(qpos, random, options.resetNoiseScale)
      addNormal(qvel, random, options.resetNoiseScale)
    },
    observe({ qpos, qvel }, observation) {
      observation.addSlice(qpos, options.excludeCurrentPositionsFromObservation ? 1 : 0)
      observation.addSlice(qvel)
    },
    step(simulation, action) {
      const before = simulation.qpos[0]
      simulation.advance(action)
      const xPosition = simulation.qpos[0]
      const xVelocity = (xPosition - before) / simulation.dt
      const rewardForward = options.forwardRewardWeight * xVelocity
      const rewardCtrl = -options.ctrlCostWeight * sumOfSquares(action)
      return {
        reward: rewardForward + rewardCtrl,
        terminated: false,
        info: { xPosition, xVelocity, rewardForward, rewardCtrl },
      }
    },
  }))
}
