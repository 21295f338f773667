import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createInProcessTransport, type Lease, takeLease } from '../../src/index.ts'

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  })
})
afterEach(() => {
  vi.useRealTimers()
})

/** What has become of a lease that somebody asked for. */
function watched(lease: Promise<Lease>) {
  const state: { lease?: Lease; error?: Error } = {}
  lease.then(
    taken => Object.assign(state, { lease: taken }),
    error => Object.assign(state, { error }),
  )
  return state
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count)

test('a lease that nobody has is there at once, and one that was given back', async () => {
  const transport = createInProcessTransport()
  const first = await takeLease(transport)
  await first.release()
  const second = await takeLease(transport)
  expect([first.lost.aborted, second.lost.aborted]).toEqual([false, false])
  await second.release()
})

test('a second learner is refused while the first one lives', async () => {
  const transport = createInProcessTransport()
  const first = await takeLease(transport)
  const onWait = vi.fn()
  const second = watched(takeLease(transport, { onWait }))
  await seconds(2)
  expect(second.error?.message).toMatch(/^Another learner has this run\. Stop it first/)
  expect(onWait).toHaveBeenCalledTimes(1)
  await first.release()
})

test('a standby waits for as long as the first one lives, and takes over at once when it ends', async () => {
  const transport = createInProcessTransport()
  const first = await takeLease(transport)
  const standby = watched(takeLease(transport, { standby: true }))
  await seconds(600)
  expect(standby).toEqual({})
  await first.release()
  await seconds(0.6)
  expect(standby.lease).toBeDefined()
  await standby.lease!.release()
})

test('the lease of a learner that was killed lapses after five seconds, for one of those that wait', async () => {
  const transport = createInProcessTransport()
  await transport.put('learner', new TextEncoder().encode('{"learner":"killed","time":0}'))
  const standbys = [1, 2].map(() => watched(takeLease(transport, { standby: true })))
  const plain = watched(takeLease(transport))
  await seconds(4.9)
  expect([...standbys, plain]).toEqual([{}, {}, {}])
  await seconds(0.7)
  expect([...standbys, plain].filter(({ lease }) => lease)).toHaveLength(1)
  await seconds(600)
  expect([...standbys, plain].filter(({ lease }) => lease)).toHaveLength(1)
  for (const { lease } of [...standbys, plain]) await lease?.release()
  await seconds(1)
  for (const { lease } of standbys) await lease?.release()
})

test('whoever could not see the board for a while waits anew', async () => {
  const transport = createInProcessTransport()
  await transport.put('learner', new TextEncoder().encode('{"learner":"alive","time":0}'))
  let delay = 0
  const slow = {
    ...transport,
    async board(keys: readonly string[]) {
      await new Promise(resolve => setTimeout(resolve, delay))
      return transport.board(keys)
    },
  }
  const standby = watched(takeLease(slow, { standby: true }))
  await seconds(3)
  delay = 10_000
  await seconds(11)
  delay = 0
  await seconds(4)
  expect(standby).toEqual({})
  await seconds(15)
  await standby.lease!.release()
})

test('a learner whose lease was taken knows it when it renews', async () => {
  const transport = createInProcessTransport()
  const lease = await takeLease(transport)
  await lease.renew()
  await transport.put('learner', new Uint8Array(1))
  await expect(lease.renew()).rejects.toThrow('Another learner has taken this run over')
  expect(lease.lost.aborted).toBe(true)
  await lease.release()
})

test('waiting ends with the signal', async () => {
  const transport = createInProcessTransport()
  const first = await takeLease(transport)
  const stop = new AbortController()
  const standby = watched(takeLease(transport, { standby: true, signal: stop.signal }))
  await seconds(1)
  stop.abort(new Error('enough'))
  await seconds(1)
  expect(standby.error?.message).toBe('enough')
  await first.release()
})
