/** What an agent's networks say about states where actions are choices. */
import type { Probe } from '../../../src/index.ts'

/** The policy and the critics at one state, a number for each choice. */
export interface Choices {
  probabilities: number[]
  /** The smallest of the critics. */
  q: number[]
}

/** What the networks make of each of the probe's states: the smallest and the largest critic at the likeliest choice. */
export function likeliestChoices(probe: Probe, observations: Float32Array) {
  const logits = probe.policy(observations)
  const values = probe.values(observations)
  const count = logits.length / probe.rows
  const choice = new Uint16Array(probe.rows)
  const q = new Float32Array(probe.rows)
  const disagreement = new Float32Array(probe.rows)
  for (let row = 0; row < probe.rows; row++) {
    const first = row * count
    for (let i = 1; i < count; i++) if (logits[first + i] > logits[first + choice[row]]) choice[row] = i
    const there = values.map(critic => critic[first + choice[row]])
    q[row] = Math.min(...there)
    disagreement[row] = Math.max(...there) - q[row]
  }
  return { q, disagreement, choice }
}

/** @param probe for one state */
export function choicesAt(probe: Probe, observation: Float32Array): Choices {
  const logits = probe.policy(observation)
  const largest = Math.max(...logits)
  const weights = Array.from(logits, logit => Math.exp(logit - largest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const values = probe.values(observation)
  return {
    probabilities: weights.map(weight => weight / total),
    q: weights.map((_, i) => Math.min(...values.map(critic => critic[i]))),
  }
}
