/** A game whose opponent learns in the game's own loop: an agent acts, observes and updates once a step. */
import { box, SAC } from 'soft-actor-critic'
import { type Court, look, type Outcome, play, REACH, serve, WIDTH } from './court.ts'

const canvas = document.getElementById('court') as HTMLCanvasElement
const practise = document.getElementById('practise') as HTMLButtonElement
const status = document.getElementById('score')!
const context = canvas.getContext('2d')!

const agent = await SAC.create(
  { observationSpace: box({ low: -4, high: 4, shape: [5] }), actionSpace: box({ low: -1, high: 1 }) },
  {
    hiddenSizes: [32, 32],
    batchSize: 64,
    actorLearningRate: 3e-3,
    criticLearningRate: 3e-3,
    temperatureLearningRate: 3e-3,
    gamma: 0.9,
    learningStarts: 200,
    threads: 1,
  },
)

let court: Court = serve(Math.random)
let wanted = 0.5
/** The last serves, true where the agent hit. */
const recent: boolean[] = []
const points = { you: 0, agent: 0 }

/** One step of game and agent. An update takes well under a millisecond. */
async function step(moveLeft: number): Promise<void> {
  const observation = look(court)
  const action = agent.explore(observation)
  const outcome = play(court, moveLeft, action[0])
  const missed = outcome?.endsWith('misses') ?? false
  const nextObservation = look(court)
  // Being level with the ball is what it is paid for, step by step, while the ball comes its way.
  const reward =
    (court.vx > 0 ? -Math.min(Math.abs(court.y - court.right), 0.5) : 0) - 0.01 * Math.abs(action[0])
  let due = agent.observe({
    observation,
    action,
    reward,
    nextObservation,
    terminated: false,
    truncated: missed,
  })
  while (due-- > 0) await agent.update()
  count(outcome)
  if (missed) court = serve(Math.random)
}

function count(outcome: Outcome): void {
  if (outcome?.startsWith('right')) recent.push(outcome === 'right hits')
  if (recent.length > 20) recent.shift()
  if (outcome === 'left misses') points.agent++
  if (outcome === 'right misses') points.you++
}

function draw(): void {
  const unit = canvas.height
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = getComputedStyle(canvas).color
  context.fillRect(0, (court.left - REACH) * unit, 8, 2 * REACH * unit)
  context.fillRect(canvas.width - 8, (court.right - REACH) * unit, 8, 2 * REACH * unit)
  context.beginPath()
  context.arc((court.x / WIDTH) * canvas.width, court.y * unit, 8, 0, 2 * Math.PI)
  context.fill()
  const hits = recent.filter(Boolean).length
  status.textContent =
    `You ${points.you}, opponent ${points.agent}. It hit ${hits} of its last ${recent.length} balls; ` +
    `${agent.steps.toLocaleString('en')} steps, ${agent.updates.toLocaleString('en')} updates.`
}

canvas.addEventListener('pointermove', ({ offsetY }) => {
  wanted = offsetY / canvas.clientHeight
})
addEventListener('keydown', event => {
  const way = { ArrowUp: -0.08, ArrowDown: 0.08 }[event.key]
  if (way === undefined) return
  event.preventDefault()
  wanted = Math.min(Math.max(wanted + way, 0), 1)
})
const towards = (height: number) => Math.min(Math.max((height - court.left) / 0.05, -1), 1)

let practising = false
practise.onclick = async () => {
  practise.disabled = practising = true
  for (let i = 0; i < 3000; i++) {
    // A partner that never misses, so that every ball comes back.
    await step(towards(court.y))
    if (i % 50 === 0) {
      draw()
      await new Promise(resolve => setTimeout(resolve))
    }
  }
  practise.disabled = practising = false
}

// A step every 25 ms, whatever the screen's rate is: physics that follows the screen is another task on every machine.
let behind = 0
let last = performance.now()
let busy = false
async function frame(now: number): Promise<void> {
  requestAnimationFrame(frame)
  behind = Math.min(behind + now - last, 100)
  last = now
  if (practising || busy) return
  busy = true
  for (; behind >= 25; behind -= 25) await step(towards(wanted))
  busy = false
  draw()
}
requestAnimationFrame(frame)
