import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCheckpointFile } from '../../src/run/checkpoint-file.ts'
import type { Checkpoint } from '../../src/run/checkpoints.ts'

export const checkpointsOf = (directory: string) => readdirSync(join(directory, 'checkpoints')).sort()

export function newestCheckpoint(directory: string): Checkpoint {
  const { value } = readCheckpointFile(join(directory, 'checkpoints', checkpointsOf(directory).at(-1)!))
  return value as Checkpoint
}

/** What metrics tell, but for the times, which are never the same twice, and when the run was stopped and went on. */
export const metricsOf = (directory: string): { [name: string]: unknown; step: number }[] =>
  readFileSync(join(directory, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(({ type }) => type !== 'start' && type !== 'end')
    .map(
      line =>
        Object.fromEntries(Object.entries(line).filter(([name]) => !/^time$|second/i.test(name))) as never,
    )

/** Everything that two runs must have in common if one was stopped and the other was not. */
export function outcomeOf(directory: string) {
  const { agent, training, doctor, best } = newestCheckpoint(directory)
  const files = ['parameters.safetensors', 'best.safetensors', 'policy.onnx'].map(file =>
    readFileSync(join(directory, file)).toString('base64'),
  )
  return { files, agent, training, doctor, best, metrics: metricsOf(directory) }
}
