/** What the local server says, as signals, and what one can ask it to do. */
import { batch, signal } from '@preact/signals'
import type { Changes, Fault, Launch, Question, RunRow } from '../../src/run/ui/messages.ts'
import { ask, report } from './notices.ts'

/** All runs by their ids. */
export const runs = signal<ReadonlyMap<string, RunRow>>(new Map())
export const faults = signal<readonly Fault[]>([])
export const folder = signal('')
/** Whether every run has been looked at. */
export const complete = signal(false)
export const launches = signal<readonly Launch[]>([])
export const connected = signal(false)

/** What a request was refused for. */
export class Refused extends Error {
  override name = 'Refused'
}

/** Keeps the signals up to date for as long as the page is open. */
export function follow(): void {
  const events = new EventSource('/api/events')
  events.addEventListener('open', () => {
    connected.value = true
  })
  events.addEventListener('error', () => {
    connected.value = false
  })
  events.addEventListener('runs', event => take(JSON.parse(event.data)))
  events.addEventListener('launches', event => {
    const before = launches.peek()
    launches.value = JSON.parse(event.data)
    for (const { id, state, command, message } of launches.value) {
      const changed = before.find(launch => launch.id === id)?.state !== state
      if (state === 'failed' && changed) report(`${command}: ${message}`, { kind: 'bad' })
    }
  })
}

/** The first message has a folder, and all there is. */
function take(changes: Changes & { folder?: string }): void {
  const all = changes.folder !== undefined
  const next = new Map(all ? [] : runs.peek())
  for (const id of changes.removed) next.delete(id)
  for (const { id } of changes.faults) next.delete(id)
  for (const row of changes.rows) next.set(row.id, row)
  const known = new Set([
    ...changes.removed,
    ...changes.rows.map(({ id }) => id),
    ...changes.faults.map(({ id }) => id),
  ])
  batch(() => {
    if (changes.folder !== undefined) folder.value = changes.folder
    runs.value = next
    if (all || known.size > 0) {
      const others = all ? [] : faults.peek().filter(({ id }) => !known.has(id))
      const now = [...others, ...changes.faults]
      if (now.length > 0 || faults.peek().length > 0) faults.value = now
    }
    complete.value = changes.complete
  })
}

/** @throws Refused with a sentence for people */
export async function get<T>(path: string, parameters: Record<string, string> = {}): Promise<T> {
  const query = new URLSearchParams(parameters).toString()
  return (await answerOf(fetch(query ? `${path}?${query}` : path))).json()
}

/** The bytes of a file. */
export async function getBytes(path: string, parameters: Record<string, string>): Promise<Uint8Array> {
  const response = await answerOf(fetch(`${path}?${new URLSearchParams(parameters)}`))
  return new Uint8Array(await response.arrayBuffer())
}

/** Asks for something; `signal` takes it back. */
export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return (await answerOf(send(path, body, signal))).json()
}

const send = (path: string, body: unknown, signal?: AbortSignal) =>
  fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  })

/**
 * The same for what may execute something that was not made here: asks the user, and sends it again with the answer.
 * @returns undefined if the user does not agree
 */
export async function postWithConsent(path: string, body: object): Promise<Response | undefined> {
  const first = await send(path, body)
  if (first.status !== 409) return answerOf(Promise.resolve(first))
  const { question, programs }: Question = await first.json()
  if (!(await ask(question, 'Execute it'))) return undefined
  return answerOf(send(path, { ...body, trust: programs }))
}

async function answerOf(request: Promise<Response>): Promise<Response> {
  let response: Response
  try {
    response = await request
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Refused('The server does not answer. Is `sac ui` still running?', { cause })
  }
  if (response.ok) return response
  const text = await response.text()
  let reason = text
  try {
    reason = JSON.parse(text).error ?? text
  } catch {
    // It is a sentence as it is.
  }
  throw new Refused(reason)
}

/** Does something, and shows why it failed if it does. */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    report((error as Error).message, { kind: 'bad' })
  }
}
