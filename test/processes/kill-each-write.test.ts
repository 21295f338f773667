import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { runTraining } from '../../src/cli/training/training-run.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { loadRun } from '../../src/run/load-run.ts'
import { saveAsRun } from '../../src/run/run-directory.ts'
import { parseSettings } from '../../src/run/settings.ts'
import { findStoppedRun } from '../../src/run/stopped-runs.ts'
import { SAC } from '../../src/sac/agent.ts'
import { outcomeOf } from './run-outcome.ts'

/** All that a run does to its files. */
const WRITES = ['mkdirSync', 'openSync', 'writeFileSync', 'ftruncateSync', 'renameSync', 'rmSync'] as const
const originals = Object.fromEntries(WRITES.map(name => [name, fs[name]]))

/** In place of the end of the process: nothing is written any more. */
class Killed extends Error {}

/**
 * Lets `work` write so often; the next write is made by half, and none after it. Parts of one file count once.
 * @returns how many writes there were
 */
async function killedAfter(writes: number, work: () => Promise<unknown>): Promise<number> {
  let done = 0
  let last: unknown
  for (const name of WRITES) {
    Object.assign(fs, {
      [name](...args: unknown[]) {
        const original = originals[name] as (...args: unknown[]) => unknown
        if (name === 'openSync' && (args[1] === 'r' || args[1] === undefined)) return original(...args)
        const isPart = name === 'writeFileSync' && args[0] === last
        last = name === 'writeFileSync' ? args[0] : undefined
        if (!isPart) done++
        if (done <= writes) return original(...args)
        if (done === writes + 1 && name === 'writeFileSync') {
          const [file, data] = args as [number, string | Uint8Array]
          original(file, data.slice(0, data.length / 2))
        }
        throw new Killed()
      },
    })
  }
  syncBuiltinESMExports()
  try {
    await work()
  } catch (error) {
    if (done <= writes) throw error
  } finally {
    Object.assign(fs, originals)
    syncBuiltinESMExports()
  }
  return done
}

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'sac-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
afterEach(() => fs.rmSync(join(folder, 'killed'), { recursive: true, force: true }))

const settings = parseSettings({
  environment: 'Pendulum-v1',
  steps: 40,
  hiddenSizes: [2],
  batchSize: 2,
  learningStarts: 10,
  bufferSize: 50,
  evaluateEvery: 25,
  evaluationEpisodes: 1,
  checkpointEvery: 20,
  logEvery: 15,
})

/** What `sac train ... --out <name> --resume` does. */
async function trainOrResume(name: string, said: string[] = []): Promise<number> {
  const out = join(folder, name)
  const stopped = findStoppedRun(settings, out)
  const write = (text: string) => said.push(text) > 0
  return runTraining({
    settings,
    envs: [await makeEnv('Pendulum-v1')],
    evaluationEnv: await makeEnv('Pendulum-v1'),
    place: stopped === undefined ? { out } : { resume: stopped },
    stdout: { write } as never,
    stderr: { write },
    signal: new AbortController().signal,
  })
}

/** The lock that was left is of this very process, which lives: it is made that of another one. */
function disown(directory: string): void {
  const names = fs.existsSync(directory) ? fs.readdirSync(directory) : []
  for (const name of names.filter(name => name.endsWith('.lock'))) {
    const path = join(directory, name)
    fs.writeFileSync(path, fs.readFileSync(path, 'utf8').replace(/"pid":\d+/, '"pid":4194305'))
  }
}

test('killed at any write, a run goes on, and ends as if it had never been', async () => {
  const writes = await killedAfter(Infinity, () => trainOrResume('whole'))
  const whole = outcomeOf(join(folder, 'whole'))
  for (let left = 0; left < writes; left++) {
    await killedAfter(left, () => trainOrResume('killed'))
    disown(join(folder, 'killed'))
    // And again soon after it has gone on, at another write each time.
    await killedAfter(left % 11, () => trainOrResume('killed'))
    disown(join(folder, 'killed'))
    const said: string[] = []
    expect(await trainOrResume('killed', said), said.join('')).toBe(0)
    expect(outcomeOf(join(folder, 'killed')), `killed at write ${left + 1}`).toEqual(whole)
    const remains = fs.readdirSync(join(folder, 'killed'), { recursive: true }) as string[]
    expect(remains.filter(name => /\.(tmp|lock)$/.test(name))).toEqual([])
    fs.rmSync(join(folder, 'killed'), { recursive: true })
  }
})

test('killed at any write, an import is made again in the same directory', async () => {
  const agent = await SAC.create(await makeEnv('Pendulum-v1'), settings.options)
  const place = { out: join(folder, 'killed') }
  const imported = () => saveAsRun(agent, settings, place, 'elsewhere')
  const writes = await killedAfter(Infinity, imported)
  for (let left = 0; left < writes; left++) {
    fs.rmSync(place.out, { recursive: true, force: true })
    await killedAfter(left, imported)
    disown(place.out)
    // Never a run that looks whole and would begin from nothing.
    const begun = fs.existsSync(join(place.out, 'config.json'))
    if (begun) expect(loadRun(place.out).parameters).toEqual(agent.parameters())
    else expect(await imported()).toBe(place.out)
    await expect(trainOrResume('killed')).rejects.toThrow(/no checkpoint to resume from; .* --init-from/)
    expect(loadRun(place.out).parameters).toEqual(agent.parameters())
  }
})
