/** Random draws of an update: noise of actions, the critics that a target uses, and units that dropout leaves out. */
import type { Arrays } from '../graph/program.ts'
import { log } from '../portable-math.ts'
import type { Random } from '../random.ts'
import type { UpdateInputs } from './tensors.ts'
import type { UpdateConfig } from './update.ts'

/** Added to critics that do not count, so that they are never the smallest. */
const NEVER_SMALLEST = 1e30

/** Draws everything that a compiled update takes at random, in the order of the algorithm's needs. */
export function drawChance(
  { noise, nextNoise, subset, dropout, nextDropout, actorDropout }: Arrays<UpdateInputs>,
  config: Pick<UpdateConfig, 'targetCritics' | 'dropout'>,
  random: Random,
): void {
  if (noise) random.fillNormal(noise)
  if (nextNoise) random.fillNormal(nextNoise)
  if (subset) fillSubset(subset, Number(config.targetCritics), random)
  for (const factors of [nextDropout, dropout, actorDropout]) {
    if (factors) fillDropout(factors, config.dropout, random)
  }
}

/** Selects `count` critics, each set of that size equally likely (Fan et al. 1962, selection sampling). */
function fillSubset(subset: Float32Array, count: number, random: Random): void {
  let wanted = count
  for (let i = 0; i < subset.length; i++) {
    const chosen = random.integer(subset.length - i) < wanted
    subset[i] = chosen ? 0 : NEVER_SMALLEST
    if (chosen) wanted--
  }
}

/** Factors 1 / (1 - p), and 0 with probability p: gaps between zeros are geometric, so that few numbers are drawn. */
function fillDropout(factors: Float32Array, p: number, random: Random): void {
  factors.fill(1 / (1 - p))
  const gap = () => Math.floor(log(1 - random.uniform()) / log(1 - p))
  for (let i = gap(); i < factors.length; i += 1 + gap()) factors[i] = 0
}
