/** Whether the reader asked the system for less motion. Then pictures change rarely and at once. */
export const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

const STILL_MS = 700

/** When the next picture is due. */
export const nextPicture = (): Promise<void> =>
  new Promise(resolve => {
    if (isStill()) setTimeout(resolve, STILL_MS)
    else requestAnimationFrame(() => resolve())
  })

/** Shows shares from 0 to 1 over a time, slow at both ends; the last one is 1. Ends early when `closed`. */
export async function glide(
  seconds: number,
  show: (share: number) => void,
  closed: () => boolean,
): Promise<void> {
  const began = performance.now()
  for (;;) {
    await nextPicture()
    if (closed()) return
    const time = Math.min(1, (performance.now() - began) / (1000 * seconds))
    show(time * time * (3 - 2 * time))
    if (time === 1) return
  }
}

/** Looks again and again while something is under way, and once more when it is over. */
export async function follow(work: Promise<void>, look: () => Promise<void>): Promise<void> {
  let under = true
  const ended = work.finally(() => {
    under = false
  })
  // Whoever waits for it below is told; the looking just stops.
  ended.catch(() => {})
  while (under) {
    await look()
    await nextPicture()
  }
  await ended
  await look()
}
