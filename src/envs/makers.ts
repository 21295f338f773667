/** Makes the environments that are built in; `catalogue.ts` describes them. */
import { timeLimit } from '../env/wrappers.ts'
import type { Maker } from './entry.ts'
import { mujocoMakers } from './mujoco/makers.ts'

// Loaded when asked for, so that environments that are not used cost nothing.
export const makers = {
  'Pendulum-v1': {
    cheap: true,
    make: async options => timeLimit((await import('./pendulum.ts')).createPendulum(options), 200),
  },
  'MountainCarContinuous-v0': {
    cheap: true,
    make: async options => timeLimit((await import('./mountain-car.ts')).createMountainCar(options), 999),
  },
  'CartPole-v1': {
    cheap: true,
    make: async options => timeLimit((await import('./cart-pole.ts')).createCartPole(options), 500),
  },
  'Acrobot-v1': {
    cheap: true,
    make: async () => timeLimit((await import('./acrobot.ts')).createAcrobot(), 500),
  },
  'MountainCar-v0': {
    cheap: true,
    make: async options =>
      timeLimit((await import('./mountain-car.ts')).createChoiceMountainCar(options), 200),
  },
  'LunarLander-v3': {
    make: async options => {
      const { createLunarLander } = await import('./box2d/lunar-lander.ts')
      return timeLimit(await createLunarLander({ ...options, continuous: false }), 1000)
    },
  },
  'LunarLanderContinuous-v3': {
    make: async options => {
      const { createLunarLander } = await import('./box2d/lunar-lander.ts')
      return timeLimit(await createLunarLander(options), 1000)
    },
  },
  'BipedalWalker-v3': {
    make: async () => {
      const { createBipedalWalker } = await import('./box2d/bipedal-walker.ts')
      return timeLimit(await createBipedalWalker(), 1600)
    },
  },
  'BipedalWalkerHardcore-v3': {
    make: async () => {
      const { createBipedalWalker } = await import('./box2d/bipedal-walker.ts')
      return timeLimit(await createBipedalWalker({ hardcore: true }), 2000)
    },
  },
  ...mujocoMakers,
  'PlanarReach-v0': {
    cheap: true,
    make: async options =>
      timeLimit((await import('./goals/planar-reach.ts')).createPlanarReach(options), 50),
  },
  'PlanarPush-v0': {
    cheap: true,
    make: async options => timeLimit((await import('./goals/planar-push.ts')).createPlanarPush(options), 50),
  },
} satisfies Record<string, Maker>
