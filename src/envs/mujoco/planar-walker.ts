/** What Hopper and Walker2d share: legs in the plane of x and z, and a reward for moving along x and standing. */
import type { Color } from '../../env/scene.ts'
import type { Outcome, Task } from './environment.ts'
import type { Body, Geom, Joint, Range, Vector3 } from './mjcf.ts'
import type { HealthOptions, LocomotionOptions } from './options.ts'
import type { Simulation } from './simulation.ts'
import { addUniform, sumOfSquares } from './terms.ts'

/** Options of planar walkers. */
export interface PlanarWalkerOptions extends LocomotionOptions, HealthOptions {
  /** Angles of the torso in rad at which the body is healthy. */
  healthyAngleRange?: Range
}

/** Observed velocities are clipped to this range. */
const VELOCITY_RANGE: Range = [-10, 10]

/** A rotation that lays the axis of a capsule along x. */
export const ALONG_X = [Math.SQRT1_2, 0, -Math.SQRT1_2, 0] as const

/** A hinge that bends a leg backwards, in degrees. */
const hinge = (name: string, range: Range, pos: Vector3 = [0, 0, 0]): Joint => ({
  name,
  type: 'hinge',
  axis: [0, -1, 0],
  pos,
  range,
})

/** A foot: radius, half length and sliding friction of its capsule, and where its ankle is from its middle. */
export interface Foot {
  radius: number
  halfLength: number
  friction: Vector3
  /** Position of the foot's body in the frame of the leg. */
  pos: Vector3
  ankle: Vector3
  geomPos: Vector3
  color: Color
}

/** Thigh, leg and foot that hang from a torso, their names ending in `suffix`. */
export function leg(suffix: string, friction: Vector3, foot: Foot, color: Color): Body {
  const upright = (radius: number, halfLength: number, pos: Vector3): Geom => ({
    type: 'capsule',
    size: [radius, halfLength],
    pos,
    friction,
    color,
  })
  return {
    name: `thigh${suffix}`,
    pos: [0, 0, -0.2],
    joints: [hinge(`thigh${suffix}`, [-150, 0])],
    geoms: [upright(0.05, 0.225, [0, 0, -0.225])],
    bodies: [
      {
        name: `leg${suffix}`,
        pos: [0, 0, -0.7],
        joints: [hinge(`leg${suffix}`, [-150, 0], [0, 0, 0.25])],
        geoms: [upright(0.04, 0.25, [0, 0, 0])],
        bodies: [
          {
            name: `foot${suffix}`,
            pos: foot.pos,
            joints: [hinge(`foot${suffix}`, [-45, 45], foot.ankle)],
            geoms: [
              {
                type: 'capsule',
                size: [foot.radius, foot.halfLength],
                pos: foot.geomPos,
                quat: ALONG_X,
                friction: foot.friction,
                color: foot.color,
              },
            ],
          },
        ],
      },
    ],
  }
}

/** Starts near rest, observes positions and clipped velocities, and rewards as `stepPlanarWalker` does. */
export const planarWalkerTask = (
  options: Required<PlanarWalkerOptions>,
  isHealthy: (simulation: Simulation) => boolean,
): Task => ({
  start({ qpos, qvel }, random) {
    addUniform(qpos, random, options.resetNoiseScale)
    addUniform(qvel, random, options.resetNoiseScale)
  },
  observe({ qpos, qvel }, observation) {
    observation.addSlice(qpos, options.excludeCurrentPositionsFromObservation ? 1 : 0)
    observation.addClipped(qvel, VELOCITY_RANGE)
  },
  step: (simulation, action) => stepPlanarWalker(simulation, action, options, isHealthy),
})

/** Advances by a step, and rewards velocity along x and health at its end. */
function stepPlanarWalker(
  simulation: Simulation,
  action: ArrayLike<number>,
  options: Required<PlanarWalkerOptions>,
  isHealthy: (simulation: Simulation) => boolean,
): Outcome {
  const before = simulation.qpos[0]
  simulation.advance(action)
  const healthy = isHealthy(simulation)
  const xPosition = simulation.qpos[0]
  const xVelocity = (xPosition - before) / simulation.dt
  const rewardForward = options.forwardRewardWeight * xVelocity
  const rewardSurvive = healthy ? options.healthyReward : 0
  const rewardCtrl = -options.ctrlCostWeight * sumOfSquares(action)
  return {
    reward: rewardForward + rewardSurvive + rewardCtrl,
    terminated: !healthy && options.terminateWhenUnhealthy,
    info: {
      xPosition,
      zDistanceFromOrigin: simulation.qpos[1] - simulation.initialPositions[1],
      xVelocity,
      rewardForward,
      rewardCtrl,
      rewardSurvive,
    },
  }
}
