import { environments } from '../../../src/envs/environments.ts'
import { Check, Slider } from '../../parts/fields.tsx'
import { begin, plan, runs } from '../state.ts'
import { type Control, changesObservations, controlsFor } from './sliders.ts'

/** Sliders for what the environment can be set to. They change it while the agent acts in it. */
export function WorldSettings() {
  const { id, options } = plan.value.world
  const entry = environments().find(one => one.id === id)
  const controls = controlsFor(id, entry?.options)
  if (controls.length === 0) return null
  return (
    <details class="world-settings" open={controls.length <= 4}>
      <summary>Settings of the environment</summary>
      <div class="sliders">
        {controls.map(control => (
          <WorldSetting key={`${id} ${control.name}`} control={control} value={options[control.name]} />
        ))}
      </div>
    </details>
  )
}

let waiting: ReturnType<typeof setTimeout> | undefined

async function set(name: string, value: unknown): Promise<void> {
  const world = { ...plan.value.world, options: { ...plan.value.world.options, [name]: value } }
  const next = { ...plan.value, world }
  plan.value = next
  clearTimeout(waiting)
  // Not at every pixel that a slider moves by.
  waiting = setTimeout(() => {
    const begun = runs().some(run => run.counts.value.step > 0)
    if (changesObservations(name) || !begun) begin(next)
    else for (const run of runs()) run.changeWorld(next)
  }, 120)
}

function WorldSetting({ control, value }: { control: Control; value: unknown }) {
  if (control.kind === 'switch') {
    const checked = (value as boolean | undefined) ?? control.preset
    return (
      <div class="field">
        <Check name={control.name} checked={checked} onChange={next => set(control.name, next)} />
        <small>{control.explanation}</small>
      </div>
    )
  }
  const { name, low, high, step, explanation, preset } = control
  return (
    <Slider
      {...{ name, step, explanation }}
      min={low}
      max={high}
      value={(value as number | undefined) ?? preset}
      onChange={next => set(name, next)}
    />
  )
}
