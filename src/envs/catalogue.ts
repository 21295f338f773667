/** What lists of environments say about those that are built in, apart so that a page that makes one need not load it. */
import type { EnvAbout } from './entry.ts'
import type { makers } from './makers.ts'
import { mujocoCatalogue } from './mujoco/catalogue.ts'

const landerOptions = {
  gravity: 'vertical acceleration in m/s^2, in (-12, 0) (default -10)',
  enableWind: 'whether wind blows (default false)',
  windPower: 'largest force of the wind in N (default 15)',
  turbulencePower: 'largest torque of the wind in N m (default 1.5)',
}

export const catalogue: Record<keyof typeof makers, EnvAbout> = {
  'Pendulum-v1': {
    summary: 'Swing a rod up and hold it upright with a weak motor (3 observations, 1 action, 200 steps)',
    options: { gravity: 'acceleration of free fall in m/s^2 (default 10)' },
  },
  'MountainCarContinuous-v0': {
    summary: 'Rock a car out of a valley with a weak motor (2 observations, 1 action, 999 steps)',
    options: { goalVelocity: 'least velocity at the goal, per step (default 0)' },
  },
  'CartPole-v1': {
    summary: 'Keep a pole upright on a cart (4 observations, 2 choices, 500 steps)',
    options: { suttonBartoReward: 'reward 0 at each step and -1 at the last one (default false)' },
  },
  'Acrobot-v1': {
    summary:
      'Swing the free end of two links up with a motor between them (6 observations, 3 choices, 500 steps)',
    options: {},
  },
  'MountainCar-v0': {
    summary: 'Rock a car out of a valley with full force or none (2 observations, 3 choices, 200 steps)',
    options: { goalVelocity: 'least velocity at the goal, per step (default 0)' },
  },
  'LunarLander-v3': {
    summary:
      'Land a rocket between two flags by firing one engine at a time (8 observations, 4 choices, 1000 steps)',
    options: landerOptions,
  },
  'LunarLanderContinuous-v3': {
    summary: 'Land a rocket between two flags (8 observations, 2 actions, 1000 steps)',
    options: landerOptions,
  },
  'BipedalWalker-v3': {
    summary: 'Walk on two legs over uneven ground (24 observations, 4 actions, 1600 steps)',
    options: {},
  },
  'BipedalWalkerHardcore-v3': {
    summary: 'Walk on two legs over stumps, stairs and pits (24 observations, 4 actions, 2000 steps)',
    options: {},
  },
  ...mujocoCatalogue,
  'PlanarReach-v0': {
    summary:
      'Move the tip of an arm to a goal in its plane (10 observations, 4 of them goals, 2 actions, 50 steps)',
    options: { tolerance: 'distance in m within which the goal counts as reached (default 0.05)' },
  },
  'PlanarPush-v0': {
    summary: 'Push a puck to a goal on a table (8 observations, 4 of them goals, 2 actions, 50 steps)',
    options: { tolerance: 'distance in m within which the goal counts as reached (default 0.1)' },
  },
}
