"""Steps of Gymnasium's own classic environments, as JSON: classic_oracle.py ID STEPS SEED.

Prints two lists of steps: `steps`, each from a state of its own, and `run`, each from the state the last one led to.
"""

import json
import sys

import gymnasium as gym
import numpy as np


def one_step(env, action):
    before = [float(x) for x in env.state]
    observation, reward, terminated, _, _ = env.step(action)
    return {
        "before": before,
        "action": float(action[0]),
        "observation": [float(x) for x in observation],
        "reward": float(reward),
        "terminated": bool(terminated),
    }


def main(name, steps, seed):
    env = gym.make(name).unwrapped
    env.reset(seed=seed)
    random = np.random.default_rng(seed)
    # Also beyond the bounds, where forces are clipped.
    limit = 1.25 * env.action_space.high[0]

    def draw_action():
        return np.array([random.uniform(-limit, limit)], dtype=np.float32)

    def draw_state():
        if name == "Pendulum-v1":
            return np.array([random.uniform(-20, 20), random.uniform(-8, 8)])
        low, high = env.low_state, env.high_state
        return random.uniform(low, high).astype(np.float32)

    separate = []
    for _ in range(steps):
        env.state = draw_state()
        separate.append(one_step(env, draw_action()))
    env.state = np.array([-0.5, 0], dtype=np.float32)
    run = [one_step(env, draw_action()) for _ in range(steps)]
    json.dump({"steps": separate, "run": run}, sys.stdout)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
