import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeRun, newFolder, startLine, trainLine } from '../run/ui/synthetic-runs.ts'
import { cellOf, stop, useLocalUi } from './local-ui.ts'

const ui = useLocalUi()

const SMALL = {
  steps: '3000',
  hiddenSizes: '32,32',
  batchSize: '32',
  learningStarts: '200',
  logEvery: '100',
  evaluationEpisodes: '2',
}

/** The same for the server: a training that takes a minute. */
const SETTINGS = { steps: 200_000, hiddenSizes: [32, 32], batchSize: 32, learningStarts: 200, logEvery: 100 }

test('a run is launched, grows in table and curve while it trains, is stopped with what it learned, and resumes', async () => {
  const folder = newFolder()
  const server = await ui.start(folder)
  const page = await ui.open(server)
  await page.getByText('This folder has no runs.').waitFor()
  await page.getByRole('button', { name: 'New run' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Training', { exact: true }).click()
  await dialog.getByText('Hyperparameters', { exact: true }).click()
  for (const [name, value] of Object.entries({ ...SMALL, steps: '200000' })) {
    await dialog.getByLabel(name, { exact: true }).fill(value)
  }
  await dialog.getByRole('button', { name: 'Start' }).click()

  const run = 'Pendulum-v1-seed0'
  await expect.poll(() => cellOf(page, run, 'status').textContent(), { timeout: 20_000 }).toBe('training now')
  const steps = async () => Number((await cellOf(page, run, 'steps').textContent())!.replace(/\D/g, ''))
  await expect.poll(steps, { timeout: 20_000 }).toBeGreaterThan(400)
  const before = await steps()
  await expect.poll(steps).toBeGreaterThan(before)
  const said = () => page.getByRole('img', { name: /^return over/ }).getAttribute('aria-label')
  const earlier = await said()
  await expect.poll(said).not.toBe(earlier)

  await page.getByRole('button', { name: run, exact: true }).click()
  await page.getByRole('button', { name: 'Stop and save' }).click()
  await page.getByRole('button', { name: 'Resume' }).waitFor({ timeout: 20_000 })
  expect(existsSync(join(folder, run, 'parameters.safetensors'))).toBe(true)
  expect(readFileSync(join(folder, run, 'metrics.jsonl'), 'utf8')).toContain('"reason":"aborted"')

  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Stop and save' }).waitFor({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Stop and save' }).click()
  await page.getByRole('button', { name: 'Resume' }).waitFor({ timeout: 20_000 })
  expect(page.errors).toEqual([])
})

test('the policy acts in the page, as it was at any time that was saved', async () => {
  const folder = newFolder()
  const { runSac } = await import('../processes/sac-process.ts')
  const flags =
    '--steps 3000 --hidden-sizes 32,32 --batch-size 32 --learning-starts 200 --evaluation-episodes 2 --log-every 100'
  await runSac(`train Pendulum-v1 ${flags} --out ${join(folder, 'run')}`, { cwd: folder })
  const server = await ui.start(folder)
  const page = await ui.open(server, '#page=run&id=run')
  const moment = page.locator('.acting .spread')
  await expect
    .poll(() => moment.textContent(), { timeout: 20_000 })
    .toMatch(/after 3,000 steps of training · step \d+/)
  const slider = page.getByRole('slider', { name: /Policy after/ })
  await slider.fill('0')
  await expect.poll(() => moment.textContent()).toMatch(/after 1,000 steps of training · step \d+/)
  // Dragged along the curve to its end, and by keyboard to the one before.
  const { x, y, width } = (await page.locator('.timeline svg').boundingBox())!
  await page.mouse.move(x + 0.4 * width, y + 40)
  await page.mouse.down()
  await page.mouse.move(x + 0.99 * width, y + 40, { steps: 5 })
  await page.mouse.up()
  await expect.poll(() => moment.textContent()).toMatch(/after 3,000 steps/)
  await slider.focus()
  await page.keyboard.press('Home')
  await expect.poll(() => moment.textContent()).toMatch(/after 1,000 steps/)
  const coloured = await page.locator('canvas.world').evaluate(canvas => {
    const { width, height } = canvas as HTMLCanvasElement
    const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height)
    return new Set(new Uint32Array(data.buffer)).size
  })
  expect(coloured).toBeGreaterThan(3)
  expect(page.errors).toEqual([])
})

