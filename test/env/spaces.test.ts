import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { centreAndHalfWidth, fromUnitAction, toUnitAction } from '../../src/env/action-scaling.ts'
import { box, contains, firstOutside } from '../../src/env/spaces.ts'

describe('box', () => {
  test('scalars spread over the shape', () => {
    const space = box({ low: -Infinity, high: 2, shape: [2, 3] })
    expect(space.size).toBe(6)
    expect(space.shape).toEqual([2, 3])
    expect([...space.low]).toEqual(new Array(6).fill(-Infinity))
    expect([...space.high]).toEqual(new Array(6).fill(2))
  })

  test('the shape follows from the bounds', () => {
    expect(box({ low: [-1, -2], high: 3 }).shape).toEqual([2])
    expect(box({ low: -1, high: [1, 2, 3] }).shape).toEqual([3])
    expect(box({ low: -1, high: 1 }).shape).toEqual([1])
  })

  test('bounds are copied', () => {
    const low = new Float32Array([0])
    const space = box({ low, high: 1 })
    low[0] = 5
    expect(space.low[0]).toBe(0)
  })

  test.each([
    [{ low: [0, 0], high: [1, 1, 1] }, /high has 3 elements: .* as many as the shape has \(2\)/],
    [{ low: 0, high: [1, 1], shape: [3] }, /high has 2 elements/],
    [{ low: [0, 2], high: 1 }, /low\[1\] is 2 and high\[1\] is 1/],
    [{ low: Number.NaN, high: 1 }, /low\[0\] is NaN/],
    [{ low: 0, high: 1, shape: [] }, /positive whole numbers/],
    [{ low: 0, high: 1, shape: [2, 0] }, /shape is \[2,0\]/],
    [{ low: 0, high: 1, shape: [1.5] }, /shape is \[1.5\]/],
  ])('refuses %j', (options, message) => {
    expect(() => box(options)).toThrow(message)
  })
})

test('contains and firstOutside', () => {
  const space = box({ low: [-1, 0, -Infinity], high: [1, 0.7, Infinity] })
  expect(firstOutside(space, [1, 0.7, 1e30])).toBe(-1)
  expect(firstOutside(space, [0, -0.1, 0])).toBe(1)
  expect(firstOutside(space, [0, 0, NaN])).toBe(2)
  expect(contains(space, [0, 0, 0])).toBe(true)
  expect(contains(space, [0, 0])).toBe(false)
  expect(contains(space, [2, 0, 0])).toBe(false)
})

describe('action scaling', () => {
  const bounds = fc
    .tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 1000 }))
    .map(([low, width]) => box({ low: low / 10, high: (low + width) / 10 }))

  test('bounds map to -1 and 1 exactly, and back', () => {
    fc.assert(
      fc.property(bounds, space => {
        expect(toUnitAction(space, space.low)[0]).toBe(-1)
        expect(toUnitAction(space, space.high)[0]).toBe(1)
        expect(fromUnitAction(space, [-1])[0]).toBe(space.low[0])
        expect(fromUnitAction(space, [1])[0]).toBe(space.high[0])
      }),
    )
  })

  test('float32 bounds of any size map from -1 and 1 exactly, and nothing between them leads past', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true })
    const any = fc.tuple(float, float).filter(([a, b]) => a !== b)
    fc.assert(
      fc.property(any, fc.float({ min: -1, max: 1, noNaN: true }), ([a, b], unit) => {
        const space = box({ low: Math.min(a, b), high: Math.max(a, b) })
        const [low, high] = [space.low[0], space.high[0]]
        expect([fromUnitAction(space, [-1])[0], fromUnitAction(space, [1])[0]]).toEqual([low, high])
        const [action] = fromUnitAction(space, [unit])
        expect(action >= low && action <= high).toBe(true)
        // The float64 in which half widths are computed must hold both bounds.
        if (Math.max(Math.abs(low), Math.abs(high)) > 2 ** 28 * Math.min(Math.abs(low), Math.abs(high)))
          return
        const { centre, halfWidth } = centreAndHalfWidth(space)
        expect(Math.fround(centre[0] + halfWidth[0])).toBeGreaterThanOrEqual(high)
        expect(Math.fround(centre[0] - halfWidth[0])).toBeLessThanOrEqual(low)
      }),
    )
    expect(fromUnitAction(box({ low: 1e-10, high: 1e10 }), [-1])[0]).toBe(Math.fround(1e-10))
  })

  test('are inverse to each other, beyond the bounds too', () => {
    const space = box({ low: [-2, 0, 1], high: [2, 10, 3] })
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
        unit => {
          const back = toUnitAction(space, fromUnitAction(space, unit))
          for (let i = 0; i < 3; i++) expect(back[i]).toBeCloseTo(unit[i], 5)
        },
      ),
    )
    expect([...fromUnitAction(space, [0.5, 0, 2])]).toEqual([1, 5, 4])
  })

  test('work in place', () => {
    const space = box({ low: -2, high: 2, shape: [2] })
    const action = Float32Array.of(0.5, -1)
    expect(fromUnitAction(space, action, action)).toBe(action)
    expect([...action]).toEqual([1, -2])
  })
})
