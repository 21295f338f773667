import type { Body, RevoluteJoint } from 'planck'
import type { Env } from '../../env/env.ts'
import { box } from '../../env/spaces.ts'
import { cos, sin } from '../../portable-math.ts'
import {
  drawTerrain,
  GRASS,
  GROUND_HEIGHT,
  LENGTH,
  START_PAD,
  STEP,
  type Terrain,
} from './bipedal-terrain.ts'
import { walkerScene } from './bipedal-walker-scene.ts'
import { type Draws, type Episode, episodicEnv } from './episodes.ts'
import {
  createPhysics,
  FPS,
  fromPixels,
  handlesOf,
  loadPlanck,
  type Physics,
  PIXELS,
  type Planck,
  rectangle,
  VIEW,
} from './world.ts'

const TERRAIN_FRICTION = 2.5
const MAX_TORQUE = 80
const HIP_SPEED = 4
const KNEE_SPEED = 6
const GOAL = (LENGTH - GRASS) * STEP

const HULL = fromPixels([
  [-30, 9],
  [6, 9],
  [34, 1],
  [34, -8],
  [-30, -8],
])
/** Of both parts of a leg. */
const LEG_LENGTH = 34 / PIXELS
const LEG_WIDTH = 8 / PIXELS
/** Height of the hips in the frame of the hull. */
const HIP = -8 / PIXELS

/** From the hull to where each lidar ray ends, from straight down to forward. */
const RAYS = Array.from({ length: 10 }, (_, i) => ({
  x: sin(0.15 * i) * (160 / PIXELS),
  y: -cos(0.15 * i) * (160 / PIXELS),
}))

/** What `createBipedalWalker` takes. */
export interface BipedalWalkerOptions {
  /** Whether there are stumps, stairs and pits in the way; false by default. */
  hardcore?: boolean
}

/**
 * `BipedalWalker-v3` of Gymnasium, and with `hardcore` `BipedalWalkerHardcore-v3`: walk on two legs over uneven
 * ground to the far end.
 *
 * Observation (24): angle of the hull in rad, its angular velocity in 25 rad/s, its horizontal and vertical
 * velocity in about 8 and 12 m/s; for each leg angle and speed of the hip and of the knee (angles in rad, that of
 * the knee from -1; speeds in those of the motors, 4 and 6 rad/s) and whether its foot touches the ground; ten
 * lidar rays of 5.33 m from straight down to forward: which fraction of each is free. Action (4) in [-1, 1],
 * clipped: the sign is the direction and the size the greatest torque, in 80 N m, of hip and knee of each leg.
 *
 * Reward: 4.33 for each metre forward, less 5 for each rad the hull leans, less 0.028 for each full torque.
 * Terminates with -100 where the hull touches the ground or goes back past the start of it, and at the far end,
 * for about 300 in all. Has no time limit of its own; `makeEnv` adds that of 1600 steps, hardcore 2000.
 *
 * Runs on planck. Answers at once; the same on every run of one JavaScript engine, bit for bit. Until the first
 * `reset` with a seed the starts are random ones.
 *
 * @throws Error if planck is not installed (the promise rejects)
 */
export async function createBipedalWalker({ hardcore = false }: BipedalWalkerOptions = {}): Promise<Env> {
  const id = hardcore ? 'BipedalWalkerHardcore-v3' : 'BipedalWalker-v3'
  const planck = await loadPlanck(id)
  const leg = { low: [-Math.PI, -5, -Math.PI, -5, 0], high: [Math.PI, 5, Math.PI, 5, 5] }
  const lidar = RAYS.map(() => 1)
  return episodicEnv({
    id,
    observationSpace: box({
      low: [-Math.PI, -5, -5, -5, ...leg.low, ...leg.low, ...lidar.map(bound => -bound)],
      high: [Math.PI, 5, 5, 5, ...leg.high, ...leg.high, ...lidar],
    }),
    actionSpace: box({ low: -1, high: 1, shape: [4] }),
    begin: random => beginWalk(planck, random, drawTerrain(random, hardcore)),
  })
}

