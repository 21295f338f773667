import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8')

test('nothing that users install runs a script of its own', () => {
  const packages: Record<string, { hasInstallScript?: boolean; dev?: boolean }> = JSON.parse(
    read('package-lock.json'),
  ).packages
  const running = Object.entries(packages).filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev)
  expect(running.map(([name]) => name)).toEqual([])
})

test('npm knows every setting of .npmrc, so that it does not warn with each command', () => {
  const names = read('.npmrc')
    .trim()
    .split('\n')
    .map(line => line.split('=')[0])
  expect(names).toEqual(['omit-lockfile-registry-resolved'])
})

test('the lock file names no place to download from', () => {
  expect(read('package-lock.json')).not.toContain('"resolved": "http')
})
