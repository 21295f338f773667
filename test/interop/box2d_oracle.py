"""Episodes of Gymnasium's own Box2D environments under random actions, as JSON.

box2d_oracle.py summary ID EPISODES SEED    return, length, and mean and spread of each observation of each episode
box2d_oracle.py record ID EPISODES SEED     all of their first 300 steps, with every random number drawn
"""

import json
import sys

import gymnasium as gym
import numpy as np


class Tape:
    """A random generator that remembers what it drew: `uniforms` in [0, 1), and `integers` counted from 0."""

    def __init__(self, generator):
        self.generator = generator
        self.uniforms = []
        self.integers_drawn = []

    def uniform(self, low, high, size=None):
        unit = self.generator.random(size)
        self.uniforms.extend(np.atleast_1d(unit).tolist())
        return low + (high - low) * unit

    def random(self):
        return self.uniform(0, 1)

    def integers(self, low, high):
        value = int(self.generator.integers(low, high))
        if (low, high) == (1, 4) and len(self.integers_drawn) > 0:
            # The kind of an obstacle. The number before it is thrown away: a length of grass where none comes.
            self.integers_drawn.pop()
        # A choice of one.
        if high - low > 1:
            self.integers_drawn.append(value - low)
        return value


def run(env, random, limit=None):
    """One episode, or the first `limit` steps of it."""
    observations = [env.reset()[0].tolist()]
    actions, rewards = [], []
    while True:
        if isinstance(env.action_space, gym.spaces.Discrete):
            action = random.integers(env.action_space.n)
        else:
            action = random.uniform(-1, 1, env.action_space.shape).astype(np.float32)
        observation, reward, terminated, truncated, _ = env.step(action)
        actions.append(np.ravel(action).tolist())
        observations.append(observation.tolist())
        rewards.append(float(reward))
        if terminated or truncated or len(rewards) == limit:
            return {"actions": actions, "observations": observations, "rewards": rewards}


def summarise(episode):
    observations = np.array(episode["observations"])
    return {
        "return": sum(episode["rewards"]),
        "length": len(episode["rewards"]),
        "means": observations.mean(axis=0).tolist(),
        "spreads": observations.std(axis=0).tolist(),
    }


def record(name, random):
    # A world used before orders its contacts by chance.
    env = gym.make(name)
    inner = env.unwrapped
    tape = Tape(np.random.default_rng(random.integers(2**32)))
    inner.np_random = tape
    # Clouds are only drawn, but take random numbers.
    inner._generate_clouds = lambda: None
    episode = run(env, random, 300)
    return {
        **episode,
        "uniforms": tape.uniforms,
        "integers": tape.integers_drawn,
        "heights": [float(y) for y in getattr(inner, "terrain_y", [])],
    }


def main(what, name, episodes, seed):
    random = np.random.default_rng(seed)
    if what == "summary":
        env = gym.make(name)
        env.reset(seed=seed)
        result = [summarise(run(env, random)) for _ in range(episodes)]
    else:
        result = [record(name, random) for _ in range(episodes)]
    json.dump(result, sys.stdout)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
