// Made by tools/settings-types.ts: change the schema, then run `npm run options`.
import type { MujocoModel } from './mujoco/model-file.ts'

/** No options. */
export type NoOptions = { [Name in never]: never }

/**
 * What `makeEnv` takes for each of the built-in environments. Add your own by declaring the interface once more, in
 * `declare module 'soft-actor-critic'`.
 */
export interface EnvironmentOptions {
  /** Swing a rod up and hold it upright with a weak motor (3 observations, 1 action, 200 steps). */
  'Pendulum-v1': {
    /** Acceleration of free fall in m/s^2 (default 10). */
    gravity?: number
  }
  /** Rock a car out of a valley with a weak motor (2 observations, 1 action, 999 steps). */
  'MountainCarContinuous-v0': {
    /** Least velocity at the goal, per step (default 0). */
    goalVelocity?: number
  }
  /** Keep a pole upright on a cart (4 observations, 2 choices, 500 steps). */
  'CartPole-v1': {
    /** Reward 0 at each step and -1 at the last one (default false). */
    suttonBartoReward?: boolean
  }
  /** Swing the free end of two links up with a motor between them (6 observations, 3 choices, 500 steps). */
  'Acrobot-v1': NoOptions
  /** Rock a car out of a valley with full force or none (2 observations, 3 choices, 200 steps). */
  'MountainCar-v0': {
    /** Least velocity at the goal, per step (default 0). */
    goalVelocity?: number
  }
  /** Land a rocket between two flags by firing one engine at a time (8 observations, 4 choices, 1000 steps). */
  'LunarLander-v3': {
    /** Vertical acceleration in m/s^2, in (-12, 0) (default -10). */
    gravity?: number
    /** Whether wind blows (default false). */
    enableWind?: boolean
    /** Largest force of the wind in N (default 15). */
    windPower?: number
    /** Largest torque of the wind in N m (default 1.5). */
    turbulencePower?: number
  }
  /** Land a rocket between two flags (8 observations, 2 actions, 1000 steps). */
  'LunarLanderContinuous-v3': {
    /** Vertical acceleration in m/s^2, in (-12, 0) (default -10). */
    gravity?: number
    /** Whether wind blows (default false). */
    enableWind?: boolean
    /** Largest force of the wind in N (default 15). */
    windPower?: number
    /** Largest torque of the wind in N m (default 1.5). */
    turbulencePower?: number
  }
  /** Walk on two legs over uneven ground (24 observations, 4 actions, 1600 steps). */
  'BipedalWalker-v3': NoOptions
  /** Walk on two legs over stumps, stairs and pits (24 observations, 4 actions, 2000 steps). */
  'BipedalWalkerHardcore-v3': NoOptions
  /** Run forward on two legs in a plane (17 observations, 6 actions, 1000 steps). */
  'HalfCheetah-v5': {
    /** Time steps of the simulation in a step (default 5). */
    frameSkip?: number
    /** Weight of the velocity along x (default 1). */
    forwardRewardWeight?: number
    /** Weight of the sum of squared actions (default 0.1). */
    ctrlCostWeight?: number
    /** Noise at the start of an episode (default 0.1). */
    resetNoiseScale?: number
    /** Leave the position along the ground out of the observation (default true). */
    excludeCurrentPositionsFromObservation?: boolean
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Hop forward on one leg in a plane (11 observations, 3 actions, 1000 steps). */
  'Hopper-v5': {
    /** Time steps of the simulation in a step (default 4). */
    frameSkip?: number
    /** Weight of the velocity along x (default 1). */
    forwardRewardWeight?: number
    /** Weight of the sum of squared actions (default 0.001). */
    ctrlCostWeight?: number
    /** Noise at the start of an episode (default 0.005). */
    resetNoiseScale?: number
    /** Leave the position along the ground out of the observation (default true). */
    excludeCurrentPositionsFromObservation?: boolean
    /** Reward of a step that ends healthy (default 1). */
    healthyReward?: number
    /** End the episode when not healthy (default true). */
    terminateWhenUnhealthy?: boolean
    /** Heights in m that are healthy (default [0.7, Infinity]). */
    healthyZRange?: readonly [low: number, high: number]
    /** Angles of the torso in rad that are healthy (default [-0.2, 0.2]). */
    healthyAngleRange?: readonly [low: number, high: number]
    /** Other positions and velocities that are healthy (default [-100, 100]). */
    healthyStateRange?: readonly [low: number, high: number]
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Walk forward on two legs in a plane (17 observations, 6 actions, 1000 steps). */
  'Walker2d-v5': {
    /** Time steps of the simulation in a step (default 4). */
    frameSkip?: number
    /** Weight of the velocity along x (default 1). */
    forwardRewardWeight?: number
    /** Weight of the sum of squared actions (default 0.001). */
    ctrlCostWeight?: number
    /** Noise at the start of an episode (default 0.005). */
    resetNoiseScale?: number
    /** Leave the position along the ground out of the observation (default true). */
    excludeCurrentPositionsFromObservation?: boolean
    /** Reward of a step that ends healthy (default 1). */
    healthyReward?: number
    /** End the episode when not healthy (default true). */
    terminateWhenUnhealthy?: boolean
    /** Heights in m that are healthy (default [0.8, 2]). */
    healthyZRange?: readonly [low: number, high: number]
    /** Angles of the torso in rad that are healthy (default [-1, 1]). */
    healthyAngleRange?: readonly [low: number, high: number]
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Walk forward on four legs (105 observations, 8 actions, 1000 steps). */
  'Ant-v5': {
    /** Time steps of the simulation in a step (default 5). */
    frameSkip?: number
    /** Weight of the velocity along x (default 1). */
    forwardRewardWeight?: number
    /** Weight of the sum of squared actions (default 0.5). */
    ctrlCostWeight?: number
    /** Noise at the start of an episode (default 0.1). */
    resetNoiseScale?: number
    /** Leave the position along the ground out of the observation (default true). */
    excludeCurrentPositionsFromObservation?: boolean
    /** Reward of a step that ends healthy (default 1). */
    healthyReward?: number
    /** End the episode when not healthy (default true). */
    terminateWhenUnhealthy?: boolean
    /** Heights in m that are healthy (default [0.2, 1]). */
    healthyZRange?: readonly [low: number, high: number]
    /** Weight of the sum of squared contact forces (default 0.0005). */
    contactCostWeight?: number
    /** Contact forces are clipped to it (default [-1, 1]). */
    contactForceRange?: readonly [low: number, high: number]
    /** Body whose velocity is rewarded (default 'torso'). */
    mainBody?: string
    /** Observe the external forces on the bodies (default true). */
    includeCfrcExtInObservation?: boolean
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Walk forward as a human does (348 observations, 17 actions, 1000 steps). */
  'Humanoid-v5': {
    /** Time steps of the simulation in a step (default 5). */
    frameSkip?: number
    /** Weight of the velocity along x (default 1.25). */
    forwardRewardWeight?: number
    /** Weight of the sum of squared actions (default 0.1). */
    ctrlCostWeight?: number
    /** Noise at the start of an episode (default 0.01). */
    resetNoiseScale?: number
    /** Leave the position along the ground out of the observation (default true). */
    excludeCurrentPositionsFromObservation?: boolean
    /** Reward of a step that ends healthy (default 5). */
    healthyReward?: number
    /** End the episode when not healthy (default true). */
    terminateWhenUnhealthy?: boolean
    /** Heights in m that are healthy (default [1, 2]). */
    healthyZRange?: readonly [low: number, high: number]
    /** Weight of the sum of squared contact forces (default 5e-7). */
    contactCostWeight?: number
    /** The cost of contact forces is clipped to it (default [-Infinity, 10]). */
    contactCostRange?: readonly [low: number, high: number]
    /** Observe the inertia of the bodies (default true). */
    includeCinertInObservation?: boolean
    /** Observe the velocities of the bodies (default true). */
    includeCvelInObservation?: boolean
    /** Observe the forces of the motors (default true). */
    includeQfrcActuatorInObservation?: boolean
    /** Observe the external forces on the bodies (default true). */
    includeCfrcExtInObservation?: boolean
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Swim forward with three links (8 observations, 2 actions, 1000 steps). */
  'Swimmer-v5': {
    /** Time steps of the simulation in a step (default 4). */
    frameSkip?: number
    /** Weight of the velocity along x (default 1). */
    forwardRewardWeight?: number
    /** Weight of the sum of squared actions (default 0.0001). */
    ctrlCostWeight?: number
    /** Noise at the start of an episode (default 0.1). */
    resetNoiseScale?: number
    /** Leave the position along the ground out of the observation (default true). */
    excludeCurrentPositionsFromObservation?: boolean
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Balance a pole on a cart (4 observations, 1 action, 1000 steps). */
  'InvertedPendulum-v5': {
    /** Time steps of the simulation in a step (default 2). */
    frameSkip?: number
    /** Noise at the start of an episode (default 0.01). */
    resetNoiseScale?: number
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Balance two poles, one on the other, on a cart (9 observations, 1 action, 1000 steps). */
  'InvertedDoublePendulum-v5': {
    /** Time steps of the simulation in a step (default 5). */
    frameSkip?: number
    /** Reward of a step that ends with the tip above 1 m (default 10). */
    healthyReward?: number
    /** Noise at the start of an episode (default 0.1). */
    resetNoiseScale?: number
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Move the tip of an arm to a target (10 observations, 2 actions, 50 steps). */
  'Reacher-v5': {
    /** Time steps of the simulation in a step (default 2). */
    frameSkip?: number
    /** Weight of the distance of fingertip and target (default 1). */
    rewardDistWeight?: number
    /** Weight of the sum of squared actions (default 1). */
    rewardControlWeight?: number
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Push an object to a goal with an arm (23 observations, 7 actions, 100 steps). */
  'Pusher-v5': {
    /** Time steps of the simulation in a step (default 5). */
    frameSkip?: number
    /** Weight of the distance of arm and object (default 0.5). */
    rewardNearWeight?: number
    /** Weight of the distance of object and goal (default 1). */
    rewardDistWeight?: number
    /** Weight of the sum of squared actions (default 0.1). */
    rewardControlWeight?: number
    /** A model of your own in MJCF (default: that of the task). */
    xmlFile?: MujocoModel
  }
  /** Move the tip of an arm to a goal in its plane (10 observations, 4 of them goals, 2 actions, 50 steps). */
  'PlanarReach-v0': {
    /** Distance in m within which the goal counts as reached (default 0.05). */
    tolerance?: number
  }
  /** Push a puck to a goal on a table (8 observations, 4 of them goals, 2 actions, 50 steps). */
  'PlanarPush-v0': {
    /** Distance in m within which the goal counts as reached (default 0.1). */
    tolerance?: number
  }
}
