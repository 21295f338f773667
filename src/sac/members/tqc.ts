import { quantileCritics, softActor } from '../algorithm.ts'
import type { Member } from './member.ts'

/** Critics of the return's distribution, whose highest quantiles a target leaves out. */
export const tqc: Member = {
  title: 'Truncated Quantile Critics',
  source: 'Kuznetsov et al. 2020, arXiv:2005.04269',
  groups: ['entropy', 'stateDependentNoise', 'quantiles'],
  defaults: { critics: 5, criticHiddenSizes: [512, 512, 512], atoms: 25, droppedAtoms: 2 },
  algorithm: options => ({ actor: softActor(options), critics: quantileCritics(options) }),
}
