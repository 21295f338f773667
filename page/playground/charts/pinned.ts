import { signal } from '@preact/signals'
import type { Columned } from '../training/curves.ts'
import type { Run } from '../training/run.ts'

/** An earlier run, or the present one as it was when it was pinned, to be seen behind what comes. */
export interface Pinned {
  name: string
  curves: Columned
}

export const pinned = signal<Pinned | undefined>(undefined)

/** Keeps the curves of a run as they are now. */
export function pin({ plan, counts, curves }: Run): void {
  const { world, agent } = plan.peek()!
  const steps = counts.peek().step.toLocaleString('en')
  pinned.value = { name: `${world.id}, seed ${agent.seed}, ${steps} steps`, curves: curves.copy() }
}

export function unpin(): void {
  pinned.value = undefined
}
