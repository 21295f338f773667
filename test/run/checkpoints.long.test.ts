import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDoctor } from '../../src/doctor/doctor.ts'
import { crc32 } from '../../src/encoding/crc32.ts'
import { encodeSafetensors } from '../../src/encoding/safetensors.ts'
import { bytesOf, encodeHeader } from '../../src/encoding/safetensors-header.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { CheckpointError, readCheckpointFile, writeCheckpointFile } from '../../src/run/checkpoint-file.ts'
import { createCheckpointTimer } from '../../src/run/checkpoint-timer.ts'
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../../src/run/checkpoints.ts'
import { learningSettings, parseSettings } from '../../src/run/settings.ts'
import { UsageError } from '../../src/run/usage-error.ts'
import { SAC } from '../../src/sac/agent.ts'

const settings = parseSettings({ environment: 'Pendulum-v1', steps: 100, hiddenSizes: [2], batchSize: 2 })

let folder: string
/** A small but whole checkpoint, with numbers that JSON would lose. */
let checkpoint: Checkpoint
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
  const agent = await SAC.create(await makeEnv('Pendulum-v1'), settings.options)
  const step = { observation: [1, 0, -0], action: [0.5], reward: -1, nextObservation: [1, 0.1, 0] }
  for (let i = 0; i < 5; i++) agent.observe({ ...step, terminated: i === 3 })
  const environment = {
    odd: [-0, NaN, Infinity, -Infinity, 5e-324],
    text: '#-0',
    memory: Float64Array.of(-0, 1),
    none: new Float64Array(0),
  }
  checkpoint = {
    settings: learningSettings(settings),
    engine: agent.engine,
    agent: structuredClone(agent.state()),
    training: {
      lanes: [{ observation: [1, -0, 0], return: -0, length: 4, environment }],
      evaluationDue: true,
    },
    log: { averages: { milliseconds: 0.1, steps: 3, updates: 0, sums: {} }, told: 0, evaluations: 0 },
    doctor: createDoctor(agent).state(),
    best: -0,
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let number = 0
let run: string
beforeEach(() => {
  run = join(folder, `run${++number}`)
  mkdirSync(run)
})

/** The checkpoint as it would be so many steps into the run. */
const at = (steps: number): Checkpoint => ({
  ...checkpoint,
  agent: { ...checkpoint.agent, counters: { ...checkpoint.agent.counters, steps } },
})
const files = () => readdirSync(join(run, 'checkpoints')).sort()
const nameOf = (steps: number) => `step-${String(steps).padStart(9, '0')}.safetensors`
const pathOf = (steps: number) => join(run, 'checkpoints', nameOf(steps))
const load = (notes: string[] = [], steps = 4e9) =>
  loadCheckpoint(run, { ...settings, steps }, text => notes.push(text))

interface Info {
  dtype: string
  data_offsets: number[]
}

describe('a checkpoint file', () => {
  test('brings everything back to the same bits', () => {
    saveCheckpoint(run, checkpoint)
    const read = load()!.checkpoint
    expect(read).toEqual(checkpoint)
    const { environment } = read.training.lanes[0] as {
      environment: { odd: number[]; memory: Float64Array }
    }
    expect([environment.odd[0], environment.memory[0]].map(zero => Object.is(zero, -0))).toEqual([true, true])
    expect(environment.memory).toBeInstanceOf(Float64Array)
  })

  test('of an earlier version that trained on ONNX Runtime resumes on the engine of its place', () => {
    saveCheckpoint(run, { ...checkpoint, settings: { ...checkpoint.settings, engine: 'onnx' } })
    const on = (engine: 'auto' | 'wasm') =>
      loadCheckpoint(run, { ...settings, steps: 4e9, options: { ...settings.options, engine } }, () => {})
    expect(on('auto')?.checkpoint.agent).toEqual(checkpoint.agent)
    expect(() => on('wasm')).toThrow(/engine "auto", not "wasm"/)
  })

  test('from before an option existed resumes with its default, and with nothing else', () => {
    const { demonstrationShare, ...earlier } = checkpoint.settings
    saveCheckpoint(run, { ...checkpoint, settings: earlier })
    expect(load()?.checkpoint.agent).toEqual(checkpoint.agent)
    const options = { ...settings.options, demonstrationShare: 0.25 }
    expect(() => loadCheckpoint(run, { ...settings, steps: 4e9, options }, () => {})).toThrow(
      `demonstrationShare ${demonstrationShare}, not 0.25`,
    )
  })

  test('arrays of every kind, views and shared memory among them', () => {
    const shared = new Float32Array(new SharedArrayBuffer(16))
    shared.set([1, -0, NaN, 3])
    const value = {
      bytes: Uint8Array.of(1, 2, 3),
      doubles: Float64Array.of(NaN, -0, 5e-324),
      view: Float32Array.of(9, 1, 2, 9).subarray(1, 3),
      shared,
      none: new Int32Array(0),
    }
    const path = join(run, 'file')
    writeCheckpointFile(path, value, {})
    const read = readCheckpointFile(path).value as typeof value
    expect(read).toEqual({ ...value, shared: Float32Array.from(shared) })
    expect(Object.is(read.doubles[1], -0)).toBe(true)
  })

  test('is safetensors that others read: tensors by their paths, texts, aligned', () => {
    saveCheckpoint(run, checkpoint)
    const bytes = readFileSync(pathOf(5))
    const length = Number(bytes.readBigUInt64LE(0))
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString())
    expect(header.__metadata__).toMatchObject({
      format: 'soft-actor-critic checkpoint',
      steps: '5',
      updates: '0',
    })
    expect(header['agent.replay.lanes.0.records.0']).toMatchObject({ dtype: 'F32', shape: [25] })
    // Of all bytes before it, although there are arrays without any.
    expect(bytes.readUInt32LE(bytes.length - 4)).toBe(crc32(bytes.subarray(0, -4)))
    for (const [name, { dtype, data_offsets }] of Object.entries<Info>(header)) {
      if (name === '__metadata__') continue
      expect(data_offsets[0] % { F64: 8, F32: 4, U8: 1 }[dtype]!, name).toBe(0)
    }
  })
})