test('tags, notes, archive and delete, each undone', async () => {
  const folder = newFolder()
  makeRun(folder, 'first')
  makeRun(folder, 'second', { seed: 1 })
  const server = await ui.start(folder)
  const page = await ui.open(server)
  await page.getByRole('button', { name: 'first', exact: true }).click()
  await page.getByLabel('Tags, with commas between them').fill('good, fast')
  await page.getByLabel('Note', { exact: true }).fill('the first one')
  await page.getByRole('button', { name: 'Runs', exact: true }).click()
  await expect.poll(() => cellOf(page, 'first', 'tags').textContent()).toBe('goodfast')
  await expect.poll(() => cellOf(page, 'first', 'note').textContent()).toBe('the first one')

  await page.getByRole('checkbox', { name: 'Select first' }).check()
  await page.getByRole('button', { name: 'Archive', exact: true }).click()
  await expect.poll(() => page.getByRole('heading', { level: 2 }).first().textContent()).toBe('1 run')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => page.getByRole('heading', { level: 2 }).first().textContent()).toBe('2 runs')

  await page.getByRole('button', { name: 'Delete' }).click()
  await expect.poll(() => existsSync(join(folder, 'first'))).toBe(false)
  // The message comes after the run has gone, and earlier ones can be undone too.
  const moved = page.locator('.notices > *', { hasText: 'Moved 1 run to the trash.' })
  await moved.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => cellOf(page, 'first', 'note').textContent()).toBe('the first one')
  expect(page.errors).toEqual([])
})

test('filter, sorting, columns and selection are in the address, and survive a reload', async () => {
  const folder = newFolder()
  for (const seed of [0, 1, 2, 10]) makeRun(folder, `run-${seed}`, { seed, lines: 10 + seed })
  const server = await ui.start(folder)
  const page = await ui.open(server)
  const names = () => page.locator('tbody th').allTextContents()
  await page.getByLabel('Filter').fill('seed>0 status:finished')
  await page.getByRole('button', { name: 'steps', exact: true }).click()
  await expect.poll(names).toEqual(['run-10', 'run-2', 'run-1'])
  await page.getByRole('checkbox', { name: 'Select run-2' }).check()
  await page.getByText('Columns').click()
  await page.getByRole('checkbox', { name: 'seed' }).check()
  await page.reload()
  await expect.poll(names).toEqual(['run-10', 'run-2', 'run-1'])
  expect(await page.getByRole('checkbox', { name: 'Select run-2' }).isChecked()).toBe(true)
  expect(await cellOf(page, 'run-10', 'seed').textContent()).toBe('10')
})

test('seeds are gathered in table and curves, and compared runs show only what differs', async () => {
  const folder = newFolder()
  for (const seed of [0, 1, 2]) makeRun(folder, `sac-${seed}`, { seed, lines: 60 })
  makeRun(folder, 'other', { lines: 60, settings: { gamma: 0.9 } })
  const server = await ui.start(folder)
  const page = await ui.open(server)
  await page.getByText('IQM', { exact: true }).click()
  const table = page.getByRole('region', { name: 'Experiments' })
  await expect.poll(() => table.locator('tbody tr').allTextContents()).toHaveLength(2)
  expect(await table.textContent()).toMatch(/defaults.*3.*-101.*\(-102.* to -100/s)
  await expect
    .poll(() => page.getByRole('img', { name: /^return over/ }).getAttribute('aria-label'))
    .toMatch(/gamma 0.9 \(1\).*defaults \(3\)/)

  await page.getByText('each run').click()
  for (const name of ['sac-0', 'other']) await page.getByRole('checkbox', { name: `Select ${name}` }).check()
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  const facts = page.getByRole('region', { name: 'Comparison' }).getByRole('rowheader')
  await expect.poll(() => facts.allTextContents()).toContain('gamma')
  expect(await facts.allTextContents()).not.toContain('batchSize')
  expect(page.errors).toEqual([])
})

test('a report is one file that shows the same without network and without scripts', async () => {
  const folder = newFolder()
  makeRun(folder, 'first', { lines: 60 })
  makeRun(folder, '<img src=x onerror=alert(1)>', { lines: 60, settings: { gamma: 0.9 } })
  const server = await ui.start(folder)
  const page = await ui.open(server)
  await page.getByRole('img', { name: /^return over/ }).waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Report' }).click(),
  ])
  const file = join(newFolder(), 'report.html')
  await download.saveAs(file)
  expect(readFileSync(file, 'utf8')).not.toMatch(/<script|<img|https?:\/\/(?!www\.w3\.org)/)
  const context = await ui.browser().newContext({ offline: true, javaScriptEnabled: false })
  const report = await context.newPage()
  await report.goto(`file://${file}`)
  expect(await report.locator('tbody tr').count()).toBe(2)
  expect(await report.locator('tbody').textContent()).toContain('<img src=x')
  expect(await report.locator('figure svg').count()).toBeGreaterThan(1)
  expect(await report.locator('figure svg path.line').first().getAttribute('d')).toMatch(/^M.*L/)
})

