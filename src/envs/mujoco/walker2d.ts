import type { Env } from '../../env/env.ts'
import { createMujocoEnv, type View } from './environment.ts'
import { floor, type ModelDefinition, planarRoot } from './mjcf.ts'
import type { AnyModel } from './model-file.ts'
import { withDefaults } from './options.ts'
import { type Foot, leg, type PlanarWalkerOptions, planarWalkerTask } from './planar-walker.ts'
import { within } from './terms.ts'

const FOOT: Foot = {
  radius: 0.06,
  halfLength: 0.1,
  friction: [1.9, 0.1, 0.1],
  pos: [0.2, 0, -0.35],
  ankle: [-0.2, 0, 0.1],
  geomPos: [-0.1, 0, 0.1],
  color: '#4a3a6b',
}

/** A two-legged walker in the plane of x and z. */
export const walker2dModel: ModelDefinition = {
  name: 'walker2d',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.002 },
  defaults: {
    joint: { armature: 0.01, damping: 0.1 },
    geom: { contype: 1, conaffinity: 0, condim: 3, friction: [0.7, 0.1, 0.1] },
  },
  world: [floor({ conaffinity: 1 })],
  bodies: [
    {
      name: 'torso',
      pos: [0, 0, 1.25],
      joints: planarRoot(1.25),
      geoms: [{ type: 'capsule', size: [0.05, 0.2], friction: [0.9, 0.1, 0.1], color: '#8c6bb1' }],
      bodies: [leg('', [0.9, 0.1, 0.1], FOOT, '#c3a6e0'), leg('_left', [0.9, 0.1, 0.1], FOOT, '#e39a5b')],
    },
  ],
  motors: { thigh: 100, leg: 100, foot: 100, thigh_left: 100, leg_left: 100, foot_left: 100 },
  ctrlrange: [-1, 1],
}

/** From the side. */
const view: View = { follow: 'torso', position: [0.3, -3.6, 1.3], target: [0.1, 0, 0.72], fieldOfView: 40 }

/** What `createWalker2d` takes. */
export type Walker2dOptions = PlanarWalkerOptions

export const walker2dDefaults: Required<Walker2dOptions> = {
  frameSkip: 4,
  forwardRewardWeight: 1,
  ctrlCostWeight: 1e-3,
  healthyReward: 1,
  terminateWhenUnhealthy: true,
  healthyZRange: [0.8, 2],
  healthyAngleRange: [-1, 1],
  resetNoiseScale: 5e-3,
  excludeCurrentPositionsFromObservation: true,
}

/**
 * `Walker2d-v5` of Gymnasium: walk forward on two legs.
 *
 * Observation, 17: positions without x, then velocities clipped to [-10, 10], of the torso (x, z, angle) and of
 * thigh, leg and foot, right and left. Action, 6 in [-1, 1]: torques at these joints. Reward: velocity along x
 * + 1 while healthy - 0.001 |a|^2. Terminates when it falls: z outside (0.8, 2) or an angle beyond 1.
 */
export function createWalker2d(given: Walker2dOptions = {}, model: AnyModel = walker2dModel): Promise<Env> {
  const options = withDefaults(given, walker2dDefaults)
  return createMujocoEnv(
    { id: 'Walker2d-v5', model, leastPositions: 3, frameSkip: options.frameSkip, view },
    () =>
      planarWalkerTask(
        options,
        ({ qpos }) => within(qpos[1], options.healthyZRange) && within(qpos[2], options.healthyAngleRange),
      ),
  )
}