describe('a file that is no sound checkpoint gets one clear error', () => {
  let sound: Buffer
  beforeAll(() => {
    const path = join(folder, 'sound.safetensors')
    writeCheckpointFile(path, checkpoint, {})
    sound = readFileSync(path)
  })

  function attempt(bytes: Uint8Array): string {
    const path = join(folder, 'attempt.safetensors')
    writeFileSync(path, bytes)
    try {
      readCheckpointFile(path)
    } catch (error) {
      expect(error).toBeInstanceOf(CheckpointError)
      expect((error as Error).message).toMatch(/^\S+attempt.safetensors cannot be used: .+\.$/)
      return (error as Error).message
    }
    return 'none'
  }

  const differing = (bytes: Uint8Array) => fc.pre(!sound.equals(bytes))

  test('bit-flipped: 1,500 of them', () => {
    for (let bit = 0; bit < 8 * 64; bit++) {
      const bytes = Buffer.from(sound)
      bytes[bit >> 3] ^= 1 << (bit & 7)
      expect(attempt(bytes)).not.toBe('none')
    }
    const flips = fc.array(fc.nat(sound.length * 8 - 1), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(flips, bits => {
        const bytes = Buffer.from(sound)
        for (const bit of bits) bytes[bit >> 3] ^= 1 << (bit & 7)
        differing(bytes)
        expect(attempt(bytes)).not.toBe('none')
      }),
      { numRuns: 1000 },
    )
  })

  test('cut off or with something behind it: 500 of them', () => {
    for (let length = 0; length < 100; length++) expect(attempt(sound.subarray(0, length))).not.toBe('none')
    fc.assert(
      fc.property(fc.nat(sound.length - 1), length => {
        expect(attempt(sound.subarray(0, length))).not.toBe('none')
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), more => {
        expect(attempt(Buffer.concat([sound, more]))).not.toBe('none')
      }),
    )
  })

  test('with bytes overwritten, moved or made up: 600 of them', () => {
    const part = fc.tuple(fc.nat(sound.length - 1), fc.uint8Array({ minLength: 1, maxLength: 200 }))
    fc.assert(
      fc.property(part, ([at, junk]) => {
        const bytes = Buffer.from(sound)
        bytes.set(junk.subarray(0, bytes.length - at), at)
        differing(bytes)
        expect(attempt(bytes)).not.toBe('none')
      }),
      { numRuns: 200 },
    )
    const places = fc
      .tuple(...[0, 0, 0].map(() => fc.nat(sound.length)))
      .map(list => list.sort((a, b) => a - b))
    fc.assert(
      fc.property(places, ([a, b, c]) => {
        const bytes = Buffer.concat([
          sound.subarray(0, a),
          sound.subarray(b, c),
          sound.subarray(a, b),
          sound.subarray(c),
        ])
        differing(bytes)
        expect(attempt(bytes)).not.toBe('none')
      }),
      { numRuns: 200 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), bytes => {
        expect(attempt(bytes)).not.toBe('none')
      }),
      { numRuns: 200 },
    )
  })

  test('empty, foreign, of another version', () => {
    expect(attempt(new Uint8Array(0))).toContain('it has only 0 bytes')
    expect(attempt(Buffer.from('PK\x03\x04 an archive, and a long one'))).toContain('Not a safetensors file')
    const weights = encodeSafetensors({ a: { shape: [1], data: Float32Array.of(1) } })
    expect(attempt(weights)).toContain('it is not a checkpoint')
    const text = sound.toString('latin1')
    const later = Buffer.from(text.replace('"formatVersion":"2"', '"formatVersion":"3"'), 'latin1')
    expect(attempt(later)).toMatch(
      /of version 3 of the format, written by soft-actor-critic \S+; .* reads version 2/,
    )
    const metadata = { format: 'soft-actor-critic checkpoint', formatVersion: '2' }
    expect(attempt(encodeHeader([], metadata))).toContain('its header is not that of a checkpoint')
    const data = new Uint8Array(4)
    const noState = [encodeHeader([['checksum', { shape: [4], data }]], metadata), bytesOf(data)]
    expect(attempt(Buffer.concat(noState))).toContain('its header is not that of a checkpoint')
  })

  test('missing or a directory', () => {
    for (const path of [join(folder, 'none.safetensors'), folder]) {
      expect(() => readCheckpointFile(path)).toThrow(CheckpointError)
    }
  })
})

