import { describe, expect, it } from 'vitest'
import { supportsRelaxedSimd, supportsSimd } from '../../../../src/graph/wasm/assembler/features.ts'
import {
  call,
  f32,
  f32x4,
  get,
  i32,
  i32x4,
  lane,
  load,
  op,
  shuffle,
  store,
  tee,
} from '../../../../src/graph/wasm/assembler/function-builder.ts'
import { ModuleBuilder } from '../../../../src/graph/wasm/assembler/module-builder.ts'
import { Heap } from '../heap.ts'

describe('encoder', () => {
  it('writes the bytes the specification prescribes', () => {
    const module = new ModuleBuilder()
    module.function(
      'add',
      { a: 'i32', b: 'i32' },
      ['i32'],
      (f, { a, b }) => f.add(op('i32.add', get(a), get(b))),
      true,
    )
    expect([...module.bytes()]).toEqual([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...[0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f],
      ...[0x02, 0x01, 0x00],
      ...[0x03, 0x02, 0x01, 0x00],
      ...[0x07, 0x07, 0x01, 0x03, 0x61, 0x64, 0x64, 0x00, 0x00],
      ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x20, 0x00, 0x20, 0x01, 0x6a, 0x0b],
      ...[0x00, 0x0d, 0x04, 0x6e, 0x61, 0x6d, 0x65, 0x01, 0x06, 0x01, 0x00, 0x03, 0x61, 0x64, 0x64],
    ])
  })

  it('encodes integers of every length, of both signs', () => {
    const values = [
      0,
      -1,
      63,
      64,
      -64,
      -65,
      127,
      128,
      8191,
      8192,
      -8192,
      -8193,
      2 ** 20,
      2 ** 31 - 1,
      -(2 ** 31),
    ]
    for (let bit = 0; bit < 32; bit++) values.push((1 << bit) | 0, ((1 << bit) - 1) | 0, ~(1 << bit))
    const module = new ModuleBuilder()
    values.forEach((value, index) => {
      module.function(`value${index}`, {}, ['i32'], f => f.add(i32(value)), true)
    })
    const exports = new Heap(1).instantiate(module)
    for (const [index, value] of values.entries()) expect(exports[`value${index}`]!()).toBe(value)
  })

  it('encodes offsets of every length', () => {
    const offsets = [0, 1, 127, 128, 129, 255, 256, 16383, 16384, 65528]
    const module = new Heap(1).builder()
    offsets.forEach((offset, index) => {
      module.function(`load${index}`, {}, ['i32'], f => f.add(load('i32.load', i32(0), offset)), true)
    })
    const heap = new Heap(1)
    const exports = heap.instantiate(module)
    const bytes = new DataView(heap.memory.buffer)
    for (const [index, offset] of offsets.entries()) {
      bytes.setInt32(offset, index + 1, true)
      expect(exports[`load${index}`]!()).toBe(index + 1)
    }
  })

  it('encodes floats, offsets and lanes', () => {
    const heap = new Heap(1)
    const module = heap.builder()
    module.function(
      'test',
      { at: 'i32' },
      ['f32'],
      (f, { at }) => {
        f.add(store('v128.store', get(at), f32x4(-1.5), 300))
        f.add(store('f32.store', get(at), f32(0.1), 304))
        f.add(store('v128.store32_lane', get(at), load('v128.load', get(at), 300), 20000, 1))
        f.add(
          store('v128.store', get(at), shuffle(f32x4(2), load('v128.load', get(at), 300), 4, 5, 0, 7), 400),
        )
        f.add(store('v128.store', get(at), i32x4(-2), 416))
        f.add(lane(load('v128.load', get(at), 300), 1))
      },
      true,
    )
    expect(heap.instantiate(module).test!(64)).toBe(Math.fround(0.1))
    expect([...heap.view(364, 4)]).toEqual([-1.5, Math.fround(0.1), -1.5, -1.5])
    expect(heap.view(20064, 1)[0]).toBe(Math.fround(0.1))
    expect([...heap.view(464, 4)]).toEqual([-1.5, Math.fround(0.1), 2, -1.5])
    expect([...heap.words.subarray(120, 124)]).toEqual([-2, -2, -2, -2])
  })

  it('builds loops, branches, calls and imports', () => {
    const module = new ModuleBuilder()
    const seen: number[] = []
    const report = module.importFunction('host', 'report', { value: 'i32' })
    const square = module.function('square', { x: 'i32' }, ['i32'], (f, { x }) =>
      f.add(op('i32.mul', get(x), get(x))),
    )
    module.function(
      'squares',
      { n: 'i32' },
      ['i32'],
      (f, { n }) => {
        const i = f.let('i32', i32(0), 'i')
        const sum = f.local('i32')
        f.while(
          () => op('i32.lt_s', get(i), get(n)),
          () => {
            f.if(
              op('i32.and', get(i), i32(1)),
              () => f.add(call(report, get(i))),
              () => f.increment(sum, call(square, get(i))),
            )
            f.add(tee(i, op('i32.add', get(i), i32(1))), [['drop']])
          },
        )
        f.add(get(sum))
      },
      true,
    )
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
      host: { report: (value: number) => seen.push(value) },
    })
    const squares = instance.exports.squares as (n: number) => number
    expect(squares(0)).toBe(0)
    expect(squares(7)).toBe(0 + 4 + 16 + 36)
    expect(seen).toEqual([1, 3, 5])
    expect(() => module.importFunction('host', 'late', {})).toThrow('before the first function')
    expect(module.text()).toMatchInlineSnapshot(`
      "(module
        (import "host" "report" (func $host.report (param i32)))
        (func $square (param $x i32) (result i32)
          local.get $x
          local.get $x
          i32.mul
        )
        (func $squares (export "squares") (param $n i32) (result i32)
          (local $i i32) (local $i_2 i32)
          i32.const 0
          local.set $i
          local.get $i
          local.get $n
          i32.lt_s
          if
            loop
              local.get $i
              i32.const 1
              i32.and
              if
                local.get $i
                call $host.report
              else
                local.get $i_2
                local.get $i
                call $square
                i32.add
                local.set $i_2
              end
              local.get $i
              i32.const 1
              i32.add
              local.tee $i
              drop
              local.get $i
              local.get $n
              i32.lt_s
              br_if 0
            end
          end
          local.get $i_2
        )
      )
      "
    `)
  })

  it('imports shared memories', () => {
    const module = new ModuleBuilder()
    module.importMemory({ module: 'env', field: 'memory', pages: 1, maximumPages: 300, shared: true })
    module.function(
      'next',
      {},
      ['i32'],
      f =>
        f.add([...i32(8), ...i32(5), ['i32.atomic.rmw.add', 0]], [['drop']], load('i32.atomic.load', i32(8))),
      true,
    )
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 300, shared: true })
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } })
    expect((instance.exports.next as () => number)()).toBe(5)
  })

  it('encodes relaxed SIMD even where the platform lacks it', () => {
    const module = new ModuleBuilder()
    const x = load('v128.load', i32(0))
    module.function('madd', {}, ['v128'], f => f.add(op('f32x4.relaxed_madd', x, x, x)))
    expect(module.bytes().join()).toContain([0xfd, 0x85, 0x02, 0x0b].join())
  })

  it('detects what the platform can do', () => {
    expect(supportsSimd()).toBe(true)
    expect(typeof supportsRelaxedSimd()).toBe('boolean')
  })
})
