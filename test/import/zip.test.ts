import { strToU8, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { ModelFileError } from '../../src/import/model-file-error.ts'
import { unzip } from '../../src/import/zip.ts'

const content = Uint8Array.from({ length: 160 }, (_, i) => (i * i) % 23)
const stored = zipSync({ 'a/x': content, y: strToU8('y') }, { level: 0 })
const deflated = zipSync({ 'a/x': content, y: strToU8('y') }, { level: 9 })

test.each([
  ['stored', stored],
  ['deflated', deflated],
])('files that were %s are read, also before a comment', (_, archive) => {
  expect(unzip(archive, 'it')).toEqual(new Map(Object.entries({ 'a/x': content, y: strToU8('y') })))
  const comment = strToU8('a comment')
  const commented = new Uint8Array([...archive, ...comment])
  commented[archive.length - 2] = comment.length
  expect([...unzip(commented, 'it').keys()]).toEqual(['a/x', 'y'])
  expect([...unzip(archive, 'it', { wanted: path => path === 'y' }).keys()]).toEqual(['y'])
})

test.each([
  ['stored', stored],
  ['deflated', deflated],
])('any byte of %s files that is changed is found by their checksums', (_, archive) => {
  // A local header has 30 bytes and the name.
  const begin = 30 + 'a/x'.length
  const end = archive.indexOf(0x50, begin + 10)
  for (let place = begin; place < Math.min(end, begin + 160); place++) {
    for (const change of [1, 0x80]) {
      const damaged = archive.slice()
      damaged[place] ^= change
      // Deflated numbers can be written in more than one way.
      const read = () => expect(unzip(damaged, 'it').get('a/x')).toEqual(content)
      if (archive === stored) expect(read, `${place}`).toThrow(ModelFileError)
      else expect(refusedOr(read), `${place}`).toBe(true)
    }
  }
  const damaged = stored.slice()
  damaged[begin] ^= 1
  expect(() => unzip(damaged, 'it')).toThrow(
    'it is not a zip archive that can be read: a/x is damaged: its checksum',
  )
})

test('what unpacks to far more than its size is refused before it is unpacked', () => {
  const bomb = zipSync({ x: new Uint8Array(4_000_000) }, { level: 9 })
  expect(bomb.length).toBeLessThan(10_000)
  const started = performance.now()
  expect(() => unzip(bomb, 'it')).toThrow(/its files take more than \d+ bytes/)
  expect(performance.now() - started).toBeLessThan(1000)
})

test('a size that is not true is refused, and nothing is unpacked beyond it', () => {
  const wrong = deflated.slice()
  const view = new DataView(wrong.buffer)
  const entry = view.getUint32(wrong.length - 6, true)
  for (const size of [content.length - 1, content.length + 1, 0]) {
    view.setUint32(entry + 24, size, true)
    expect(() => unzip(wrong, 'it'), String(size)).toThrow(ModelFileError)
  }
})

test.each([
  ['nothing', new Uint8Array(), /no directory/],
  ['something else', strToU8('{"not": "an archive"}'.repeat(9)), /no directory/],
  ['one that is encrypted or packed otherwise', changed(stored, 10, 99), /a\/x is compressed by method 99/],
  ['a place beyond the end', changed(stored, 44, 0xff), /a\/x is not where the directory says/],
])('%s is refused', (_, archive, message) => {
  expect(() => unzip(archive, 'it')).toThrow(ModelFileError)
  expect(() => unzip(archive, 'it')).toThrow(message)
})

/** An archive with another byte in the directory's first entry. */
function changed(archive: Uint8Array, offset: number, byte: number): Uint8Array {
  const copy = archive.slice()
  copy[new DataView(copy.buffer).getUint32(copy.length - 6, true) + offset] = byte
  return copy
}

/** Whether something ends as it should, or is refused. */
function refusedOr(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    return error instanceof ModelFileError
  }
}
