/** A training run as the page sees it: a Worker, and signals that follow what it reports. */
import { batch, signal } from '@preact/signals'
import type { Diagnosis, SacOptionsInput } from '../../../src/index.ts'
import { connect } from './calls.ts'
import { createCurves } from './curves.ts'
import type { Pace, Plan } from './plan.ts'
import type { Picture, Report } from './reports.ts'
import { sentenceOf } from './sentence.ts'
import type { WorkerFunctions } from './worker.ts'

/** Where weights are compared, unless a link says otherwise: soon, but after learning has begun. */
export const FINGERPRINT_STEP = 2000

export type About = Awaited<ReturnType<WorkerFunctions['begin']>>

export function createRun() {
  const plan = signal<Plan | undefined>()
  const about = signal<About | undefined>()
  const pace = signal<Pace>('paused')
  /** Whether what was begun last is there. */
  const ready = signal(false)
  let beginnings = 0
  /** Counts that one reads. */
  const counts = signal({ step: 0, updates: 0, episodes: 0, speed: undefined as number | undefined })
  const picture = signal<Picture | undefined>()
  const diagnoses = signal<{ step: number; diagnoses: Diagnosis[] } | undefined>()
  /** SHA-256 of the weights after some steps. */
  const fingerprint = signal<{ step: number; digest: string } | undefined>()
  /** Whether something was changed while it ran, so that its beginning does not say how it ends. */
  const altered = signal(false)
  /** What somebody who drove achieved, and how many of those steps the agent learns from. */
  const driven = signal<{ last?: number; best?: number; kept: number } | undefined>()
  /** Bytes that have arrived of what is being loaded. */
  const loading = signal<{ loaded: number; total: number } | undefined>()
  const fault = signal<string | undefined>()
  const curves = createCurves()
  let { worker, remote, ended } = start()

  function sayWhetherSeen(): void {
    if (about.peek()) void attempt(remote.setSeen(!document.hidden))
  }

  function start() {
    document.addEventListener('visibilitychange', sayWhetherSeen)
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    const { remote, ended } = connect<WorkerFunctions, Report>(worker, receive)
    worker.onerror = event => {
      fault.value = `The Worker that trains failed: ${event.message || 'it could not be loaded'}.`
      ended(new Error(fault.value))
    }
    return { worker, remote, ended }
  }

  function receive(report: Report): void {
    if (report.type === 'picture') picture.value = report
    else if (report.type === 'fault') fault.value = sentenceOf(report.message)
    else if (report.type === 'pace') pace.value = report.pace
    else if (report.type === 'fingerprint') fingerprint.value = report
    else if (report.type === 'altered') altered.value = true
    else if (report.type === 'loading') loading.value = report
    else if (report.type === 'driven') addDriven(report.return, report.kept)
    else if (report.type === 'doctor') diagnoses.value = report
    else {
      batch(() => {
        const { step, updates, episodes, speed } = report
        counts.value = { step, updates, episodes, speed }
        curves.add(report)
      })
    }
  }

  function addDriven(achieved: number | undefined, kept: number): void {
    const before = driven.peek()
    driven.value = {
      last: achieved ?? before?.last,
      best: achieved === undefined ? before?.best : Math.max(achieved, before?.best ?? -Infinity),
      kept: (before?.kept ?? 0) + kept,
    }
  }

  /** What the Worker could not do is said in the page. */
  async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      const result = await work
      return result
    } catch (error) {
      fault.value = sentenceOf((error as Error).message)
      return undefined
    }
  }

  return {
    plan,
    about,
    ready,
    pace,
    counts,
    picture,
    diagnoses,
    fault,
    fingerprint,
    driven,
    loading,
    altered,
    curves,
    /** What the Worker can be asked for. */
    get remote() {
      return remote
    },

    /**
     * Begins anew: untrained, at step 0. Answers whether it did, or a later call takes its place; if not, `fault` says
     * why, and what was there before stays, paused.
     */
    async begin(next: Plan, copies = 1, fingerprintAt = FINGERPRINT_STEP): Promise<boolean> {
      pace.value = 'paused'
      fault.value = undefined
      ready.value = false
      const mine = ++beginnings
      const began = await attempt(remote.begin(next, copies, fingerprintAt))
      if (mine !== beginnings) return true
      loading.value = undefined
      if (!began) {
        ready.value = about.value !== undefined
        if (ready.value) fault.value = `${fault.peek()} What was there before stays.`
        return false
      }
      // Only now, because the run before reports until it has ended.
      batch(() => {
        plan.value = next
        about.value = began
        ready.value = true
        counts.value = { step: 0, updates: 0, episodes: 0, speed: undefined }
        diagnoses.value = undefined
        fingerprint.value = undefined
        altered.value = false
        driven.value = undefined
        curves.clear()
      })
      if (began.hasScene) await attempt(remote.play())
      sayWhetherSeen()
      return true
    },

    /** @param until step after which it pauses by itself */
    async setPace(next: Pace, until?: number): Promise<void> {
      fault.value = undefined
      pace.value = next
      await attempt(remote.setPace(next, until))
    },

    async step(): Promise<void> {
      pace.value = 'paused'
      await attempt(remote.step())
    },

    /** Changes settings while it runs. */
    async change(options: SacOptionsInput): Promise<void> {
      plan.value = { ...plan.peek()!, agent: options }
      fault.value = undefined
      await attempt(remote.change(options))
    },

    /** Changes the environment's settings while it runs. */
    async changeWorld(next: Plan): Promise<void> {
      plan.value = { ...plan.peek()!, world: next.world }
      fault.value = undefined
      await attempt(remote.changeWorld(next.world.options))
    },

    attempt,

    /** Stops the Worker in the middle of whatever it does, and begins with a new one. */
    async restart(): Promise<void> {
      this.terminate()
      about.value = undefined
      ;({ worker, remote, ended } = start())
      pace.value = 'paused'
    },

    terminate(): void {
      document.removeEventListener('visibilitychange', sayWhetherSeen)
      worker.terminate()
      ended(new Error('The Worker was stopped.'))
    },
  }
}

export type Run = ReturnType<typeof createRun>
