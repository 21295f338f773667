import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))
const platforms = readdirSync(join(root, 'native/packages'))
const { version, optionalDependencies } = json(root, 'package.json')

test('every platform is an optional dependency, and nothing else is native', () => {
  const names = platforms.map(platform => `@soft-actor-critic/native-${platform}`)
  const listed = Object.keys(optionalDependencies).filter(name => name.startsWith('@soft-actor-critic/'))
  expect(listed.sort()).toEqual(names.sort())
})

describe.each(platforms)('the package for %s', platform => {
  const manifest = json(root, 'native/packages', platform, 'package.json')

  test('has the version that is asked for', () => {
    expect(manifest.version).toBe(version)
    expect(optionalDependencies[manifest.name]).toBe(version)
  })

  test('runs nothing when it is installed, and keeps a clone installable on other platforms', () => {
    expect(manifest).toEqual({
      name: `@soft-actor-critic/native-${platform}`,
      version,
      description: expect.any(String),
      license: 'MIT',
      main: 'product.node',
      files: ['product.node'],
    })
  })
})
