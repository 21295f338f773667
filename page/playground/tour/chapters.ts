import type { Chapter } from './chapter.ts'
import { softTarget } from './chapters/soft-target.tsx'
import { squashed } from './chapters/squashed-gaussian.tsx'
import { temperature } from './chapters/temperature.tsx'
import { twinCritics } from './chapters/twin-critics.tsx'
import { whatEntropyIs } from './chapters/what-entropy-is.tsx'
import { whatMakesItWork } from './chapters/what-makes-it-work.tsx'
import { whyEntropy } from './chapters/why-entropy.tsx'

/** In the order of the paper; as many as `CHAPTERS` of the route. */
export const chapters: readonly Chapter[] = [
  whyEntropy,
  whatEntropyIs,
  squashed,
  twinCritics,
  softTarget,
  temperature,
  whatMakesItWork,
]
