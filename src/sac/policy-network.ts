import type { ActionSpace } from '../env/spaces.ts'
import type { Head } from '../policy/head.ts'
import type { PolicyNetwork } from '../policy/policy.ts'
import { members } from './members/index.ts'
import type { SacOptions } from './options.ts'

/** How the actor's network of an agent with these options is built, for `policyFromParameters` and exports. */
export function policyNetworkOf(
  options: SacOptions,
  actionSpace: ActionSpace,
): PolicyNetwork & { head: Head } {
  const { hiddenSizes, activation, batchRenorm, batchRenormEpsilon } = options
  const head =
    actionSpace.kind === 'discrete' ? 'categorical' : members[options.algorithm].algorithm(options).actor.head
  return { hiddenSizes, activation, head, ...(batchRenorm && { batchRenormEpsilon }) }
}
