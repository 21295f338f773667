/** The local server of `sac ui`: the built page, and what it asks for. */
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import * as z from 'zod'
import { OptionError } from '../../options.ts'
import { METRIC_TAGS, type MetricName } from '../metrics.ts'
import { UsageError } from '../usage-error.ts'
import { WriteError } from '../write-file.ts'
import { film, launch, resume } from './actions.ts'
import { annotate } from './annotations.ts'
import { openAssets } from './assets.ts'
import { createColumnCache } from './columns.ts'
import { ConsentNeeded } from './consent.ts'
import { curvesOf, gatheredRows } from './curves.ts'
import { detailsOf } from './details.ts'
import { settingFields } from './fields.ts'
import { guard, newToken, WORKER_POLICY } from './guard.ts'
import { createLaunches, type SacCommand } from './launches.ts'
import type { Changes, RunList } from './messages.ts'
import { policyFile } from './policies.ts'
import { openRunIndex, type RunIndex } from './run-index.ts'
import { deletedRuns, deleteRun, emptyTrash, restoreRun } from './trash.ts'
import { watchRuns } from './watch.ts'

export interface UiOptions {
  /** The folder with the runs. */
  folder: string
  /** The folder of the built page. */
  page: string
  sac: SacCommand
  /** 0, the default, for any that is free. */
  port?: number
}

/** A server that listens. */
export interface Ui {
  /** To be opened in a browser; with the token. */
  url: string
  /** How many trainings it has started that have not ended. */
  trainings(): number
  /** Stops the trainings it has started, which save, and then itself. */
  close(): Promise<void>
}

/**
 * Starts the server, on this machine's own address 127.0.0.1 alone.
 * @throws UsageError if there is no such folder, the page has not been built, or the port is taken
 */
