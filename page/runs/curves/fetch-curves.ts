import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { MetricName } from '../../../src/run/metrics.ts'
import type { Curves, RunRow } from '../../../src/run/ui/messages.ts'
import { attempt, post } from '../server.ts'
import type { View } from '../view.ts'

/** A screen shows no more of a curve. */
const POINTS = 1200
/** Runs report several times a second; that often nobody looks. */
const PAUSE_MS = 400

/** The curves of these runs as the view wants them, asked for again whenever a run has logged more. */
export function useCurves(
  rows: readonly RunRow[],
  metrics: readonly MetricName[],
  { x, gather, smoothing, range }: Pick<View, 'x' | 'gather' | 'smoothing' | 'range'>,
): Signal<Curves> {
  const curves = useSignal<Curves>({})
  const query = { runs: rows.map(({ id }) => id), metrics, x, gather, smoothing, range, points: POINTS }
  const wanted = JSON.stringify(query)
  const version = rows.map(({ steps, status }) => `${steps}${status}`).join()
  const newest = useRef(query)
  newest.current = query

  // Another question takes the place of the one before. A run that has grown only waits for its turn, or with
  // many runs that train no answer would ever come.
  const poll = useRef<{ refresh(): void }>(undefined)
  useEffect(() => {
    const gone = new AbortController()
    let asking = false
    let again = false
    async function ask(): Promise<void> {
      asking = true
      again = false
      await attempt(async () => {
        try {
          curves.value = await post<Curves>('/api/curves', newest.current, gone.signal)
        } catch (error) {
          if (!gone.signal.aborted) throw error
        }
      })
      if (gone.signal.aborted) return
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
      asking = false
      if (again && !gone.signal.aborted) void ask()
    }
    poll.current = {
      refresh() {
        if (asking) again = true
        else void ask()
      },
    }
    return () => gone.abort()
  }, [wanted])
  useEffect(() => poll.current?.refresh(), [wanted, version])
  return curves
}
