import { useSignal } from '@preact/signals'
import type { Finding, SacOptionsInput } from '../../../src/index.ts'
import { Message, Panel } from '../../parts/panel.tsx'
import { begin, plan } from '../state.ts'
import { connect } from '../training/calls.ts'
import type { WorkerFunctions } from '../training/worker.ts'
import { EXAMPLE } from './example.ts'

/** Networks that learn small tasks in seconds. */
const SMALL: SacOptionsInput = {
  seed: 0,
  hiddenSizes: [64, 64],
  batchSize: 64,
  learningStarts: 300,
  actorLearningRate: 1e-3,
  criticLearningRate: 1e-3,
  temperatureLearningRate: 1e-3,
}

/** An environment that does not answer for so long is taken to loop for ever. */
const PATIENCE_MS = 8000

/** An editor for an environment of one's own, and what `checkEnv` makes of it. */
export function Own() {
  const code = useSignal(plan.value.world.code ?? EXAMPLE)
  const findings = useSignal<Finding[] | undefined>(undefined)
  const fault = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)

  async function check(): Promise<boolean> {
    busy.value = true
    findings.value = undefined
    fault.value = undefined
    try {
      findings.value = await checkInTime(code.value)
    } catch (error) {
      fault.value = (error as Error).message
    }
    busy.value = false
    return fault.value === undefined && !findings.value?.some(({ severity }) => severity === 'error')
  }
  const use = async () => {
    if (await check()) await begin({ world: { id: 'Your own', options: {}, code: code.value }, agent: SMALL })
  }
  return (
    <Panel title="Your own environment" class="own">
      <details>
        <summary>Write one, and train in it</summary>
        <div class="editor">
          <textarea
            class="mono"
            rows={24}
            spellcheck={false}
            aria-label="Code of the environment"
            value={code.value}
            onInput={event => {
              code.value = event.currentTarget.value
            }}
          />
          <div class="column">
            <div class="row">
              <button type="button" disabled={busy.value} onClick={check}>
                {busy.value ? 'Checking …' : 'Check'}
              </button>
              <button type="button" class="primary" disabled={busy.value} onClick={use}>
                Use it
              </button>
            </div>
            <small>
              The code runs in a Worker of its own, which is stopped if it does not answer. It is given
              everything that the library exports.
            </small>
            {fault.value && <Message kind="bad">{fault.value}</Message>}
            {findings.value?.length === 0 && <Message kind="good">checkEnv finds nothing wrong.</Message>}
            {findings.value?.map(({ severity, problem, remedy }) => (
              <Message key={problem} kind={severity === 'error' ? 'bad' : 'warn'}>
                <p>{problem}</p>
                <p>{remedy}</p>
              </Message>
            ))}
          </div>
        </div>
      </details>
    </Panel>
  )
}

/** What `checkEnv` finds, in a Worker that is ended in any case. */
async function checkInTime(code: string): Promise<Finding[]> {
  const worker = new Worker(new URL('../training/worker.ts', import.meta.url), { type: 'module' })
  const { remote, ended } = connect<WorkerFunctions, unknown>(worker, () => {})
  const timer = setTimeout(
    () =>
      ended(new Error(`The environment did not answer for ${PATIENCE_MS / 1000} s: does it loop for ever?`)),
    PATIENCE_MS,
  )
  try {
    return await remote.check(code)
  } finally {
    clearTimeout(timer)
    worker.terminate()
  }
}
