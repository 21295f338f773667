import type { Env } from '../../env/env.ts'
import { createMujocoEnv, type View } from './environment.ts'
import type { AnyModel } from './model-file.ts'
import { type CommonOptions, withDefaults } from './options.ts'
import { pusherModel } from './pusher-model.ts'
import { addUniform, distance, sumOfSquares } from './terms.ts'

/** From across the table. */
const view: View = { position: [1.7, 1.3, 1.2], target: [0.25, -0.3, -0.15], fieldOfView: 34 }

/** What `createPusher` takes. */
export interface PusherOptions extends CommonOptions {
  /** Weight of the distance of arm and object in m. */
  rewardNearWeight?: number
  /** Weight of the distance of object and goal in m. */
  rewardDistWeight?: number
  /** Weight of the sum of squared actions. */
  rewardControlWeight?: number
}

export const pusherDefaults: Required<PusherOptions> = {
  frameSkip: 5,
  rewardNearWeight: 0.5,
  rewardDistWeight: 1,
  rewardControlWeight: 0.1,
}

/** Joints of the arm; the slides of object and goal come after them. */
const ARM_JOINTS = 7
const VELOCITY_NOISE = 0.005
/** Episodes begin with the object at least this far from the goal. */
const CLOSEST = 0.17

/**
 * `Pusher-v5` of Gymnasium: push an object to a goal with an arm.
 *
 * Observation, 23: angles, then velocities, of the seven joints, and the positions of the arm's tips, the object and
 * the goal. Action, 7 in [-2, 2]: torques at the joints. Reward: -(distance of object and goal) - half of the
 * distance of object and tips - 0.1 |a|^2. Never terminates.
 */
export function createPusher(given: PusherOptions = {}, model: AnyModel = pusherModel): Promise<Env> {
  const options = withDefaults(given, pusherDefaults)
  const definition = { id: 'Pusher-v5', model, frameSkip: options.frameSkip, view }
  return createMujocoEnv(definition, simulation => {
    const [tips, object, goal] = ['tips_arm', 'object', 'goal'].map(name => simulation.body(name))
    return {
      start({ qpos, qvel }, random) {
        do {
          qpos[ARM_JOINTS] = random.uniform(-0.3, 0)
          qpos[ARM_JOINTS + 1] = random.uniform(-0.2, 0.2)
        } while (qpos[ARM_JOINTS] ** 2 + qpos[ARM_JOINTS + 1] ** 2 <= CLOSEST ** 2)
        addUniform(qvel, random, VELOCITY_NOISE, ARM_JOINTS)
      },
      observe({ qpos, qvel, xpos }, observation) {
        observation.addSlice(qpos, 0, ARM_JOINTS)
        observation.addSlice(qvel, 0, ARM_JOINTS)
        observation.addSlice(xpos, 3 * tips, 3 * tips + 3)
        observation.addSlice(xpos, 3 * object, 3 * object + 3)
        observation.addSlice(xpos, 3 * goal, 3 * goal + 3)
      },
      step(simulation, action) {
        simulation.advance(action)
        const rewardNear = -options.rewardNearWeight * distance(simulation.xpos, object, tips)
        const rewardDist = -options.rewardDistWeight * distance(simulation.xpos, object, goal)
        const rewardCtrl = -options.rewardControlWeight * sumOfSquares(action)
        return {
          reward: rewardDist + rewardCtrl + rewardNear,
          terminated: false,
          info: { rewardDist, rewardCtrl, rewardNear },
        }
      },
    }
  })
}
