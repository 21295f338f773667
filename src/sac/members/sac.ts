import { gaussianActor, valueCritics } from '../algorithm.ts'
import type { Member } from './member.ts'

export const sac: Member = {
  title: 'Soft Actor-Critic',
  source: 'Haarnoja et al. 2018, arXiv:1812.05905',
  groups: ['entropy', 'values'],
  defaults: {},
  algorithm: options => ({ actor: gaussianActor, critics: valueCritics(options) }),
}