describe('the checkpoints of a run', () => {
  test('the last two are kept', () => {
    for (const steps of [5, 10, 1_000_000_000, 2_000_000_000]) saveCheckpoint(run, at(steps))
    expect(files()).toEqual([nameOf(1_000_000_000), nameOf(2_000_000_000)])
    expect(load()?.checkpoint.agent.counters.steps).toBe(2_000_000_000)
  })

  test('none at all is no error', () => {
    expect(load()).toBeUndefined()
  })

  test('a damaged newest one: the one before is used, it says so, and the damaged one is out of the way', () => {
    for (const steps of [5, 10]) saveCheckpoint(run, at(steps))
    writeFileSync(pathOf(10), readFileSync(pathOf(10)).subarray(0, 100))
    const notes: string[] = []
    expect(load(notes)?.checkpoint.agent.counters.steps).toBe(5)
    expect(notes).toHaveLength(1)
    expect(notes[0]).toMatch(
      /^note: \S+step-000000010.safetensors cannot be used: .* is now named \S+.damaged\.$/,
    )
    saveCheckpoint(run, at(7))
    saveCheckpoint(run, at(8))
    expect(files()).toEqual([nameOf(7), nameOf(8), `${nameOf(10)}.damaged`])
  })

  test('all damaged: an error that names each, and nothing is touched', () => {
    for (const steps of [5, 10]) saveCheckpoint(run, at(steps))
    for (const steps of [5, 10]) writeFileSync(pathOf(steps), '')
    expect(() => load()).toThrow(
      /^No checkpoint of \S+ can be used\. \S+10.safetensors .* \S+5.safetensors .*$/,
    )
    expect(() => load()).toThrow(CheckpointError)
    expect(files()).toEqual([nameOf(5), nameOf(10)])
  })

  test('one of another run is not used', () => {
    saveCheckpoint(run, { ...checkpoint, settings: { ...checkpoint.settings, gamma: 0.5 } })
    expect(() => load()).toThrow(/it is of a run with gamma 0.5, not 0.99. To continue .* --init-from/)
  })

  test('one of another version of the package is used, and it says so', () => {
    saveCheckpoint(run, checkpoint)
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
    // The same length, so that only the checksum has to be made anew.
    const other = version.replace(/\d+$/, (patch: string) => String(9 - Number(patch)))
    resign(pathOf(5), text => text.replace(`"version":"${version}"`, `"version":"${other}"`))
    const notes: string[] = []
    expect(load(notes)).toBeDefined()
    expect(notes[0]).toContain(`is from soft-actor-critic ${other}, this is ${version}`)
  })

  test('one of more steps than the run is to take: an error, and nothing is touched', () => {
    for (const steps of [5, 10, 15]) saveCheckpoint(run, at(steps))
    const names = files()
    writeFileSync(pathOf(15), '')
    expect(() => load([], 9)).toThrow(/has taken 10 steps already, more than the 9 .* --steps 20$/)
    expect(() => load([], 9)).toThrow(UsageError)
    expect(files()).toEqual(names)
    expect(load([], 10)?.checkpoint.agent.counters.steps).toBe(10)
  })

  test('something that cannot be stored: an error that names it, and the one before is intact', () => {
    saveCheckpoint(run, checkpoint)
    const training = { lanes: [{ return: 0, length: 0, environment: new Map() }], evaluationDue: false }
    expect(() => saveCheckpoint(run, { ...at(10), training })).toThrow(
      /step 10 cannot be saved: training.lanes.0.environment is a Map: .* step 5 is intact/,
    )
    expect(files()).toEqual([nameOf(5)])
  })

  test('a full disk: a clear error, and the one before is intact', context => {
    const disk = join(run, 'checkpoints')
    mkdirSync(disk)
    // A tiny file system, which only root may mount.
    if (!mount(disk)) return context.skip()
    try {
      saveCheckpoint(run, checkpoint)
      const large = { ...at(10), engine: 'x'.repeat(100_000) }
      expect(() => saveCheckpoint(run, large)).toThrow(
        /^The checkpoint of step 10 cannot be saved: \S+10.safetensors cannot be written: the disk is full \(ENOSPC\)\. Make room on it, or choose another place\. The one of step 5 is intact/,
      )
      expect(files()).toEqual([nameOf(5)])
      expect(load()?.checkpoint.agent.counters.steps).toBe(5)
    } finally {
      execFileSync('umount', [disk])
    }
  })
})

/** Changes texts in a file, and makes its checksum anew. */
function resign(path: string, change: (text: string) => string): void {
  const changed = Buffer.from(change(readFileSync(path).toString('latin1')), 'latin1')
  changed.writeUInt32LE(crc32(changed.subarray(0, -4)), changed.length - 4)
  writeFileSync(path, changed)
}

/** Mounts a file system of 64 KiB; false where that is not allowed. */
function mount(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('the time between checkpoints', () => {
  let time = 0
  const timer = createCheckpointTimer(() => time)
  const save = (milliseconds: number) =>
    timer.during(() => {
      time += milliseconds
    })
  const minutes = (count: number) => {
    time += count * 60_000
  }

  test('is five minutes', () => {
    minutes(4.99)
    expect(timer.isDue()).toBe(false)
    minutes(0.01)
    expect(timer.isDue()).toBe(true)
    save(100)
    expect(timer.isDue()).toBe(false)
  })

  test('is longer where saving takes long: 1 % of it at most', () => {
    save(10_000)
    minutes(16)
    expect(timer.isDue()).toBe(false)
    minutes(1)
    expect(timer.isDue()).toBe(true)
  })
})
