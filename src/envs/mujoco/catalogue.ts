/** What lists of environments say about those of MuJoCo. */
import type { EnvAbout } from '../entry.ts'
import type { mujocoMakers } from './makers.ts'

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

const xmlFile = 'a model of your own in MJCF, by its path (default: that of the task)'

export const mujocoCatalogue: Record<keyof typeof mujocoMakers, EnvAbout> = {
  'HalfCheetah-v5': {
    summary: 'Run forward on two legs in a plane (17 observations, 6 actions, 1000 steps)',
    options: { ...locomotion(5, 1, 0.1, 0.1), xmlFile },
  },
  'Hopper-v5': {
    summary: 'Hop forward on one leg in a plane (11 observations, 3 actions, 1000 steps)',
    options: {
      ...locomotion(4, 1, 0.001, 0.005),
      ...health(1, 0.7, Infinity),
      ...healthyAngles(0.2),
      healthyStateRange: 'other positions and velocities that are healthy (default [-100, 100])',
      xmlFile,
    },
  },
  'Walker2d-v5': {
    summary: 'Walk forward on two legs in a plane (17 observations, 6 actions, 1000 steps)',
    options: { ...locomotion(4, 1, 0.001, 0.005), ...health(1, 0.8, 2), ...healthyAngles(1), xmlFile },
  },
  'Ant-v5': {
    summary: 'Walk forward on four legs (105 observations, 8 actions, 1000 steps)',
    options: {
      ...locomotion(5, 1, 0.5, 0.1),
      ...health(1, 0.2, 1),
      ...contactCost(0.0005),
      contactForceRange: 'contact forces are clipped to it (default [-1, 1])',
      mainBody: "body whose velocity is rewarded (default 'torso')",
      ...observeContacts,
      xmlFile,
    },
  },
  'Humanoid-v5': {
    summary: 'Walk forward as a human does (348 observations, 17 actions, 1000 steps)',
    options: {
      ...locomotion(5, 1.25, 0.1, 0.01),
      ...health(5, 1, 2),
      ...contactCost(5e-7),
      contactCostRange: 'the cost of contact forces is clipped to it (default [-Infinity, 10])',
      includeCinertInObservation: 'observe the inertia of the bodies (default true)',
      includeCvelInObservation: 'observe the velocities of the bodies (default true)',
      includeQfrcActuatorInObservation: 'observe the forces of the motors (default true)',
      ...observeContacts,
      xmlFile,
    },
  },
  'Swimmer-v5': {
    summary: 'Swim forward with three links (8 observations, 2 actions, 1000 steps)',
    options: { ...locomotion(4, 1, 0.0001, 0.1), xmlFile },
  },
  'InvertedPendulum-v5': {
    summary: 'Balance a pole on a cart (4 observations, 1 action, 1000 steps)',
    options: { ...frameSkip(2), ...resetNoise(0.01), xmlFile },
  },
  'InvertedDoublePendulum-v5': {
    summary: 'Balance two poles, one on the other, on a cart (9 observations, 1 action, 1000 steps)',
    options: {
      ...frameSkip(5),
      healthyReward: 'reward of a step that ends with the tip above 1 m (default 10)',
      ...resetNoise(0.1),
      xmlFile,
    },
  },
  'Reacher-v5': {
    summary: 'Move the tip of an arm to a target (10 observations, 2 actions, 50 steps)',
    options: {
      ...frameSkip(2),
      rewardDistWeight: 'weight of the distance of fingertip and target (default 1)',
      rewardControlWeight: 'weight of the sum of squared actions (default 1)',
      xmlFile,
    },
  },
  'Pusher-v5': {
    summary: 'Push an object to a goal with an arm (23 observations, 7 actions, 100 steps)',
    options: {
      ...frameSkip(5),
      rewardNearWeight: 'weight of the distance of arm and object (default 0.5)',
      rewardDistWeight: 'weight of the distance of object and goal (default 1)',
      rewardControlWeight: 'weight of the sum of squared actions (default 0.1)',
      xmlFile,
    },
  },
}
