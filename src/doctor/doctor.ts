import type { SAC } from '../sac/agent.ts'
import type { TrainingEvent } from '../training/events.ts'
import { type Diagnosis, diagnose, diagnoseObservations, patientOf } from './diagnose.ts'
import { createVitals, type Vitals, type VitalsState } from './vitals.ts'

/** What an examination found. */
export interface Examination {
  /** The period of training that was looked at, in numbers. */
  vitals: Vitals
  /** All that is wrong now. */
  diagnoses: Diagnosis[]
  /** Those among them that were not there at the examination before. */
  fresh: Diagnosis[]
}

/** What `createDoctor` takes. */
export interface DoctorOptions {
  /**
   * Examine at every multiple of this number of steps, at least 1, and when training is done. Default 2000. It also examines when
   * learning starts, if something is wrong with the observations, because learning from such may diverge at once.
   */
  every?: number
  /** What `state` of a doctor returned at the moment from which the agent resumes. Default: no examination yet. */
  state?: DoctorState
}

/** All that a doctor's next examinations depend on, as a value of plain data. */
export interface DoctorState extends VitalsState {
  /** Vitals of the examinations at multiples of `every`, oldest first. */
  history: Vitals[]
  /** The step of the last of them. */
  examined: number
  /** The last step seen. */
  last: number
}

/** Watches a training run. */
export interface Doctor {
  /** To be called with every event of `train`; returns what an examination found whenever there is one. */
  (event: TrainingEvent): Examination | undefined
  /** What another doctor needs to continue as this one would. What was found when training was done is not in it. */
  state(): DoctorState
}

/**
 * Watches a training run, says what goes wrong, and what to do about it. It changes nothing.
 *
 * The examination when training is done looks at the time since the last multiple of `every`. If training continues, the
 * next one covers that time too, so that it finds the same as if training had never stopped.
 *
 * @returns a function to call with every event of `train`, which returns what an examination found whenever there is one
 * @example
 * const examine = createDoctor(agent)
 * for await (const event of train(agent, env, { steps: 10_000 })) {
 *   for (const { problem, remedy } of examine(event)?.fresh ?? []) console.warn(problem, remedy)
 * }
 */
export function createDoctor(agent: SAC, { every = 2000, state }: DoctorOptions = {}): Doctor {
  const patient = patientOf(agent)
  const vitals = createVitals(agent)
  if (state) vitals.restore(state)
  const history = [...(state?.history ?? [])]
  let known = new Set(history.length > 0 ? diagnose(history, patient).map(({ kind }) => kind) : [])
  let examined = state?.examined ?? agent.steps
  let last = state?.last ?? agent.steps

  let glanced = agent.steps > agent.options.learningStarts

  function isDue(event: TrainingEvent): boolean {
    if (event.type !== 'step') return false
    if (!glanced && last > 0 && event.step > agent.options.learningStarts) {
      glanced = true
      if (diagnoseObservations(vitals.glance(), patient).length > 0) return true
    }
    // What follows from a step, its updates and the end of its episode, comes before the next one.
    return event.environment === 0 && Math.floor(last / every) > Math.floor(examined / every)
  }

  function examine(event: TrainingEvent): Examination | undefined {
    let examination: Examination | undefined
    if (isDue(event)) {
      const taken = vitals.take()
      examination = judge(taken)
      history.push(taken)
      examined = last
      known = new Set(examination.diagnoses.map(({ kind }) => kind))
    } else if (event.type === 'done' && last > examined) {
      const before = vitals.state()
      examination = judge(vitals.take())
      vitals.restore(before)
    }
    if (event.type === 'step') last = event.step
    vitals.observe(event)
    return examination
  }

  function judge(taken: Vitals): Examination {
    const diagnoses = diagnose([...history, taken], patient)
    return { vitals: taken, diagnoses, fresh: diagnoses.filter(({ kind }) => !known.has(kind)) }
  }

  return Object.assign(examine, {
    state: (): DoctorState => ({ ...vitals.state(), history: [...history], examined, last }),
  })
}
