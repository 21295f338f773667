/** Batches that are drawn from demonstrations and from the agent's own experience. */
import { isPromise } from '../env/awaitable.ts'
import type { Awaitable } from '../env/env.ts'
import type { ReplayBuffer } from './replay-buffer.ts'

/** What `sampleMixture` takes. */
export interface Mixture {
  demonstrations: ReplayBuffer
  experience: ReplayBuffer
  /** Share of a batch that comes from the demonstrations, from 0 to 1. */
  share: number
  /** Fills `rows` rows of the batch from one of the two, from `firstRow` on. */
  sample(memory: ReplayBuffer, rows: number, firstRow: number): Awaitable<void>
}

/**
 * Fills the first `batchSize` rows of a batch, those from demonstrations first, their number rounded (symmetric sampling
 * of RLPD, Ball et al. 2023, 2302.02948, at a share of 1/2). Before there is any experience, all rows are demonstrations.
 *
 * @returns what `sample` returns
 */
export function sampleMixture(
  { demonstrations, experience, share, sample }: Mixture,
  batchSize: number,
): Awaitable<void> {
  const shown = shownRows(share, batchSize, experience.size)
  const rewards = [
    shown > 0 ? sample(demonstrations, shown, 0) : undefined,
    shown < batchSize ? sample(experience, batchSize - shown, shown) : undefined,
  ]
  return rewards.some(isPromise) ? Promise.all(rewards).then(() => {}) : undefined
}

/** How many rows of a batch, the first ones, are demonstrations. */
export const shownRows = (share: number, batchSize: number, experience: number): number =>
  experience === 0 ? batchSize : Math.round(share * batchSize)
