import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import { makeEnv } from '../../src/index.ts'
import type { trainingSchema } from '../../src/run/settings.ts'
import type { TrainingSettingsInput } from '../../src/run/training-settings-input.ts'
import type { SacOptions, SacOptionsInput, sacOptionsSchema } from '../../src/sac/options.ts'
import { settingsTypes } from '../../tools/settings-types.ts'
import { entryPoints, findFaults } from './entry-points.ts'

describe('every public export', () => {
  const entries = entryPoints()
  const faults = findFaults(Object.values(entries))

  test.each(Object.entries(entries))('of %s is documented, with its members', (_, file) => {
    expect(faults.get(file)?.undocumented).toEqual([])
  })

  test.each(Object.entries(entries))('of %s has a signature of types that are exported', (_, file) => {
    expect(faults.get(file)?.unexported).toEqual([])
  })

  test.each(Object.entries(entries))('of %s that is a function has an example', (_, file) => {
    expect(faults.get(file)?.unexemplified).toEqual([])
  })

  test('is looked at: faults of a module are found', () => {
    const file = resolve(import.meta.dirname, 'faulty-entry.ts')
    expect(findFaults([file]).get(file)).toEqual({
      undocumented: ['Shown.member', 'make', 'take.count'],
      unexemplified: ['make', 'take'],
      unexported: ['Hidden in Shown.method', 'Hidden in inferred', 'Kept in make'],
    })
  })
})

describe('types of options', () => {
  test.each(Object.entries(settingsTypes()))('%s is as its schema says', (path, text) => {
    expect(readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8')).toBe(text)
  })

  test('are those of the schemas', () => {
    expectTypeOf<SacOptionsInput>().toEqualTypeOf<z.input<typeof sacOptionsSchema>>()
    expectTypeOf<TrainingSettingsInput>().toEqualTypeOf<z.input<typeof trainingSchema>>()
    type Complete = z.output<typeof sacOptionsSchema>
    expectTypeOf<Required<SacOptions>>().toEqualTypeOf<Required<Complete>>()
  })

  test('know the options of built-in environments, and leave others open', async () => {
    expectTypeOf(makeEnv<'Pendulum-v1'>)
      .parameter(1)
      .toEqualTypeOf<{ gravity?: number } | undefined>()
    expectTypeOf(makeEnv<'Mine-v0'>)
      .parameter(1)
      .toEqualTypeOf<Record<string, unknown> | undefined>()
    // @ts-expect-error a misspelt option
    await expect(makeEnv('Pendulum-v1', { gravty: 9 })).rejects.toThrow("did you mean 'gravity'")
  })
})
