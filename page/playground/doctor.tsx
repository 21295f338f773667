import { Message } from '../parts/panel.tsx'
import type { Run } from './training/run.ts'

/** What goes wrong in training, and what to do about it. */
export function Doctor({ run }: { run: Run }) {
  const found = run.diagnoses.value
  if (!found) return <p class="soft">The doctor examines the training every 2,000 steps.</p>
  if (found.diagnoses.length === 0) {
    return (
      <Message kind="good">Examined at step {found.step.toLocaleString('en')}: nothing is wrong.</Message>
    )
  }
  return (
    <div class="column">
      {found.diagnoses.map(({ kind, problem, remedy }) => (
        <Message key={kind} kind="warn">
          <p>{problem}</p>
          <p>{remedy}</p>
        </Message>
      ))}
    </div>
  )
}
