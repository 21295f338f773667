/** Newer versions of Node, from the npm package `node`. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** The program of a version of Node, installed below a folder the first time. */
export function newerNode(version: number, folder: string): string {
  const place = `${folder}/node-${version}`
  const program = `${place}/node_modules/node/bin/node`
  if (!existsSync(program)) {
    const args = ['install', '--silent', '--no-audit', '--no-fund', '--prefix', place, `node@${version}`]
    execFileSync('npm', args, { stdio: 'pipe' })
  }
  return program
}
