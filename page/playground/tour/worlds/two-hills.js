/** One decision an episode: an action in [-1, 1], and the height of the ground there. The higher hill is the farther one. */
export const height = a => 0.6 * Math.exp(-(((a + 0.15) / 0.35) ** 2)) + Math.exp(-(((a - 0.8) / 0.12) ** 2))

export default ({ box }) => ({
  id: 'TwoHills-v0',
  observationSpace: box({ low: [-1], high: [1] }),
  actionSpace: box({ low: -1, high: 1 }),
  reset: () => ({ observation: [0] }),
  step: ([action]) => ({ observation: [0], reward: height(action), terminated: true, truncated: false }),
})
