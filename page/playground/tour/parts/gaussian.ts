import { input } from '../../../../src/graph/operations.ts'
import { compileWasm } from '../../../../src/graph/wasm/program.ts'
import { squashedGaussian } from '../../../../src/sac/squashed-gaussian.ts'

/**
 * The policy's own squashed Gaussian, as the agent's update computes it, for `rows` values of its noise at once.
 * @returns what gives the actions tanh(mu + sigma xi) and the logarithms of their density there
 */
export async function compileSquashedGaussian(rows: number) {
  const inputs = { gaussian: input('gaussian', [rows, 2]), noise: input('noise', [rows, 1]) }
  const outputs = { ...squashedGaussian(inputs.gaussian, inputs.noise) }
  const program = await compileWasm(
    { inputs, state: {}, steps: { sample: { updates: {}, outputs, synchronous: true } } },
    { threads: 1 },
  )
  return (mu: number, sigma: number, noise: Float32Array) => {
    for (let row = 0; row < rows; row++) program.inputs.gaussian.set([mu, Math.log(sigma)], 2 * row)
    program.inputs.noise.set(noise)
    program.run('sample')
    return { action: program.outputs.action.slice(), logProb: program.outputs.logProb.slice() }
  }
}

export type SquashedGaussian = Awaited<ReturnType<typeof compileSquashedGaussian>>

/** Noise through whose actions the curve of a density is drawn. */
const SWEEP = Float32Array.from({ length: 201 }, (_, i) => -4.5 + (9 * i) / 200)

/** The density of a squashed Gaussian with mu 0 as a curve: at which actions, from low to high, and how high. */
export async function compileDensity() {
  const gaussian = await compileSquashedGaussian(SWEEP.length)
  return (sigma: number) => {
    const { action, logProb } = gaussian(0, sigma, SWEEP)
    return { at: action, density: logProb.map(Math.exp) }
  }
}

export type Density = Awaited<ReturnType<typeof compileDensity>>
