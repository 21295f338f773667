import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { crc32c } from '../../src/encoding/crc32.ts'
import { tfRecord } from '../../src/encoding/tfrecord.ts'
import { openEventFile } from '../../src/run/tensorboard.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const text = (value: string) => new TextEncoder().encode(value)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the checksum is CRC-32C: its published check value, and RFC 3720 on 32 zeros', () => {
  expect(crc32c(text('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
})

test('a record is length, checksum, data, checksum', () => {
  // Worked out by hand from the checksums: ((crc >> 15) | (crc << 17)) + 0xa282ead8.
  const masked = (crc: number) => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  const record = tfRecord(text('123456789'))
  const view = new DataView(record.buffer)
  expect(record).toHaveLength(8 + 4 + 9 + 4)
  expect(view.getBigUint64(0, true)).toBe(9n)
  expect(view.getUint32(8, true)).toBe(masked(crc32c(Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0))))
  expect(hex(record.subarray(12, 21))).toBe('313233343536373839')
  expect(view.getUint32(21, true)).toBe(masked(0xe3069283))
  expect(masked(0xe3069283)).toBe(0xc78ab0e5)
})

/** The data of all records in the only file of the folder. */
function recordsIn(directory: string): Buffer[] {
  const [name] = readdirSync(directory)
  const bytes = readFileSync(join(directory, name))
  const records: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at))
    records.push(bytes.subarray(at + 12, at + 12 + length))
    at += 12 + length + 4
  }
  return records
}

test('an event file has its version, a start, and then scalars, byte for byte', () => {
  const addScalars = openEventFile(folder, 299, 1.5)
  addScalars(300, { 'a/b': 0.5, c: -2 }, 2)
  expect(readdirSync(folder)).toEqual([`events.out.tfevents.1.${hostname()}.${process.pid}.299`])
  const [version, start, scalars] = recordsIn(folder).map(hex)
  // Field 1, wire type 1 (09): the double 1.5. Field 3, wire type 2 (1a): 13 bytes of text.
  expect(version).toBe(`09000000000000f83f1a0d${hex(text('brain.Event:2'))}`)
  // Field 2 (10): 300, as ac 02. Field 7 (3a): a message whose field 1 (08) is 1.
  expect(start).toBe('09000000000000f83f10ac023a020801')
  // Field 5 (2a): a message of two fields 1 (0a), each a name (0a) and a float (15).
  const first = `0a0a0a03${hex(text('a/b'))}150000003f`
  const second = `0a080a01${hex(text('c'))}15000000c0`
  expect(scalars).toBe(`09000000000000004010ac022a16${first}${second}`)
})
