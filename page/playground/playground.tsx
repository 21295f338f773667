import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { environments } from '../../src/envs/environments.ts'
import { Select } from '../parts/fields.tsx'
import { Message, Panel } from '../parts/panel.tsx'
import { ThemeButton } from '../parts/theme.tsx'
import { Charts } from './charts/charts.tsx'
import { Compare, rivalName } from './compare/compare.tsx'
import { Doctor } from './doctor.tsx'
import { Inside } from './inside/inside.tsx'
import { Own } from './own/own.tsx'
import { Unresponsive } from './own/unresponsive.tsx'
import { toChapter } from './route.ts'
import { Counts, RunBar } from './run-bar.tsx'
import { Settings } from './settings/settings.tsx'
import { acceptDrops } from './share/drops.ts'
import { Share } from './share/share.tsx'
import { begin, copies, enter, linkFaults, plan, rival, run } from './state.ts'
import { controls, Driving, letGo, press } from './world/driving.tsx'
import { Loading, waiting } from './world/permission.tsx'
import { Picture } from './world/picture.tsx'
import { WorldSettings } from './world/world-settings.tsx'

/** The whole playground. */
export function Playground() {
  useEffect(() => {
    enter()
    return acceptDrops(document.body)
  }, [])
  return (
    <>
      <header class="top">
        <h1>Soft Actor-Critic playground</h1>
        <span class="row">
          <a href={toChapter(1)}>Guided tour</a>
          <ThemeButton />
        </span>
      </header>
      <main>
        <div class="column">
          <Stage />
          <Inside run={run} />
        </div>
        <div class="column">
          <Charts run={run} rival={rival.value} rivalName={rivalName()} />
          <Panel title="Doctor">
            <Doctor run={run} />
          </Panel>
          <Share />
        </div>
        <Settings />
        <Own />
      </main>
    </>
  )
}

/** The environment, and all that runs it. */
function Stage() {
  const { id, code } = plan.value.world
  const entry = environments().find(one => one.id === id)
  const choices = environments().map(one => [one.id, one.id] as const)
  return (
    <Panel
      title={id}
      class="stage"
      aside={
        <span class="row">
          <Select
            name="Environment"
            named={false}
            value={waiting.value?.world.id ?? id}
            options={code === undefined ? choices : [[id, id] as const, ...choices]}
            onChange={next =>
              begin({ world: { id: next, options: {} }, agent: { seed: plan.value.agent.seed } })
            }
          />
          <Compare />
        </span>
      }
    >
      <p class="soft task">{entry?.summary ?? 'An environment of your own'}</p>
      <Unresponsive />
      <Loading run={run} />
      {[...linkFaults.value, run.fault.value, rival.value?.fault.value].map(
        fault =>
          fault && (
            <Message key={fault} kind="bad">
              {fault}
            </Message>
          ),
      )}
      <div class={rival.value ? 'worlds two' : 'worlds'}>
        <Picture run={run} label={`${id}, as it moves`} drives={controls.value && { press, letGo }} />
        {rival.value && (
          <figure>
            <Picture run={rival.value} label={`${id} with ${rivalName()}`} />
            <figcaption class="soft">{rivalName()}</figcaption>
          </figure>
        )}
      </div>
      <Showing />
      <Driving />
      <RunBar />
      <Counts run={run} />
      <WorldSettings />
    </Panel>
  )
}

const SHOWN = {
  training: 'The environment it learns in',
  policy: 'What the policy does now, in real time',
  person: 'What you do',
} as const

/** What the picture is of, and what one can do to it. */
function Showing() {
  const picture = run.picture.value
  const text = useSignal('')
  const what = picture ? SHOWN[picture.of] : SHOWN.policy
  if (text.value !== what) text.value = what
  return (
    <div class="row spread showing">
      <small>
        {text}. {!controls.value && 'Drag it, or push it with the arrow keys.'}
        {picture?.scenes[0].dimensions === 3 && ' Shift turns the camera, + and − go nearer.'}
      </small>
      <span class="row">
        <button type="button" onClick={() => run.remote.gust(-1)}>
          Gust ←
        </button>
        <button type="button" onClick={() => run.remote.gust(1)}>
          Gust →
        </button>
        <Select
          name="Copies"
          value={String(copies.value)}
          options={['1', '4', '9', '16'].map(count => [count, count] as const)}
          onChange={count => {
            copies.value = Number(count)
            begin()
          }}
        />
      </span>
    </div>
  )
}
