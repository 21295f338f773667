import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Choice, Select } from '../../parts/fields.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { Choices } from '../training/choice-maps.ts'
import type { ActionCurves, ValueMap } from '../training/maps.ts'
import type { About, Run } from '../training/run.ts'
import type { Seen } from '../training/seen.ts'
import { choicesOf } from '../world/choices.ts'
import { ActionCharts, ChoiceTable } from './at-state.tsx'
import { axesOf, firstAxesOf, type NamedAxis, placed } from './axes.ts'
import { drawMap, type SeenBy } from './draw-map.ts'

/** How often the networks are asked while they learn. */
const REFRESH_MS = 900
/** States of the replay buffer that are shown. */
const SEEN = 300
const SIDE = 492
/** What dots on the map show of the replay buffer. */
const SEEN_BY = [
  ['none', 'not shown'],
  ['reward', 'bright for reward'],
  ['age', 'white for new'],
] as const satisfies readonly (readonly [SeenBy | 'none', string])[]

/** What the networks make of states: a map of two observations, and the policy at one state. */
export function Inside({ run }: { run: Run }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const show = useSignal<'q' | 'disagreement'>('q')
  const seenBy = useSignal<SeenBy | 'none'>('none')
  /** Undefined: those that the environment begins with. */
  const chosenAxes = useSignal<readonly [number, number] | undefined>(undefined)
  const chosen = useSignal<readonly [number, number] | undefined>(undefined)
  const asked = useSignal<
    | {
        map: ValueMap
        axes: [NamedAxis, NamedAxis]
        curves?: ActionCurves
        choices?: Choices
        seen: Seen[]
      }
    | undefined
  >(undefined)
  const range = useSignal<[number, number]>([0, 0])
  const busy = useRef(false)
  const environment = useRef('')
  const at = useRef(0)

  async function ask(): Promise<void> {
    const [about, plan] = [run.about.peek(), run.plan.peek()]
    if (busy.current || !about || !plan) return
    busy.current = true
    // In another environment the axes mean something else.
    if (environment.current !== plan.world.id) {
      chosenAxes.value = undefined
      chosen.value = undefined
    }
    environment.current = plan.world.id
    try {
      const seen = await run.remote.replay(SEEN)
      const all = axesOf(plan.world.id, about, seen)
      const [across, up] = chosenAxes.peek() ?? firstAxesOf(plan.world.id)
      const axes: [NamedAxis, NamedAxis] = [all[across] ?? all[0], all[up] ?? all[1]]
      const base = seen[0]?.observation ?? new Array(about.observationSize).fill(0)
      const place =
        chosen.peek() ?? ([(axes[0].low + axes[0].high) / 2, (axes[1].low + axes[1].high) / 2] as const)
      const map = await run.remote.map({ x: axes[0], y: axes[1], base })
      const state = placed(base, axes, place)
      asked.value =
        about.actionSpace.kind === 'discrete'
          ? { map, axes, choices: await run.remote.choices(state), seen }
          : { map, axes, curves: await run.remote.actions(state, 0), seen }
      chosen.value ??= place
    } catch {
      // The run was begun anew meanwhile; it is asked again soon.
    }
    busy.current = false
    at.current = performance.now()
  }

  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && run.pace.peek() !== 'paused' && performance.now() - at.current > REFRESH_MS)
        ask()
    }, 300)
    return () => clearInterval(timer)
  })
  // After a beginning, and when it pauses.
  useSignalEffect(() => {
    run.about.value
    run.pace.value
    ask()
  })
  useSignalEffect(() => {
    const now = asked.value
    if (!now || !canvas.current || !chosen.value) return
    const { map, axes, seen } = now
    range.value = drawMap(canvas.current, {
      map,
      axes,
      show: show.value,
      seen: seenBy.value === 'none' ? [] : seen,
      seenBy: seenBy.value === 'age' ? 'age' : 'reward',
      choices: run.about.value ? choicesIn(run.plan.peek()!.world.id, run.about.value) : [],
      chosen: chosen.value,
    })
  })

  const about = run.about.value
  if (!about || about.observationSize < 2) return null
  const now = asked.value
  const all = axesOf(run.plan.value!.world.id, about, now?.seen ?? [])
  const axesNow = chosenAxes.value ?? firstAxesOf(run.plan.value!.world.id)
  const axisNames = all.map(({ name }, i) => [String(i), name] as const)
  const choices = choicesIn(run.plan.value!.world.id, about)
  const choose = (which: 0 | 1) => (value: string) => {
    const next = [...axesNow] as [number, number]
    next[which] = Number(value)
    chosenAxes.value = next
    chosen.value = undefined
    ask()
  }
  const move = (x: number, y: number) => {
    if (!now) return
    const [across, above] = now.axes
    chosen.value = [across.low + x * (across.high - across.low), above.low + y * (above.high - above.low)]
    ask()
  }
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key]
    if (!step || !now || !chosen.value) return
    event.preventDefault()
    const shares = now.axes.map(
      ({ low, high }, i) => (chosen.value![i] - low) / (high - low) + 0.05 * step[i],
    )
    move(...(shares.map(share => Math.min(1, Math.max(0, share))) as [number, number]))
  }
  const digits = (value: number) => Number(value.toPrecision(3))
  return (
    <Panel
      title="Inside the agent"
      aside={
        <Choice
          name="What the map shows"
          value={show.value}
          options={[
            ['q', 'Value'],
            ['disagreement', 'Disagreement'],
          ]}
          onChange={next => {
            show.value = next
          }}
        />
      }
    >
      <p class="soft">
        {show.value === 'q'
          ? 'What the more careful critic expects, bright for more; arrows are the policy’s action.'
          : 'How far the critics are apart, bright where they disagree most.'}{' '}
        Click a state to see the policy there.
      </p>
      <div class="map">
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it is steered by keys of its own */}
        <canvas
          ref={canvas}
          width={SIDE}
          height={SIDE}
          tabIndex={0}
          role="application"
          aria-label="Map of two observations; arrow keys choose a state"
          onKeyDown={onKey}
          onClick={event => {
            const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
            move((event.clientX - left) / width, 1 - (event.clientY - top) / height)
          }}
        />
        <div class="column">
          {all.length > 2 && (
            <>
              <Select name="Across" value={String(axesNow[0])} options={axisNames} onChange={choose(0)} />
              <Select name="Up" value={String(axesNow[1])} options={axisNames} onChange={choose(1)} />
            </>
          )}
          <p class="scale">
            <span class="number">{digits(range.value[0])}</span>
            <span class="gradient" aria-hidden="true" />
            <span class="number">{digits(range.value[1])}</span>
          </p>
          {now && (
            <small>
              Across: {now.axes[0].name} ({digits(now.axes[0].low)} to {digits(now.axes[0].high)}). Up:{' '}
              {now.axes[1].name} ({digits(now.axes[1].low)} to {digits(now.axes[1].high)}).
            </small>
          )}
          <Select
            name="What it has seen"
            value={seenBy.value}
            options={SEEN_BY}
            onChange={next => {
              seenBy.value = next as SeenBy
            }}
          />
          {now?.choices && <ChoiceTable choices={now.choices} about={choices} />}
          {now?.curves && <ActionCharts curves={now.curves} />}
        </div>
      </div>
    </Panel>
  )
}

const choicesIn = (id: string, { actionSpace }: About) =>
  actionSpace.kind === 'discrete' ? choicesOf(id, actionSpace) : []
