/** A round: one step in each of the environments side by side, and what the agent makes of it. */
import { whenThere } from '../env/awaitable.ts'
import type { Awaitable, StepResult } from '../env/env.ts'
import { episodeSeed } from '../env/episode-seed.ts'
import { successOf } from '../env/success.ts'
import type { Breaks } from '../event-loop.ts'
import type { SAC } from '../sac/agent.ts'
import type { EpisodeEvent, StepEvent } from './events.ts'
import { guardedStep } from './guarded-env.ts'
import { askInTurn, beginEpisodes, type Lane, type TrainingState } from './lanes.ts'

/** What there is to report of a round, in the order of the environments. */
export interface Round {
  steps: StepEvent[]
  episodes: EpisodeEvent[]
}

/** Where the rounds of a training loop come from. */
export interface Rounds {
  /**
   * The next round, which the agent has observed. It may be empty, if the signal of the loop aborts while there is none.
   * All updates that are due have been made before.
   */
  next(breaks: Breaks): Awaitable<Round>
  /** What it needs to resume after the last round. */
  state(): Promise<Omit<TrainingState, 'evaluationDue'>>
  /** Whether it wants a checkpoint now, beside those that the options ask for. */
  checkpointDue?(): boolean
  /** What was yielded as a checkpoint is saved. */
  saved?(): Promise<void>
  /** The loop has ended, however it did. */
  release(): Awaitable<void>
}

/**
 * Takes one step in every environment, at once if there is one and it answers at once. The updates that are due then
 * are counted in `agent.updatesDue`.
 * @throws EnvironmentError if an environment throws or answers with something that is not finite
 */
export function playRound(agent: SAC, lanes: readonly Lane[], breaks: Breaks): Awaitable<Round> {
  const between = lanes.some(({ observation }) => observation === undefined)
  return between
    ? begin(agent, lanes, breaks).then(() => play(agent, lanes, breaks))
    : play(agent, lanes, breaks)
}

async function begin(agent: SAC, lanes: readonly Lane[], breaks: Breaks): Promise<void> {
  const started = performance.now()
  // The last one may have been given up without notice to the agent.
  for (const lane of lanes) if (lane.observation === undefined) agent.endEpisode(lane.index)
  const seed = ({ env }: Lane) => episodeSeed(env, agent.random.environment.uint32())
  await beginEpisodes(
    lanes,
    seed,
    () => `before step ${agent.steps + 1}, episode ${agent.episodes + 1}`,
    breaks,
  )
  agent.addEnvironmentTime(performance.now() - started)
}

function play(agent: SAC, lanes: readonly Lane[], breaks: Breaks): Awaitable<Round> {
  const actions = lanes.map(lane => agent.explore(lane.observation!, lane.index))
  const acted = performance.now()
  // Awaiting even a plain value costs as much as a small environment's step.
  return whenThere(stepAll(lanes, actions, agent, breaks), results => {
    agent.addEnvironmentTime(performance.now() - acted)
    return observe(agent, lanes, actions, results)
  })
}

function stepAll(
  lanes: readonly Lane[],
  actions: Float32Array[],
  agent: SAC,
  breaks: Breaks,
): Awaitable<StepResult[]> {
  const step = ({ env, index, length }: Lane) =>
    guardedStep(
      env,
      actions[index],
      () => `step ${agent.steps + index + 1}, episode ${agent.episodes + 1} (its step ${length + 1})`,
    )
  if (lanes.length > 1) return askInTurn(lanes, step, breaks)
  return whenThere(step(lanes[0]), result => [result])
}

/** All are stored before anything is reported, so that none is lost when a caller leaves the loop. */
function observe(
  agent: SAC,
  lanes: readonly Lane[],
  actions: Float32Array[],
  results: readonly StepResult[],
): Round {
  const round: Round = { steps: [], episodes: [] }
  for (const [i, { observation: nextObservation, reward, terminated, truncated }] of results.entries()) {
    const lane = lanes[i]
    const transition = { observation: lane.observation!, action: actions[i], nextObservation }
    agent.updatesDue += agent.observe({ ...transition, reward, terminated, truncated }, i)
    lane.observation = terminated || truncated ? undefined : nextObservation
    lane.return += reward
    lane.length++
    const step = agent.steps
    round.steps.push({ type: 'step', step, environment: i, reward, terminated, truncated })
    if (lane.observation) continue
    const success = successOf(results[i].info)
    const ended = {
      episode: agent.episodes,
      return: lane.return,
      length: lane.length,
      ...(success !== undefined && { success }),
      terminated,
      truncated,
    }
    round.episodes.push({ type: 'episode', step, environment: i, ...ended })
  }
  return round
}
