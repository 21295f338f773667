import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockRun, requireNobodyTrains } from '../../src/run/run-lock.ts'
import { isAlive, type ProcessIdentity, thisProcess } from '../../src/run/this-process.ts'
import { UsageError } from '../../src/run/usage-error.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const NO_PROCESS = 2 ** 22 + 1
const lockPath = (number = 1) => join(folder, `training.${number}.lock`)
const leave = (owner: Partial<ProcessIdentity>, number = 1) =>
  writeFileSync(lockPath(number), JSON.stringify({ ...thisProcess(), ...owner }))

test('a run has one trainer at a time', async () => {
  const lock = await lockRun(folder)
  const refusal = new RegExp(`^\\S+ is being trained by process ${process.pid} on ${thisProcess().host}: `)
  await expect(lockRun(folder)).rejects.toThrow(refusal)
  await expect(lockRun(folder)).rejects.toThrow(UsageError)
  await expect(requireNobodyTrains(folder)).rejects.toThrow(refusal)
  lock.requireHeld()
  lock.release()
  expect(readdirSync(folder)).toEqual([])
  await requireNobodyTrains(folder)
  await requireNobodyTrains(join(folder, 'none'))
  ;(await lockRun(folder)).release()
})

test('of several that want it at once, one gets it', async () => {
  for (const left of ['nothing', 'the lock of a dead process', 'half a lock']) {
    if (left === 'the lock of a dead process') leave({ pid: NO_PROCESS }, 7)
    if (left === 'half a lock') writeFileSync(lockPath(3), '{"pid":')
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => lockRun(folder)))
    const locks = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    expect(locks, left).toHaveLength(1)
    expect(readdirSync(folder)).toHaveLength(1)
    locks[0].release()
  }
})

test('a lock that was taken away is missed before anything is saved', async () => {
  const lock = await lockRun(folder)
  rmSync(lockPath())
  expect(() => lock.requireHeld()).toThrow(/^Nothing more is saved, because \S+ has been removed/)
  lock.release()
})

describe('the lock of a process that has ended counts for nothing:', () => {
  const taken = async () => (await lockRun(folder, { patienceMs: 1 })).release()

  test('of one killed', async () => {
    leave({ pid: NO_PROCESS })
    await taken()
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([['', '{"pid":12,"ho', 'null', '{"pid":-1}']])(
    'killed in the middle of writing it: %j',
    async text => {
      writeFileSync(lockPath(), text)
      await taken()
    },
  )

  test.skipIf(process.platform !== 'linux')('its number is that of another one now', async () => {
    leave({ started: '1' })
    await taken()
  })

  test.skipIf(process.platform !== 'linux')('nobody has taken notice of its end', async () => {
    // The child ends after its shell has become a program that never asks for it.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'])
    try {
      const pid = Number(await new Promise(resolve => parent.stdout.once('data', resolve)))
      await expect
        .poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2], { timeout: 10_000 })
        .toBe('Z')
      expect(isAlive({ ...thisProcess(), pid })).toBe(false)
    } finally {
      parent.kill('SIGKILL')
    }
  })
})

describe('a process on another machine, or of another container', () => {
  const elsewhere = { pid: 12, host: 'elsewhere', system: 'another' }

  test('has ended if its lock is not touched for a while', async () => {
    leave(elsewhere)
    const said: string[] = []
    const lock = await lockRun(folder, { say: text => said.push(text), patienceMs: 20 })
    expect(said).toEqual([expect.stringMatching(/whether process 12 on elsewhere still trains/)])
    lock.release()
  })

  // Forwards, and backwards to long ago: clocks differ, and jump.
  test.each([Date.now() + 1e9, 1e9])('lives if its lock is touched, by whatever clock: %d', async time => {
    leave(elsewhere)
    const touch = setTimeout(() => utimesSync(lockPath(), new Date(time), new Date(time)), 20)
    await expect(lockRun(folder, { patienceMs: 5000 })).rejects.toThrow(/trained by process 12 on elsewhere/)
    clearTimeout(touch)
    expect(readdirSync(folder)).toEqual(['training.1.lock'])
  })

  test('sees that this one lives', async () => {
    const lock = await lockRun(folder)
    const { system: _, ...owner } = JSON.parse(readFileSync(lockPath(), 'utf8'))
    writeFileSync(lockPath(), JSON.stringify({ ...owner, system: 'another' }))
    // Touched every two seconds.
    await expect(requireNobodyTrains(folder, { patienceMs: 10_000 })).rejects.toThrow(/being trained by/)
    lock.release()
  })
})
