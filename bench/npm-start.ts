import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { atMost, type Row } from './measure.ts'

/** Wall clock of what a newcomer types after installing, and of the training in it. */
export async function npmStart(): Promise<Row[]> {
  const start = performance.now()
  const since = () => (performance.now() - start) / 1000
  const child = spawn('npm', ['start', '--silent'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let [began, trained] = [0, 0]
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('Run directory')) began = since()
    if (line.startsWith('Trained for')) trained = since() - began
  }
  const [status] = await ended
  if (status !== 0) throw new Error(`npm start failed with exit code ${status}`)
  if (!began || !trained) throw new Error('npm start does not say when training begins and ends')
  const total = since()
  return [
    { what: 'npm start, wall clock', value: total, unit: 's', ...atMost(4, total) },
    { what: 'npm start, training', value: trained, unit: 's', ...atMost(2.2, trained) },
  ]
}