test('markup in names, notes, messages and environments stays text, and links lead nowhere', async () => {
  const folder = newFolder()
  const markup = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
  const directory = makeRun(folder, '<b>bold<b>', { settings: { environment: `${markup}` } })
  writeFileSync(join(directory, 'notes.json'), JSON.stringify({ note: markup, tags: ['<i>tag</i>'] }))
  const lines = [
    startLine,
    trainLine(1),
    JSON.stringify({
      type: 'examination',
      step: 100,
      time: '2026-01-01T00:00:00Z',
      diagnoses: [{ kind: markup, problem: markup, remedy: markup }],
    }),
    JSON.stringify({
      type: 'end',
      step: 100,
      time: '2026-01-01T00:00:01Z',
      reason: 'error',
      message: markup,
    }),
  ]
  writeFileSync(join(directory, 'metrics.jsonl'), `${lines.join('\n')}\n`)
  const outside = newFolder()
  makeRun(outside, 'secret')
  symlinkSync(join(outside, 'secret'), join(folder, 'secret'))
  mkdirSync(join(folder, 'odd'))
  symlinkSync('/etc/passwd', join(folder, 'odd', 'config.json'))
  symlinkSync('/etc/passwd', join(folder, 'odd', 'metrics.jsonl'))
  const server = await ui.start(folder)
  const page = await ui.open(server, '#columns=environment,note,tags,status')
  await page.getByRole('button', { name: '<b>bold<b>', exact: true }).click()
  await page.getByText('What to do:').waitFor()
  expect(await page.getByText(markup).count()).toBeGreaterThan(2)
  await page.getByRole('button', { name: 'Runs', exact: true }).click()
  await cellOf(page, '<b>bold<b>', 'note').waitFor()
  expect(await page.evaluate('window.hacked')).toBeUndefined()
  expect(await page.locator('main img, main b b, main i, main script').count()).toBe(0)
  expect(await page.content()).not.toContain('root:')
  expect(await page.getByText('secret').count()).toBe(0)
})

test('without the token, with a wrong one, or under another name there is nothing to see', async () => {
  const folder = newFolder()
  makeRun(folder, 'run')
  const server = await ui.start(folder)
  const context = await ui.browser().newContext()
  const page = await context.newPage()
  for (const address of [server.origin, `${server.origin}/runs/`, `${server.origin}/?token=wrong`]) {
    const answer = await page.goto(address)
    expect(answer!.status()).toBe(401)
  }
  // A name that another site has made point to this machine.
  const { port } = new URL(server.url)
  const rebound = server.url.replace('127.0.0.1', 'rebound.localhost')
  const answer = await page.goto(rebound)
  expect([port, answer!.status()]).toEqual([port, 403])
})

test('another site cannot use the cookie', async () => {
  const folder = newFolder()
  makeRun(folder, 'run')
  const server = await ui.start(folder)
  const page = await ui.open(server)
  const other = await ui.start(newFolder())
  const foreign = await page.context().newPage()
  await foreign.goto(other.url)
  // Another port of this machine is the same site, so that the cookie comes along.
  const outcome = await foreign.evaluate(async origin => {
    const body = JSON.stringify({ ids: ['run'] })
    const read = await fetch(`${origin}/api/runs`, { credentials: 'include' }).then(
      () => 'read',
      () => 'refused',
    )
    await fetch(`${origin}/api/delete`, {
      method: 'POST',
      mode: 'no-cors',
      credentials: 'include',
      body,
    }).catch(() => {})
    return read
  }, server.origin)
  expect(outcome).toBe('refused')
  expect(existsSync(join(folder, 'run'))).toBe(true)
})

