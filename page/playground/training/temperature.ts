import type { AgentState, SacOptions } from '../../../src/index.ts'

/**
 * An agent's state for other options: a temperature that is now fixed takes its value at once. One that now tunes itself
 * continues from where it was, unless that was 0, from which no factor leads away.
 */
export function withTemperature(state: AgentState, { temperature }: SacOptions): AgentState {
  const { logAlpha } = state.learner
  if (!logAlpha || temperature === undefined) return state
  const value = typeof temperature === 'number' ? Math.log(temperature) : Math.max(logAlpha[0], -20)
  return { ...state, learner: { ...state.learner, logAlpha: Float32Array.of(value) } }
}
