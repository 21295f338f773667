import { Bench } from 'tinybench'
import { box } from '../src/env/spaces.ts'
import { policyToModule } from '../src/policy/module.ts'
import { loadPolicy, policyToSafetensors } from '../src/policy/policy-file.ts'
import { createRandom } from '../src/random.ts'
import { SAC } from '../src/sac/agent.ts'
import { atMost, medianMicroseconds, type Row } from './measure.ts'

const [OBSERVATION, ACTION] = [17, 6]
const SIZES = `${OBSERVATION} -> 256 -> 256 -> ${ACTION}`

/** Time of one action of an exported policy: as a module, and loaded from its file. */
export async function exported(): Promise<Row[]> {
  const agent = await SAC.create({
    observationSpace: box({ low: -Infinity, high: Infinity, shape: [OBSERVATION] }),
    actionSpace: box({ low: -1, high: 1, shape: [ACTION] }),
  })
  const observation = createRandom(0, 'bench').fillNormal(new Float32Array(OBSERVATION))
  const policy = loadPolicy(policyToSafetensors(agent))
  const { act } = await import(`data:text/javascript;base64,${btoa(policyToModule(agent))}`)
  await agent.dispose()

  const rows: Row[] = []
  for (const [what, run] of [
    ['exported JavaScript module', () => act(observation)],
    ['loadPolicy', () => policy.act(observation, { deterministic: true })],
  ] as const) {
    const bench = new Bench({ time: 2000 })
    bench.add(what, () => {
      run()
    })
    const value = await medianMicroseconds(bench)
    rows.push({ what: `one action, ${SIZES}, ${what}`, value, unit: 'us', ...atMost(60, value) })
  }
  return rows
}
