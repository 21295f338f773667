/** What `sac act` does: actors of one process, each with an environment of its own, until the run has finished. */
import { setTimeout } from 'node:timers/promises'
import type { NatsConnection } from '@nats-io/transport-node'
import { actFor } from '../../distributed/act.ts'
import { RunChangedError } from '../../distributed/run-error.ts'
import { awaitRun } from '../../distributed/survey.ts'
import { openNatsTransport, type Transport } from '../../nats/index.ts'
import { environmentName } from '../../run/environment-path.ts'
import { closeAll, environmentOf, type WrappedEnvironment } from '../../run/environments/environment.ts'
import { EnvironmentError } from '../../training/guarded-env.ts'
import { closeInTime } from '../environments/close-in-time.ts'
import { formatCount } from '../output/format.ts'
import { say } from '../output/say.ts'
import { Interruption, stopOnSignals } from '../training/stop-signals.ts'
import { type OwnEnvironment, sharedEnvironment } from './shared-environment.ts'

/** What acting for a run needs. */
export interface ActingForRun {
  connection: NatsConnection
  /** Name of the run on the broker. */
  run: string
  /** How many environments. */
  count: number
  /** Names of the actors begin with it. */
  name: string
  /** What this machine says of the environment. */
  own: OwnEnvironment
}

/** Milliseconds before an environment that failed is made anew, and from one report to the next. */
const AGAIN_MS = 1000
const REPORT_MS = 10_000

/** @returns the exit code */
export async function actForRun({ connection, run, count, name, own }: ActingForRun): Promise<number> {
  const { signal, release } = stopOnSignals()
  const done = { steps: 0, episodes: 0 }
  try {
    const transport = await openNatsTransport(connection, { run, say, signal })
    for (let again = true; again; ) {
      const description = await awaitRun(transport, signal)
      if (!description || description.finished) break
      const named = sharedEnvironment(run, description, own)
      const plural = count === 1 ? 'an environment' : `${count} environments`
      say(`Acting for ${run} in ${plural}, ${environmentName(named.environment)}, as ${name}`)
      again = await actSideBySide(transport, named, { count, name, signal, done })
      if (again) say(`${run} has begun anew, so its actors do, too.`)
    }
    if (signal.aborted) throw signal.reason
    say(`${run} has finished.`)
    return 0
  } catch (error) {
    if (!(error instanceof Interruption)) throw error
    return error.exitCode
  } finally {
    release()
    say(`Acted ${formatCount(done.episodes)} whole episodes, of ${formatCount(done.steps)} steps.`)
  }
}

interface SideBySide {
  count: number
  name: string
  signal: AbortSignal
  done: { steps: number; episodes: number }
}

/** @returns whether the run has begun anew */
async function actSideBySide(
  transport: Transport,
  named: WrappedEnvironment,
  { count, name, signal, done }: SideBySide,
): Promise<boolean> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const report = reporter()
  let failure: unknown
  const acting = Array.from({ length: count }, async (_, i) => {
    const actor = count === 1 ? name : `${name}-${i + 1}`
    try {
      await actPersistently(transport, named, { actor, signal: either, done, onEpisode: report })
    } catch (error) {
      failure ??= error
      stop.abort()
    }
  })
  await Promise.all(acting)
  if (failure !== undefined && !(failure instanceof RunChangedError)) throw failure
  return failure !== undefined
}

/** Makes an environment anew when it has failed, so that one that dies now and then ends nothing. */
async function actPersistently(
  transport: Transport,
  named: WrappedEnvironment,
  {
    actor,
    signal,
    done,
    onEpisode,
  }: Pick<SideBySide, 'signal' | 'done'> & { actor: string; onEpisode: Report },
): Promise<void> {
  while (!signal.aborted) {
    const env = await environmentOf(named)
    let episodes = 0
    const count = (episode: Parameters<Report>[0]) => {
      episodes++
      done.episodes++
      done.steps += episode.length
      onEpisode(episode)
    }
    try {
      await actFor(transport, env, { actor, signal, onEpisode: count })
      return
    } catch (error) {
      // One that never gets through an episode would only fail again.
      if (!(error instanceof EnvironmentError) || episodes === 0) throw error
      say(`note: ${error.message} ${actor} makes its environment anew.`)
    } finally {
      await closeInTime(() => closeAll([env]))
    }
    await setTimeout(AGAIN_MS, undefined, { signal }).catch(() => {})
  }
}

type Report = (episode: { return: number; length: number; policyUpdates: number }) => void

/** Says now and then how it goes. */
function reporter(): Report {
  let last = performance.now()
  let returns: number[] = []
  return ({ return: sum, policyUpdates }) => {
    returns.push(sum)
    if (performance.now() - last < REPORT_MS) return
    const mean = returns.reduce((total, one) => total + one, 0) / returns.length
    const plural = returns.length === 1 ? '1 episode' : `${formatCount(returns.length)} episodes`
    say(`${plural}, mean return ${mean.toFixed(1)}, by the policy of update ${formatCount(policyUpdates)}`)
    last = performance.now()
    returns = []
  }
}
