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
        "action": float(np.ravel(action)[0]),
        "observation": [float(x) for x in observation],
        "reward": float(reward),
        "terminated": bool(terminated),
    }


def main(name, steps, seed):
    env = gym.make(name).unwrapped
    env.reset(seed=seed)
    random = np.random.default_rng(seed)
    discrete = isinstance(env.action_space, gym.spaces.Discrete)
    # Also beyond the bounds, where forces are clipped.
    limit = 0 if discrete else 1.25 * env.action_space.high[0]

    def draw_action():
        if discrete:
            return int(random.integers(env.action_space.n))
        return np.array([random.uniform(-limit, limit)], dtype=np.float32)

    def draw_state():
        if name == "Pendulum-v1":
            return np.array([random.uniform(-20, 20), random.uniform(-8, 8)])
        if name == "CartPole-v1":
            return random.uniform([-2.5, -3, -0.22, -3], [2.5, 3, 0.22, 3])
        if name == "Acrobot-v1":
            limits = np.array([np.pi, np.pi, 4 * np.pi, 9 * np.pi])
            return random.uniform(-limits, limits)
        if name == "MountainCar-v0":
            return random.uniform(env.low, env.high)
        low, high = env.low_state, env.high_state
        return random.uniform(low, high).astype(np.float32)

    separate = []
    for _ in range(steps):
        env.state = draw_state()
        # A pole that has fallen earns nothing more.
        env.steps_beyond_terminated = None
        separate.append(one_step(env, draw_action()))
    starts = {"CartPole-v1": np.zeros(4), "Acrobot-v1": np.zeros(4), "MountainCar-v0": np.array([-0.5, 0])}
    env.state = starts.get(name, np.array([-0.5, 0], dtype=np.float32))
    run = [one_step(env, draw_action()) for _ in range(steps)]
    json.dump({"steps": separate, "run": run}, sys.stdout)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
