import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openUi } from '../../../src/run/ui/server.ts'
import { commandThat, openLocalServer } from './local-server.ts'
import { makeRun, newFolder } from './synthetic-runs.ts'

const open: { close(): Promise<void> }[] = []
async function serve(folder: string, sac = commandThat('')) {
  const server = await openLocalServer(folder, sac)
  open.push(server)
  await server.ready()
  return server
}
afterEach(async () => {
  await Promise.all(open.splice(0).map(server => server.close()))
})

describe('who may ask', () => {
  test('the token in the address becomes a cookie for this site alone, and leaves the address', async () => {
    const { get, token, port } = await serve(newFolder())
    const answer = await get(`/?token=${token}`, { cookie: undefined, origin: undefined })
    expect([answer.status, answer.headers.location]).toEqual([303, '/runs/'])
    expect(answer.headers['set-cookie']).toEqual([
      `sac-ui-${port}=${token}; Path=/; HttpOnly; SameSite=Strict`,
    ])
  })

  test('a wrong token, an old one or none gets nothing', async () => {
    const { get, token, port } = await serve(newFolder())
    for (const path of [
      '/',
      '/runs/',
      '/api/runs',
      '/api/events',
      '/assets/x.js',
      `/?token=${token}x`,
      '/?token=',
    ]) {
      const answer = await get(path, { cookie: undefined })
      expect([path, answer.status]).toEqual([path, 401])
    }
    expect((await get('/api/runs', { cookie: `sac-ui-${port}=${token.slice(1)}` })).status).toBe(401)
    expect((await get(`/api/runs?token=${token}`, { cookie: undefined })).text).not.toContain('rows')
  })

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '0.0.0.0:PORT', '[::1]:PORT'])(
    'the foreign host %s is refused, token or not',
    async name => {
      const { get, post, port, token } = await serve(newFolder())
      const host = name.replace('PORT', port)
      const origin = `http://${host}`
      expect((await get('/api/runs', { host, origin })).status).toBe(403)
      expect((await get(`/?token=${token}`, { host, origin })).status).toBe(403)
      expect((await post('/api/empty-trash', {}, { host, origin })).status).toBe(403)
    },
  )

  test('other origins are refused, also those of this machine, and requests that name none change nothing', async () => {
    const folder = newFolder()
    makeRun(folder, 'run')
    const { get, post, port } = await serve(folder)
    const body = { ids: ['run'] }
    for (const origin of [
      'https://evil.example',
      'null',
      'http://127.0.0.1:1',
      `https://127.0.0.1:${port}`,
    ]) {
      expect((await get('/api/runs', { origin })).status).toBe(403)
      expect((await post('/api/delete', body, { origin })).status).toBe(403)
    }
    expect((await post('/api/delete', body, { origin: undefined })).status).toBe(403)
    expect((await post('/api/delete', body, { 'content-type': 'text/plain' })).status).toBe(403)
    for (const site of ['cross-site', 'same-site']) {
      expect((await get('/api/runs', { origin: undefined, 'sec-fetch-site': site })).status).toBe(403)
    }
    expect(existsSync(join(folder, 'run'))).toBe(true)
    expect((await get('/api/runs', { origin: undefined, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  test('GET changes nothing, and other methods are not there', async () => {
    const folder = newFolder()
    makeRun(folder, 'run')
    const { get, ask } = await serve(folder)
    for (const action of [
      'delete',
      'annotate',
      'restore',
      'empty-trash',
      'launch',
      'resume',
      'stop',
      'film',
    ]) {
      expect((await get(`/api/${action}?ids=run&id=run`)).status).toBe(404)
    }
    expect((await ask('DELETE', '/api/runs')).status).toBe(405)
  })

  test('every answer has a policy that allows no inline script or style', async () => {
    const { get, post } = await serve(newFolder())
    const answers = [
      await get('/runs/'),
      await get('/api/runs'),
      await get('/nothing'),
      await post('/api/delete', {}),
      await get('/runs/', { cookie: undefined }),
    ]
    for (const { headers } of answers) {
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe-inline')
      expect(policy).not.toContain("'unsafe-eval'")
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
  })

  test('no other address of this machine answers', async () => {
    const { port } = await serve(newFolder())
    const others = Object.values(networkInterfaces())
      .flatMap(addresses => addresses ?? [])
      .filter(({ internal }) => !internal)
      .map(({ address }) => address)
    for (const host of [...others, '::1']) {
      const answered = await new Promise(resolve => {
        const socket = createConnection({ host, port: Number(port) })
        socket.once('connect', () => resolve(true))
        socket.once('error', () => resolve(false))
      })
      expect([host, answered]).toEqual([host, false])
    }
  })

  test('no address leads to a file outside of the page', async () => {
    const { get } = await serve(newFolder())
    for (const path of [
      '/../package.json',
      '/runs/..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '//etc/passwd',
    ]) {
      expect((await get(path)).status).toBe(404)
    }
  })

  test('without the built page it says what makes it', async () => {
    const opened = openUi({ folder: newFolder(), page: newFolder(), sac: commandThat('') })
    await expect(opened).rejects.toThrow('npm run build:page')
  })
})

describe('ids of runs', () => {
  const outside = ['..', '../secret', '/etc', 'group/../../secret', 'linked', '', '.trash', '__proto__']

  test.each(outside)('%j is none', async id => {
    const parent = newFolder()
    makeRun(parent, 'secret')
    const folder = join(parent, 'runs')
    makeRun(folder, 'run')
    symlinkSync(join(parent, 'secret'), join(folder, 'linked'))
    const { get, post } = await serve(folder)
    const query = encodeURIComponent(id)
    expect((await get(`/api/run?id=${query}`)).status).toBe(400)
    expect((await get(`/api/policy?id=${query}&name=parameters.safetensors`)).status).toBe(400)
    expect((await post('/api/annotate', { id, note: 'x' })).status).toBe(400)
    expect((await post('/api/delete', { ids: [id] })).status).toBe(400)
    expect((await post('/api/resume', { id })).status).toBe(400)
    expect((await post('/api/stop', { id })).status).toBe(400)
    expect((await post('/api/launch', { like: id })).status).toBe(400)
    expect((await post('/api/restore', { keys: [id] })).status).toBe(400)
    const query_ = { metrics: ['return'], x: 'steps', gather: 'none', smoothing: 0, points: 100 }
    expect((await post('/api/curves', { ...query_, runs: [id] })).json).toEqual({})
  })

  test('names of policies are those that are listed, and a link is none', async () => {
    const folder = newFolder()
    const directory = makeRun(folder, 'run')
    writeFileSync(join(folder, 'secret'), 'secret')
    symlinkSync(join(folder, 'secret'), join(directory, 'best.safetensors'))
    symlinkSync(folder, join(directory, 'policies'))
    const { get } = await serve(folder)
    for (const name of [
      'config.json',
      '../secret',
      'best.safetensors',
      'policies/secret',
      'policies/step-1.safetensors',
    ]) {
      const answer = await get(`/api/policy?id=run&name=${encodeURIComponent(name)}`)
      expect([answer.status, answer.text]).toEqual([400, expect.not.stringContaining('"secret"')])
    }
    expect((await get('/api/run?id=run')).json.policies).toEqual([])
  })
})

describe('what somebody writes about a run', () => {
  test('lies in its directory, and is in its row', async () => {
    const folder = newFolder()
    const directory = makeRun(folder, 'run')
    const { post, get } = await serve(folder)
    await post('/api/annotate', { id: 'run', note: '<b>good</b>', tags: ['a', 'a', ' b '] })
    await post('/api/annotate', { id: 'run', archived: true })
    const saved = { note: '<b>good</b>', tags: ['a', 'b'], archived: true }
    expect(JSON.parse(readFileSync(join(directory, 'notes.json'), 'utf8'))).toEqual(saved)
    expect((await get('/api/runs')).json.rows[0]).toMatchObject(saved)
  })

  test.each([{ note: 5 }, { tags: 'a' }, { tags: Array(51).fill('a') }, { archived: 'yes' }, { steps: 5 }])(
    '%j is refused',
    async changes => {
      const folder = newFolder()
      makeRun(folder, 'run')
      const { post } = await serve(folder)
      const answer = await post('/api/annotate', { id: 'run', ...changes })
      expect(answer.status).toBe(400)
      expect(answer.json.error).toContain('cannot be saved')
    },
  )

  test('a link in place of the file is replaced, not followed', async () => {
    const folder = newFolder()
    const directory = makeRun(folder, 'run')
    writeFileSync(join(folder, 'mine.txt'), 'mine')
    symlinkSync(join(folder, 'mine.txt'), join(directory, 'notes.json'))
    const { post } = await serve(folder)
    expect((await post('/api/annotate', { id: 'run', note: 'x' })).json).toMatchObject({ note: 'x' })
    expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine')
  })
})

describe('deleting', () => {
  test('can be undone, until the trash is emptied', async () => {
    const folder = newFolder()
    makeRun(folder, 'group/run')
    makeRun(folder, 'other')
    const { post, get } = await serve(folder)
    const [{ key }] = (await post('/api/delete', { ids: ['group/run', 'other'] })).json
    expect((await get('/api/runs')).json.rows).toEqual([])
    expect((await get('/api/trash')).json).toHaveLength(2)
    rmSync(join(folder, 'group'), { recursive: true })
    await post('/api/restore', { keys: [key] })
    expect((await get('/api/runs')).json.rows).toMatchObject([{ id: 'group/run', bestReturn: 10 }])
    await post('/api/empty-trash', {})
    expect((await get('/api/trash')).json).toEqual([])
    expect(existsSync(join(folder, 'other'))).toBe(false)
  })

  test('a run that trains, and one whose place was taken meanwhile, are refused', async () => {
    const folder = newFolder()
    const directory = makeRun(folder, 'trains')
    const { thisProcess } = await import('../../../src/run/this-process.ts')
    writeFileSync(join(directory, 'training.1.lock'), JSON.stringify(thisProcess()))
    makeRun(folder, 'run')
    const { post } = await serve(folder)
    expect((await post('/api/delete', { ids: ['trains'] })).json.error).toContain('Stop it first')
    const [{ key }] = (await post('/api/delete', { ids: ['run'] })).json
    makeRun(folder, 'run')
    expect((await post('/api/restore', { keys: [key] })).json.error).toContain('in its place')
  })

  test('a trash that leads elsewhere, or brings back to elsewhere, is not used', async () => {
    const folder = newFolder()
    const outside = newFolder()
    makeRun(folder, 'run')
    symlinkSync(outside, join(folder, '.trash'))
    const { post, get } = await serve(folder)
    expect((await post('/api/delete', { ids: ['run'] })).status).toBe(400)
    rmSync(join(folder, '.trash'))
    const key = '20260101000000000-x'
    for (const id of ['../elsewhere', '/tmp/elsewhere', 'linked/x', 'a/../../b', '.hidden']) {
      const place = join(folder, '.trash', key)
      makeRun(place, 'run')
      writeFileSync(join(place, 'origin.json'), JSON.stringify({ id, deletedAt: 'x' }))
      rmSync(join(folder, 'linked'), { force: true })
      symlinkSync(outside, join(folder, 'linked'))
      expect([id, (await post('/api/restore', { keys: [key] })).status]).toEqual([id, 400])
      expect((await get('/api/runs')).json.rows).toHaveLength(1)
    }
  })
})

describe('starting', () => {
  const failing = commandThat('console.error(process.argv.slice(1).join(" ")); process.exit(3)')
  const said = async (server: Awaited<ReturnType<typeof serve>>) => {
    for (;;) {
      const [last] = (await server.get('/api/launches')).json
      if (last?.state === 'failed' || last?.state === 'ended') return last
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  test('settings become flags, what failed says why, and leaves no directory', async () => {
    const folder = newFolder()
    const server = await serve(folder, failing)
    const body = {
      environment: 'Pendulum-v1',
      settings: { steps: 5000, hiddenSizes: [32, 32], algorithm: 'td3' },
    }
    const answer = await server.post('/api/launch', body)
    expect(answer.json).toMatchObject({ run: 'Pendulum-v1-seed0', state: 'starting' })
    const { message, state } = await said(server)
    expect(state).toBe('failed')
    expect(message).toBe(
      `train --steps=5000 --hidden-sizes=32,32 --algorithm=td3 --out=${join(folder, 'Pendulum-v1-seed0')} -- Pendulum-v1`,
    )
    expect(existsSync(join(folder, 'Pendulum-v1-seed0'))).toBe(false)
  })

  test('what is not allowed is said before anything starts', async () => {
    const server = await serve(newFolder(), failing)
    const faults = [
      { environment: 'Pendulum-v1', settings: { batchSize: 0 } },
      { environment: 'Pendulum-v1', settings: { batchSise: 64 } },
      { environment: '--help' },
      {},
      { environment: 'Pendulum-v1', config: '/etc/passwd' },
    ]
    for (const body of faults) expect([400, 409]).toContain((await server.post('/api/launch', body)).status)
    expect((await server.get('/api/launches')).json).toEqual([])
  })

  test('a run from elsewhere executes nothing without a question, and only what was asked about', async () => {
    const folder = newFolder()
    makeRun(folder, 'foreign', { settings: { environment: './evil.mjs' } })
    const server = await serve(folder, failing)
    const evil = `the file ${join(folder, 'foreign', 'evil.mjs')}`
    for (const [action, body] of [
      ['resume', { id: 'foreign' }],
      ['launch', { like: 'foreign' }],
      ['film', { id: 'foreign' }],
    ] as const) {
      const asked = await server.post(`/api/${action}`, body)
      expect([action, asked.status, asked.json.programs]).toEqual([action, 409, [evil]])
      const other = await server.post(`/api/${action}`, { ...body, trust: ['the file /other.mjs'] })
      expect([action, other.status]).toEqual([action, 409])
    }
    expect((await server.get('/api/launches')).json).toEqual([])
    await server.post('/api/resume', { id: 'foreign', trust: [evil] })
    expect((await said(server)).message).toBe(`resume --trust -- ${join(folder, 'foreign')}`)
  })

  test('a file that is typed in is asked about too', async () => {
    const server = await serve(newFolder(), failing)
    const asked = await server.post('/api/launch', {
      environment: './examples/my-env.ts',
      settings: { steps: 1000 },
    })
    expect(asked.status).toBe(409)
  })

  test('a run that nobody trains cannot be stopped', async () => {
    const folder = newFolder()
    makeRun(folder, 'run')
    const { post } = await serve(folder)
    expect((await post('/api/stop', { id: 'run' })).json.error).toContain('not being trained')
  })
})