/** A walker at the start of the terrain, pushed a little. */
export function beginWalk(planck: Planck, random: Draws, terrain: Terrain): Episode {
  const physics = createPhysics(planck)
  addTerrain(planck, physics, terrain)
  const { hull, joints, feet } = addWalker(physics)
  hull.applyForceToCenter({ x: random.uniform(-5, 5), y: 0 }, true)

  let shaping: number | undefined
  // To look at only.
  let lidar = RAYS.map(() => 1)

  return {
    step(action) {
      let torque = 0
      for (const [i, joint] of joints.entries()) {
        const share = Math.min(Math.abs(action[i]), 1)
        joint.setMotorSpeed(Math.sign(action[i]) * (i % 2 === 0 ? HIP_SPEED : KNEE_SPEED))
        joint.setMaxMotorTorque(MAX_TORQUE * share)
        torque += MAX_TORQUE * share
        // In Box2D setting a motor wakes both bodies; in planck only a setting that differs does.
        for (const body of [joint.getBodyA(), joint.getBodyB()]) if (!body.isAwake()) body.setAwake(true)
      }
      physics.advance()

      const { x, y } = hull.getPosition()
      const velocity = hull.getLinearVelocity()
      const angle = hull.getAngle()
      lidar = RAYS.map(ray => physics.clearance({ x, y }, { x: x + ray.x, y: y + ray.y }))
      const observation = Float32Array.from([
        angle,
        (2 * hull.getAngularVelocity()) / FPS,
        (0.3 * velocity.x * VIEW.width) / FPS,
        (0.3 * velocity.y * VIEW.height) / FPS,
        ...feet.flatMap((foot, leg) => {
          const [hip, knee] = joints.slice(2 * leg)
          return [
            hip.getJointAngle(),
            hip.getJointSpeed() / HIP_SPEED,
            knee.getJointAngle() + 1,
            knee.getJointSpeed() / KNEE_SPEED,
            Number(physics.isTouching(foot)),
          ]
        }),
        ...lidar,
      ])

      const before = shaping
      shaping = (130 * x) / PIXELS - 5 * Math.abs(angle)
      const fallen = physics.hasTouched(hull) || x < 0
      const reward = fallen ? -100 : shaping - (before ?? shaping) - 0.00035 * torque
      return { observation, reward, terminated: fallen || x > GOAL, truncated: false }
    },
    handles() {
      const [left, right] = [0, 2].map(hip => [joints[hip].getBodyB(), joints[hip + 1].getBodyB()])
      return handlesOf({
        hull,
        'left thigh': left[0],
        'left shin': left[1],
        'right thigh': right[0],
        'right shin': right[1],
      })
    },
    scene() {
      const { x, y } = hull.getPosition()
      return walkerScene({
        terrain,
        hull,
        legs: [0, 2].map(hip => [joints[hip].getBodyB(), joints[hip + 1].getBodyB()]),
        rays: RAYS.map((ray, i) => [x + lidar[i] * ray.x, y + lidar[i] * ray.y]),
        goal: GOAL,
      })
    },
  }
}

function addTerrain(planck: Planck, { world }: Physics, { heights, blocks }: Terrain): void {
  const friction = TERRAIN_FRICTION
  for (const { left, right, bottom, top } of blocks) {
    const corners = [
      { x: left, y: top },
      { x: right, y: top },
      { x: right, y: bottom },
      { x: left, y: bottom },
    ]
    world.createBody().createFixture({ shape: new planck.Polygon(corners), friction })
  }
  for (let i = 1; i < heights.length; i++) {
    const from = { x: (i - 1) * STEP, y: heights[i - 1] }
    const to = { x: i * STEP, y: heights[i] }
    world.createBody().createFixture({ shape: new planck.Edge(from, to), friction })
  }
}

/** Hips and knees in the order of actions, and the lower parts of the legs. */
function addWalker({ addPart, addHinge }: Physics): { hull: Body; joints: RevoluteJoint[]; feet: Body[] } {
  const x = (START_PAD / 2) * STEP
  const y = GROUND_HEIGHT + 2 * LEG_LENGTH
  const top = { x: 0, y: LEG_LENGTH / 2 }
  const bottom = { x: 0, y: -LEG_LENGTH / 2 }

  const hull = addPart({
    outline: HULL,
    density: 5,
    friction: 0.1,
    position: { x, y },
  })
  const joints: RevoluteJoint[] = []
  const feet = [-1, 1].map(side => {
    const addHalf = (width: number, below: number) =>
      addPart({
        outline: rectangle(width / 2, LEG_LENGTH / 2),
        density: 1,
        position: { x, y: y - HIP - below * LEG_LENGTH },
        angle: 0.05 * side,
      })
    const upper = addHalf(LEG_WIDTH, 0.5)
    const lower = addHalf(0.8 * LEG_WIDTH, 1.5)
    const hip = addHinge({
      bodies: [hull, upper],
      anchors: [{ x: 0, y: HIP }, top],
      limits: [-0.8, 1.1],
      motorSpeed: side,
      maxMotorTorque: MAX_TORQUE,
    })
    const knee = addHinge({
      bodies: [upper, lower],
      anchors: [bottom, top],
      limits: [-1.6, -0.1],
      motorSpeed: 1,
      maxMotorTorque: MAX_TORQUE,
    })
    joints.push(hip, knee)
    return lower
  })
  return { hull, joints, feet }
}
