import type { Member } from './member.ts'
import { softMember } from './sac.ts'

/** No target networks: s and s' pass the critics together, in one batch that batch renorm normalises. */
export const crossq: Member = {
  ...softMember,
  title: 'CrossQ',
  source: 'Bhatt et al. 2024, arXiv:2402.10688',
  defaults: {
    targetNetworks: false,
    batchRenorm: true,
    criticHiddenSizes: [2048, 2048],
    actorLearningRate: 1e-3,
    criticLearningRate: 1e-3,
    temperatureLearningRate: 1e-3,
    beta1: 0.5,
    policyDelay: 3,
    learningStarts: 5000,
  },
}
