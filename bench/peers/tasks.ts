/** What every subject can be asked to do: the words of `subject.ts` and `subject.py`. */

interface Hyperparameters {
  /** Widths of the hidden layers, 256 and 256 by default. */
  hidden?: number[]
  /** 256 by default. */
  batch?: number
  /** Of all three optimisers, 3e-4 by default. */
  learningRate?: number
  /** Random steps before the first update, 100 by default. */
  learningStarts?: number
  /** Transitions that the replay buffer holds, 50,000 by default. */
  buffer?: number
}

/** An agent for an environment, or for sizes of observation and action. */
export type AgentDescription = Hyperparameters & ({ env: string } | { sizes: [number, number] })

export interface Pace {
  /** How often a second. */
  rate: number
  /** Milliseconds of processor time each takes, of all threads together. */
  processor: number
}

export interface Tasks {
  create(description: AgentDescription): Promise<void>
  /** Puts random transitions into the replay buffer. */
  fill(request: { size: number }): Promise<void>
  /** Seconds of the first update beyond one that follows: compilation, mostly. */
  first_update(request: object): Promise<number>
  /** One update after the other, drawing their batches included. */
  update(request: { seconds: number }): Promise<Pace>
  /** Environment steps, the updates they bring included. */
  train(request: { steps: number }): Promise<Pace>
  /**
   * Seconds of a whole training of Pendulum-v1: 10,000 steps, 100 of them random, an update a step, two layers of 64,
   * batches of 100. Nothing is evaluated or logged.
   */
  pendulum(request: { seed: number }): Promise<number>
  /** Microseconds of one deterministic action. */
  act(request: { calls: number }): Promise<number>
  /** Mean return of the deterministic policy on Pendulum-v1. */
  evaluate(request: { episodes: number }): Promise<number>
  /** The most memory that the process ever held, in MB. */
  memory(request: object): Promise<number>
  /** Products [m, k] x [k, n] of a step, one after another. */
  products(request: {
    shapes: [m: number, n: number, k: number, transposeA: boolean, transposeB: boolean][]
    seconds: number
  }): Promise<Pace>
  versions(request: object): Promise<Record<string, string>>
}
