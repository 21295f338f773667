import type { Env } from './env.ts'

/** Largest seed that an environment takes. */
export const largestSeed = ({ seedBits = 31 }: Pick<Env, 'seedBits'>): number => 2 ** seedBits - 1

/** A seed that an environment takes, of 32 random bits or an agent's own seed: the same number, but for a bit too many. */
export const episodeSeed = (env: Pick<Env, 'seedBits'>, bits: number): number => bits % (largestSeed(env) + 1)
