import fc from 'fast-check'
import { type FileMetaData, parquetMetadata, parquetReadObjects, type SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { expect, test } from 'vitest'
import { numberReader } from '../../src/data/parquet-numbers.ts'
import { readTransitions } from '../../src/data/read.ts'

type Value = number | null
type List = Value[] | null

/** A list column as Arrow's writers have it. */
const listOf = (name: string, type: 'FLOAT' | 'DOUBLE' | 'INT32'): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', type },
]

interface Layout {
  rowGroupSize: number
  pageSize: number
  codec: 'UNCOMPRESSED' | 'SNAPPY'
}

function fileOf(lists: readonly List[], type: 'FLOAT' | 'DOUBLE' | 'INT32', layout: Layout): ArrayBuffer {
  const columnData = [{ name: 'x', data: lists as List[] }]
  return parquetWriteBuffer({
    columnData,
    schema: [{ name: 'root', num_children: 1 }, ...listOf('x', type)],
    ...layout,
  })
}

/** What the fast way reads of each group of rows. */
async function readFast(buffer: ArrayBuffer): Promise<(number[][] | undefined)[]> {
  const metadata: FileMetaData = parquetMetadata(buffer)
  const read = await numberReader({ name: 'x.parquet', buffer, metadata, compressors: {} })
  const groups = metadata.row_groups.map((_, i) => read(i, 'x'))
  return (await Promise.all(groups)).map(
    found =>
      found &&
      Array.from({ length: found.numbers.length / found.width }, (_, row) =>
        Array.from(found.numbers.subarray(row * found.width, (row + 1) * found.width)),
      ),
  )
}

const layouts = fc.record({
  rowGroupSize: fc.integer({ min: 1, max: 40 }),
  // Small, so that a column has several pages.
  pageSize: fc.constantFrom(8, 64, 1_000_000),
  codec: fc.constantFrom<Layout['codec']>('UNCOMPRESSED', 'SNAPPY'),
})
const types = fc.constantFrom('FLOAT', 'DOUBLE', 'INT32')
/** Few values, so that some columns have dictionaries. */
const numbers = fc.constantFrom(0, 1, -2, 3, 1000)
const even = fc
  .integer({ min: 1, max: 5 })
  .chain(width =>
    fc.array(fc.array(numbers, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 60 }),
  )

test('lists that are equally long are read as hyparquet reads them, over pages and groups of rows', async () => {
  await fc.assert(
    fc.asyncProperty(even, types, layouts, async (lists, type, layout) => {
      const buffer = fileOf(lists, type, layout)
      const rows = (await parquetReadObjects({ file: buffer })).map(({ x }) => Array.from(x))
      expect(rows).toEqual(lists)
      const groups = await readFast(buffer)
      let at = 0
      for (const group of groups) {
        const count = Math.min(layout.rowGroupSize, lists.length - at)
        expect(group).toEqual(lists.slice(at, at + count))
        at += count
      }
    }),
    { numRuns: 60 },
  )
})

test.each<[string, List[]]>([
  ['of other lengths', [[1, 2], [3], [4, 5]]],
  ['of other lengths that add up', [[1, 2], [3], [4, 5, 6]]],
  ['that are missing', [[1, 2], null, [4, 5]]],
  ['that are empty', [[1, 2], [], [4, 5]]],
  [
    'with a gap',
    [
      [1, 2],
      [null, 3],
      [4, 5],
    ],
  ],
])('lists %s are left to the check of each row', async (_, lists) => {
  const layout: Layout = { rowGroupSize: 100, pageSize: 1000, codec: 'SNAPPY' }
  expect(await readFast(fileOf(lists, 'DOUBLE', layout))).toEqual([undefined])
  const others = ['action', 'nextObservation'].flatMap(name => listOf(name, 'DOUBLE'))
  const whole = lists.map(() => [1, 2])
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'observation', data: lists },
      { name: 'action', data: whole },
      { name: 'nextObservation', data: whole },
      { name: 'reward', data: lists.map(() => 1.5) },
      { name: 'terminated', data: lists.map(() => false) },
    ],
    schema: [
      { name: 'root', num_children: 5 },
      ...listOf('observation', 'DOUBLE'),
      ...others,
      { name: 'reward', type: 'DOUBLE', repetition_type: 'REQUIRED' },
      { name: 'terminated', type: 'BOOLEAN', repetition_type: 'REQUIRED' },
    ],
    codec: 'SNAPPY',
  })
  const before: number[][] = []
  const read = async () => {
    const file = { name: 'demo.parquet', bytes: new Uint8Array(bytes) }
    for await (const { observation } of readTransitions(file)) before.push(Array.from(observation))
  }
  await expect(read()).rejects.toThrow(/^demo.parquet, row 2: .*observation/)
  expect(before).toEqual([[1, 2]])
})

test.each<[string, object, RegExp]>([
  ['a plain number that is missing', { observation_1: [1, null] }, /row 2: observation\[1\] is null/],
  ['a list in place of a plain number', { observation_1: [[1], [2]] }, /row 1: observation\[1\] is an array/],
  ['a list in place of a reward', { reward: [[1], [2]] }, /row 1: the reward is an array/],
])('%s is found by the check of its row', async (_, changed, message) => {
  const columns = {
    observation_0: [1, 2],
    observation_1: [1, 2],
    action: [0, 0],
    nextObservation_0: [1, 2],
    nextObservation_1: [1, 2],
    reward: [1, 2],
    terminated: [false, true],
    ...changed,
  }
  const all = Object.entries(columns)
  const schema = all.flatMap(([name, [first]]): SchemaElement[] => {
    if (Array.isArray(first)) return listOf(name, 'DOUBLE')
    const type = typeof first === 'boolean' ? 'BOOLEAN' : 'DOUBLE'
    return [{ name, type, repetition_type: 'OPTIONAL' }]
  })
  const bytes = parquetWriteBuffer({
    columnData: all.map(([name, data]) => ({ name, data })),
    schema: [{ name: 'root', num_children: all.length }, ...schema],
  })
  const read = async () => {
    for await (const _ of readTransitions({ name: 'demo.parquet', bytes: new Uint8Array(bytes) }));
  }
  await expect(read()).rejects.toThrow(message)
})
