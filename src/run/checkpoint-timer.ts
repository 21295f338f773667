const SHORTEST_MS = 5 * 60_000
/** Under 1 % of the time goes into checkpoints, whatever the size of the replay buffer. */
const LONGEST_SHARE = 0.01

/** Says when a checkpoint is due: every five minutes, or less often where saving takes longer than 3 seconds. */
export function createCheckpointTimer(now: () => number = () => performance.now()) {
  let next = now() + SHORTEST_MS
  return {
    isDue: () => now() >= next,
    /** Does the saving. */
    during(save: () => void): void {
      const started = now()
      save()
      const ended = now()
      next = ended + Math.max(SHORTEST_MS, (ended - started) / LONGEST_SHARE)
    },
  }
}
