import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEventFile } from '../../src/run/tensorboard.ts'
import {
  appendToFile,
  makeFolder,
  removeHalfWritten,
  WriteError,
  writeFileAtomically,
} from '../../src/run/write-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const pathOf = (name: string) => join(folder, name)

test('a file that cannot be written leaves the old one and no remains', () => {
  const path = pathOf('file')
  writeFileAtomically(path, 'old')
  expect(() => writeFileAtomically(path, Symbol('not data') as never)).toThrow()
  expect(readFileSync(path, 'utf8')).toBe('old')
  mkdirSync(pathOf('taken/x'), { recursive: true })
  expect(() => writeFileAtomically(pathOf('taken'), 'new')).toThrow()
  expect(readdirSync(folder).sort()).toEqual(['file', 'taken'])
})

test('a device is not replaced by a file', () => {
  const fifo = pathOf('fifo')
  execFileSync('mkfifo', [fifo])
  expect(() => writeFileAtomically(fifo, 'new')).toThrow(
    `${fifo} cannot be written: it is a device, not a file.`,
  )
  expect(readdirSync(folder)).toEqual(['fifo'])
})

test('what a crash left half written is removed, and nothing else', () => {
  for (const name of ['config.json.0123456789abcdef.tmp', 'config.json', 'notes.tmp']) {
    writeFileSync(pathOf(name), '')
  }
  removeHalfWritten(folder)
  expect(readdirSync(folder).sort()).toEqual(['config.json', 'notes.tmp'])
  expect(() => removeHalfWritten(pathOf('missing'))).not.toThrow()
})

describe('symbolic links lead nowhere', () => {
  beforeEach(() => writeFileSync(pathOf('outside'), 'precious'))
  afterEach(() => expect(readFileSync(pathOf('outside'), 'utf8')).toBe('precious'))

  test('one under a foreseeable temporary name', () => {
    symlinkSync(pathOf('outside'), pathOf('policy.onnx.tmp'))
    writeFileAtomically(pathOf('policy.onnx'), 'policy')
    expect(readFileSync(pathOf('policy.onnx'), 'utf8')).toBe('policy')
    expect(readlinkSync(pathOf('policy.onnx.tmp'))).toBe(pathOf('outside'))
  })

  test('one under the name of the file itself is replaced', () => {
    symlinkSync(pathOf('outside'), pathOf('policy.onnx'))
    writeFileAtomically(pathOf('policy.onnx'), 'policy')
    expect(() => readlinkSync(pathOf('policy.onnx'))).toThrow()
  })

  test('one to which lines would be added', () => {
    symlinkSync(pathOf('outside'), pathOf('metrics.jsonl'))
    expect(() => appendToFile(pathOf('metrics.jsonl'), 'line\n')).toThrow(/ELOOP/)
  })

  test('one that leads to no file yet', () => {
    symlinkSync(pathOf('new'), pathOf('metrics.jsonl'))
    expect(() => appendToFile(pathOf('metrics.jsonl'), 'line\n')).toThrow(/ELOOP/)
    expect(readdirSync(folder)).not.toContain('new')
  })

  test("one under the name of TensorBoard's next file", () => {
    openEventFile(folder, 0, 1_000_000)
    const [name] = readdirSync(folder).filter(entry => entry.includes('tfevents'))
    rmSync(pathOf(name))
    symlinkSync(pathOf('outside'), pathOf(name))
    expect(() => openEventFile(folder, 0, 1_000_000)).toThrow(/ELOOP/)
  })
})

describe('where nothing can be written, the error names the file, the reason and a way out', () => {
  /** Mounts a file system of its own, which only root may. */
  function mounted(options: string, use: (place: string) => void): boolean {
    const place = pathOf('mounted')
    mkdirSync(place)
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place]).status !== 0) return false
    try {
      use(place)
    } finally {
      execFileSync('umount', [place])
    }
    return true
  }

  test('on a full disk; the old file stays, and nothing half written', context => {
    const done = mounted('size=16k', place => {
      const [file, log] = [join(place, 'file'), join(place, 'log')]
      writeFileAtomically(file, 'old')
      appendToFile(log, 'line\n')
      const message =
        'cannot be written: the disk is full (ENOSPC). Make room on it, or choose another place.'
      expect(() => writeFileAtomically(file, 'x'.repeat(20_000))).toThrow(
        new WriteError(`${file} ${message}`),
      )
      expect(() => appendToFile(log, 'x'.repeat(20_000))).toThrow(new WriteError(`${log} ${message}`))
      expect([file, log].map(path => readFileSync(path, 'utf8'))).toEqual(['old', 'line\n'])
      expect(readdirSync(place).sort()).toEqual(['file', 'log'])
    })
    if (!done) context.skip()
  })

  test('in a read-only place, several folders deep as well', context => {
    const done = mounted('ro', place => {
      const paths = ['file', 'log', 'folder', 'folders/in/it'].map(name => join(place, name))
      const [file, log, folder, folders] = paths
      for (const [path, write] of [
        [file, () => writeFileAtomically(file, '')],
        [log, () => appendToFile(log, '')],
        [folder, () => makeFolder(folder)],
        [folders, () => makeFolder(folders, { recursive: true })],
      ] as const) {
        expect(write).toThrow(
          new WriteError(
            `${path} cannot be written: its folder is read-only (EROFS). Make it writable, or choose another place.`,
          ),
        )
      }
    })
    if (!done) context.skip()
  })

  test('in a folder that is not there; folders that are can be asked for again', () => {
    expect(() => writeFileAtomically(pathOf('none/file'), '')).toThrow(
      /none\/file cannot be written: its folder does/,
    )
    expect(makeFolder(pathOf('a/b'), { recursive: true })).toBe(true)
    expect(makeFolder(pathOf('a/b'), { recursive: true })).toBe(false)
    expect(makeFolder(pathOf('a'))).toBe(false)
  })
})

test('threads that make folders of one folder at once do not fail', async () => {
  // Each in turn finds that the other has made the parent between its own two attempts.
  const code = `
    const { parentPort, workerData: { module, folder, turns } } = require('node:worker_threads')
    import(module).then(({ makeFolder }) => {
      const turn = new Int32Array(turns)
      for (let i = 0; i < 300; i++) {
        Atomics.add(turn, 0, 1)
        while (Atomics.load(turn, 0) < 2 * (i + 1));
        makeFolder(folder + '/' + i + '/a/b/c', { recursive: true })
      }
      parentPort.postMessage('made')
    })`
  const workerData = {
    module: pathToFileURL(join(import.meta.dirname, '../../dist/src/run/write-file.js')).href,
    folder,
    turns: new SharedArrayBuffer(4),
  }
  const made = Array.from({ length: 2 }, async () => {
    const worker = new Worker(code, { eval: true, workerData })
    return (await once(worker, 'message'))[0]
  })
  expect(await Promise.all(made)).toEqual(['made', 'made'])
})
