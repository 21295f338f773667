/** What a step's time is made of, and the floor under it: its matrix products alone. */
import { setTimeout } from 'node:timers/promises'
import { box } from '../../src/env/spaces.ts'
import { SAC } from '../../src/sac/agent.ts'
import { chooseEngine } from '../../src/sac/engine.ts'
import { atLeast, median, type Row, rate } from '../measure.ts'
import { configOf, FULL, learnerOf, matrixProducts, productsOf } from '../update-step.ts'
import type { Extent } from './measures.ts'
import { allowedProcessors, releaseMainThread, spread } from './processors.ts'
import { type Cores, startSubject } from './subjects.ts'

/** Engines whose products can be had alone. */
const KINDS = ['native', 'wasm'] as const
type Kind = (typeof KINDS)[number]

/** Milliseconds of whole updates at full size, of their parts, and of the same products in OpenBLAS. */
export async function floor(extent: Extent): Promise<Row[]> {
  const rows: Row[] = []
  for (const kind of KINDS) {
    if (!extent.libraries.includes(kind)) continue
    for (const cores of extent.cores) rows.push(...(await ofStep(kind, cores, extent)))
  }
  if (!extent.libraries.includes('sbx')) return rows
  for (const cores of extent.cores) rows.push(await openBlas(cores, extent))
  return rows
}

async function ofStep(kind: Kind, threads: Cores, { rounds, seconds }: Extent): Promise<Row[]> {
  const engine = { ...chooseEngine({ ...configOf(FULL), engine: kind }), threads }
  const [learner, agent] = [await learnerOf(FULL, engine), await fullAgent(kind, threads)]
  const parts: Record<string, () => unknown> = {
    'a whole update, batch and noise drawn': () => agent.update(),
    'its gradient step': () => learner.update(),
    'its matrix products alone': await matrixProducts(FULL, engine),
  }
  const milliseconds = Object.keys(parts).map((): number[] => [])
  for (const step of Object.values(parts)) {
    // Each has threads of its own, in addition to this one.
    if (threads === 1) await rate(step, seconds)
    else await spread(process.pid, allowedProcessors().slice(0, 2), () => rate(step, 0.4))
  }
  for (let round = 0; round < rounds; round++) {
    for (const [i, step] of Object.values(parts).entries()) {
      milliseconds[i].push(1000 / (await rate(step, seconds)))
      await setTimeout(50)
    }
  }
  await Promise.all([learner.program.dispose(), agent.dispose()])
  if (threads > 1) releaseMainThread()
  const what = `full step, ${kind}, ${threads} thread${threads > 1 ? 's' : ''}`
  const [, step, products] = milliseconds
  const share = median(step.map((value, i) => (100 * products[i]) / value))
  return [
    ...Object.keys(parts).map((name, i): Row => {
      const values = milliseconds[i]
      return { what: `${what}: ${name}`, value: median(values), unit: 'ms', detail: values }
    }),
    {
      what: `${what}: share of the products`,
      value: share,
      unit: '%',
      ...(kind === 'native' && atLeast(85, share)),
    },
  ]
}

async function fullAgent(engine: Kind, threads: number): Promise<SAC> {
  const { observationSize, actionSize } = FULL
  const agent = await SAC.create(
    {
      observationSpace: box({ low: -Infinity, high: Infinity, shape: [observationSize] }),
      actionSpace: box({ low: -1, high: 1, shape: [actionSize] }),
    },
    { engine, threads },
  )
  const observation = new Float32Array(observationSize)
  const action = new Float32Array(actionSize)
  for (let i = 0; i < 10_000; i++) {
    agent.observe({ observation, action, reward: 0, nextObservation: observation, terminated: false })
  }
  return agent
}

async function openBlas(cores: Cores, { rounds, seconds }: Extent): Promise<Row> {
  const shapes = productsOf(FULL).map(({ shape: [m, n], inputs: [a], attributes }) => {
    const { transposeA = false, transposeB = false } = attributes
    const k = a.shape[transposeA ? 0 : 1]
    return [m, n, k, transposeA, transposeB] as [number, number, number, boolean, boolean]
  })
  const numpy = startSubject('numpy', cores)
  await numpy.warmUp(() => numpy.ask('products', { shapes, seconds: 0.4 }))
  const values: number[] = []
  for (let round = 0; round < rounds; round++) {
    values.push(1000 / (await numpy.ask('products', { shapes, seconds })).rate)
  }
  await numpy.stop()
  const what = `the same products, NumPy (OpenBLAS), ${cores} thread${cores > 1 ? 's' : ''}`
  return { what, value: median(values), unit: 'ms', detail: values }
}
