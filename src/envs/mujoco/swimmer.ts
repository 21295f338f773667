import type { Env } from '../../env/env.ts'
import { createMujocoEnv, type View } from './environment.ts'
import { floor, type Joint, type ModelDefinition, type Range, segment } from './mjcf.ts'
import type { AnyModel } from './model-file.ts'
import { type LocomotionOptions, withDefaults } from './options.ts'
import { addUniform, sumOfSquares } from './terms.ts'

const RADIUS = 0.1
const BEND: Range = [-100, 100]

const hinge = (name: string, range?: Range): Joint => ({ name, type: 'hinge', axis: [0, 0, 1], range })

/** Three links that swim in the plane of x and y. */
export const swimmerModel: ModelDefinition = {
  name: 'swimmer',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.01, density: 4000, viscosity: 0.1 },
  defaults: { joint: { armature: 0.1 }, geom: { contype: 0, conaffinity: 0 } },
  // To look at only.
  world: [floor({}, [0, 0, -0.1])],
  bodies: [
    {
      name: 'torso',
      joints: [
        { name: 'root_x', type: 'slide', axis: [1, 0, 0] },
        { name: 'root_y', type: 'slide', axis: [0, 1, 0] },
        hinge('root_angle'),
      ],
      geoms: [segment(RADIUS, [1.5, 0, 0], [0.5, 0, 0], { color: '#2f7d4f' })],
      bodies: [
        {
          name: 'middle',
          pos: [0.5, 0, 0],
          joints: [hinge('front', BEND)],
          geoms: [segment(RADIUS, [0, 0, 0], [-1, 0, 0], { color: '#5bb377' })],
          bodies: [
            {
              name: 'tail',
              pos: [-1, 0, 0],
              joints: [hinge('back', BEND)],
              geoms: [segment(RADIUS, [0, 0, 0], [-1, 0, 0], { color: '#9ad17f' })],
            },
          ],
        },
      ],
    },
  ],
  motors: { front: 150, back: 150 },
  ctrlrange: [-1, 1],
}

/** From above. */
const view: View = { follow: 'torso', position: [0, -3.6, 3.6], target: [0, 0, 0], fieldOfView: 40 }

/** What `createSwimmer` takes. */
export type SwimmerOptions = LocomotionOptions

export const swimmerDefaults: Required<SwimmerOptions> = {
  frameSkip: 4,
  forwardRewardWeight: 1,
  ctrlCostWeight: 1e-4,
  resetNoiseScale: 0.1,
  excludeCurrentPositionsFromObservation: true,
}

/**
 * `Swimmer-v5` of Gymnasium: swim forward in a viscous fluid.
 *
 * Observation, 8: angles of the torso and of both joints, then velocities of the torso (x, y, angle) and the joints.
 * Action, 2 in [-1, 1]: torques at the joints, front first. Reward: velocity along x - 0.0001 |a|^2. Never
 * terminates.
 */
export function createSwimmer(given: SwimmerOptions = {}, model: AnyModel = swimmerModel): Promise<Env> {
  const options = withDefaults(given, swimmerDefaults)
  return createMujocoEnv({ id: 'Swimmer-v5', model, frameSkip: options.frameSkip, view }, () => ({
    start({ qpos, qvel }, random) {
      addUniform(qpos, random, options.resetNoiseScale)
      addUniform(qvel, random, options.resetNoiseScale)
    },
    observe({ qpos, qvel }, observation) {
      observation.addSlice(qpos, options.excludeCurrentPositionsFromObservation ? 2 : 0)
      observation.addSlice(qvel)
    },
    step(simulation, action) {
      const xBefore = simulation.qpos[0]
      const yBefore = simulation.qpos[1]
      simulation.advance(action)
      const xPosition = simulation.qpos[0]
      const yPosition = simulation.qpos[1]
      const xVelocity = (xPosition - xBefore) / simulation.dt
      const yVelocity = (yPosition - yBefore) / simulation.dt
      const rewardForward = options.forwardRewardWeight * xVelocity
      const rewardCtrl = -options.ctrlCostWeight * sumOfSquares(action)
      return {
        reward: rewardForward + rewardCtrl,
        terminated: false,
        info: {
          xPosition,
          yPosition,
          distanceFromOrigin: Math.sqrt(xPosition ** 2 + yPosition ** 2),
          xVelocity,
          yVelocity,
          rewardForward,
          rewardCtrl,
        },
      }
    },
  }))
}
