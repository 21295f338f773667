import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))
const platforms = readdirSync(join(root, 'native/packages'))
const { version } = json(root, 'package.json')

describe('what is published of the native product', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sac-packages-'))
  cpSync(join(root, 'native/packages'), join(folder, 'native/packages'), { recursive: true })
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  const pack = () =>
    execFileSync(process.execPath, [join(root, 'dist/tools/pack-native.js'), 'out'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })

  test('lacks no platform', () => {
    rmSync(join(folder, 'native/packages/win32-x64/product.node'), { force: true })
    expect(pack).toThrow(/product.node is missing: run tools\/build-native.sh/)
  })

  test('is for one platform each', () => {
    for (const platform of platforms) {
      writeFileSync(join(folder, 'native/packages', platform, 'product.node'), platform)
    }
    pack()
    for (const platform of platforms) {
      const [os, cpu] = platform.split('-')
      expect(json(folder, 'out', platform, 'package.json')).toMatchObject({ os: [os], cpu: [cpu], version })
      expect(readFileSync(join(folder, 'out', platform, 'product.node'), 'utf8')).toBe(platform)
    }
  })
})
