"""Episodes of an environment as Gymnasium itself runs them: bridge_oracle.py ID SEED [OPTIONS], and actions as JSON on
standard input. Observations that are no array are flattened as Gymnasium does it.

Prints JSON: the observation of the reset, and [observation, reward, terminated, truncated] of each step.
"""

import json
import sys

import gymnasium
import numpy as np

env = gymnasium.make(sys.argv[1], **json.loads(sys.argv[3] if len(sys.argv) > 3 else "{}"))
if not isinstance(env.observation_space, gymnasium.spaces.Box):
    env = gymnasium.wrappers.FlattenObservation(env)
first, _ = env.reset(seed=int(sys.argv[2]))
steps = []
for action in json.load(sys.stdin):
    observation, reward, terminated, truncated, _ = env.step(np.array(action, env.action_space.dtype).reshape(env.action_space.shape))
    steps.append([observation.tolist(), float(reward), bool(terminated), bool(truncated)])
    if terminated or truncated:
        env.reset()
json.dump({"first": first.tolist(), "steps": steps}, sys.stdout)
