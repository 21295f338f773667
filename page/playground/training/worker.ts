/** The Worker in which an agent lives. */
import { serve } from './calls.ts'
import { loadMujocoWith } from './load-mujoco.ts'
import { checkOwn, ownEnv } from './own-env.ts'
import type { Plan } from './plan.ts'
import type { Report } from './reports.ts'
import { createSession, type Session } from './session.ts'
import { builtIn } from './world.ts'

let session: Session | undefined

/** What the page may ask for: to begin, and then all that a session does. */
const functions = new Proxy({} as Record<string, unknown>, {
  get(_, name: string) {
    if (name === 'begin') return begin
    if (name === 'check') return checkOwn
    if (!session) throw new Error('Nothing was begun yet.')
    return session[name as keyof Session]
  },
})

const report = serve<Report>(functions)
loadMujocoWith((loaded, total) => report({ type: 'loading', loaded, total }))

let beginning: Promise<unknown> = Promise.resolve()

/** One after the other, so that there is one session at a time. */
function begin(...plan: Parameters<typeof beginNow>): ReturnType<typeof beginNow> {
  const begun = beginning.then(() => beginNow(...plan))
  beginning = begun.catch(() => {})
  return begun
}

async function beginNow(
  plan: Plan,
  copies: number,
  fingerprintAt: number,
): Promise<ReturnType<Session['about']>> {
  await session?.pause()
  // What was learned stays if the next session cannot begin, because memory or the environment fails.
  const next = await createSession(plan, copies, report, plan.world.code === undefined ? builtIn : ownEnv)
  await session?.close()
  session = next
  session.fingerprintAt(fingerprintAt)
  return session.about()
}

/** All that can be called. */
export interface WorkerFunctions extends Session {
  begin: typeof begin
  check: typeof checkOwn
}
