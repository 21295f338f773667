import type { Env } from '../../env/env.ts'
import { cos, sin } from '../../portable-math.ts'
import { createMujocoEnv, type View } from './environment.ts'
import { floor, type Geom, type ModelDefinition, type Range, segment, sphere, type Vector3 } from './mjcf.ts'
import type { AnyModel } from './model-file.ts'
import { type CommonOptions, withDefaults } from './options.ts'
import { addUniform, distance, sumOfSquares } from './terms.ts'

/** Walls to look at only, in a square of this half length. */
const ARENA = 0.3

const wall = (name: string, from: Vector3, to: Vector3): Geom & { name: string } => ({
  ...segment(0.02, from, to, { color: '#b58f6a' }),
  name,
})

const slide = (name: string, axis: Vector3, ref: number) =>
  ({ name, type: 'slide', axis, ref, range: [-0.27, 0.27], armature: 0, damping: 0 }) as const

/** An arm of two links, and a target, in the plane of x and y. */
export const reacherModel: ModelDefinition = {
  name: 'reacher',
  angle: 'radian',
  option: { integrator: 'RK4', timestep: 0.01 },
  defaults: { joint: { armature: 1, damping: 1 }, geom: { contype: 0, conaffinity: 0 } },
  world: [
    floor({}, [0, 0, 0], 0.1),
    wall('wall_south', [-ARENA, -ARENA, 0.01], [ARENA, -ARENA, 0.01]),
    wall('wall_east', [ARENA, -ARENA, 0.01], [ARENA, ARENA, 0.01]),
    wall('wall_north', [-ARENA, ARENA, 0.01], [ARENA, ARENA, 0.01]),
    wall('wall_west', [-ARENA, -ARENA, 0.01], [-ARENA, ARENA, 0.01]),
  ],
  bodies: [
    {
      name: 'upper_arm',
      pos: [0, 0, 0.01],
      joints: [{ name: 'shoulder', type: 'hinge', axis: [0, 0, 1] }],
      geoms: [segment(0.01, [0, 0, 0], [0.1, 0, 0], { color: '#3f6ea8' })],
      bodies: [
        {
          name: 'forearm',
          pos: [0.1, 0, 0],
          joints: [{ name: 'elbow', type: 'hinge', axis: [0, 0, 1], range: [-3, 3] }],
          geoms: [segment(0.01, [0, 0, 0], [0.1, 0, 0], { color: '#6f9fd6' })],
          bodies: [
            { name: 'fingertip', pos: [0.11, 0, 0], geoms: [sphere(0.01, [0, 0, 0], { color: '#f2b632' })] },
          ],
        },
      ],
    },
    {
      name: 'target',
      pos: [0.1, -0.1, 0.01],
      // With these references the positions of the joints are those in the world.
      joints: [slide('target_x', [1, 0, 0], 0.1), slide('target_y', [0, 1, 0], -0.1)],
      geoms: [sphere(0.009, [0, 0, 0], { color: '#e2574c' })],
    },
  ],
  motors: { shoulder: 200, elbow: 200 },
  ctrlrange: [-1, 1],
}

/** From above. */
const view: View = { position: [0, -0.45, 0.85], target: [0, -0.02, 0], fieldOfView: 36 }

/** What `createReacher` takes. */
export interface ReacherOptions extends CommonOptions {
  /** Weight of the distance of fingertip and target in m. */
  rewardDistWeight?: number
  /** Weight of the sum of squared actions. */
  rewardControlWeight?: number
}

export const reacherDefaults: Required<ReacherOptions> = {
  frameSkip: 2,
  rewardDistWeight: 1,
  rewardControlWeight: 1,
}

/** Targets lie within this distance of the shoulder. */
const REACH = 0.2
const ARM_NOISE: Range = [0.1, 0.005]

/**
 * `Reacher-v5` of Gymnasium: move the tip of an arm to a target.
 *
 * Observation, 10: cos, then sin, of the angles of shoulder and elbow, target (x, y), velocities of shoulder and
 * elbow, fingertip - target (x, y). Action, 2 in [-1, 1]: torques at shoulder and elbow. Reward: -(distance of
 * fingertip and target) - |a|^2. Never terminates.
 */
export function createReacher(given: ReacherOptions = {}, model: AnyModel = reacherModel): Promise<Env> {
  const { frameSkip, rewardDistWeight, rewardControlWeight } = withDefaults(given, reacherDefaults)
  return createMujocoEnv({ id: 'Reacher-v5', model, frameSkip, view }, simulation => {
    const fingertip = simulation.body('fingertip')
    const target = simulation.body('target')
    return {
      start({ qpos, qvel }, random) {
        const [positionNoise, velocityNoise] = ARM_NOISE
        addUniform(qpos, random, positionNoise, 2)
        do {
          qpos[2] = random.uniform(-REACH, REACH)
          qpos[3] = random.uniform(-REACH, REACH)
        } while (qpos[2] ** 2 + qpos[3] ** 2 >= REACH ** 2)
        addUniform(qvel, random, velocityNoise, 2)
      },
      observe({ qpos, qvel, xpos }, observation) {
        observation.add(cos(qpos[0]))
        observation.add(cos(qpos[1]))
        observation.add(sin(qpos[0]))
        observation.add(sin(qpos[1]))
        observation.addSlice(qpos, 2)
        observation.addSlice(qvel, 0, 2)
        for (const axis of [0, 1]) observation.add(xpos[3 * fingertip + axis] - xpos[3 * target + axis])
      },
      step(simulation, action) {
        simulation.advance(action)
        const rewardDist = -rewardDistWeight * distance(simulation.xpos, fingertip, target)
        const rewardCtrl = -rewardControlWeight * sumOfSquares(action)
        return { reward: rewardDist + rewardCtrl, terminated: false, info: { rewardDist, rewardCtrl } }
      },
    }
  })
}
