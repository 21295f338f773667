/** What the visitor has chosen, in the address of the page as well. */
import { signal } from '@preact/signals'
import type { SacOptionsInput } from '../../src/index.ts'
import { chapterIn } from './route.ts'
import { type Shared, sharedFrom, toHash } from './share/link.ts'
import type { Pace, Plan } from './training/plan.ts'
import { createRun, type Run } from './training/run.ts'
import { permission } from './world/permission.tsx'

const shared: Shared = sharedFrom(chapterIn(location.hash) === undefined ? location.hash : '')

/** The run in the middle of the page. */
export const run: Run = createRun()
/** Another on the same seed, to compare. */
export const rival = signal<Run | undefined>()
/** The next beginning. */
export const plan = signal<Plan>(shared.plan)
/** What of the link could not be used. */
export const linkFaults = signal(shared.faults)
/** What the sender of the link found. */
export const received = signal(shared.fingerprint)
export const pace = signal<Exclude<Pace, 'paused'>>('fast')
/** Copies of the environment side by side. */
export const copies = signal(1)

/** Begins anew, with what is planned. Answers whether it did. */
export async function begin(next: Plan = plan.value): Promise<boolean> {
  if (!(await permission(next.world))) return false
  plan.value = next
  history.replaceState(null, '', toHash(next))
  const [began] = await Promise.all([
    run.begin(next, copies.value, received.value?.step),
    rival.value?.begin({ ...next, agent: { ...next.agent, ...rivalChanges.value } }, 1),
  ])
  // Then what was there before is still in view.
  const before = run.plan.value
  if (!began && before && plan.value === next) {
    plan.value = before
    history.replaceState(null, '', toHash(before))
  }
  return began
}

/** How the rival differs. */
export const rivalChanges = signal<SacOptionsInput>({})

/** Puts a rival beside it, or takes it away, and begins both anew. */
export async function compareWith(changes: SacOptionsInput | undefined): Promise<void> {
  rival.value?.terminate()
  rivalChanges.value = changes ?? {}
  rival.value = changes && createRun()
  await begin()
}

/** All runs there are. */
export const runs = (): Run[] => (rival.value ? [run, rival.value] : [run])

export async function setPace(next: Pace): Promise<void> {
  await Promise.all(runs().map(one => one.setPace(next)))
}

/** At the first sight of the playground it begins; afterwards everything is as it was left. */
export async function enter(): Promise<void> {
  if (!run.plan.peek()) {
    await begin()
    return
  }
  history.replaceState(null, '', toHash(plan.value))
  if (run.about.peek()?.hasScene) await run.attempt(run.remote.play())
}

/** Nothing trains or moves where nobody sees it. */
export async function leave(): Promise<void> {
  if (!run.plan.peek()) return
  await setPace('paused')
  await run.attempt(run.remote.rest())
}
