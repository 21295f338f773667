import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDoctor } from '../src/doctor/doctor.ts'
import { box } from '../src/env/spaces.ts'
import { createRandom } from '../src/random.ts'
import { loadCheckpoint, saveCheckpoint } from '../src/run/checkpoints.ts'
import { learningSettings, parseSettings } from '../src/run/settings.ts'
import { SAC } from '../src/sac/agent.ts'
import { atMost, median, type Row } from './measure.ts'

const ROUNDS = 5

/** A replay buffer of a million transitions takes 97 MB for one and 1.5 GB for the other. */
const TASKS = [
  { name: 'HalfCheetah', observation: 17, action: 6, reach: (seconds: number) => atMost(2, seconds) },
  // Saved less often, should it take more than 3 seconds.
  { name: 'Humanoid', observation: 348, action: 17, reach: () => ({}) },
]

/** Time to save and to load a checkpoint with a full replay buffer. */
export async function checkpoint(): Promise<Row[]> {
  const rows: Row[] = []
  for (const task of TASKS) rows.push(...(await measure(task)))
  return rows
}

async function measure({ name, observation, action, reach }: (typeof TASKS)[number]): Promise<Row[]> {
  const spaces = {
    observationSpace: box({ low: -Infinity, high: Infinity, shape: [observation] }),
    actionSpace: box({ low: -1, high: 1, shape: [action] }),
  }
  const settings = parseSettings({ environment: name, steps: 1, engine: 'wasm', threads: 1 })
  const agent = await SAC.create(spaces, settings.options)
  fill(agent)
  const directory = mkdtempSync(join(tmpdir(), 'sac-bench-'))
  try {
    const state = {
      settings: learningSettings(settings),
      engine: agent.engine,
      agent: agent.state(),
      training: { lanes: [], evaluationDue: false },
      log: { averages: { milliseconds: 0, steps: 0, updates: 0, sums: {} }, told: 0, evaluations: 0 },
      doctor: createDoctor(agent).state(),
    }
    let path = ''
    const save = seconds(() => {
      path = saveCheckpoint(directory, state)
    })
    const load = seconds(() => {
      loadCheckpoint(directory, settings, console.log)
    })
    const megabytes = statSync(path).size / 1e6
    const what = `of 1,000,000 ${name} transitions`
    return [
      {
        what: `saving a checkpoint ${what}`,
        value: save.median,
        best: save.best,
        unit: 's',
        ...reach(save.median),
      },
      { what: `loading a checkpoint ${what}`, value: load.median, best: load.best, unit: 's' },
      { what: `size of a checkpoint ${what}`, value: megabytes, unit: 'MB' },
    ]
  } finally {
    rmSync(directory, { recursive: true })
    await agent.dispose()
  }
}

/** Episodes of 1000 steps, until the replay buffer is full. */
function fill(agent: SAC): void {
  const random = createRandom(0, 'bench')
  const [n, m] = [agent.observationSpace.size, agent.actionSpace.size]
  const action = random.fillUniform(new Float32Array(m), -1, 1)
  // Drawing new ones each time would take longer than all that is measured.
  const observations = Array.from({ length: 1000 }, () => random.fillNormal(new Float32Array(n)))
  for (let i = 0; i < agent.options.bufferSize; i++) {
    const [observation, nextObservation] = [observations[i % 1000], observations[(i + 1) % 1000]]
    agent.observe({
      observation,
      action,
      reward: i,
      nextObservation,
      terminated: false,
      truncated: i % 1000 === 999,
    })
  }
}

function seconds(work: () => void): { median: number; best: number } {
  const times = Array.from({ length: ROUNDS }, () => {
    const started = performance.now()
    work()
    return (performance.now() - started) / 1000
  })
  return { median: median(times), best: Math.min(...times) }
}
