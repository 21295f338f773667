/** An environment that a visitor wrote, in the Worker. */

import type { Env, Finding } from '../../../src/index.ts'
import * as library from '../../../src/index.ts'
import type { World } from './plan.ts'

/** @throws Error that says what is missing, and what the visitor's code throws */
export async function ownEnv({ code = '' }: Pick<World, 'code'>): Promise<Env> {
  const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  try {
    const module = (await import(/* @vite-ignore */ address)) as { default?: unknown }
    if (typeof module.default !== 'function') {
      throw new Error('The code has to export a function as default, which makes the environment.')
    }
    const env = (await module.default(library)) as Env | undefined
    if (!env || typeof env.reset !== 'function' || typeof env.step !== 'function') {
      throw new Error('The function has to return an environment, with reset and step.')
    }
    return env
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** What `checkEnv` finds in it. */
export const checkOwn = async (code: string): Promise<Finding[]> => library.checkEnv(await ownEnv({ code }))
