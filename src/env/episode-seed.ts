import type { Env } from './env.ts'

/** Largest seed that an environment takes. */
export const largestSeed = ({ seedBits = 31 }: Pick<Env, 'seedBits'>): number => 2 ** seedBits - 1

/** A seed that an environment takes, from 32 random bits or an agent's seed: the same number without surplus bits. */
export const episodeSeed = (env: Pick<Env, 'seedBits'>, bits: number): number => bits % (largestSeed(env) + 1)
