/** Nothing that one does matters: every reward is noise of mean 0, so that every true value is 0. */
export default ({ box, timeLimit, createRandom }) => {
  let random = createRandom(0, 'noise')
  const observe = () => [random.uniform(-1, 1)]
  const world = {
    id: 'Noise-v0',
    observationSpace: box({ low: [-1], high: [1] }),
    actionSpace: box({ low: [-1, -1], high: [1, 1] }),
    reset({ seed } = {}) {
      if (seed !== undefined) random = createRandom(seed, 'noise')
      return { observation: observe() }
    },
    step: () => ({ observation: observe(), reward: random.normal(), terminated: false, truncated: false }),
  }
  return timeLimit(world, 50)
}
