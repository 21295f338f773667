/** One decision an episode: an action in [-1, 1], and the height of the ground there, a hill at 0.2. */
export default ({ box }) => ({
  id: 'OneHill-v0',
  observationSpace: box({ low: [-1], high: [1] }),
  actionSpace: box({ low: -1, high: 1 }),
  reset: () => ({ observation: [0] }),
  step: ([action]) => ({
    observation: [0],
    reward: 1 - 2 * (action - 0.2) ** 2,
    terminated: true,
    truncated: false,
  }),
})
