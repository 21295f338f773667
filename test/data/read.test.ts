import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTransitions } from '../../src/data/read.ts'
import type { DataFile } from '../../src/data/source.ts'
import { createTransitionWriter } from '../../src/data/write.ts'
import { box } from '../../src/env/spaces.ts'
import type { Transition } from '../../src/replay/transition.ts'
import { plain, STORED, STORED_FILES } from './stored-files.ts'

const bytesOf = (name: string) => new Uint8Array(readFileSync(join(STORED, name)))
const text = (lines: string) => new TextEncoder().encode(lines)

/** All transitions of a file, in plain arrays. */
async function all(
  file: DataFile,
  ...spaces: Parameters<typeof readTransitions> extends [unknown, ...infer R] ? R : never
) {
  const found: Transition[] = []
  for await (const each of readTransitions(file, ...spaces)) found.push(plain(each))
  return found
}

/** What `make_files.py` wrote. */
const expected = [3, 4].flatMap((steps, e) =>
  Array.from(
    { length: steps },
    (_, k): Transition => ({
      observation: [e, k, k / 3],
      action: [Math.fround(k / 10)],
      reward: 0 - k - e,
      nextObservation: [e, k + 1, (k + 1) / 3],
      terminated: e === 0 && k === 2,
      truncated: e === 1 && k === 3,
    }),
  ),
)

describe('files that others wrote', () => {
  test.each(STORED_FILES)('%s', async name => {
    expect(await all({ name, bytes: bytesOf(name) })).toEqual(expected)
    // As a page has it.
    expect(await all(new File([bytesOf(name)], name))).toEqual(expected)
  })

  test.each(STORED_FILES)('%s, cut off', async name => {
    const bytes = bytesOf(name)
    for (const length of [0, 5, 30, bytes.length >> 1, bytes.length - 1]) {
      await expect(all({ name, bytes: bytes.slice(0, length) }), `${length} bytes`).rejects.toThrow(name)
    }
  })

  test.each(['stored.npz', 'deflated.npz'])(
    '%s with a wrong bit is an error, unless it is one that says nothing',
    async name => {
      const bytes = bytesOf(name)
      // The directory behind them has no checksum.
      const end = bytes.findIndex((_, i) => String(bytes.slice(i, i + 4)) === '80,75,1,2')
      let found = 0
      for (let i = 0; i < end; i += 3) {
        bytes[i] ^= 1 << (i % 8)
        const result = await all({ name, bytes }).catch(() => undefined)
        bytes[i] ^= 1 << (i % 8)
        if (result) expect(result, `byte ${i}`).toEqual(expected)
        else found++
      }
      expect(found).toBeGreaterThan(end / 6)
    },
  )
})

const at = (change: object) => JSON.stringify({ ...expected[1], ...change })
const lines = (...rows: string[]) => ({ name: 'demo.jsonl', bytes: text(rows.join('\n')) })
const good = JSON.stringify(expected[0])

