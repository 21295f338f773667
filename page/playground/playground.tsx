import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Message, Panel } from '../parts/panel.tsx'
import { ThemeButton } from '../parts/theme.tsx'
import { Charts } from './charts/charts.tsx'
import { Counts, RunBar } from './run-bar.tsx'
import type { Pace, Plan } from './training/plan.ts'
import { createRun } from './training/run.ts'
import { Picture } from './world/picture.tsx'

const run = createRun()
const plan = signal<Plan>({ world: { id: 'Pendulum-v1', options: {} }, agent: { seed: 0 } })
const pace = signal<Exclude<Pace, 'paused'>>('fast')

/** The whole playground. */
export function Playground() {
  useEffect(() => {
    run.begin(plan.value)
  }, [])
  const { id } = plan.value.world
  return (
    <>
      <header class="top">
        <h1>Soft Actor-Critic playground</h1>
        <ThemeButton />
      </header>
      <main>
        <div class="stage column">
          <Panel title={id}>
            <Picture run={run} label={`${id}, as it moves`} />
            <RunBar
              run={run}
              pace={pace.value}
              onPace={next => (pace.value = next)}
              onReset={() => run.begin(plan.value)}
            />
            <Counts run={run} />
          </Panel>
          {run.fault.value && <Message kind="bad">{run.fault.value}</Message>}
        </div>
        <Charts run={run} />
      </main>
    </>
  )
}
