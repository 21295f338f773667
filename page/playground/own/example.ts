/** A small environment that works, to begin with. */
export const EXAMPLE = `// A boat that drifts. The motor has to bring it to the buoy, and keep it there.
export default ({ box, timeLimit, createRandom }) => {
  let random = createRandom(0, 'boat')
  let x = 0
  let v = 0
  const observe = () => Float32Array.of(x, v)
  const boat = {
    id: 'Boat-v0',
    observationSpace: box({ low: [-10, -10], high: [10, 10] }),
    actionSpace: box({ low: -1, high: 1 }),
    reset({ seed } = {}) {
      if (seed !== undefined) random = createRandom(seed, 'boat')
      x = random.uniform(-4, 4)
      v = 0
      return { observation: observe() }
    },
    step(action) {
      v = 0.9 * v + 0.2 * action[0]
      x = Math.max(-10, Math.min(10, x + v))
      return { observation: observe(), reward: -Math.abs(x), terminated: false, truncated: false }
    },
    scene: () => ({
      dimensions: 2,
      timeStep: 0.1,
      view: { left: -6, right: 6, bottom: -2, top: 4 },
      background: '#dcebf5',
      shapes: [
        { type: 'polygon', points: [[-12, 0], [12, 0], [12, -9], [-12, -9]], fill: '#6fa3c7' },
        { type: 'circle', center: [0, 0.1], radius: 0.25, fill: '#e2574c' },
        { type: 'polygon', points: [[x - 0.8, 0.4], [x + 0.8, 0.4], [x + 0.5, -0.3], [x - 0.5, -0.3]], fill: '#7a4b1e' },
        { type: 'polygon', points: [[x, 2.2], [x, 0.5], [x + 0.9, 0.7]], fill: '#f7f5f0', stroke: '#8a8f94' },
      ],
    }),
  }
  return timeLimit(boat, 100)
}
`
