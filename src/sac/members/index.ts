import type { AlgorithmName } from '../options.ts'
import { crossq } from './crossq.ts'
import { ddpg } from './ddpg.ts'
import { droq } from './droq.ts'
import type { Member } from './member.ts'
import { redq } from './redq.ts'
import { sac } from './sac.ts'
import { sacN } from './sac-n.ts'
import { td3 } from './td3.ts'
import { tqc } from './tqc.ts'

/** Every member by its name. */
export const members: Record<AlgorithmName, Member> = {
  sac,
  td3,
  ddpg,
  redq,
  droq,
  tqc,
  crossq,
  'sac-n': sacN,
}
