/** Training on what actors elsewhere send, in place of `train`. */
import { actFor } from '../../distributed/act.ts'
import { beginningOf, type IntakeNotice } from '../../distributed/intake.ts'
import { learnFromActors } from '../../distributed/learn.ts'
import { surveyRun } from '../../distributed/survey.ts'
import { printable } from '../../printable.ts'
import type { RunSettings } from '../../run/settings.ts'
import { formatCount } from '../output/format.ts'
import type { TrainingLoop } from '../training/training-run.ts'
import type { OverBroker } from './actor-flags.ts'
import { actorName } from './broker.ts'
import type { SharedSettings } from './shared-environment.ts'

/**
 * A training loop that learns from the actors of a run on a broker.
 * @param resumes whether the run was begun before, perhaps without anything being saved
 */
export function loopOverBroker(
  settings: RunSettings,
  { transport, lease, acts, maxStaleness }: OverBroker,
  resumes: boolean,
): TrainingLoop {
  const { environment, environmentOptions, timeLimit, stackFrames } = settings
  const shared: SharedSettings = { environment, environmentOptions, timeLimit, stackFrames }
  return async function* (agent, envs, options, say) {
    const stop = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
    let failure: unknown
    // One that fails ends the training, as it would alone.
    const act = (env: (typeof envs)[number], i: number) =>
      actFor(transport, env, { actor: `${actorName('learner')}-${i + 1}`, signal }).catch(error => {
        failure ??= error
        stop.abort(error)
      })
    const acting = acts ? envs.map(act) : []
    // What was sent to a learner that was killed before its first checkpoint is in the log.
    const begun = resumes && !options.state ? (await surveyRun(transport)).run : undefined
    const state = begun ? beginningOf(begun) : options.state
    try {
      const onNotice = noticeBoard(say)
      yield* learnFromActors(agent, transport, {
        ...options,
        state,
        signal,
        lease,
        maxStaleness,
        settings: shared,
        onNotice,
      })
      if (failure !== undefined) throw failure
    } finally {
      stop.abort()
      await Promise.all(acting)
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
    else if (type === 'missing')
      say(`note: ${formatCount(notice.transitions)} transitions of ${actor} are missing (${times(count)})`)
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
