/** What a step's time is made of, and the floor under it: its matrix products alone. */
import { setTimeout } from 'node:timers/promises'
import { box } from '../../src/env/spaces.ts'
import { cutIntoStages } from '../../src/graph/onnx/stages.ts'
import { compileWasm } from '../../src/graph/wasm/program.ts'
import { SAC } from '../../src/sac/agent.ts'
import { updateProgram } from '../../src/sac/update.ts'
import { atLeast, median, type Row, rate } from '../measure.ts'
import { configOf, FULL, fillInputs, learnerOf, matrixProducts, productsOf } from '../update-step.ts'
import type { Extent } from './measures.ts'
import { startSubject } from './subjects.ts'

/** Milliseconds of whole updates at full size, of their parts, and of the same products in OpenBLAS. */
export async function floor({ peers, rounds, seconds }: Extent): Promise<Row[]> {
  const rows: Row[] = []
  for (const kind of ['onnx', 'wasm'] as const) {
    for (const threads of [1, 2]) {
      const engine = { kind, threads }
      const learner = await learnerOf(FULL, engine)
      const agent = await fullAgent(engine)
      const parts: Record<string, () => unknown> = {
        'a whole update, batch and noise drawn': () => agent.update(),
        'its gradient step': () => learner.update(),
        'its matrix products alone': await matrixProducts(FULL, engine),
        'its optimisers and averaging alone': await optimisers(kind === 'wasm' ? threads : 1),
      }
      const milliseconds: Record<string, number[]> = {}
      for (const [name, step] of Object.entries(parts)) {
        milliseconds[name] = []
        await rate(step, seconds / 2)
      }
      for (let round = 0; round < rounds; round++) {
        for (const [name, step] of Object.entries(parts)) {
          milliseconds[name].push(1000 / (await rate(step, seconds)))
          await setTimeout(50)
        }
      }
      await Promise.all([learner.program.dispose(), agent.dispose()])
      const what = `full step, ${kind}, ${threads} thread${threads > 1 ? 's' : ''}`
      for (const [name, values] of Object.entries(milliseconds)) {
        rows.push({ what: `${what}: ${name}`, value: median(values), unit: 'ms', detail: values })
      }
      const [, step, products] = Object.values(milliseconds)
      const share = median(step.map((value, i) => (100 * products[i]) / value))
      const reach = kind === 'onnx' && threads === 2 ? atLeast(70, share) : {}
      rows.push({ what: `${what}: share of the products`, value: share, unit: '%', ...reach })
    }
  }
  return peers ? [...rows, ...(await openBlas(rounds, seconds))] : rows
}

async function fullAgent(engine: { kind: 'onnx' | 'wasm'; threads: number }): Promise<SAC> {
  const { observationSize, actionSize } = FULL
  const agent = await SAC.create(
    {
      observationSpace: box({ low: -Infinity, high: Infinity, shape: [observationSize] }),
      actionSpace: box({ low: -1, high: 1, shape: [actionSize] }),
    },
    { engine: engine.kind, threads: engine.threads },
  )
  const observation = new Float32Array(observationSize)
  const action = new Float32Array(actionSize)
  for (let i = 0; i < 10_000; i++) {
    agent.observe({ observation, action, reward: 0, nextObservation: observation, terminated: false })
  }
  return agent
}

/** The loops over all parameters, which both engines run. */
async function optimisers(threads: number): Promise<() => void> {
  const { inputs, state, steps } = updateProgram(configOf(FULL))
  const [[name, step]] = Object.entries(steps)
  const { stages, handed } = cutIntoStages(name, step)
  const loops = stages.filter(({ side }) => side === 'wasm').map(stage => [stage.name, stage] as const)
  const program = await compileWasm(
    { inputs: { ...inputs, ...handed }, state, steps: Object.fromEntries(loops) },
    { threads },
  )
  fillInputs(program)
  return () => {
    for (const [name] of loops) {
      program.run(name)
      program.commit()
    }
  }
}

async function openBlas(rounds: number, seconds: number): Promise<Row[]> {
  const shapes = productsOf(FULL).map(({ shape: [m, n], inputs: [a], attributes }) => {
    const { transposeA = false, transposeB = false } = attributes
    return [m, n, a.shape[transposeA ? 0 : 1], transposeA, transposeB]
  })
  const rows: Row[] = []
  for (const threads of [1, 2]) {
    const numpy = startSubject('numpy', threads)
    const values: number[] = []
    for (let round = 0; round < rounds; round++) {
      const { rate } = await numpy.askOther('products', { shapes, seconds })
      values.push(1000 / rate)
    }
    await numpy.stop()
    const what = `the same products, NumPy (OpenBLAS), ${threads} thread${threads > 1 ? 's' : ''}`
    rows.push({ what, value: median(values), unit: 'ms', detail: values })
  }
  return rows
}