export async function openUi({ folder, page, sac, port = 0 }: UiOptions): Promise<Ui> {
  const assets = openAssets(page)
  const index = openRunIndex(folder)
  const token = newToken()
  const streams = new Set<(event: string, data: unknown) => void>()
  const send = (event: string, data: unknown) => {
    for (const stream of streams) stream(event, data)
  }
  const launches = createLaunches(sac, index.folder, () => send('launches', launches.list()))
  let address = 0
  const app = new Hono()
  app.use(guard(token, () => address))
  app.use(bodyLimit({ maxSize: 1 << 20 }))
  app.onError(answerError)
  app.get('/', context => context.redirect('/runs/', 302))

  app.get('/api/runs', context => context.json(listOf(index)))
  app.get('/api/launches', context => context.json(launches.list()))
  app.get('/api/trash', context => context.json(deletedRuns(index.folder)))
  app.get('/api/fields', context => context.json(settingFields()))
  app.get('/api/events', context =>
    streamSSE(context, async stream => {
      const tell = (event: string, data: unknown) => {
        void stream.writeSSE({ event, data: JSON.stringify(data) }).catch(() => {})
      }
      streams.add(tell)
      tell('runs', { ...listOf(index), removed: [] } satisfies Changes & RunList)
      tell('launches', launches.list())
      await new Promise<void>(resolve => stream.onAbort(resolve))
      streams.delete(tell)
    }),
  )
  addReading(app, index)

  app.post('/api/annotate', async context => {
    const { id, ...changes } = z.looseObject({ id: z.string() }).parse(await context.req.json())
    annotate(index.directoryOf(id), changes)
    await index.refresh([id])
    return context.json(index.row(id) ?? null)
  })
  app.post('/api/delete', async context => {
    const { ids } = idsSchema.parse(await context.req.json())
    const deleted = ids.map(id => {
      index.directoryOf(id)
      return deleteRun(index.folder, id)
    })
    index.list()
    return context.json(deleted)
  })
  app.post('/api/restore', async context => {
    const { keys } = z.strictObject({ keys: z.array(z.string()) }).parse(await context.req.json())
    const restored = keys.map(key => restoreRun(index.folder, key))
    index.list()
    await index.refresh(restored.map(({ id }) => id))
    return context.json(restored)
  })
  app.post('/api/empty-trash', context => {
    emptyTrash(index.folder)
    return context.json([])
  })
  app.post('/api/launch', async context =>
    context.json(launch(await context.req.json(), index, sac, launches)),
  )
  app.post('/api/resume', async context =>
    context.json(resume(await context.req.json(), index, sac, launches)),
  )
  app.post('/api/stop', async context => {
    const { id } = z.strictObject({ id: z.string() }).parse(await context.req.json())
    launches.stop(id, index.directoryOf(id))
    return context.json({})
  })
  app.post('/api/film', async context => {
    const bytes = await film(await context.req.json(), index, sac)
    return context.body(new Uint8Array(bytes), 200, { 'Content-Type': 'image/gif' })
  })

  app.get('*', context => {
    const asset = assets.get(context.req.path)
    if (!asset) return context.json({ error: 'There is no such page.' }, 404)
    // The names of these files change with what is in them.
    if (context.req.path.startsWith('/assets/')) context.header('Cache-Control', 'private, max-age=31536000')
    if (ACTING_WORKER.test(context.req.path)) context.header('Content-Security-Policy', WORKER_POLICY)
    return context.body(new Uint8Array(asset.body), 200, { 'Content-Type': asset.type })
  })

  const server = await listen(app, port)
  address = (server.address() as { port: number }).port
  const endWatch = watchRuns(index)
  const endListening = index.listen(changes => send('runs', changes))
  return {
    url: `http://127.0.0.1:${address}/?token=${token}`,
    trainings: () => launches.list().filter(({ state }) => state !== 'ended' && state !== 'failed').length,
    async close() {
      endWatch()
      endListening()
      await launches.close()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const ACTING_WORKER = /^\/assets\/acting-worker-[\w-]+\.js$/

const idsSchema = z.strictObject({ ids: z.array(z.string()).min(1) })

const METRICS = Object.keys(METRIC_TAGS) as [MetricName, ...MetricName[]]

const curvesSchema = z.strictObject({
  runs: z.array(z.string()).max(1000),
  metrics: z.array(z.enum(METRICS)),
  x: z.enum(['steps', 'updates', 'time']),
  gather: z.enum(['none', 'mean', 'iqm']),
  smoothing: z.number().min(0).lt(1),
  range: z.tuple([z.number(), z.number()]).optional(),
  points: z.int().min(4).max(10_000),
})

/** What reads runs and changes nothing. */
function addReading(app: Hono, index: RunIndex): void {
  const columns = createColumnCache()
  const drawn = (id: string) => {
    const row = index.row(id)
    const own = row && columns.read(index.directoryOf(id))
    return own ? [{ row, columns: own }] : []
  }
  app.get('/api/run', context => {
    const id = context.req.query('id') ?? ''
    const directory = index.directoryOf(id)
    const [run] = drawn(id)
    if (!run) throw new UsageError(`${id} has no metrics that can be read.`)
    return context.json(detailsOf(directory, run.row, run.columns))
  })
  app.get('/api/policy', context => {
    const { id = '', name = '' } = context.req.query()
    const bytes = policyFile(index.directoryOf(id), name)
    return context.body(new Uint8Array(bytes), 200, { 'Content-Type': 'application/octet-stream' })
  })
  app.post('/api/curves', async context => {
    const query = curvesSchema.parse(await context.req.json())
    return context.json(await curvesOf(query.runs.flatMap(drawn), query))
  })
  app.post('/api/gathered', async context => {
    const { ids, gather } = idsSchema
      .extend({ gather: z.enum(['mean', 'iqm']) })
      .parse(await context.req.json())
    const rows = ids.map(index.row).filter(row => row !== undefined)
    return context.json(gatheredRows(rows, gather))
  })
}

const listOf = (index: RunIndex): RunList => ({
  folder: index.folder,
  rows: index.rows(),
  faults: index.faults(),
  complete: index.complete(),
})

/** What cannot be done as asked is the page's to say; anything else is a bug of ours. */
function answerError(error: Error, context: Context): Response {
  if (error instanceof ConsentNeeded) return context.json(error.question, 409)
  if (error instanceof z.ZodError) return context.json({ error: z.prettifyError(error) }, 400)
  const explained = [UsageError, OptionError, WriteError, SyntaxError].some(kind => error instanceof kind)
  if (!explained) process.stderr.write(`error: ${error.stack}\n`)
  return context.json({ error: error.message }, explained ? 400 : 500)
}

function listen(app: Hono, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => resolve(server as Server))
    ;(server as Server).once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE' ? 'it is taken; name another, or none' : cause.message
      reject(new UsageError(`Port ${port} cannot be used: ${taken}.`, { cause }))
    })
  })
}
