import { strToU8 } from 'fflate'
import { describe, expect, test } from 'vitest'
import { ModelFileError } from '../../src/import/model-file-error.ts'
import { PickleObject, readPickle } from '../../src/import/pickle.ts'

describe('a pickle', () => {
  const read = (text: string) =>
    readPickle(strToU8(text, true), 'it', {
      globals: { 'collections OrderedDict': () => new Map() },
      persistent: key => ({ key }),
    })

  test('of plain values is read', () => {
    expect(read('\x80\x02(K\x01M\x02\x01J\xff\xff\xff\xff\x88\x89NG?\xe0\0\0\0\0\0\0t.')).toEqual([
      1,
      258,
      -1,
      true,
      false,
      null,
      0.5,
    ])
    expect(read('\x80\x02}q\x00(X\x01\0\0\0a]q\x01(K\x01K\x02eX\x01\0\0\0b)u.')).toEqual(
      new Map<string, unknown>([
        ['a', [1, 2]],
        ['b', []],
      ]),
    )
    expect(read('\x80\x02ccollections\nOrderedDict\n)R}X\x01\0\0\0aK\x01sb.')).toEqual(new Map())
    expect(read('\x80\x02X\x01\0\0\0kQ.')).toEqual({ key: 'k' })
  })

  test('of the later protocols is read', () => {
    expect(read('\x80\x04\x95\x1f\0\0\0\0\0\0\0\x8c\x01a\x94C\x02\0\xff\x94h\0\x87.')).toEqual([
      'a',
      Uint8Array.of(0, 255),
      'a',
    ])
    expect(read('\x80\x05\x96\x01\0\0\0\0\0\0\0\x07\x85.')).toEqual([Uint8Array.of(7)])
    expect(read('\x80\x02(\x8a\0\x8a\x01\xff\x8a\x02\0\x01\x8a\x08\0\0\0\0\0\0\0\x40t.')).toEqual([
      0,
      -1,
      256,
      2n ** 62n,
    ])
    expect(read('\x80\x04\x8f(K\x01K\x02\x90(K\x03\x91\x86.')).toEqual([[1, 2], [3]])
    expect(read('\x80\x04\x8c\x0bcollections\x8c\x0bOrderedDict\x93)\x81.')).toEqual(new Map())
  })

  test('has calls that are written down, not made', () => {
    const inert = (name: string) => name === 'posix system'
    const context = { globals: {}, persistent: () => null, inert }
    const call = readPickle(
      strToU8('\x80\x02cposix\nsystem\nX\x04\0\0\0true\x85RK\x05b.', true),
      'it',
      context,
    )
    expect(call).toEqual(Object.assign(new PickleObject('posix system', ['true']), { state: 5 }))
  })

  test.each([
    ['a call of the system', '\x80\x02cposix\nsystem\nX\x04\0\0\0true\x85R.', /refers to 'posix.system'/],
    ['a name of JavaScript', '\x80\x02cconstructor\n\n)R.', /refers to 'constructor.'/],
    ['an object with named arguments', '\x80\x04ccollections\nOrderedDict\n)}\x92.', /opcode 0x92/],
    ['another protocol', '\x80\x06N.', /protocol 2 to 5/],
    ['a text protocol', '(I1\nt.', /protocol 2 to 5/],
    ['a name that is no text', '\x80\x04K\x01K\x02\x93.', /a name is no text/],
    ['a state of a number', '\x80\x02K\x01}b.', /no dictionary/],
    ['more bytes than there are', '\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.', /ends too early/],
    ['a call of a number', '\x80\x02K\x01)R.', /no function/],
    ['an empty stack', '\x80\x02.', /stack is empty/],
    ['an end too early', '\x80\x02X\xff\0\0\0a', /ends too early/],
    ['a line without end', '\x80\x02ccollections', /ends too early/],
    ['a memory of nothing', '\x80\x02h\x05.', /never stored/],
    ['an unmarked tuple', '\x80\x02K\x01t.', /no beginning/],
    ['an item without list', '\x80\x02}K\x01a.', /no list/],
  ])('%s is refused', (_, text, message) => {
    expect(() => read(text)).toThrow(ModelFileError)
    expect(() => read(text)).toThrow(message)
  })
})