describe('each row is checked', () => {
  test.each<[string, string]>([
    [at({ observation: [1, null, 2] }), 'demo.jsonl, row 3: observation[1] is null, not a number.'],
    [at({ observation: [1, 2] }), 'demo.jsonl, row 3: the observation has 2 elements, not 3.'],
    [at({ nextObservation: undefined }), 'demo.jsonl, row 3: the nextObservation has no elements, not 3.'],
    [
      at({ nextObservation: [0, [1], 2] }),
      'demo.jsonl, row 3: nextObservation[1] is an array, not a number.',
    ],
    [at({ action: '1' }), 'demo.jsonl, row 3: the action has no elements, not 1.'],
    [at({ reward: '7' }), "demo.jsonl, row 3: the reward is '7', not a number."],
    [
      at({ reward: 1e39 }),
      'demo.jsonl, row 3: the reward is 1e+39, not finite in float32, which ends at 3.4e38.',
    ],
    [at({ terminated: 0 }), 'demo.jsonl, row 3: terminated is 0, neither true nor false.'],
    [at({ truncated: null }), 'demo.jsonl, row 3: truncated is null, neither true nor false.'],
    ['[1]', 'demo.jsonl, row 3 is an array, not a transition'],
    ['{"observation": [1', 'demo.jsonl, row 3 is not JSON, or cut off'],
  ])('%s', async (row, message) => {
    await expect(all(lines(good, good, row, good))).rejects.toThrow(message)
    const before: Transition[] = []
    const read = async () => {
      for await (const transition of readTransitions(lines(good, good, row))) before.push(transition)
    }
    await expect(read()).rejects.toThrow()
    expect(before).toHaveLength(2)
  })

  test('against the spaces, if they are known', async () => {
    const spaces = {
      observationSpace: box({ low: -9, high: 9, shape: [3] }),
      actionSpace: box({ low: -1, high: 1 }),
    }
    expect(await all(lines(good), spaces)).toEqual([expected[0]])
    await expect(all(lines(good, at({ action: [1.5] })), spaces)).rejects.toThrow(
      'demo.jsonl, row 2: action[0] is 1.5, outside its bounds, -1 and 1',
    )
    const other = { ...spaces, observationSpace: box({ low: -9, high: 9, shape: [2] }) }
    await expect(all({ name: 'minari.hdf5', bytes: bytesOf('minari.hdf5') }, other)).rejects.toThrow(
      'minari.hdf5, episode_2, row 1: the observations has 3 elements, not 2.',
    )
  })

  test.each<[string, string]>([
    [
      '{"observation":[1],"action":[1],"reward":1,"nextObservation":[1],"done":true}',
      'has done, which does not say whether',
    ],
    [
      '{"observation":[1],"action":[1],"reward":1,"terminated":true}',
      'has no nextObservation or next_observation; there is observation',
    ],
    ['{"obs":[1],"observation":[1],"action":[1]}', 'has both observation and obs'],
  ])('%s', async (row, message) => {
    await expect(all(lines(row))).rejects.toThrow(`demo.jsonl, row 1 ${message}`)
  })

  test('empty lines and what else is in a row do not matter, a missing truncated is false', async () => {
    const row = '{"obs":1,"actions":[2],"rewards":3,"next_obs":[4],"terminals":true,"info":{"a":1}}'
    expect(await all(lines('', row, '', ''))).toEqual([
      { observation: [1], action: [2], reward: 3, nextObservation: [4], terminated: true, truncated: false },
    ])
    expect(await all(lines())).toEqual([])
  })

  test('a stream, cut anywhere, also within a character', async () => {
    const whole = text(`${good}\n{"note":"é",${good.slice(1)}\n`)
    for (let size = 1; size < 60; size += 7) {
      async function* stream() {
        for (let from = 0; from < whole.length; from += size) yield whole.subarray(from, from + size)
      }
      expect(await all({ name: 'live.jsonl', stream: stream() })).toEqual([expected[0], expected[0]])
    }
    const stream = (async function* () {})()
    await expect(all({ name: 'live.npz', stream })).rejects.toThrow('only JSONL can be read from one')
  })

  test('what is no file, and of no known kind', async () => {
    await expect(all('demo.jsonl' as never)).rejects.toThrow(/not 'demo.jsonl'/)
    await expect(all({ name: 'demo.csv', bytes: text('') })).rejects.toThrow(
      /demo.csv: the name .* ends in one of .jsonl/,
    )
    await expect(all({ name: 'a.jsonl', bytes: Uint8Array.of(0xff, 0xfe) })).rejects.toThrow(
      'not text in UTF-8',
    )
    await expect(all({ name: 'a.hdf5', bytes: text('not HDF5') })).rejects.toThrow('a.hdf5 is no HDF5 file')
    await expect(all({ name: 'a.parquet', bytes: text('not Parquet at all') })).rejects.toThrow(
      'a.parquet cannot be read as Parquet',
    )
  })
})

describe('what is written is read back bit for bit', () => {
  const odd: Transition[] = [
    {
      observation: [0.1, -0, 5e-324],
      action: [1 / 3],
      reward: -0,
      nextObservation: [3e38, 1e-45, 2 ** 53],
      terminated: false,
      truncated: true,
    },
    {
      observation: [-1.5, 1e21, 1e-7],
      action: [-0.25],
      reward: 0.1,
      nextObservation: [1, 2, 3],
      terminated: true,
      truncated: false,
    },
  ]
  test.each(['jsonl', 'npz'] as const)('%s', async format => {
    for (const transitions of [odd, expected, []]) {
      const writer = createTransitionWriter(format)
      for (const transition of transitions) writer.add(transition)
      const read = await all({ name: `a.${format}`, bytes: writer.finish() })
      expect(read).toEqual(transitions)
      expect(writer.count).toBe(transitions.length)
    }
  })

  test.each<[object, string]>([
    [{ observation: [1] }, 'the observation has 1 elements, not 3'],
    [{ reward: NaN }, 'the reward is NaN'],
    [{ terminated: 1 }, 'terminated is 1'],
  ])('%j is not written', (change, message) => {
    const writer = createTransitionWriter('npz')
    writer.add(expected[0])
    expect(() => writer.add({ ...expected[0], ...change })).toThrow(message)
    expect(writer.count).toBe(1)
    expect(() => createTransitionWriter('csv' as never)).toThrow(
      "format is 'csv'; it must be one of jsonl, npz.",
    )
  })
})
