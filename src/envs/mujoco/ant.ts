import type { Env } from '../../env/env.ts'
import type { Color } from '../../env/scene.ts'
import { createMujocoEnv, type View } from './environment.ts'
import { walkOutcome } from './free-walker.ts'
import {
  type Body,
  floor,
  freeRoot,
  type ModelDefinition,
  type Range,
  segment,
  sphere,
  type Vector3,
} from './mjcf.ts'
import type { AnyModel } from './model-file.ts'
import { type HealthOptions, type LocomotionOptions, withDefaults } from './options.ts'
import { addNormal, addUniform } from './terms.ts'

const RADIUS = 0.08

/** A leg along a diagonal: a stump rigid with the torso, then a hip that turns and an ankle that bends. */
function leg(number: number, [x, y]: readonly [number, number], ankleAxis: Vector3, ankleRange: Range): Body {
  const along = (length: number): Vector3 => [length * x, length * y, 0]
  const bone = (length: number, color: Color) => [segment(RADIUS, [0, 0, 0], along(length), { color })]
  return {
    name: `stump_${number}`,
    geoms: bone(0.2, '#b5493b'),
    bodies: [
      {
        name: `leg_${number}`,
        pos: along(0.2),
        joints: [{ name: `hip_${number}`, type: 'hinge', axis: [0, 0, 1], range: [-30, 30] }],
        geoms: bone(0.2, '#d9783a'),
        bodies: [
          {
            name: `foot_${number}`,
            pos: along(0.2),
            joints: [{ name: `ankle_${number}`, type: 'hinge', axis: ankleAxis, range: ankleRange }],
            geoms: bone(0.4, '#8a3527'),
          },
        ],
      },
    ],
  }
}

/** A ball on four legs. */
export const antModel: ModelDefinition = {
  name: 'ant',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.01 },
  defaults: {
    joint: { armature: 1, damping: 1 },
    geom: { contype: 1, conaffinity: 0, condim: 3, density: 5, friction: [1, 0.5, 0.5], margin: 0.01 },
  },
  world: [floor({ conaffinity: 1 })],
  bodies: [
    {
      name: 'torso',
      pos: [0, 0, 0.75],
      joints: freeRoot(),
      geoms: [sphere(0.25, [0, 0, 0], { color: '#b5493b' })],
      // The ankles begin outside their ranges, as they do in Gymnasium.
      bodies: [
        leg(1, [1, 1], [-1, 1, 0], [30, 70]),
        leg(2, [-1, 1], [1, 1, 0], [-70, -30]),
        leg(3, [-1, -1], [-1, 1, 0], [-70, -30]),
        leg(4, [1, -1], [1, 1, 0], [30, 70]),
      ],
    },
  ],
  motors: {
    hip_4: 150,
    ankle_4: 150,
    hip_1: 150,
    ankle_1: 150,
    hip_2: 150,
    ankle_2: 150,
    hip_3: 150,
    ankle_3: 150,
  },
  ctrlrange: [-1, 1],
}

/** From the right, in front and above. */
const view: View = { follow: 'torso', position: [2.2, -3, 2.2], target: [0, 0, 0.35], fieldOfView: 40 }

/** What `createAnt` takes. */
export interface AntOptions extends LocomotionOptions, HealthOptions {
  /** Weight of the sum of squared contact forces. */
  contactCostWeight?: number
  /** Contact forces are clipped to this range. */
  contactForceRange?: Range
  /** The body whose velocity is rewarded. */
  mainBody?: string
  /** Observe the external forces on the bodies. */
  includeCfrcExtInObservation?: boolean
}

export const antDefaults: Required<AntOptions> = {
  frameSkip: 5,
  forwardRewardWeight: 1,
  ctrlCostWeight: 0.5,
  contactCostWeight: 5e-4,
  healthyReward: 1,
  mainBody: 'torso',
  terminateWhenUnhealthy: true,
  healthyZRange: [0.2, 1],
  contactForceRange: [-1, 1],
  resetNoiseScale: 0.1,
  excludeCurrentPositionsFromObservation: true,
  includeCfrcExtInObservation: true,
}

/**
 * `Ant-v5` of Gymnasium: walk forward on four legs.
 *
 * Observation, 105: positions without x and y (height, quaternion, hip and ankle of legs 1 to 4), velocities, and the
 * external forces on the 13 bodies (torque, force), clipped to [-1, 1]; these are zero at the start of an episode.
 * Action, 8 in [-1, 1]: torques at hip and ankle of legs 4, 1, 2, 3. Reward: velocity of the torso along x + 1 while
 * healthy - 0.5 |a|^2 - 0.0005 times the sum of squared forces. Terminates when z is outside [0.2, 1].
 */
export function createAnt(given: AntOptions = {}, model: AnyModel = antModel): Promise<Env> {
  const options = withDefaults(given, antDefaults)
  const [lowestZ, highestZ] = options.healthyZRange
  const [lowestForce, highestForce] = options.contactForceRange

  return createMujocoEnv(
    { id: 'Ant-v5', model, leastPositions: 3, frameSkip: options.frameSkip, view },
    simulation => {
      const mainBody = simulation.body(options.mainBody)
      return {
        start({ qpos, qvel }, random) {
          addUniform(qpos, random, options.resetNoiseScale)
          addNormal(qvel, random, options.resetNoiseScale)
        },
        observe({ qpos, qvel, cfrc_ext }, observation) {
          observation.addSlice(qpos, options.excludeCurrentPositionsFromObservation ? 2 : 0)
          observation.addSlice(qvel)
          if (options.includeCfrcExtInObservation) {
            observation.addClipped(cfrc_ext, options.contactForceRange, 6)
          }
        },
        step(simulation, action) {
          const xBefore = simulation.xpos[3 * mainBody]
          const yBefore = simulation.xpos[3 * mainBody + 1]
          simulation.advance(action)
          const { qpos, xpos, cfrc_ext, dt } = simulation
          const xVelocity = (xpos[3 * mainBody] - xBefore) / dt
          const yVelocity = (xpos[3 * mainBody + 1] - yBefore) / dt
          const healthy = lowestZ <= qpos[2] && qpos[2] <= highestZ
          let contact = 0
          for (let i = 0; i < cfrc_ext.length; i++) {
            contact += Math.max(lowestForce, Math.min(highestForce, cfrc_ext[i])) ** 2
          }
          const contactCost = options.contactCostWeight * contact
          return walkOutcome(simulation, action, options, { xVelocity, yVelocity, healthy, contactCost })
        },
      }
    },
  )
}
