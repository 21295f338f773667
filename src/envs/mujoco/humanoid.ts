import type { Env } from '../../env/env.ts'
import { createMujocoEnv, type View } from './environment.ts'
import { walkOutcome } from './free-walker.ts'
import { humanoidModel } from './humanoid-model.ts'
import type { Range } from './mjcf.ts'
import type { AnyModel } from './model-file.ts'
import { type HealthOptions, type LocomotionOptions, withDefaults } from './options.ts'
import type { Simulation } from './simulation.ts'
import { addUniform, sumOfSquares, within } from './terms.ts'

/** From the right, in front. */
const view: View = { follow: 'torso', position: [1.8, -2.8, 1.5], target: [0, 0, 0.9], fieldOfView: 40 }

/** What `createHumanoid` takes. */
export interface HumanoidOptions extends LocomotionOptions, HealthOptions {
  /** Weight of the sum of squared contact forces. */
  contactCostWeight?: number
  /** The cost of contact forces is clipped to this range. */
  contactCostRange?: Range
  /** Observe the inertia of the bodies. */
  includeCinertInObservation?: boolean
  /** Observe the velocities of the bodies. */
  includeCvelInObservation?: boolean
  /** Observe the forces of the motors. */
  includeQfrcActuatorInObservation?: boolean
  /** Observe the external forces on the bodies. */
  includeCfrcExtInObservation?: boolean
}

export const humanoidDefaults: Required<HumanoidOptions> = {
  frameSkip: 5,
  forwardRewardWeight: 1.25,
  ctrlCostWeight: 0.1,
  contactCostWeight: 5e-7,
  contactCostRange: [-Infinity, 10],
  healthyReward: 5,
  terminateWhenUnhealthy: true,
  healthyZRange: [1, 2],
  resetNoiseScale: 1e-2,
  excludeCurrentPositionsFromObservation: true,
  includeCinertInObservation: true,
  includeCvelInObservation: true,
  includeQfrcActuatorInObservation: true,
  includeCfrcExtInObservation: true,
}

/**
 * `Humanoid-v5` of Gymnasium: walk forward on two legs, with arms.
 *
 * Observation, 348: positions without x and y (22), velocities (23), then of the 13 bodies inertia (130), velocities
 * (78), then forces of the motors (17) and external forces on the bodies (78), which are zero at the start of an
 * episode. Action, 17 in [-0.4, 0.4]: torques at abdomen (y, z, x), right and left hip (x, z, y) and knee, right and
 * left shoulder (1, 2) and elbow. Reward: 1.25 times the velocity of the centre of mass along x + 5 while healthy
 * - 0.1 |a|^2 - 5e-7 times the sum of squared forces, at most 10. Terminates when z is outside (1, 2).
 */
export function createHumanoid(given: HumanoidOptions = {}, model: AnyModel = humanoidModel): Promise<Env> {
  const options = withDefaults(given, humanoidDefaults)
  const [lowestContactCost, highestContactCost] = options.contactCostRange
  const definition = { id: 'Humanoid-v5', model, leastPositions: 3, frameSkip: options.frameSkip, view }

  return createMujocoEnv(definition, () => ({
    start({ qpos, qvel }, random) {
      addUniform(qpos, random, options.resetNoiseScale)
      addUniform(qvel, random, options.resetNoiseScale)
    },
    observe({ qpos, qvel, cinert, cvel, qfrc_actuator, cfrc_ext }, observation) {
      observation.addSlice(qpos, options.excludeCurrentPositionsFromObservation ? 2 : 0)
      observation.addSlice(qvel)
      // Without the world, the first body, and without the six freedoms of the root.
      if (options.includeCinertInObservation) observation.addSlice(cinert, 10)
      if (options.includeCvelInObservation) observation.addSlice(cvel, 6)
      if (options.includeQfrcActuatorInObservation) observation.addSlice(qfrc_actuator, 6)
      if (options.includeCfrcExtInObservation) observation.addSlice(cfrc_ext, 6)
    },
    step(simulation, action) {
      const xBefore = centreOfMass(simulation, 0)
      const yBefore = centreOfMass(simulation, 1)
      simulation.advance(action)
      const { qpos, cfrc_ext, dt } = simulation
      const xVelocity = (centreOfMass(simulation, 0) - xBefore) / dt
      const yVelocity = (centreOfMass(simulation, 1) - yBefore) / dt
      const healthy = within(qpos[2], options.healthyZRange)
      const contact = options.contactCostWeight * sumOfSquares(cfrc_ext)
      const contactCost = Math.max(lowestContactCost, Math.min(highestContactCost, contact))
      return walkOutcome(simulation, action, options, { xVelocity, yVelocity, healthy, contactCost })
    },
  }))
}

/** Coordinate of the centre of mass of all bodies, in m. */
function centreOfMass({ bodyMass, xipos }: Simulation, axis: number): number {
  let moment = 0
  let mass = 0
  for (let body = 0; body < bodyMass.length; body++) {
    moment += bodyMass[body] * xipos[3 * body + axis]
    mass += bodyMass[body]
  }
  return moment / mass
}
