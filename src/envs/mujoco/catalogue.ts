/** The MuJoCo environments as the registry lists them. Each is loaded, and MuJoCo with it, when it is made. */
import type { Env } from '../../env/env.ts'
import { timeLimit } from '../../env/wrappers.ts'
import type { EnvEntry, EnvOptions } from '../entry.ts'
import { type ModelFile, modelFileFrom } from './model-file.ts'

function entry(
  id: string,
  summary: string,
  maxSteps: number,
  options: Record<string, string>,
  create: (options: EnvOptions, model?: ModelFile) => Promise<Env>,
): EnvEntry {
  return {
    id,
    summary: `${summary}, ${maxSteps} steps)`,
    options: { ...options, xmlFile: 'a model of your own in MJCF, by its path (default: that of the task)' },
    make: async ({ xmlFile, ...given }) => timeLimit(await create(given, modelFileFrom(xmlFile)), maxSteps),
  }
}

const frameSkip = (count: number) => ({
  frameSkip: `time steps of the simulation in a step (default ${count})`,
})

const resetNoise = (scale: number) => ({
  resetNoiseScale: `noise at the start of an episode (default ${scale})`,
})

const locomotion = (skip: number, forward: number, control: number, noise: number) => ({
  ...frameSkip(skip),
  forwardRewardWeight: `weight of the velocity along x (default ${forward})`,
  ctrlCostWeight: `weight of the sum of squared actions (default ${control})`,
  ...resetNoise(noise),
  excludeCurrentPositionsFromObservation:
    'leave the position along the ground out of the observation (default true)',
})

const health = (reward: number, low: number, high: number) => ({
  healthyReward: `reward of a step that ends healthy (default ${reward})`,
  terminateWhenUnhealthy: 'end the episode when not healthy (default true)',
  healthyZRange: `heights in m that are healthy (default [${low}, ${high}])`,
})

const healthyAngles = (limit: number) => ({
  healthyAngleRange: `angles of the torso in rad that are healthy (default [-${limit}, ${limit}])`,
})

const contactCost = (weight: number) => ({
  contactCostWeight: `weight of the sum of squared contact forces (default ${weight})`,
})

const observeContacts = {
  includeCfrcExtInObservation: 'observe the external forces on the bodies (default true)',
}

export const mujocoEntries: EnvEntry[] = [
  entry(
    'HalfCheetah-v5',
    'Run forward on two legs in a plane (17 observations, 6 actions',
    1000,
    locomotion(5, 1, 0.1, 0.1),
    async (options, model) => (await import('./half-cheetah.ts')).createHalfCheetah(options, model),
  ),
  entry(
    'Hopper-v5',
    'Hop forward on one leg in a plane (11 observations, 3 actions',
    1000,
    {
      ...locomotion(4, 1, 0.001, 0.005),
      ...health(1, 0.7, Infinity),
      ...healthyAngles(0.2),
      healthyStateRange: 'other positions and velocities that are healthy (default [-100, 100])',
    },
    async (options, model) => (await import('./hopper.ts')).createHopper(options, model),
  ),
  entry(
    'Walker2d-v5',
    'Walk forward on two legs in a plane (17 observations, 6 actions',
    1000,
    { ...locomotion(4, 1, 0.001, 0.005), ...health(1, 0.8, 2), ...healthyAngles(1) },
    async (options, model) => (await import('./walker2d.ts')).createWalker2d(options, model),
  ),
  entry(
    'Ant-v5',
    'Walk forward on four legs (105 observations, 8 actions',
    1000,
    {
      ...locomotion(5, 1, 0.5, 0.1),
      ...health(1, 0.2, 1),
      ...contactCost(0.0005),
      contactForceRange: 'contact forces are clipped to it (default [-1, 1])',
      mainBody: "body whose velocity is rewarded (default 'torso')",
      ...observeContacts,
    },
    async (options, model) => (await import('./ant.ts')).createAnt(options, model),
  ),
  entry(
    'Humanoid-v5',
    'Walk forward as a human does (348 observations, 17 actions',
    1000,
    {
      ...locomotion(5, 1.25, 0.1, 0.01),
      ...health(5, 1, 2),
      ...contactCost(5e-7),
      contactCostRange: 'the cost of contact forces is clipped to it (default [-Infinity, 10])',
      includeCinertInObservation: 'observe the inertia of the bodies (default true)',
      includeCvelInObservation: 'observe the velocities of the bodies (default true)',
      includeQfrcActuatorInObservation: 'observe the forces of the motors (default true)',
      ...observeContacts,
    },
    async (options, model) => (await import('./humanoid.ts')).createHumanoid(options, model),
  ),
  entry(
    'Swimmer-v5',
    'Swim forward with three links (8 observations, 2 actions',
    1000,
    locomotion(4, 1, 0.0001, 0.1),
    async (options, model) => (await import('./swimmer.ts')).createSwimmer(options, model),
  ),
  entry(
    'InvertedPendulum-v5',
    'Balance a pole on a cart (4 observations, 1 action',
    1000,
    { ...frameSkip(2), ...resetNoise(0.01) },
    async (options, model) => (await import('./inverted-pendulum.ts')).createInvertedPendulum(options, model),
  ),
  entry(
    'InvertedDoublePendulum-v5',
    'Balance two poles, one on the other, on a cart (9 observations, 1 action',
    1000,
    {
      ...frameSkip(5),
      healthyReward: 'reward of a step that ends with the tip above 1 m (default 10)',
      ...resetNoise(0.1),
    },
    async (options, model) =>
      (await import('./inverted-double-pendulum.ts')).createInvertedDoublePendulum(options, model),
  ),
  entry(
    'Reacher-v5',
    'Move the tip of an arm to a target (10 observations, 2 actions',
    50,
    {
      ...frameSkip(2),
      rewardDistWeight: 'weight of the distance of fingertip and target (default 1)',
      rewardControlWeight: 'weight of the sum of squared actions (default 1)',
    },
    async (options, model) => (await import('./reacher.ts')).createReacher(options, model),
  ),
  entry(
    'Pusher-v5',
    'Push an object to a goal with an arm (23 observations, 7 actions',
    100,
    {
      ...frameSkip(5),
      rewardNearWeight: 'weight of the distance of arm and object (default 0.5)',
      rewardDistWeight: 'weight of the distance of object and goal (default 1)',
      rewardControlWeight: 'weight of the sum of squared actions (default 0.1)',
    },
    async (options, model) => (await import('./pusher.ts')).createPusher(options, model),
  ),
]