test('MuJoCo acts in the page too, under its policy of what may run', async () => {
  const folder = newFolder()
  const { runSac } = await import('../processes/sac-process.ts')
  const flags =
    '--steps 300 --hidden-sizes 16,16 --learning-starts 100 --evaluation-episodes 1 --evaluation-steps 20'
  await runSac(`train Hopper-v5 ${flags} --out ${join(folder, 'hopper')}`, { cwd: folder })
  const server = await ui.start(folder)
  const page = await ui.open(server, '#page=run&id=hopper')
  await expect
    .poll(() => page.locator('.acting .spread').textContent(), { timeout: 60_000 })
    .toMatch(/after 300 steps of training · step \d+/)
  expect(page.errors).toEqual([])
})

test('the environment of a run from elsewhere is executed only after a question, which names it', async () => {
  const folder = newFolder()
  const { runSac } = await import('../processes/sac-process.ts')
  const environment = `
    import { writeFileSync } from 'node:fs'
    import { makeEnv } from 'soft-actor-critic'
    export default async () => {
      writeFileSync('${join(folder, 'executed')}', '')
      return makeEnv('Pendulum-v1')
    }`
  writeFileSync(join(folder, 'own.mjs'), environment)
  const flags = '--steps 300 --hidden-sizes 16,16 --learning-starts 100 --evaluation-episodes 1'
  // Made by somebody else: what this user has agreed to is remembered in another place.
  const elsewhere = { XDG_STATE_HOME: newFolder() }
  await runSac(`train ./own.mjs ${flags} --out ${join(folder, 'own')}`, { cwd: folder, env: elsewhere })
  rmSync(join(folder, 'executed'))
  const server = await ui.start(folder)
  const page = await ui.open(server, '#page=run&id=own')
  await page.getByRole('button', { name: 'Make a film' }).click()
  const question = page.getByRole('dialog', { name: 'Question' })
  expect(await question.textContent()).toContain(`the file ${join(folder, 'own.mjs')}`)
  await question.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Make a film' }).waitFor()
  expect(existsSync(join(folder, 'executed'))).toBe(false)
  await page.getByRole('button', { name: 'Make a film' }).click()
  await question.getByRole('button', { name: 'Execute it' }).click()
  await page.getByRole('img', { name: 'The newest policy acting' }).waitFor({ timeout: 60_000 })
  expect(existsSync(join(folder, 'executed'))).toBe(true)
})

test('when sac ui ends, trainings that it has started stop and save', async () => {
  const folder = newFolder()
  const server = await ui.start(folder)
  const page = await ui.open(server)
  const started = await page.evaluate(async settings => {
    const body = JSON.stringify({ environment: 'Pendulum-v1', settings })
    const headers = { 'Content-Type': 'application/json' }
    return (await fetch('/api/launch', { method: 'POST', headers, body })).status
  }, SETTINGS)
  expect(started).toBe(200)
  const metrics = join(folder, 'Pendulum-v1-seed0', 'metrics.jsonl')
  const logged = () => (existsSync(metrics) ? readFileSync(metrics, 'utf8') : '')
  await expect.poll(logged, { timeout: 30_000 }).toContain('"type":"train"')
  await stop(server.process)
  expect(logged()).toContain('"reason":"aborted"')
  expect(existsSync(join(folder, 'Pendulum-v1-seed0', 'parameters.safetensors'))).toBe(true)
})

test('zooming one chart zooms all, and the range is in the address', async () => {
  const folder = newFolder()
  makeRun(folder, 'run', { lines: 100 })
  const server = await ui.start(folder)
  const page = await ui.open(server)
  const plot = page.locator('.chart .u-over').first()
  await plot.waitFor()
  await page.waitForTimeout(500)
  const { x, y, width, height } = (await plot.boundingBox())!
  await page.mouse.move(x + width * 0.25, y + height / 2)
  await page.mouse.down()
  await page.mouse.move(x + width * 0.5, y + height / 2, { steps: 5 })
  await page.mouse.up()
  await page.getByRole('button', { name: 'Zoom out' }).waitFor()
  const [from, to] = new URLSearchParams(new URL(page.url()).hash.slice(1))
    .get('range')!
    .split(',')
    .map(Number)
  expect([Math.round(from / 500), Math.round(to / 500)]).toEqual([5, 10])
  await page.mouse.move(0, 0)
  const last = (name: string) =>
    page.getByRole('img', { name: new RegExp(`^${name} over`) }).getAttribute('aria-label')
  await expect.poll(() => last('return')).toMatch(/ 5[0-3]$/)
  await expect.poll(() => last('temperature')).not.toContain(' 44')
  await page.getByRole('button', { name: 'Zoom out' }).click()
  await expect.poll(() => last('return')).toMatch(/ 100\.0$/)
})
