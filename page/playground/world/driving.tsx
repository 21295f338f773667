/** A person drives the environment by keyboard, in place of the policy. */
import { effect, signal } from '@preact/signals'
import { Check } from '../../parts/fields.tsx'
import { plan, run } from '../state.ts'
import { type Controls, controlsFor } from './controls.ts'

/** The controls while somebody drives. */
export const controls = signal<Controls | undefined>()
const learns = signal(false)
let held: string[] = []
let action: number[] | undefined

effect(() => {
  // Whatever begins anew begins with the policy at the controls.
  run.about.value
  controls.value = undefined
})

export async function drive(on: boolean): Promise<void> {
  const about = run.about.peek()
  if (!about) return
  held = []
  action = undefined
  controls.value = on ? controlsFor(plan.peek().world.id, about.actionSpace) : undefined
  await run.attempt(run.remote.drive(on, learns.peek()))
  if (on) steer()
}

function steer(): void {
  if (!controls.value) return
  action = controls.value.actionFor(held, action)
  run.remote.steer(action)
}

/** A key goes down, or comes up. Answers whether it is one of the controls. */
export function press(key: string, down: boolean): boolean {
  const known = controls.value?.keys.some(control => control.key === key)
  if (!known) return false
  const others = held.filter(other => other !== key)
  if (down && others.length < held.length) return true
  held = down ? [...others, key] : others
  steer()
  return true
}

/** All keys come up. */
export function letGo(): void {
  held = []
  steer()
}

const SIGNS: Record<string, string> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' }

const rounded = (value: number | undefined) => (value === undefined ? '–' : Number(value.toPrecision(4)))

/** The switch, the keys, and how one does beside the agent. */
export function Driving() {
  const on = controls.value !== undefined
  const driven = run.driven.value
  // Read, so that this is drawn again after an evaluation.
  run.curves.changes.value
  const evaluated = run.curves.evaluations.mean.at(-1)
  const { picture } = run
  return (
    <div class="column driving">
      <div class="row">
        <button
          type="button"
          aria-pressed={on}
          disabled={!run.about.value?.hasScene}
          onClick={() => drive(!on)}
        >
          Drive it yourself
        </button>
        {on && (
          <Check
            name="The agent learns from it"
            checked={learns.value}
            onChange={next => {
              learns.value = next
              run.remote.learnFromDriving(next)
            }}
          />
        )}
      </div>
      {on && (
        <>
          <div class="row">
            {controls.value!.keys.map(({ key, does }) => (
              <button
                type="button"
                key={key}
                class="key-hint"
                tabIndex={-1}
                onPointerDown={() => press(key, true)}
                onPointerUp={() => press(key, false)}
                onPointerLeave={() => press(key, false)}
              >
                <kbd>{SIGNS[key] ?? key}</kbd> {does}
              </button>
            ))}
          </div>
          <dl class="counts">
            <div>
              <dt>you, now</dt>
              <dd class="number">
                {rounded(picture.value?.of === 'person' ? picture.value.episode.return : undefined)}
              </dd>
            </div>
            <div>
              <dt>your last episode</dt>
              <dd class="number">{rounded(driven?.last)}</dd>
            </div>
            <div>
              <dt>your best</dt>
              <dd class="number">{rounded(driven?.best)}</dd>
            </div>
            <div>
              <dt>the agent</dt>
              <dd class="number">{rounded(evaluated ?? undefined)}</dd>
            </div>
          </dl>
          {driven !== undefined && driven.kept > 0 && (
            <small role="status">
              {driven.kept.toLocaleString('en')} of your steps are in the agent’s replay buffer.
            </small>
          )}
        </>
      )}
    </div>
  )
}
