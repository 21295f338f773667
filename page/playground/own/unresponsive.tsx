import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { NamedTensors } from '../../../src/index.ts'
import { Message } from '../../parts/panel.tsx'
import { begin, plan, run } from '../state.ts'

const ASK_EVERY_MS = 2000
const PATIENCE_MS = 6000

/** Watches a Worker with a visitor's code, which may stop answering; what was learned is kept here meanwhile. */
export function Unresponsive() {
  const silent = useSignal(false)
  const own = plan.value.world.code !== undefined

  useEffect(() => {
    if (!own) return
    let kept: NamedTensors | undefined
    let answered = performance.now()
    let asking = false
    const timer = setInterval(async () => {
      silent.value = performance.now() - answered > PATIENCE_MS
      if (asking || !run.about.peek()) {
        if (!asking) answered = performance.now()
        return
      }
      asking = true
      try {
        kept = await run.remote.parameters()
      } catch {
        // It was stopped.
      }
      asking = false
      answered = performance.now()
    }, ASK_EVERY_MS)
    stop.current = async () => {
      await run.restart()
      silent.value = false
      answered = performance.now()
      await begin()
      if (kept) await run.attempt(run.remote.load(kept))
    }
    return () => clearInterval(timer)
  }, [own])

  if (!own || !silent.value) return null
  return (
    <Message kind="bad">
      <p>Your environment does not answer: it may loop for ever.</p>
      <button type="button" onClick={() => stop.current?.()}>
        Stop it, and keep what was learned
      </button>
    </Message>
  )
}

const stop: { current?: () => Promise<void> } = {}
