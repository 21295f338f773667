/** Training on what actors elsewhere send, in place of `train`. */
import { actFor } from '../../distributed/act.ts'
import type { IntakeNotice } from '../../distributed/intake.ts'
import { learnFromActors } from '../../distributed/learn.ts'
import { openNatsTransport } from '../../nats/index.ts'
import { printable } from '../../printable.ts'
import type { RunSettings } from '../../run/settings.ts'
import { formatCount } from '../output/format.ts'
import type { TrainingLoop } from '../training/training-run.ts'
import type { OverBroker } from './actor-flags.ts'
import { actorName } from './broker.ts'
import type { SharedSettings } from './shared-environment.ts'

/** A training loop that learns from the actors of a run on a broker. */
export function loopOverBroker(
  settings: RunSettings,
  { connection, run, acts, maxStaleness }: OverBroker,
): TrainingLoop {
  const { environment, environmentOptions, timeLimit, stackFrames } = settings
  const shared: SharedSettings = { environment, environmentOptions, timeLimit, stackFrames }
  return async function* (agent, envs, options, say) {
    const stop = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
    const transport = await openNatsTransport(connection, { run, create: true, say, signal })
    let failure: unknown
    // One that fails ends the training, as it would alone.
    const act = (env: (typeof envs)[number], i: number) =>
      actFor(transport, env, { actor: `${actorName('learner')}-${i + 1}`, signal }).catch(error => {
        failure ??= error
        stop.abort(error)
      })
    const acting = acts ? envs.map(act) : []
    try {
      const onNotice = noticeBoard(say)
      yield* learnFromActors(agent, transport, {
        ...options,
        signal,
        maxStaleness,
        settings: shared,
        onNotice,
      })
      if (failure !== undefined) throw failure
    } finally {
      stop.abort()
      await Promise.all(acting)
      await transport.close()
    }
  }
}

/** Says what is to be known of actors. What one does again and again is said at the 1st, 10th, 100th ... time. */
function noticeBoard(say: (text: string) => void): (notice: IntakeNotice) => void {
  const counts = new Map<string, number>()
  const isTime = (key: string) => {
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return Number.isInteger(Math.log10(count)) ? count : 0
  }
  return notice => {
    if (notice.type === 'lost') {
      say(`note: the log has lost ${formatCount(notice.entries)} messages before they were read`)
      return
    }
    const { type } = notice
    const actor = printable(notice.actor)
    const count = isTime(`${type} ${actor}`)
    if (type === 'joined') say(`${actor} has joined`)
    else if (count === 0) return
    else if (type === 'refused')
      say(`note: refused what ${actor} sent, because ${notice.reason} (${times(count)})`)
    else {
      say(
        `note: dropped ${formatCount(notice.transitions)} transitions of ${actor}, whose policy is ` +
          `${formatCount(notice.updatesBehind)} updates behind (${times(count)})`,
      )
    }
  }
}

const times = (count: number) => (count === 1 ? 'for the first time' : `for the ${formatCount(count)}th time`)
