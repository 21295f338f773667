import { categoricalActor, choiceCritics, softActor, valueCritics } from '../algorithm.ts'
import type { Member } from './member.ts'

/** What members with the policy and the critics of `sac` share. */
export const softMember = {
  groups: ['entropy', 'stateDependentNoise', 'values'],
  algorithm: options => ({ actor: softActor(options), critics: valueCritics(options) }),
} satisfies Partial<Member>

/** For discrete actions in the form of Christodoulou 2019, arXiv:1910.07207. */
export const sac: Member = {
  ...softMember,
  title: 'Soft Actor-Critic',
  source: 'Haarnoja et al. 2018, arXiv:1812.05905',
  defaults: {},
  discrete: (options, n) => ({ actor: categoricalActor(n), critics: choiceCritics(options) }),
}
