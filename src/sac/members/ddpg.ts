import type { Member } from './member.ts'
import { td3 } from './td3.ts'

/** TD3 with one critic, no smoothing and no delay: "OurDDPG" of TD3's authors, who tuned it. */
export const ddpg: Member = {
  ...td3,
  title: 'Deep Deterministic Policy Gradient',
  source: 'Lillicrap et al. 2016, arXiv:1509.02971',
  defaults: { ...td3.defaults, critics: 1, policyDelay: 1, targetUpdateInterval: 1, targetNoise: 0 },
}
