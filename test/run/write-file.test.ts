import { execFileSync } from 'node:child_process'
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
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEventFile } from '../../src/run/tensorboard.ts'
import { appendToFile, removeHalfWritten, writeFileAtomically } from '../../src/run/write-file.ts'

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
