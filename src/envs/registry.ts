import type { Env } from '../env/env.ts'
import { timeLimit } from '../env/wrappers.ts'
import { nearest } from '../nearest.ts'
import type { EnvAbout, EnvEntry, EnvFactory, EnvOptions } from './entry.ts'
import type { EnvironmentOptions } from './environment-options.ts'
import { mujocoEntries } from './mujoco/catalogue.ts'

const landerOptions = {
  gravity: 'vertical acceleration in m/s^2, in (-12, 0) (default -10)',
  enableWind: 'whether wind blows (default false)',
  windPower: 'largest force of the wind in N (default 15)',
  turbulencePower: 'largest torque of the wind in N m (default 1.5)',
}

// Loaded when asked for, so that environments that are not used cost nothing.
const builtIn: EnvEntry[] = [
  {
    id: 'Pendulum-v1',
    summary: 'Swing a rod up and hold it upright with a weak motor (3 observations, 1 action, 200 steps)',
    options: { gravity: 'acceleration of free fall in m/s^2 (default 10)' },
    cheap: true,
    make: async options => timeLimit((await import('./pendulum.ts')).createPendulum(options), 200),
  },
  {
    id: 'MountainCarContinuous-v0',
    summary: 'Rock a car out of a valley with a weak motor (2 observations, 1 action, 999 steps)',
    options: { goalVelocity: 'least velocity at the goal, per step (default 0)' },
    cheap: true,
    make: async options => timeLimit((await import('./mountain-car.ts')).createMountainCar(options), 999),
  },
  {
    id: 'CartPole-v1',
    summary: 'Keep a pole upright on a cart (4 observations, 2 choices, 500 steps)',
    options: { suttonBartoReward: 'reward 0 at each step and -1 at the last one (default false)' },
    cheap: true,
    make: async options => timeLimit((await import('./cart-pole.ts')).createCartPole(options), 500),
  },
  {
    id: 'Acrobot-v1',
    summary:
      'Swing the free end of two links up with a motor between them (6 observations, 3 choices, 500 steps)',
    options: {},
    cheap: true,
    make: async () => timeLimit((await import('./acrobot.ts')).createAcrobot(), 500),
  },
  {
    id: 'MountainCar-v0',
    summary: 'Rock a car out of a valley with full force or none (2 observations, 3 choices, 200 steps)',
    options: { goalVelocity: 'least velocity at the goal, per step (default 0)' },
    cheap: true,
    make: async options =>
      timeLimit((await import('./mountain-car.ts')).createChoiceMountainCar(options), 200),
  },
  {
    id: 'LunarLander-v3',
    summary:
      'Land a rocket between two flags by firing one engine at a time (8 observations, 4 choices, 1000 steps)',
    options: landerOptions,
    make: async options => {
      const { createLunarLander } = await import('./box2d/lunar-lander.ts')
      return timeLimit(await createLunarLander({ ...options, continuous: false }), 1000)
    },
  },
  {
    id: 'LunarLanderContinuous-v3',
    summary: 'Land a rocket between two flags (8 observations, 2 actions, 1000 steps)',
    options: landerOptions,
    make: async options => {
      const { createLunarLander } = await import('./box2d/lunar-lander.ts')
      return timeLimit(await createLunarLander(options), 1000)
    },
  },
  {
    id: 'BipedalWalker-v3',
    summary: 'Walk on two legs over uneven ground (24 observations, 4 actions, 1600 steps)',
    options: {},
    make: async () => {
      const { createBipedalWalker } = await import('./box2d/bipedal-walker.ts')
      return timeLimit(await createBipedalWalker(), 1600)
    },
  },
  {
    id: 'BipedalWalkerHardcore-v3',
    summary: 'Walk on two legs over stumps, stairs and pits (24 observations, 4 actions, 2000 steps)',
    options: {},
    make: async () => {
      const { createBipedalWalker } = await import('./box2d/bipedal-walker.ts')
      return timeLimit(await createBipedalWalker({ hardcore: true }), 2000)
    },
  },
  ...mujocoEntries,
  {
    id: 'PlanarReach-v0',
    summary:
      'Move the tip of an arm to a goal in its plane (10 observations, 4 of them goals, 2 actions, 50 steps)',
    options: { tolerance: 'distance in m within which the goal counts as reached (default 0.05)' },
    cheap: true,
    make: async options =>
      timeLimit((await import('./goals/planar-reach.ts')).createPlanarReach(options), 50),
  },
  {
    id: 'PlanarPush-v0',
    summary: 'Push a puck to a goal on a table (8 observations, 4 of them goals, 2 actions, 50 steps)',
    options: { tolerance: 'distance in m within which the goal counts as reached (default 0.1)' },
    cheap: true,
    make: async options => timeLimit((await import('./goals/planar-push.ts')).createPlanarPush(options), 50),
  },
]

