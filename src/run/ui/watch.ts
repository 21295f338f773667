import type { RunIndex } from './run-index.ts'

/** How often runs that train are looked at. */
const TICK_MS = 500
/** All others are, within this many of those times, and so is whether there are new ones. */
const ROUND = 8

/**
 * Keeps an index up to date by looking at the sizes of files. Notices of the operating system would need one for each
 * file, and there are none for a folder on another machine.
 * @returns a function that ends it
 */
export function watchRuns(index: RunIndex): () => void {
  let timer: NodeJS.Timeout
  let ended = false
  let tick = 0
  async function look(): Promise<void> {
    try {
      if (tick % ROUND === 0) index.list()
      const others = index.ids().filter((_, i) => i % ROUND === tick % ROUND)
      await index.refresh(new Set([...index.lively(), ...others]))
    } catch (error) {
      // The folder may be away for a moment, with its disk; but nothing is hidden.
      process.stderr.write(`note: ${(error as Error).message}\n`)
    }
    tick++
    if (!ended) timer = setTimeout(look, TICK_MS)
  }
  void index.refresh().then(look)
  return () => {
    ended = true
    clearTimeout(timer)
  }
}
