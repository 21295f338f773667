/** A world without rewards and without an end. */
export default ({ box, timeLimit }) => {
  const world = {
    id: 'Nothing-v0',
    observationSpace: box({ low: [-1], high: [1] }),
    actionSpace: box({ low: -1, high: 1 }),
    reset: () => ({ observation: [0] }),
    step: () => ({ observation: [0], reward: 0, terminated: false, truncated: false }),
  }
  return timeLimit(world, 50)
}
