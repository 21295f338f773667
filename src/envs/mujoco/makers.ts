/** Makes the MuJoCo environments. Each is loaded, and MuJoCo with it, when it is made; `catalogue.ts` describes them. */
import type { Env } from '../../env/env.ts'
import { timeLimit } from '../../env/wrappers.ts'
import type { EnvOptions, Maker } from '../entry.ts'
import { type ModelFile, modelFileFrom } from './model-file.ts'

const maker = (
  maxSteps: number,
  create: (options: EnvOptions, model?: ModelFile) => Promise<Env>,
): Maker => ({
  make: async ({ xmlFile, ...given }) => timeLimit(await create(given, modelFileFrom(xmlFile)), maxSteps),
})

export const mujocoMakers = {
  'HalfCheetah-v5': maker(1000, async (options, model) =>
    (await import('./half-cheetah.ts')).createHalfCheetah(options, model),
  ),
  'Hopper-v5': maker(1000, async (options, model) =>
    (await import('./hopper.ts')).createHopper(options, model),
  ),
  'Walker2d-v5': maker(1000, async (options, model) =>
    (await import('./walker2d.ts')).createWalker2d(options, model),
  ),
  'Ant-v5': maker(1000, async (options, model) => (await import('./ant.ts')).createAnt(options, model)),
  'Humanoid-v5': maker(1000, async (options, model) =>
    (await import('./humanoid.ts')).createHumanoid(options, model),
  ),
  'Swimmer-v5': maker(1000, async (options, model) =>
    (await import('./swimmer.ts')).createSwimmer(options, model),
  ),
  'InvertedPendulum-v5': maker(1000, async (options, model) =>
    (await import('./inverted-pendulum.ts')).createInvertedPendulum(options, model),
  ),
  'InvertedDoublePendulum-v5': maker(1000, async (options, model) =>
    (await import('./inverted-double-pendulum.ts')).createInvertedDoublePendulum(options, model),
  ),
  'Reacher-v5': maker(50, async (options, model) =>
    (await import('./reacher.ts')).createReacher(options, model),
  ),
  'Pusher-v5': maker(100, async (options, model) =>
    (await import('./pusher.ts')).createPusher(options, model),
  ),
} satisfies Record<string, Maker>
