import { deterministicActor, valueCritics } from '../algorithm.ts'
import type { Member } from './member.ts'

/** Settings of the authors' current code. */
export const td3: Member = {
  title: 'Twin Delayed DDPG',
  source: 'Fujimoto et al. 2018, arXiv:1802.09477',
  groups: ['exploration', 'smoothing', 'values'],
  defaults: {
    learningStarts: 25_000,
    policyDelay: 2,
    // The targets move together with the actor.
    targetUpdateInterval: 2,
    actorValue: 'first',
    explorationNoise: 0.1,
    explorationNoiseKind: 'gaussian',
    explorationNoiseTheta: 0.15,
    explorationNoiseSchedule: 'constant',
    explorationNoiseScheduleEnd: 0,
    targetNoise: 0.2,
    targetNoiseClip: 0.5,
  },
  algorithm: options => ({ actor: deterministicActor(options), critics: valueCritics(options) }),
}
