/** How cost grows with sizes: updates a second against one size at a time, the others as in the defaults. */
import { createPendulum } from '../../src/envs/pendulum.ts'
import { SAC } from '../../src/sac/agent.ts'
import { train } from '../../src/training/train.ts'
import { median } from '../measure.ts'
import type { Extent } from './measures.ts'
import { type Library, startSubject } from './subjects.ts'
import type { AgentDescription } from './tasks.ts'

/** One picture's worth of figures. */
export interface Growth {
  /** What grows. */
  against: string
  unit: string
  values: number[]
  /** Rates at these values. */
  curves: { library: Library; rates: number[] }[]
}

const HALF_CHEETAH: [number, number] = [17, 6]
const describe: Record<string, { values: number[]; agent: (value: number) => AgentDescription }> = {
  'batch size': {
    values: [64, 128, 256, 512, 1024, 2048, 4096],
    agent: batch => ({ sizes: HALF_CHEETAH, batch }),
  },
  'width of both hidden layers': {
    values: [64, 128, 256, 512, 1024],
    agent: width => ({ sizes: HALF_CHEETAH, hidden: [width, width] }),
  },
  'number of hidden layers': {
    values: [1, 2, 3, 4, 6, 8],
    agent: layers => ({ sizes: HALF_CHEETAH, hidden: Array(layers).fill(256) }),
  },
}

export async function growth(extent: Extent): Promise<Growth[]> {
  const { rounds, seconds, quick } = extent
  const libraries = (['wasm', 'native', 'sb3'] as const).filter(library => extent.libraries.includes(library))
  const cores = extent.cores.includes(2) ? 2 : 1
  const found: Growth[] = []
  for (const [against, { values: all, agent }] of Object.entries(describe)) {
    const values = quick ? all.filter((_, i) => i % 3 === 0) : all
    const subjects = libraries.map(library => startSubject(library, cores))
    const curves = libraries.map((library): Growth['curves'][number] => ({ library, rates: [] }))
    for (const value of values) {
      const rates: number[][] = libraries.map(() => [])
      for (const subject of subjects) {
        await subject.ask('create', agent(value))
        await subject.ask('fill', { size: 5000 })
        await subject.ask('first_update')
        await subject.warmUp(() => subject.ask('update', { seconds: 0.4 }))
      }
      for (let round = 0; round < Math.min(3, rounds); round++) {
        for (const [i, subject] of subjects.entries()) {
          const { rate } = await subject.ask('update', { seconds })
          rates[i].push(rate)
        }
      }
      for (const [i, curve] of curves.entries()) curve.rates.push(median(rates[i]))
    }
    for (const subject of subjects) await subject.stop()
    found.push({ against, unit: 'updates/s', values, curves })
  }
  return [...found, await sideBySide(seconds)]
}

/**
 * Training steps a second against environments side by side, each step still bringing one update: Pendulum-v1,
 * two layers of 64, batches of 64.
 */
async function sideBySide(seconds: number): Promise<Growth> {
  const values = [1, 2, 4, 8, 16]
  const rates: number[] = []
  for (const envs of values) {
    const environments = Array.from({ length: envs }, () => createPendulum())
    const options = { hiddenSizes: [64, 64], batchSize: 64, learningStarts: 100 }
    const agent = await SAC.create(environments[0], { engine: 'wasm', ...options, envs })
    const steps = Math.ceil(1600 * seconds) // some thousand a second
    for await (const _ of train(agent, environments, { steps: 200 }));
    const start = performance.now()
    for await (const _ of train(agent, environments, { steps }));
    rates.push((1000 * steps) / (performance.now() - start))
    await agent.dispose()
  }
  const curves = [{ library: 'wasm' as const, rates }]
  return {
    against: 'environments side by side',
    unit: 'steps/s',
    values,
    curves,
  }
}