const entries = new Map(builtIn.map(entry => [entry.id, entry]))

/** No environment has the id asked for. */
export class UnknownEnvironmentError extends Error {
  override name = 'UnknownEnvironmentError'
  /** The id asked for. */
  readonly id: string
  /** The id that was likely meant. */
  readonly suggestion: string | undefined

  constructor(id: string) {
    const suggestion = nearest(id, environmentIds())
    super(
      `there is no environment '${id}'${suggestion ? `; did you mean '${suggestion}'?` : '.'} ` +
        `Known are ${environmentIds().join(', ')}; add your own with registerEnv()`,
    )
    this.id = id
    this.suggestion = suggestion
  }
}

/** Any text, while editors still offer the ids that are known. */
export type AnyId = string & Record<never, never>

/** What `makeEnv` takes for an id: the options of a built-in environment, anything for another one. */
export type OptionsOf<Id> = Id extends keyof EnvironmentOptions ? EnvironmentOptions[Id] : EnvOptions

/**
 * Makes an environment by its id. Those that are built in have the time limit of their definition; one that was
 * registered is as its factory made it.
 *
 * @param options what the environment takes, see `environments()`; if its entry does not list its options, what its
 *   factory accepts
 * @throws UnknownEnvironmentError for an unknown id (the promise rejects, as for all errors here)
 * @throws TypeError for an option that the entry does not list, or a value of the wrong kind
 * @throws Error if a package that the environment needs is not installed, and any error of a registered factory
 * @example
 * const env = await makeEnv('Pendulum-v1')
 */
export async function makeEnv<Id extends keyof EnvironmentOptions | AnyId>(
  id: Id,
  options?: OptionsOf<Id>,
): Promise<Env> {
  const given: EnvOptions = options === undefined ? {} : (options as EnvOptions)
  const entry = entries.get(id)
  if (!entry) throw new UnknownEnvironmentError(id)
  if (entry.options) {
    const known = Object.keys(entry.options)
    for (const name of Object.keys(given)) {
      if (known.includes(name)) continue
      const meant = nearest(name, known)
      throw new TypeError(
        `${id} has no option '${name}'${meant ? `; did you mean '${meant}'?` : '.'} ` +
          (known.length > 0 ? `It takes ${known.join(', ')}` : 'It takes none'),
      )
    }
  }
  return entry.make(given)
}

/**
 * The ids `makeEnv` knows, in the order they were registered.
 * @example
 * environmentIds().includes('Pendulum-v1') // true
 */
export function environmentIds(): string[] {
  return [...entries.keys()]
}

/**
 * Everything known about the environments `makeEnv` can make, in the order they were registered.
 * @example
 * for (const { id, summary, options } of environments()) console.log(id, summary, options)
 */
export function environments(): EnvEntry[] {
  return [...entries.values()]
}

/**
 * Makes an environment of your own known to `makeEnv` under an id.
 *
 * @param make makes the environment; add `timeLimit` here if episodes may go on for ever
 * @throws Error if the id is taken
 * @example
 * registerEnv('Tank-v1', () => timeLimit(createTank(), 500), { summary: 'Keep the level' })
 */
export function registerEnv(id: string, make: EnvFactory, about: EnvAbout = {}): void {
  if (entries.has(id)) {
    throw new Error(
      `there is already an environment '${id}': register yours under another id, say with a new version`,
    )
  }
  entries.set(id, { summary: '', ...about, id, make })
}
