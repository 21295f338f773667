import type { Env } from '../../env/env.ts'
import { createMujocoEnv, type View } from './environment.ts'
import { floor, type ModelDefinition, planarRoot, type Range } from './mjcf.ts'
import type { AnyModel } from './model-file.ts'
import { withDefaults } from './options.ts'
import { type Foot, leg, type PlanarWalkerOptions, planarWalkerTask } from './planar-walker.ts'
import type { Simulation } from './simulation.ts'
import { within } from './terms.ts'

const FOOT: Foot = {
  radius: 0.06,
  halfLength: 0.195,
  friction: [2, 0.005, 0.0001],
  pos: [0.13, 0, -0.35],
  ankle: [-0.13, 0, 0.1],
  geomPos: [-0.065, 0, 0.1],
  color: '#e07a3f',
}

/** A one-legged hopper in the plane of x and z. */
export const hopperModel: ModelDefinition = {
  name: 'hopper',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.002 },
  defaults: {
    joint: { armature: 1, damping: 1 },
    geom: {
      contype: 1,
      conaffinity: 1,
      condim: 1,
      margin: 0.001,
      solref: [0.02, 1],
      solimp: [0.8, 0.8, 0.01],
    },
  },
  world: [floor({ condim: 3 })],
  bodies: [
    {
      name: 'torso',
      pos: [0, 0, 1.25],
      joints: planarRoot(1.25),
      geoms: [{ type: 'capsule', size: [0.05, 0.2], friction: [0.9, 0.005, 0.0001], color: '#3f8f8b' }],
      bodies: [leg('', [0.9, 0.005, 0.0001], FOOT, '#63b8b2')],
    },
  ],
  motors: { thigh: 200, leg: 200, foot: 200 },
  ctrlrange: [-1, 1],
}

/** From the side. */
const view: View = { follow: 'torso', position: [0.3, -3.6, 1.3], target: [0.1, 0, 0.72], fieldOfView: 40 }

/** What `createHopper` takes. */
export interface HopperOptions extends PlanarWalkerOptions {
  /** Positions but x and z, and velocities, at which the body is healthy. */
  healthyStateRange?: Range
}

export const hopperDefaults: Required<HopperOptions> = {
  frameSkip: 4,
  forwardRewardWeight: 1,
  ctrlCostWeight: 1e-3,
  healthyReward: 1,
  terminateWhenUnhealthy: true,
  healthyStateRange: [-100, 100],
  healthyZRange: [0.7, Infinity],
  healthyAngleRange: [-0.2, 0.2],
  resetNoiseScale: 5e-3,
  excludeCurrentPositionsFromObservation: true,
}

/**
 * `Hopper-v5` of Gymnasium: hop forward on one leg.
 *
 * Observation, 11: positions without x, then velocities clipped to [-10, 10], of the torso (x, z, angle), thigh,
 * leg and foot. Action, 3 in [-1, 1]: torques at thigh, leg and foot. Reward: velocity along x + 1 while healthy
 * - 0.001 |a|^2. Terminates when it falls: z <= 0.7, an angle beyond 0.2, or anything else beyond 100.
 */
export function createHopper(given: HopperOptions = {}, model: AnyModel = hopperModel): Promise<Env> {
  const options = withDefaults(given, hopperDefaults)

  function isHealthy({ qpos, qvel }: Simulation): boolean {
    const { healthyStateRange } = options
    for (let i = 2; i < qpos.length; i++) if (!within(qpos[i], healthyStateRange)) return false
    for (let i = 0; i < qvel.length; i++) if (!within(qvel[i], healthyStateRange)) return false
    return within(qpos[1], options.healthyZRange) && within(qpos[2], options.healthyAngleRange)
  }

  return createMujocoEnv(
    { id: 'Hopper-v5', model, leastPositions: 3, frameSkip: options.frameSkip, view },
    () => planarWalkerTask(options, isHealthy),
  )
}
