import type { SAC } from '../sac/agent.ts'
import type { TrainingEvent } from '../training/events.ts'
import { type Diagnosis, diagnose, patientOf } from './diagnose.ts'
import { createVitals, type Vitals } from './vitals.ts'

/** What an examination found. */
export interface Examination {
  vitals: Vitals
  /** All that is wrong now. */
  diagnoses: Diagnosis[]
  /** Those among them that were not there at the examination before. */
  fresh: Diagnosis[]
}

/** What `createDoctor` takes. */
export interface DoctorOptions {
  /** Examine at every multiple of so many steps, at least 1, and when training is done. Default 2000. */
  every?: number
  /** Vitals of earlier examinations of this run, oldest first. */
  history?: readonly Vitals[]
}

/**
 * Watches a training run, says what goes wrong, and what to do about it. It changes nothing.
 *
 * @returns a function to call with every event of `train`; it answers at each examination
 * @example
 * const examine = createDoctor(agent)
 * for await (const event of train(agent, env, { steps: 10_000 })) {
 *   for (const { problem, remedy } of examine(event)?.fresh ?? []) console.warn(problem, remedy)
 * }
 */
export function createDoctor(agent: SAC, { every = 2000, history: earlier = [] }: DoctorOptions = {}) {
  const patient = patientOf(agent)
  const vitals = createVitals(agent)
  const history = [...earlier]
  let known = new Set(history.length > 0 ? diagnose(history, patient).map(({ kind }) => kind) : [])
  let examined = agent.steps
  let last = agent.steps

  function isDue(event: TrainingEvent): boolean {
    if (event.type === 'done') return last > examined
    // What follows from a step, its updates and the end of its episode, comes before the next one.
    return (
      event.type === 'step' &&
      event.environment === 0 &&
      Math.floor(last / every) > Math.floor(examined / every)
    )
  }

  return (event: TrainingEvent): Examination | undefined => {
    const examination = isDue(event) ? examine() : undefined
    if (event.type === 'step') last = event.step
    vitals.observe(event)
    return examination
  }

  function examine(): Examination {
    examined = last
    const taken = vitals.take()
    history.push(taken)
    const diagnoses = diagnose(history, patient)
    const fresh = diagnoses.filter(({ kind }) => !known.has(kind))
    known = new Set(diagnoses.map(({ kind }) => kind))
    return { vitals: taken, diagnoses, fresh }
  }
}
