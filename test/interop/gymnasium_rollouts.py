"""Steps environments of Gymnasium from given states with given actions.

Reads JSON from standard input: a list of {"id", "qpos", "qvel", "actions"}, with "options" for gymnasium.make, with "solver" and "iterations" if those of
the model are to be replaced, or {"id", "state", "actions"} for classic control. Prints JSON: for each of them {"observations", "rewards", "terminated"}, with the first observation that of
the given state. Episodes go on past termination.
"""

import json
import sys

import gymnasium
import numpy as np


def begin(env, rollout):
    """Puts an environment into the given state and returns its observation."""
    env.reset(seed=0)
    inner = env.unwrapped
    if "qpos" in rollout:
        import mujoco

        if "solver" in rollout:
            inner.model.opt.solver = getattr(mujoco.mjtSolver, "mjSOL_" + rollout["solver"].upper())
            inner.model.opt.iterations = rollout["iterations"]
        # Leaves nothing of the start that reset() drew, such as the solver's warm start.
        mujoco.mj_resetData(inner.model, inner.data)
        inner.set_state(np.array(rollout["qpos"]), np.array(rollout["qvel"]))
    else:
        inner.state = np.array(rollout["state"])
    return inner._get_obs()


def run(rollout):
    options = rollout.get("options", {})
    env = gymnasium.make(rollout["id"], disable_env_checker=True, max_episode_steps=10**9, **options)
    observations = [begin(env, rollout)]
    rewards = []
    terminated = []
    # Past the wrappers, which refuse to go on after termination.
    inner = env.unwrapped
    for action in rollout["actions"]:
        # In float64, for in float32 the cost of an action would be rounded to float32 too.
        observation, reward, end, _, _ = inner.step(np.array(action))
        observations.append(observation)
        rewards.append(reward)
        terminated.append(end)
    env.close()
    return {
        "observations": [np.asarray(row, dtype=np.float64).tolist() for row in observations],
        "rewards": [float(reward) for reward in rewards],
        "terminated": [bool(end) for end in terminated],
    }


json.dump([run(rollout) for rollout in json.load(sys.stdin)], sys.stdout)
