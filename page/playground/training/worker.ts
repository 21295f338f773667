/** The Worker in which an agent lives. */
import { serve } from './calls.ts'
import type { Plan } from './plan.ts'
import type { Report } from './reports.ts'
import { createSession, type Session } from './session.ts'

let session: Session | undefined

/** What the page may ask for: to begin, and then all that a session does. */
const functions = new Proxy({} as Record<string, unknown>, {
  get(_, name: string) {
    if (name === 'begin') return begin
    if (!session) throw new Error('Nothing was begun yet.')
    return session[name as keyof Session]
  },
})

const report = serve<Report>(functions)

async function begin(
  plan: Plan,
  copies: number,
  fingerprintAt: number,
): Promise<ReturnType<Session['about']>> {
  await session?.close()
  session = undefined
  session = await createSession(plan, copies, report)
  session.fingerprintAt(fingerprintAt)
  return session.about()
}

/** All that can be called. */
export interface WorkerFunctions extends Session {
  begin: typeof begin
}
