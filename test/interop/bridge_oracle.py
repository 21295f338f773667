"""Episodes of an environment as Gymnasium itself runs them: bridge_oracle.py ID SEED, and actions as JSON on standard input.

Prints JSON: the observation of the reset, and [observation, reward, terminated, truncated] of each step.
"""

import json
import sys

import gymnasium
import numpy as np

env = gymnasium.make(sys.argv[1])
first, _ = env.reset(seed=int(sys.argv[2]))
steps = []
for action in json.load(sys.stdin):
    observation, reward, terminated, truncated, _ = env.step(np.array(action, env.action_space.dtype).reshape(env.action_space.shape))
    steps.append([observation.tolist(), float(reward), bool(terminated), bool(truncated)])
    if terminated or truncated:
        env.reset()
json.dump({"first": first.tolist(), "steps": steps}, sys.stdout)
