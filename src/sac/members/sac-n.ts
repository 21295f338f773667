import type { Member } from './member.ts'
import { softMember } from './sac.ts'

/** Many critics, of which the smallest counts everywhere: cautious where the data says little, as stored data does. */
export const sacN: Member = {
  ...softMember,
  title: 'SAC-N',
  source: 'An et al. 2021, arXiv:2110.01548',
  defaults: { critics: 10, hiddenSizes: [256, 256, 256] },
}
