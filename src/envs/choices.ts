/** Environments of classic control whose actions are choices: what they share. */
import { type Discrete, discrete, firstOfNoChoice } from '../env/discrete.ts'
import type { Env, ResetResult, StepResult, Vector } from '../env/env.ts'
import type { Scene } from '../env/scene.ts'
import type { Box } from '../env/spaces.ts'
import { createRandom, type Random, type RandomState } from '../random.ts'

/** A task whose state is a few numbers. */
export interface ChoiceTask {
  id: string
  observationSpace: Box
  /** Of how many actions one is chosen. */
  actions: number
  /** Numbers in the state. */
  stateSize: number
  /** The state in which an episode starts. */
  begin(random: Random): number[]
  /** What follows from a choice, a number from 0. */
  advance(state: readonly number[], choice: number): { state: number[]; reward: number; terminated: boolean }
  observe(state: readonly number[]): Float32Array
  /** The picture of a state; `choice` is the last one, undefined after a reset. */
  scene(state: readonly number[], choice: number | undefined): Scene
}

/** The exact state of such an environment. */
export interface ChoiceState {
  state: number[]
  /** The last one, to look at only; missing after a reset. */
  choice?: number
  random: RandomState
}

/** The environment of a task. Until the first `reset` with a seed the starts are random ones. */
export function choiceEnv(task: ChoiceTask): Env {
  const { id, observationSpace, stateSize, begin, advance, observe } = task
  const actionSpace = discrete(task.actions)
  const random = createRandom(Math.floor(Math.random() * 2 ** 32), 'environment')
  let state: number[] | undefined
  let choice: number | undefined

  return {
    id,
    observationSpace,
    actionSpace,
    seedBits: 32,

    reset({ seed } = {}): ResetResult {
      if (seed !== undefined) random.restore(createRandom(seed, 'environment').state())
      state = begin(random)
      choice = undefined
      return { observation: observe(state) }
    },

    step(action): StepResult {
      if (!state) throw new Error(`${id}: call reset() before the first step()`)
      choice = requireChoice(id, actionSpace, action)
      const { reward, terminated, ...after } = advance(state, choice)
      state = after.state
      return { observation: observe(state), reward, terminated, truncated: false }
    },

    getState(): ChoiceState {
      if (!state) throw new Error(`${id}: call reset() before getState()`)
      return { state: [...state], ...(choice !== undefined && { choice }), random: random.state() }
    },

    setState(given) {
      const { state: numbers, choice: last, random: stream } = (given ?? {}) as Partial<ChoiceState>
      if (!Array.isArray(numbers) || numbers.length !== stateSize || !numbers.every(Number.isFinite)) {
        throw new TypeError(`the state of ${id} is { state, random }, as getState returns`)
      }
      random.restore(stream!)
      state = [...numbers]
      choice = last
    },

    scene() {
      if (!state) throw new Error(`${id}: call reset() before scene()`)
      return task.scene(state, choice)
    },
  }
}

/**
 * The number that an action chooses.
 * @throws TypeError for anything but a vector of one such number
 */
export function requireChoice(id: string, space: Discrete, action: Vector): number {
  if (action?.length === 1 && firstOfNoChoice(space, action) === -1) return action[0]
  throw new TypeError(`${id}: an action is one whole number from 0 to ${space.n - 1}, not [${action}]`)
}
