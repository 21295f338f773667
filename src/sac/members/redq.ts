import type { Member } from './member.ts'
import { softMember } from './sac.ts'

/** Many critics and many updates a step: targets take the smallest of a few critics, drawn at random. */
export const redq: Member = {
  ...softMember,
  title: 'Randomized Ensembled Double Q-Learning',
  source: 'Chen et al. 2021, arXiv:2101.05982',
  defaults: {
    critics: 10,
    targetCritics: 2,
    actorValue: 'mean',
    updatesPerStep: 20,
    policyDelay: 20,
    learningStarts: 5000,
  },
}
