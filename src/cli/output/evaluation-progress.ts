import { formatCount } from './format.ts'

const EVERY_MS = 2000

/** Says every 2 seconds how far an evaluation is, after whole episodes; a short one says nothing. */
export function reportEpisodes(episodes: number, say: (text: string) => void) {
  let said = performance.now()
  let count = 0
  let sum = 0
  return (episode: { return: number }): void => {
    count++
    sum += episode.return
    if (count === episodes || performance.now() - said < EVERY_MS) return
    said = performance.now()
    say(
      `${formatCount(count)} of ${formatCount(episodes)} episodes, mean return ${(sum / count).toFixed(1)} so far`,
    )
  }
}
