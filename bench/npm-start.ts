import { spawnSync } from 'node:child_process'
import { atMost, type Row } from './measure.ts'

/** Wall clock of what a newcomer types after installing. */
export async function npmStart(): Promise<Row[]> {
  const start = performance.now()
  const { status, stderr } = spawnSync('npm', ['start', '--silent'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm start failed: ${stderr}`)
  const seconds = (performance.now() - start) / 1000
  return [{ what: 'npm start, wall clock', value: seconds, unit: 's', ...atMost(15, seconds) }]
}
