import { computed, effect, signal } from '@preact/signals'
import type { Scene } from '../../../src/index.ts'
import type { Run } from '../training/run.ts'

/** A moment of an episode. */
export interface Frame {
  scene: Scene
  /** Of the episode. */
  step: number
}

/** Beyond as many the beginning is forgotten. */
const MOST = 5000
/** Fewer are no film. */
const FEWEST = 2

/** Keeps what was shown of the last episode: of the last whole one, or of the first one so far. */
export function createReel(run: Pick<Run, 'picture' | 'about'>) {
  let whole: Frame[] = []
  let present: Frame[] = []
  const changes = signal(0)

  effect(() => {
    // Another beginning, perhaps another environment.
    run.about.value
    whole = []
    present = []
    changes.value = changes.peek() + 1
  })
  effect(() => {
    const picture = run.picture.value
    if (!picture) return
    if (picture.cut) {
      if (present.length >= FEWEST) whole = present
      present = []
    }
    present.push({ scene: picture.scenes[0], step: picture.episode.step })
    if (present.length > MOST) present.shift()
    if (present.length <= FEWEST) changes.value = changes.peek() + 1
  })

  const frames = () => (whole.length > 0 ? whole : present)
  return {
    /** In the order in which they were shown. */
    frames: () => [...frames()],
    /** Whether there is a film to make. */
    ready: computed(() => {
      changes.value
      return frames().length >= FEWEST
    }),
  }
}
