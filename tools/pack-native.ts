/**
 * `node dist/tools/pack-native.js DIRECTORY`: makes of each folder of native/packages a package to publish.
 *
 * `os` and `cpu` are added only here. npm refuses to install a repository one of whose workspaces is for another
 * platform, so a clone has none of them; an installation from a registry must get only the one that fits.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [target] = process.argv.slice(2)
if (!target) {
  console.error('usage: node dist/tools/pack-native.js DIRECTORY')
  process.exit(2)
}
const packages = 'native/packages'
for (const platform of readdirSync(packages)) {
  const from = join(packages, platform)
  const to = join(target, platform)
  if (!existsSync(join(from, 'product.node'))) {
    console.error(`${from}/product.node is missing: run tools/build-native.sh ${platform}`)
    process.exit(1)
  }
  mkdirSync(to, { recursive: true })
  const [os, cpu] = platform.split('-')
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  writeFileSync(
    join(to, 'package.json'),
    `${JSON.stringify({ ...manifest, os: [os], cpu: [cpu] }, null, 2)}\n`,
  )
  copyFileSync(join(from, 'product.node'), join(to, 'product.node'))
  copyFileSync('LICENSE', join(to, 'LICENSE'))
  console.log(to)
}
