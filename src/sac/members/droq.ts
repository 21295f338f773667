import type { Member } from './member.ts'
import { softMember } from './sac.ts'

/** As many updates a step as REDQ, but with two critics, whose dropout and layer norm replace the many of REDQ. */
export const droq: Member = {
  ...softMember,
  title: 'Dropout Q-Functions',
  source: 'Hiraoka et al. 2021, arXiv:2110.02034',
  defaults: {
    dropout: 0.01,
    layerNorm: true,
    actorValue: 'mean',
    updatesPerStep: 20,
    policyDelay: 20,
    learningStarts: 5000,
  },
}
