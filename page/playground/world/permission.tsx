/** MuJoCo is large: it is loaded only after a question that says so. */
import { signal } from '@preact/signals'
import { mujocoMakers } from '../../../src/envs/mujoco/makers.ts'
import { Message } from '../../parts/panel.tsx'
import type { World } from '../training/plan.ts'
import type { Run } from '../training/run.ts'

declare const MUJOCO_BYTES: { plain: number; gzip: number }

/** The world that waits for an answer. */
export const waiting = signal<{ world: World; answer(load: boolean): void } | undefined>()
let permitted = false

const isLarge = ({ id }: World) => Object.hasOwn(mujocoMakers, id)

/** Resolves when it is known whether a world may be loaded. A later question takes the place of one without an answer. */
export function permission(world: World): Promise<boolean> {
  waiting.peek()?.answer(false)
  if (permitted || !isLarge(world)) return Promise.resolve(true)
  return new Promise(resolve => {
    waiting.value = {
      world,
      answer(load) {
        permitted ||= load
        waiting.value = undefined
        resolve(load)
      },
    }
  })
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

/** The question, and how much has arrived after it was answered. */
export function Loading({ run }: { run: Run }) {
  const question = waiting.value
  if (question) {
    return (
      <Message>
        <p>
          {question.world.id} is simulated by MuJoCo, which is {megabytes(MUJOCO_BYTES.plain)} MB (
          {megabytes(MUJOCO_BYTES.gzip)} MB where the host compresses it). It is loaded once.
        </p>
        <span class="row">
          <button type="button" class="primary" onClick={() => question.answer(true)}>
            Load MuJoCo
          </button>
          {run.plan.value && (
            <button type="button" onClick={() => question.answer(false)}>
              Stay with {run.plan.value.world.id}
            </button>
          )}
        </span>
      </Message>
    )
  }
  const arrived = run.loading.value
  if (!arrived) return null
  const { loaded, total } = arrived
  return (
    <Message>
      <label class="loading">
        Loading MuJoCo: {megabytes(loaded)} of {megabytes(total)} MB
        <progress value={loaded} max={total} />
      </label>
    </Message>
  )
}
