import type { Diagnosis, Scene } from '../../../src/index.ts'

/** What the Worker sends without being asked. */
export type Report =
  | ({ type: 'picture' } & Picture)
  | ({ type: 'progress' } & Progress)
  | { type: 'doctor'; step: number; diagnoses: Diagnosis[] }
  | { type: 'pace'; pace: 'paused' }
  | { type: 'fingerprint'; step: number; digest: string }
  | { type: 'altered' }
  | { type: 'driven'; return?: number; kept: number }
  | { type: 'loading'; loaded: number; total: number }
  | { type: 'fault'; message: string }

/** A moment of an environment. */
export interface Picture {
  /** One for each copy that is shown. */
  scenes: Scene[]
  /** Whether it is the environment that is learned in, or one in which the policy of the moment or a person acts. */
  of: 'training' | 'policy' | 'person'
  /** Seconds until the next one is due. */
  seconds: number
  /** Whether an episode has just begun, so that nothing moved here from the picture before. */
  cut: boolean
  /** Of the episode that the first copy is in. */
  episode: { step: number; return: number }
  action: number[]
  reward: number
}

/** What happened since the last report. */
export interface Progress {
  step: number
  updates: number
  episodes: number
  /** Steps per second now; missing while it waits. */
  speed?: number
  /** `success`: whether the goal was reached at the end, where the environment says so. */
  ended: { step: number; return: number; promised?: number; earned: number; success?: boolean }[]
  /** `success`: the share of the episodes that reached their goal, likewise. */
  evaluations: { step: number; mean: number; success?: number }[]
  /** Means over the updates since; missing without any. */
  learned?: Learned
}

export interface Learned {
  step: number
  temperature?: number
  entropy?: number
  targetEntropy?: number
  q: number
  criticLoss: number
  actorLoss?: number
  saturation?: number
}
