import type { Env } from '../env/env.ts'
import type { SAC } from '../sac/agent.ts'

/** What a loop uses. The steps and updates, or the episodes, of a second loop would mix with those of the first. */
const inUse = new WeakSet<SAC | Env>()

/**
 * Marks an agent, and environments, as used by one loop alone.
 * @returns a function that lets the next loop begin
 * @throws Error if another loop uses one of them
 */
export function occupy(agent: SAC, envs: readonly Env[]): () => void {
  if (inUse.has(agent)) {
    throw new Error(
      'Another loop of train() is training this agent: let it end, leave it (break), or call return() of its iterator ' +
        'first. To train in several environments at once, give one loop a list of them.',
    )
  }
  const free = occupyEnvs(envs)
  inUse.add(agent)
  return () => {
    inUse.delete(agent)
    free()
  }
}

/** The same for environments alone. */
export function occupyEnvs(envs: readonly Env[]): () => void {
  const env = envs.find((env, i) => inUse.has(env) || envs.indexOf(env) !== i)
  if (env) {
    throw new Error(
      `${env.id ?? 'The environment'} is already in use, by another train() or evaluate(), or twice in one list: what ` +
        'one of them does would change the episode of the other. Make a second environment for it.',
    )
  }
  for (const env of envs) inUse.add(env)
  return () => {
    for (const env of envs) inUse.delete(env)
  }
}
